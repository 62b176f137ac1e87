//! Packets made by hand, and the engine run over them.

use std::sync::{Arc, Mutex};

use saola_net::{Engine, LinkType, NetConfig, RawPacket, Timestamp};
use saola_suricata::{
    CompiledRules, DetectConfig, Detector, ListError, NetAlert, ReadList, RuleConfig, RuleSet, RuleText,
    Thresholds,
};

pub(crate) const CLIENT: [u8; 4] = [10, 0, 0, 1];
pub(crate) const SERVER: [u8; 4] = [192, 0, 2, 80];

pub(crate) const SYN: u8 = 0x02;
pub(crate) const ACK: u8 = 0x10;
pub(crate) const PSH_ACK: u8 = 0x18;
pub(crate) const FIN_ACK: u8 = 0x11;

/// A header of IPv4 without options around a payload. Checksums are left 0: the engine is told not to look.
pub(crate) fn ipv4(from: [u8; 4], to: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len()) as u16;
    let mut packet = vec![0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0];
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet.extend(from);
    packet.extend(to);
    packet.extend(payload);
    packet
}

pub(crate) fn udp(from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    datagram.extend(from.1.to_be_bytes());
    datagram.extend(to.1.to_be_bytes());
    datagram.extend(((8 + payload.len()) as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    ipv4(from.0, to.0, 17, &datagram)
}

pub(crate) fn icmp(
    from: [u8; 4],
    to: [u8; 4],
    kind: u8,
    code: u8,
    id: u16,
    seq: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut message = vec![kind, code, 0, 0];
    message.extend(id.to_be_bytes());
    message.extend(seq.to_be_bytes());
    message.extend(payload);
    ipv4(from, to, 1, &message)
}

pub(crate) struct Segment<'a> {
    pub(crate) from: ([u8; 4], u16),
    pub(crate) to: ([u8; 4], u16),
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) payload: &'a [u8],
}

pub(crate) fn tcp(segment: &Segment<'_>) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(segment.from.1.to_be_bytes());
    header.extend(segment.to.1.to_be_bytes());
    header.extend(segment.seq.to_be_bytes());
    header.extend(segment.ack.to_be_bytes());
    header.extend([0x50, segment.flags, 0x20, 0, 0, 0, 0, 0]);
    header.extend(segment.payload);
    ipv4(segment.from.0, segment.to.0, 6, &header)
}

