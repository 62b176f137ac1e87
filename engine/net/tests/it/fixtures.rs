//! Recorded captures: what real clients and servers said must come out, whatever it was wrapped in.

use saola_net::RawPacket;
use serde_json::Value;

use crate::{capture, of_type, run};

fn fixture(name: &str) -> (saola_net::LinkType, Vec<capture::Recorded>) {
    let path = format!(
        "{}/../../tests/fixtures/packets/{name}.pcap",
        env!("CARGO_MANIFEST_DIR")
    );
    capture::read(&std::fs::read(path).unwrap())
}

fn records(name: &str, list: &[&str]) -> Vec<Value> {
    let (link, packets) = fixture(name);
    run(link, &packets, list).0
}

/// One flow, and one HTTP transaction in it, whatever carries them.
#[test]
fn http_is_seen_through_every_wrapping() {
    let wrappings = [
        ("http-get-gzip-chunked", 1),
        ("vlan-http", 1),
        ("qinq-http", 1),
        ("pppoe-http", 1),
        ("gre-http", 1),
        ("vxlan-http", 2),
        ("6in4-http", 1),
        ("http-ipv6", 1),
    ];
    for (name, flows) in wrappings {
        let records = records(name, &[]);
        let http = of_type(&records, "http");
        assert_eq!(http.len(), 1, "{name}");
        assert_eq!(http[0]["http"]["hostname"], "dvc.saola.example", "{name}");
        assert_eq!(http[0]["http"]["status"], 200, "{name}");
        assert_eq!(of_type(&records, "flow").len(), flows, "{name}");
    }
}

#[test]
fn vlans_are_told_outermost_first() {
    let flow = &of_type(&records("qinq-http", &[]), "flow")[0]["vlan"].clone();
    assert_eq!(flow.to_string(), "[200,110]");
}

#[test]
fn fragments_become_one_datagram() {
    let (link, packets) = fixture("ipv4-fragments-dns");
    let (records, counters) = run(link, &packets, &[]);
    assert_eq!(counters.defragmented, 1);
    let flow = &of_type(&records, "flow")[0];
    assert_eq!(
        (&flow["app_proto"], &flow["flow"]["pkts_toclient"]),
        (&"dns".into(), &1.into())
    );
    let (link, packets) = fixture("ipv4-fragments-icmp");
    let (records, counters) = run(link, &packets, &[]);
    assert_eq!(counters.defragmented, 4);
    let flow = &of_type(&records, "flow")[0];
    assert_eq!(
        (&flow["proto"], &flow["flow"]["pkts_toserver"]),
        (&"ICMP".into(), &2.into())
    );
}

#[test]
fn a_ping_is_one_flow_with_its_answer() {
    let records = records("ipv6-ping", &["eve.community-id=yes"]);
    let [flow] = of_type(&records, "flow")[..] else {
        panic!("one flow");
    };
    assert_eq!(flow["proto"], "IPv6-ICMP");
    assert_eq!(
        (&flow["icmp_type"], &flow["response_icmp_type"]),
        (&128.into(), &129.into())
    );
    assert_eq!(flow["flow"]["state"], "established");
    assert_eq!(flow["src_ip"], "fd00:0010:0000:0000:0000:0000:0000:0010");
    assert!(flow["community_id"].as_str().unwrap().starts_with("1:"));
}

#[test]
fn both_directions_and_all_fragments_fall_into_one_shard() {
    for name in [
        "http-get-gzip-chunked",
        "qinq-http",
        "ipv4-fragments-dns",
        "vxlan-http",
        "http-ipv6",
        "pppoe-http",
    ] {
        let (link, packets) = fixture(name);
        let hashes: Vec<u32> = capture::raw(link, &packets)
            .map(|raw| saola_net::shard_hash(&raw))
            .collect();
        assert!(
            hashes.iter().all(|hash| *hash == hashes[0] && *hash != 0),
            "{name}: {hashes:?}"
        );
    }
}

#[test]
fn the_same_capture_gives_the_same_records() {
    for name in ["http-post-upload", "tls13-sni-alpn", "dns-tcp-a"] {
        assert_eq!(records(name, &[]), records(name, &[]), "{name}");
    }
}

#[test]
fn a_packet_without_ip_has_no_shard_of_its_own() {
    let raw = RawPacket {
        number: 1,
        time: saola_net::Timestamp::EPOCH,
        link: saola_net::LinkType::Ethernet,
        wire_len: 14,
        vlan: None,
        data: &[0; 14],
    };
    assert_eq!(saola_net::shard_hash(&raw), 0);
}
