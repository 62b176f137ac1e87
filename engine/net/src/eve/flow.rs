//! The `flow` record: what a flow was, written when it ends.

use serde_json::{Value, json};

use super::common::{self, Orientation, add_app_proto, mac, of_flow};
use super::{EveConfig, Object};
use crate::flow::{Direction, EndReason, Flow, Moment};
use crate::packet::TcpFlags;
use crate::tcp::TcpSession;

/// The whole record of an ended flow.
pub fn record(flow: &Flow, reason: EndReason, at: Moment, config: &EveConfig) -> Object {
    let end = Moment {
        packet_number: 0,
        time: at.time,
    };
    let mut record = of_flow(flow, Orientation::Flow, end, "flow", config);
    if let Some(icmp) = &flow.icmp {
        record.insert("icmp_type".to_owned(), icmp.request.0.into());
        record.insert("icmp_code".to_owned(), icmp.request.1.into());
        if let Some((kind, code)) = icmp.response {
            record.insert("response_icmp_type".to_owned(), kind.into());
            record.insert("response_icmp_code".to_owned(), code.into());
        }
    }
    add_app_proto(&mut record, flow);
    let mut object = counters(flow);
    object.insert("end".to_owned(), flow.last.to_eve().into());
    object.insert(
        "age".to_owned(),
        (flow.last.as_secs() - flow.start.as_secs()).into(),
    );
    object.insert("state".to_owned(), flow.state.name().into());
    object.insert("reason".to_owned(), reason.name().into());
    object.insert("alerted".to_owned(), flow.alerted.into());
    if flow.passed {
        object.insert("action".to_owned(), "pass".into());
    }
    let transactions = flow.app.transactions.opened();
    if transactions > 0 {
        object.insert("tx_cnt".to_owned(), transactions.into());
    }
    if flow.icmp_errors > 0 {
        object.insert("icmp_errors".to_owned(), flow.icmp_errors.into());
    }
    record.insert("flow".to_owned(), Value::Object(object));
    if flow.protocol == 6 {
        record.insert("tcp".to_owned(), tcp(flow.tcp.as_deref()));
    }
    if config.ethernet && !(flow.client_macs.is_empty() && flow.server_macs.is_empty()) {
        record.insert("ether".to_owned(), ether(flow, Direction::ToServer));
    }
    record
}

/// The `netflow` records of an ended flow: one for each direction that sent packets.
pub fn netflow(flow: &Flow, at: Moment, config: &EveConfig) -> Vec<Object> {
    let directions = Direction::BOTH.into_iter();
    let spoke = directions.filter(|direction| flow.counters(*direction).packets > 0);
    spoke
        .map(|direction| netflow_record(flow, direction, at, config))
        .collect()
}

fn netflow_record(flow: &Flow, direction: Direction, at: Moment, config: &EveConfig) -> Object {
    let end = Moment {
        packet_number: 0,
        time: at.time,
    };
    let orientation = Orientation::Direction(direction);
    let mut record = of_flow(flow, orientation, end, "netflow", config);
    add_app_proto(&mut record, flow);
    let counters = flow.counters(direction);
    let mut object = Object::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("pkts", counters.packets.into());
    put("bytes", counters.bytes.into());
    put("start", flow.start.to_eve().into());
    put("end", flow.last.to_eve().into());
    put("age", (flow.last.as_secs() - flow.start.as_secs()).into());
    if let Some((lowest, highest)) = flow.ttl.get(direction.index()).copied().flatten() {
        put("min_ttl", lowest.into());
        put("max_ttl", highest.into());
    }
    let transactions = flow.app.transactions.opened();
    if transactions > 0 {
        put("tx_cnt", transactions.into());
    }
    record.insert("netflow".to_owned(), Value::Object(object));
    if config.ethernet && !(flow.client_macs.is_empty() && flow.server_macs.is_empty()) {
        record.insert("ether".to_owned(), ether(flow, direction));
    }
    record
}

/// Packets, bytes and start of a flow, as they stand in alert records too.
pub fn counters(flow: &Flow) -> Object {
    let mut object = Object::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("pkts_toserver", flow.to_server.packets.into());
    put("pkts_toclient", flow.to_client.packets.into());
    put("bytes_toserver", flow.to_server.bytes.into());
    put("bytes_toclient", flow.to_client.bytes.into());
    put("start", flow.start.to_eve().into());
    object
}

/// The ends of a flow as they stand inside alert records.
pub fn ends(flow: &Flow) -> Object {
    let mut object = Object::new();
    object.insert("src_ip".to_owned(), common::address(flow.client.0).into());
    object.insert("dest_ip".to_owned(), common::address(flow.server.0).into());
    if flow.icmp.is_none() {
        object.insert("src_port".to_owned(), flow.client.1.into());
        object.insert("dest_port".to_owned(), flow.server.1.into());
    }
    object
}

fn tcp(session: Option<&TcpSession>) -> Value {
    let side_flags = |direction| session.map_or(TcpFlags(0), |session| session.side(direction).flags);
    let (ts, tc) = (side_flags(Direction::ToServer), side_flags(Direction::ToClient));
    let all = TcpFlags(ts.0 | tc.0);
    let mut object = Object::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("tcp_flags", format!("{:02x}", all.byte()).into());
    put("tcp_flags_ts", format!("{:02x}", ts.byte()).into());
    put("tcp_flags_tc", format!("{:02x}", tc.byte()).into());
    let names = [
        (TcpFlags::SYN, "syn"),
        (TcpFlags::FIN, "fin"),
        (TcpFlags::RST, "rst"),
        (TcpFlags::PSH, "psh"),
        (TcpFlags::ACK, "ack"),
        (TcpFlags::URG, "urg"),
        (TcpFlags::ECE, "ecn"),
        (TcpFlags::CWR, "cwr"),
    ];
    for (flag, name) in names {
        if all.has(flag) {
            put(name, true.into());
        }
    }
    if let Some(session) = session {
        put("state", session.state.name().into());
        for (direction, key) in [
            (Direction::ToServer, "ts_max_regions"),
            (Direction::ToClient, "tc_max_regions"),
        ] {
            put(key, session.side(direction).buffer.most_regions().into());
        }
        for (direction, key) in [(Direction::ToServer, "ts_gap"), (Direction::ToClient, "tc_gap")] {
            if session.side(direction).gaps > 0 {
                put(key, true.into());
            }
        }
    }
    Value::Object(object)
}

fn ether(flow: &Flow, direction: Direction) -> Value {
    let (src, dst) = match direction {
        Direction::ToServer => (&flow.client_macs, &flow.server_macs),
        Direction::ToClient => (&flow.server_macs, &flow.client_macs),
    };
    let list = |macs: &[[u8; 6]]| macs.iter().map(|address| mac(*address)).collect::<Vec<_>>();
    json!({
        "dest_macs": list(dst),
        "src_macs": list(src),
    })
}