/// What one side says.
pub(crate) enum Say<'a> {
    Client(&'a [u8]),
    Server(&'a [u8]),
}

/// A whole connection to a port: handshake, each say acknowledged by the other side, closing.
pub(crate) fn conversation(client_port: u16, server_port: u16, says: &[Say<'_>]) -> Vec<Vec<u8>> {
    let (client, server) = ((CLIENT, client_port), (SERVER, server_port));
    let (mut from_client, mut from_server) = (1000_u32, 9000_u32);
    let segment = |from, to, seq, ack, flags, payload| {
        tcp(&Segment {
            from,
            to,
            seq,
            ack,
            flags,
            payload,
        })
    };
    let mut packets = vec![
        segment(client, server, from_client, 0, SYN, b""),
        segment(server, client, from_server, from_client + 1, SYN | ACK, b""),
    ];
    from_client += 1;
    from_server += 1;
    packets.push(segment(client, server, from_client, from_server, ACK, b""));
    for say in says {
        match say {
            Say::Client(bytes) => {
                packets.push(segment(client, server, from_client, from_server, PSH_ACK, bytes));
                from_client += bytes.len() as u32;
                packets.push(segment(server, client, from_server, from_client, ACK, b""));
            }
            Say::Server(bytes) => {
                packets.push(segment(server, client, from_server, from_client, PSH_ACK, bytes));
                from_server += bytes.len() as u32;
                packets.push(segment(client, server, from_client, from_server, ACK, b""));
            }
        }
    }
    packets.push(segment(client, server, from_client, from_server, FIN_ACK, b""));
    packets.push(segment(
        server,
        client,
        from_server,
        from_client + 1,
        FIN_ACK,
        b"",
    ));
    packets.push(segment(
        client,
        server,
        from_client + 1,
        from_server + 1,
        ACK,
        b"",
    ));
    packets
}

/// One request and its answer.
pub(crate) fn http(request: &[u8], response: &[u8]) -> Vec<Vec<u8>> {
    conversation(40_000, 80, &[Say::Client(request), Say::Server(response)])
}

/// Lists that rules of the tests name.
#[derive(Debug)]
struct Lists;

impl ReadList for Lists {
    fn read(&self, _rules: &str, name: &str) -> Result<Vec<u8>, ListError> {
        let text: &[u8] = match name {
            // "evil.example"
            "hosts.lst" => b"ZXZpbC5leGFtcGxl,90\n",
            "hosts.json" => br#"[{"host":"evil.example","since":2020},{"host":"bad.example"}]"#,
            // MD5 of "evil body"
            "bodies.md5" => b"# bodies\na95426092497745ea18b9362e240249b evil\n",
            _ => return Err(ListError::Missing(name.to_owned())),
        };
        Ok(text.to_vec())
    }
}

pub(crate) fn compile(text: &str) -> Arc<CompiledRules> {
    let (set, diagnostics) = RuleSet::load(
        &[RuleText {
            path: "test.rules",
            text,
        }],
        &RuleConfig {
            lists: Some(Arc::new(Lists)),
            ..RuleConfig::default()
        },
    );
    assert!(
        diagnostics.is_empty(),
        "{}",
        diagnostics
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    );
    CompiledRules::compile(set)
}

pub(crate) fn engine(rules: &Arc<CompiledRules>) -> (Engine<Detector>, Arc<Mutex<Vec<NetAlert>>>) {
    let mut net = NetConfig::default();
    assert!(net.set("checksum-validation", "no").unwrap());
    net.app.hash_demand.set(rules.hashes_wanted());
    net.app.frame_demand.set(rules.wants_frames());
    let alerts: Arc<Mutex<Vec<NetAlert>>> = Arc::default();
    let sink = Arc::clone(&alerts);
    let sink = Box::new(move |alert| sink.lock().unwrap().push(alert));
    let detector = Detector::new(Arc::clone(rules), DetectConfig::default(), sink);
    (Engine::new(Arc::new(net), detector), alerts)
}

pub(crate) fn feed(engine: &mut Engine<Detector>, packets: &[Vec<u8>], first: u64) {
    for (packet, number) in packets.iter().zip(first..) {
        engine.packet(RawPacket {
            number,
            time: Timestamp::from_secs_micros(1_700_000_000 + number as i64, 0),
            link: LinkType::Raw,
            wire_len: packet.len() as u32,
            vlan: None,
            data: packet,
        });
    }
}

/// Alerts of the rules on the packets, after thresholds, in order.
pub(crate) fn alerts(text: &str, packets: &[Vec<u8>]) -> Vec<NetAlert> {
    let rules = compile(text);
    let (mut engine, alerts) = engine(&rules);
    feed(&mut engine, packets, 1);
    engine.finish();
    let mut thresholds = Thresholds::new();
    let mut alerts = std::mem::take(&mut *alerts.lock().unwrap());
    alerts.sort_by_key(|alert| alert.key);
    alerts.retain(|alert| thresholds.pass(&rules, alert));
    alerts
}

/// The sids of the alerts.
pub(crate) fn sids(text: &str, packets: &[Vec<u8>]) -> Vec<u64> {
    alerts(text, packets)
        .iter()
        .map(|alert| alert.event["alert"]["signature_id"].as_u64().unwrap())
        .collect()
}

/// How often one rule fires.
pub(crate) fn count(header: &str, options: &str, packets: &[Vec<u8>]) -> usize {
    sids(&format!("alert {header} ({options} sid:1;)"), packets).len()
}
