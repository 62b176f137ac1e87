//! Packets made to do harm: damaged ones, floods, bombs. Nothing may panic, and what is dropped is counted.

use std::net::Ipv4Addr;

use proptest::prelude::*;
use saola_net::{LinkType, Timestamp};

use crate::build::{self, CLIENT, Connection, SERVER};
use crate::{capture, of_type, run};

/// Every fixture's packets, of all link types alike.
fn seeds() -> Vec<Vec<u8>> {
    let folder = format!("{}/../../tests/fixtures/packets", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let pcaps = files
        .iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "pcap"));
    pcaps
        .flat_map(|path| capture::read(&std::fs::read(path).unwrap()).1)
        .map(|packet| packet.data)
        .collect()
}

const LINKS: [LinkType; 8] = [
    LinkType::Ethernet,
    LinkType::Null,
    LinkType::Raw,
    LinkType::Ppp,
    LinkType::LinuxSll,
    LinkType::LinuxSll2,
    LinkType::CiscoHdlc,
    LinkType::Other(9999),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whole captures with bytes changed and packets cut, read as any link type.
    #[test]
    fn damaged_packets_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..400),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..40),
        link in prop::sample::select(&LINKS[..]),
    ) {
        let mut packets = seeds();
        for (packet, place, value) in changes {
            let packet = packet.index(packets.len());
            let len = packets[packet].len();
            // Headers are where it hurts.
            packets[packet][place.index(len.min(90))] = value;
        }
        for (packet, length) in cuts {
            let packet = packet.index(packets.len());
            let length = length.index(packets[packet].len() + 1);
            packets[packet].truncate(length);
        }
        let count = packets.len() as u64;
        let list = ["checksum-validation=no", "stream.midstream=yes", "eve.types.anomaly.types.decode=yes"];
        let (_, counters) = run(link, &build::recorded(packets), &list);
        prop_assert_eq!(counters.packets, count);
        prop_assert_eq!(counters.flows_open, 0);
        prop_assert_eq!(counters.stream_bytes, 0);
    }

    /// Fragments of a datagram in any order give it back.
    #[test]
    fn fragments_in_any_order(
        payload in prop::collection::vec(any::<u8>(), 64..4000),
        units in 1_usize..60,
        seed in any::<u64>(),
    ) {
        let datagram = build::udp(4000, 4001, &payload);
        let pieces: Vec<&[u8]> = datagram.chunks(units * 8).collect();
        let mut fragments: Vec<Vec<u8>> = pieces.iter().enumerate().map(|(index, piece)| {
            let more = if index + 1 < pieces.len() { 0x2000 } else { 0 };
            build::ipv4(CLIENT, SERVER, 17, 77, more | (index * units) as u16, piece)
        }).collect();
        let is_fragmented = fragments.len() > 1;
        shuffle(&mut fragments, seed);
        let (records, counters) = run(LinkType::Raw, &build::recorded(fragments), &[]);
        prop_assert_eq!(counters.defragmented, u64::from(is_fragmented));
        let flows = of_type(&records, "flow");
        prop_assert_eq!(flows.len(), 1);
        prop_assert_eq!(&flows[0]["flow"]["bytes_toserver"], &serde_json::json!(datagram.len() + 20));
    }
}

fn shuffle<T>(list: &mut [T], mut seed: u64) {
    for end in (1..list.len()).rev() {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        list.swap(end, (seed >> 33) as usize % (end + 1));
    }
}

#[test]
fn incomplete_packets_are_given_up_and_counted() {
    let first = build::ipv4(CLIENT, SERVER, 17, 5, 0x2000, &[0; 64]);
    let mut packets = build::recorded([first, build::ipv4(CLIENT, SERVER, 17, 6, 0x2000, &[0; 64])]);
    packets[1].time = packets[0].time + std::time::Duration::from_secs(61);
    let (_, counters) = run(LinkType::Raw, &packets, &[]);
    assert_eq!((counters.fragments_timed_out, counters.defragmented), (1, 0));
}

