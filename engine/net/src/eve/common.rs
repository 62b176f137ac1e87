//! Fields that every record has: time, flow, addresses, protocol names.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{EveConfig, Object, community_id};
use crate::app::AppProto;
use crate::flow::{Direction, Flow, Moment};
use crate::packet::{Ethernet, LinkType, Packet, PacketSource};

/// Which way the addresses of a record go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orientation {
    /// From the client to the server, whatever the packet.
    Flow,
    /// As this direction's packets go.
    Direction(Direction),
}

/// An address as EVE writes it: IPv6 with all its digits.
pub fn address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => ip.segments().map(|group| format!("{group:04x}")).join(":"),
    }
}

/// A hardware address.
pub fn mac(mac: [u8; 6]) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

/// Name of an IP protocol in `proto`; a number of three digits for those without one.
pub fn protocol_name(number: u8) -> String {
    let name = match number {
        1 => "ICMP",
        2 => "IGMP",
        4 => "IP-in-IP",
        6 => "TCP",
        17 => "UDP",
        41 => "IPv6",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        58 => "IPv6-ICMP",
        89 => "OSPFIGP",
        103 => "PIM",
        112 => "VRRP",
        132 => "SCTP",
        other => return format!("{other:03}"),
    };
    name.to_owned()
}

/// Begins a record that is about a packet, in the packet's own direction. `flow` adds its number.
pub fn of_packet(packet: &Packet<'_>, flow: Option<&Flow>, event_type: &str, config: &EveConfig) -> Object {
    let at = Moment {
        packet_number: packet.number,
        time: packet.time,
    };
    let mut record = begin(at, flow.map(|flow| flow.id), event_type, config);
    if !packet.vlan.is_empty() {
        record.insert("vlan".to_owned(), json!(packet.vlan.as_slice()));
    }
    if let Some((src, dst)) = packet.addresses() {
        let (src_port, dst_port) = packet.ports().unzip();
        ends(&mut record, (src, src_port), (dst, dst_port));
    }
    if let (Some(ip), Some(protocol)) = (&packet.ip, packet.protocol()) {
        record.insert("proto".to_owned(), protocol_name(protocol).into());
        record.insert("ip_v".to_owned(), ip.version().into());
    }
    if let Some(icmp) = packet.transport.icmp() {
        record.insert("icmp_type".to_owned(), icmp.kind.into());
        record.insert("icmp_code".to_owned(), icmp.code.into());
    }
    record.insert("pkt_src".to_owned(), packet_source(packet.source).into());
    if let Some(flow) = flow {
        add_notes(&mut record, flow, config);
        add_community_id(&mut record, flow, config);
    }
    if let Some(ethernet) = packet.ethernet.filter(|_| config.ethernet) {
        record.insert("ether".to_owned(), ether(ethernet));
    }
    record
}

/// Begins a record that is about a flow's transaction, written at `at`.
pub fn of_flow(
    flow: &Flow,
    orientation: Orientation,
    at: Moment,
    event_type: &str,
    config: &EveConfig,
) -> Object {
    let mut record = begin(at, Some(flow.id), event_type, config);
    if !flow.vlan.is_empty() {
        record.insert("vlan".to_owned(), json!(flow.vlan.as_slice()));
    }
    let direction = match orientation {
        Orientation::Flow => Direction::ToServer,
        Orientation::Direction(direction) => direction,
    };
    let port = |end: (IpAddr, u16)| (end.0, flow.icmp.is_none().then_some(end.1));
    ends(
        &mut record,
        port(flow.source(direction)),
        port(flow.source(direction.opposite())),
    );
    add_flow_ether(&mut record, flow, direction, config);
    record.insert("proto".to_owned(), protocol_name(flow.protocol).into());
    let version = if flow.client.0.is_ipv4() { 4 } else { 6 };
    record.insert("ip_v".to_owned(), version.into());
    add_notes(&mut record, flow, config);
    add_community_id(&mut record, flow, config);
    record
}

/// How the packet came, in `pkt_src`.
pub fn packet_source(source: PacketSource) -> &'static str {
    match source {
        PacketSource::Wire => "wire/pcap",
        PacketSource::Tunnel(kind) => kind,
        PacketSource::Defragmented => "defrag",
    }
}

