//! TCP: whatever way a stream is cut, reordered, repeated or interfered with, the parser sees what the receiver saw.

use proptest::prelude::*;
use saola_net::LinkType;
use serde_json::Value;

use crate::build::{self, ACK, Connection, FIN, RST};
use crate::{of_type, run};

const REQUEST: &[u8] =
    b"POST /nop HTTP/1.1\r\nHost: dvc.example\r\nContent-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz";

/// The handshake, the given packets, an acknowledgement of `acked` bytes, an answer and its acknowledgement.
fn exchange(connection: Connection, packets: Vec<Vec<u8>>, acked: u32) -> Vec<Vec<u8>> {
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    let mut all: Vec<Vec<u8>> = connection.handshake().into();
    all.extend(packets);
    all.push(connection.to_client(0, acked, ACK, answer).ip());
    all.push(connection.to_server(acked, answer.len() as u32, ACK, &[]).ip());
    all
}

fn http(packets: Vec<Vec<u8>>, list: &[&str]) -> Vec<Value> {
    let (records, _) = run(LinkType::Raw, &build::recorded(packets), list);
    of_type(&records, "http").into_iter().cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Cut anywhere, in any order, with repetitions: one request with its body.
    #[test]
    fn any_segmentation_and_order_gives_the_same_stream(
        mut cuts in prop::collection::vec(1..REQUEST.len(), 0..12),
        order in any::<u64>(),
        repeat in any::<prop::sample::Index>(),
    ) {
        let connection = Connection::new(2000);
        cuts.extend([0, REQUEST.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut segments: Vec<Vec<u8>> = cuts.windows(2).map(|pair| {
            connection.to_server(pair[0] as u32, 0, ACK, &REQUEST[pair[0]..pair[1]]).ip()
        }).collect();
        let again = segments[repeat.index(segments.len())].clone();
        segments.push(again);
        let mut seed = order;
        for end in (1..segments.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            segments.swap(end, (seed >> 33) as usize % (end + 1));
        }
        let packets = exchange(connection, segments, REQUEST.len() as u32);
        let (records, counters) = run(LinkType::Raw, &build::recorded(packets), &[]);
        let http = of_type(&records, "http");
        prop_assert_eq!(http.len(), 1);
        prop_assert_eq!(&http[0]["http"]["http_method"], "POST");
        let files = of_type(&records, "fileinfo");
        prop_assert!(files.iter().all(|file| file["fileinfo"]["size"] == 26));
        prop_assert_eq!((counters.tcp_gaps, counters.stream_bytes), (0, 0));
    }
}

/// Data that the server never acknowledged did not reach it, as far as can be seen.
#[test]
fn parsers_see_what_was_acknowledged() {
    let connection = Connection::new(2001);
    let segment = connection.to_server(0, 0, ACK, REQUEST).ip();
    let mut packets: Vec<Vec<u8>> = connection.handshake().into();
    packets.push(segment);
    let (records, _) = run(
        LinkType::Raw,
        &build::recorded(packets.clone()),
        &["eve.types=http"],
    );
    // At the end everything is flushed; before it, nothing was parsed on the segment itself.
    assert!(
        records.iter().all(|record| record["pcap_cnt"].is_null()),
        "{records:?}"
    );
    let inline = http(
        exchange(connection, vec![packets[3].clone()], REQUEST.len() as u32),
        &["stream.inline=yes"],
    );
    assert_eq!(inline.len(), 1);
}

#[test]
fn a_wrong_checksum_keeps_a_segment_out_of_the_stream() {
    let connection = Connection::new(2002);
    let good = connection
        .to_server(0, 0, ACK, b"GET /good HTTP/1.1\r\nHost: a\r\n\r\n")
        .ip();
    let mut bad = connection
        .to_server(0, 0, ACK, b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n")
        .ip();
    bad[36] ^= 0x55;
    let packets = exchange(connection, vec![bad, good], 32);
    assert_eq!(http(packets.clone(), &[])[0]["http"]["url"], "/good");
    let unchecked = http(packets, &["checksum-validation=no"]);
    assert_eq!(unchecked[0]["http"]["url"], "/evil");
}

#[test]
fn overlapping_segments_follow_the_servers_system() {
    let connection = Connection::new(2003);
    let ahead = connection
        .to_server(5, 0, ACK, b"old HTTP/1.1\r\nHost: a\r\n\r\n")
        .ip();
    let over = connection.to_server(0, 0, ACK, b"GET /new").ip();
    let request_len = 5 + 25;
    let run = |policy: &str| {
        let packets = exchange(connection, vec![ahead.clone(), over.clone()], request_len);
        let setting = format!("host-os-policy.{policy}=10.0.0.0/24");
        http(packets, &[&setting])[0]["http"]["url"].clone()
    };
    assert_eq!(run("bsd"), "/new");
    assert_eq!(run("first"), "/old");
    assert_eq!(run("last"), "/new");
}

#[test]
fn a_gap_is_counted_and_said() {
    let connection = Connection::new(2004);
    let packets = exchange(
        connection,
        vec![connection.to_server(40, 0, ACK, &REQUEST[40..]).ip()],
        REQUEST.len() as u32,
    );
    let list = ["eve.types.anomaly.types.stream=yes"];
    let (records, counters) = run(LinkType::Raw, &build::recorded(packets), &list);
    assert_eq!(counters.tcp_gaps, 1);
    let anomalies = of_type(&records, "anomaly");
    assert_eq!(anomalies[0]["anomaly"]["event"], "stream.reassembly_seq_gap");
    assert_eq!(of_type(&records, "flow")[0]["tcp"]["ts_gap"], true);
}

/// A reset whose number is far outside the window does not blind the engine.
#[test]
fn a_forged_reset_does_not_close_the_connection() {
    let connection = Connection::new(2005);
    let forged = connection.to_client(900_000, 0, RST, &[]).ip();
    let request = connection.to_server(0, 0, ACK, REQUEST).ip();
    let packets = exchange(connection, vec![forged, request], REQUEST.len() as u32);
    let list = ["eve.types.anomaly.types.stream=yes"];
    let (records, _) = run(LinkType::Raw, &build::recorded(packets), &list);
    assert_eq!(of_type(&records, "http").len(), 1);
    assert_eq!(
        of_type(&records, "anomaly")[0]["anomaly"]["event"],
        "stream.rst_invalid_ack"
    );
}

#[test]
fn a_connection_closes_and_its_ports_are_used_again() {
    let connection = Connection::new(2006);
    let mut packets: Vec<Vec<u8>> = connection.handshake().into();
    packets.push(connection.to_server(0, 0, FIN | ACK, &[]).ip());
    packets.push(connection.to_client(0, 1, FIN | ACK, &[]).ip());
    packets.push(connection.to_server(1, 1, ACK, &[]).ip());
    let second = Connection {
        client_isn: 55,
        ..connection
    };
    packets.extend(second.handshake());
    let (records, _) = run(LinkType::Raw, &build::recorded(packets), &[]);
    let flows = of_type(&records, "flow");
    let states: Vec<_> = flows
        .iter()
        .map(|flow| (flow["tcp"]["state"].clone(), flow["flow"]["reason"].clone()))
        .collect();
    assert_eq!(
        states,
        [
            ("closed".into(), Value::from("tcp_reuse")),
            ("established".into(), Value::from("shutdown"))
        ]
    );
    assert_ne!(flows[0]["flow_id"], flows[1]["flow_id"]);
}

#[test]
fn what_begins_midstream_is_followed_only_when_asked_for() {
    let connection = Connection::new(2007);
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    let packets = vec![
        connection.to_server(0, 0, ACK, REQUEST).ip(),
        connection.to_client(0, REQUEST.len() as u32, ACK, answer).ip(),
        connection
            .to_server(REQUEST.len() as u32, answer.len() as u32, ACK, &[])
            .ip(),
    ];
    assert_eq!(http(packets.clone(), &[]).len(), 0);
    assert_eq!(http(packets, &["stream.midstream=yes"]).len(), 1);
}

/// The first packet seen comes from the server: its bytes say so, and the flow is turned round.
#[test]
fn a_server_heard_first_is_still_the_server() {
    let connection = Connection::new(2008);
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    let packets = [
        connection.to_client(0, 0, ACK, answer).ip(),
        connection.to_server(0, answer.len() as u32, ACK, &[]).ip(),
    ];
    let (records, _) = run(
        LinkType::Raw,
        &build::recorded(packets),
        &["stream.midstream=yes"],
    );
    let flow = &of_type(&records, "flow")[0];
    assert_eq!(
        (&flow["dest_port"], &flow["app_proto"]),
        (&80.into(), &"http".into())
    );
    assert_eq!(
        (&flow["flow"]["pkts_toserver"], &flow["flow"]["pkts_toclient"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn the_depth_limit_ends_reassembly_and_is_said() {
    let connection = Connection::new(2009);
    let body = [b'x'; 1000];
    let mut segments = vec![
        connection
            .to_server(
                0,
                0,
                ACK,
                b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n",
            )
            .ip(),
    ];
    let head = 50;
    segments.extend((0..9).map(|index| connection.to_server(head + index * 1000, 0, ACK, &body).ip()));
    let packets = exchange(connection, segments, head + 9000);
    let list = [
        "stream.reassembly.depth=4kb",
        "eve.types.anomaly.types.stream=yes",
    ];
    let (records, counters) = run(LinkType::Raw, &build::recorded(packets), &list);
    assert_eq!(counters.tcp_depth_reached, 1);
    assert_eq!(
        of_type(&records, "anomaly")[0]["anomaly"]["event"],
        "stream.reassembly_depth_reached"
    );
}