/// A flood of forged SYNs fills the table; the connection that was there before goes on.
#[test]
fn a_flood_pushes_out_half_open_flows_and_not_established_ones() {
    let connection = Connection::new(1000);
    let mut packets: Vec<Vec<u8>> = connection.handshake().into();
    for forged in 0..2000_u32 {
        let from = Ipv4Addr::from_bits(0x0b00_0000 + forged);
        let mut syn = connection.to_server(0, 0, build::SYN, &[]);
        syn.from = (from, 5);
        packets.push(syn.ip());
    }
    packets.push(
        connection
            .to_server(0, 0, build::ACK, b"GET /after HTTP/1.1\r\nHost: a\r\n\r\n")
            .ip(),
    );
    packets.push(
        connection
            .to_client(0, 33, build::ACK, b"HTTP/1.1 204 No\r\n\r\n")
            .ip(),
    );
    packets.push(connection.to_server(33, 19, build::ACK, b"").ip());
    let (records, counters) = run(LinkType::Raw, &build::recorded(packets), &["flow.memcap=256kb"]);
    assert!(counters.flows_evicted > 1000, "{counters:?}");
    assert_eq!(counters.flows, 2001);
    let http = of_type(&records, "http");
    assert_eq!((http.len(), &http[0]["http"]["url"]), (1, &"/after".into()));
    let forced = of_type(&records, "flow")
        .iter()
        .filter(|flow| flow["flow"]["reason"] == "forced")
        .count();
    assert_eq!(forced as u64, counters.flows_evicted);
}

#[test]
fn tunnels_inside_tunnels_end_at_the_limit() {
    let mut packet = build::ipv4(CLIENT, SERVER, 17, 1, 0, &build::udp(1, 2, b"x"));
    for _ in 0..40 {
        packet = build::ipv4(CLIENT, SERVER, 4, 1, 0, &packet);
    }
    let list = ["eve.types.anomaly.types.decode=yes"];
    let (records, counters) = run(LinkType::Raw, &build::recorded([packet]), &list);
    assert_eq!(counters.tunnel_packets, 8);
    assert_eq!(
        of_type(&records, "anomaly")[0]["anomaly"]["event"],
        "decoder.too_many_layers"
    );
}

#[test]
fn silent_flows_time_out_by_packet_time() {
    let datagram = |port| build::ipv4(CLIENT, SERVER, 17, 1, 0, &build::udp(port, 9, b"x"));
    let mut packets = build::recorded([datagram(1), datagram(2)]);
    packets[1].time = packets[0].time + std::time::Duration::from_secs(31);
    let (records, _) = run(LinkType::Raw, &packets, &[]);
    let reasons: Vec<_> = of_type(&records, "flow")
        .iter()
        .map(|flow| flow["flow"]["reason"].clone())
        .collect();
    assert_eq!(reasons, ["timeout", "shutdown"]);
    assert!(packets[0].time > Timestamp::EPOCH);
}

/// An ICMP error belongs to the flow that it is about.
#[test]
fn an_unreachable_port_is_told_with_its_flow() {
    let question = build::ipv4(CLIENT, SERVER, 17, 1, 0, &build::udp(5353, 9, b"anyone?"));
    let mut error = vec![3, 3, 0, 0, 0, 0, 0, 0];
    error.extend(&question[..28]);
    let answer = build::ipv4(SERVER, CLIENT, 1, 1, 0, &error);
    let (records, _) = run(LinkType::Raw, &build::recorded([question, answer]), &[]);
    let [flow] = of_type(&records, "flow")[..] else {
        panic!("one flow");
    };
    assert_eq!(flow["flow"]["icmp_errors"], 1);
    assert_eq!(
        (&flow["flow"]["pkts_toserver"], &flow["flow"]["pkts_toclient"]),
        (&1.into(), &1.into())
    );
}