/// The `app_proto` fields of a flow.
pub fn add_app_proto(record: &mut Object, flow: &Flow) {
    let app = &flow.app;
    let either_failed = Direction::BOTH
        .iter()
        .any(|side| app.proto_of(*side) == AppProto::Failed);
    // One datagram that fits nothing decides; a stream is given both its directions.
    let shown = match app.proto() {
        AppProto::Unknown if either_failed && flow.protocol != 6 => AppProto::Failed,
        proto => proto,
    };
    if shown == AppProto::Unknown {
        if let Some(original) = app.original_proto() {
            record.insert("app_proto_orig".to_owned(), original.name().into());
        }
        return;
    }
    record.insert("app_proto".to_owned(), shown.name().into());
    for (side, key) in [
        (Direction::ToServer, "app_proto_ts"),
        (Direction::ToClient, "app_proto_tc"),
    ] {
        let proto = app.proto_of(side);
        if proto != AppProto::Unknown && proto != shown {
            record.insert(key.to_owned(), proto.name().into());
        }
    }
    if let Some(original) = app.original_proto().filter(|original| *original != shown) {
        record.insert("app_proto_orig".to_owned(), original.name().into());
    }
}

/// The hardware addresses that the flow was first seen with, as this direction's packets have them.
fn add_flow_ether(record: &mut Object, flow: &Flow, direction: Direction, config: &EveConfig) {
    let (src, dst) = match direction {
        Direction::ToServer => (&flow.client_macs, &flow.server_macs),
        Direction::ToClient => (&flow.server_macs, &flow.client_macs),
    };
    if let (true, Some(src), Some(dst)) = (config.ethernet, src.first(), dst.first()) {
        record.insert(
            "ether".to_owned(),
            json!({ "src_mac": mac(*src), "dest_mac": mac(*dst) }),
        );
    }
}

/// The bytes of a packet and the link layer that they begin with.
pub fn add_packet(record: &mut Object, packet: &Packet<'_>) {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.encode(packet.data);
    record.insert("packet".to_owned(), bytes.into());
    let (number, name) = match packet.link {
        LinkType::Null => (0, "NULL"),
        LinkType::Ethernet => (1, "EN10MB"),
        LinkType::Ppp => (9, "PPP"),
        LinkType::CiscoHdlc => (104, "C_HDLC"),
        LinkType::Loop => (108, "LOOP"),
        LinkType::LinuxSll => (113, "LINUX_SLL"),
        LinkType::LinuxSll2 => (276, "LINUX_SLL2"),
        LinkType::Ipv4 => (228, "IPv4"),
        LinkType::Ipv6 => (229, "IPv6"),
        LinkType::Raw => (12, "RAW"),
        LinkType::Other(number) => (number, "UNKNOWN"),
    };
    let info = json!({ "linktype": number, "linktype_name": name });
    record.insert("packet_info".to_owned(), info);
}

/// `metadata` and `traffic`: what rules remember of the flow.
fn add_notes(record: &mut Object, flow: &Flow, config: &EveConfig) {
    let Some(notes) = flow.notes.as_deref().filter(|_| config.metadata) else {
        return;
    };
    for (name, object) in [("metadata", &notes.metadata), ("traffic", &notes.traffic)] {
        if !object.is_empty() {
            record.insert(name.to_owned(), Value::Object(object.clone()));
        }
    }
}

fn begin(at: Moment, flow_id: Option<u64>, event_type: &str, config: &EveConfig) -> Object {
    let mut record = Object::new();
    record.insert("timestamp".to_owned(), at.time.to_eve().into());
    if let Some(id) = flow_id {
        record.insert("flow_id".to_owned(), id.into());
    }
    if at.packet_number > 0 {
        record.insert("pcap_cnt".to_owned(), at.packet_number.into());
    }
    record.insert("event_type".to_owned(), event_type.into());
    if config.version {
        // The field's name is fixed by its readers; the value says who wrote it.
        let version = concat!("saola-", env!("CARGO_PKG_VERSION"));
        record.insert("suricata_version".to_owned(), version.into());
    }
    record
}

fn ends(record: &mut Object, src: (IpAddr, Option<u16>), dst: (IpAddr, Option<u16>)) {
    let mut put = |key: &str, value: Value| record.insert(key.to_owned(), value);
    put("src_ip", address(src.0).into());
    if let Some(port) = src.1 {
        put("src_port", port.into());
    }
    put("dest_ip", address(dst.0).into());
    if let Some(port) = dst.1 {
        put("dest_port", port.into());
    }
}

fn add_community_id(record: &mut Object, flow: &Flow, config: &EveConfig) {
    if let Some(seed) = config.community_id {
        record.insert("community_id".to_owned(), community_id(flow, seed).into());
    }
}

fn ether(ethernet: Ethernet) -> Value {
    json!({
        "ether_type": ethernet.ether_type,
        "src_mac": mac(ethernet.source),
        "dest_mac": mac(ethernet.destination),
    })
}
