//! Tests of packet, flow and transaction.

use std::net::IpAddr;

use saola_net::app::{AppProto, Transaction, TxData};
use saola_net::flow::{Flow, FlowCounters};
use saola_net::packet::{Checksum, Ip, Packet, StreamVerdict, Transport};
use saola_net::{Direction, Timestamp};

use super::state::FlowState;
use crate::rule::{
    App, BitOp, Comparison, Condition, FlowSide, FlowTest, FlowintOp, NumberTest, Operand, ProtocolSide,
    StreamSide, TlsState, VlanLayer,
};

/// What a rule is held against.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a, 'p> {
    /// The packet at hand; none when a flow ends.
    pub(super) packet: Option<&'a Packet<'p>>,
    pub(super) flow: Option<&'a Flow>,
    pub(super) direction: Direction,
    pub(super) number: u64,
    pub(super) time: Timestamp,
    /// Numbers of bits in the detector, by their number in the rule set.
    pub(super) bits: &'a [u32],
    /// Where it comes from and goes to; none for packets without addresses (malformed headers).
    pub(super) ends: Option<Ends>,
}

/// Sender and receiver, each an address and a port (0 where there are none).
pub(super) type Ends = ((IpAddr, u16), (IpAddr, u16));

/// The packet's ends; those of the flow where the packet has none or is none.
pub(super) fn ends(packet: Option<&Packet<'_>>, flow: Option<&Flow>, direction: Direction) -> Option<Ends> {
    let addressed = packet.and_then(|packet| packet.addresses().zip(Some(packet.ports())));
    match (addressed, flow) {
        (Some(((source, destination), ports)), _) => {
            let (from, to) = ports.unwrap_or((0, 0));
            Some(((source, from), (destination, to)))
        }
        (None, Some(flow)) => Some((flow.source(direction), flow.source(direction.opposite()))),
        (None, None) => None,
    }
}

impl Scene<'_, '_> {
    fn bit(&self, bit: u32) -> u32 {
        self.bits.get(bit as usize).copied().unwrap_or(u32::MAX)
    }
}

/// `flow`: state and direction.
pub(super) fn flow_holds(test: FlowTest, scene: &Scene<'_, '_>) -> bool {
    if !test.present {
        return true;
    }
    let fragment = scene.packet.is_some_and(Packet::is_rebuilt);
    if test.fragment.is_some_and(|wanted| wanted != fragment) {
        return false;
    }
    let Some(flow) = scene.flow else {
        return test.stateless && test.direction.is_none();
    };
    if test.direction.is_some_and(|wanted| wanted != scene.direction) {
        return false;
    }
    match test.established {
        None => true,
        Some(wanted) => is_established(flow) == wanted,
    }
}

/// TCP: the handshake is done. Others: both sides have spoken.
fn is_established(flow: &Flow) -> bool {
    match &flow.tcp {
        Some(tcp) => tcp.handshake_complete || tcp.midstream,
        // A connection that is not followed is not known to be one.
        None => flow.protocol != 6 && flow.is_answered(),
    }
}

/// Whether a condition of packet or flow holds. Conditions of transactions and hosts are decided elsewhere.
pub(super) fn holds(
    condition: &Condition,
    scene: &Scene<'_, '_>,
    state: Option<&FlowState>,
    tx: Option<&Transaction>,
) -> bool {
    match condition {
        Condition::AppLayerProtocol {
            app,
            unknown,
            negated,
            exact,
            side,
        } => protocol_holds(*app, *unknown, *exact, *side, scene).is_some_and(|is| is != *negated),
        Condition::AppLayerEvent(name) => app_event_holds(name, scene, tx),
        Condition::Flowbits { op, bits } => state.map_or(*op == BitOp::IsNotSet, |state| {
            let any = bits.iter().any(|bit| state.bit(scene.bit(*bit)));
            let all = bits.iter().all(|bit| state.bit(scene.bit(*bit)));
            if *op == BitOp::IsSet { any } else { !all }
        }),
        Condition::Flowint { counter, op } => {
            state.is_some_and(|state| flowint_holds(*counter, op, scene, state))
        }
        Condition::FlowAge(_)
        | Condition::FlowPackets { .. }
        | Condition::FlowBytes { .. }
        | Condition::StreamSize { .. } => scene.flow.is_some_and(|flow| flow_number_holds(condition, flow)),
        Condition::TlsVersion { .. }
        | Condition::TlsState { .. }
        | Condition::TlsCertificateTime { .. }
        | Condition::TlsCertificateExpired(_) => tx.is_some_and(|tx| tls_holds(condition, tx, scene)),
        // Decided where alerts are merged, and with the transaction's stage.
        Condition::HostBit(_) | Condition::Hook { .. } => true,
        _ => scene.packet.is_some_and(|packet| packet_holds(condition, packet)),
    }
}

fn protocol_holds(
    app: Option<App>,
    unknown: bool,
    exact: bool,
    side: ProtocolSide,
    scene: &Scene<'_, '_>,
) -> Option<bool> {
    let flow = scene.flow?;
    let proto = match side {
        ProtocolSide::Direction(direction) => flow.app.proto_of(direction),
        ProtocolSide::Original => flow.app.original_proto().unwrap_or(AppProto::Unknown),
        ProtocolSide::Flow => flow.app.proto(),
    };
    match (proto, unknown) {
        (AppProto::Unknown, true) => Some(true),
        // Not known yet: neither it nor another.
        (AppProto::Unknown, false) => None,
        (_, true) => Some(false),
        (AppProto::Failed, false) => Some(app.is_none()),
        (proto, false) => {
            let is = |wanted: App| {
                App::of(proto).is_some_and(|found| found == wanted || !exact && found.carries(wanted))
            };
            Some(app.is_some_and(is))
        }
    }
}

fn app_event_holds(name: &str, scene: &Scene<'_, '_>, tx: Option<&Transaction>) -> bool {
    match (name.split_once('.'), tx) {
        (Some((_, event)), Some(tx)) => tx.events.iter().any(|seen| seen.name == event),
        (Some(_), None) => false,
        (None, _) => scene.flow.is_some_and(|flow| {
            flow.app
                .events
                .iter()
                .any(|seen| seen.name == name && seen.packet_number == scene.number)
        }),
    }
}

fn flowint_holds(counter: u32, op: &FlowintOp, scene: &Scene<'_, '_>, state: &FlowState) -> bool {
    let value = state.counter(scene.bit(counter));
    let other = |operand: &Operand| operand_value(operand, scene, state);
    let compare = |operand: &Operand, test: fn(u32, u32) -> bool| match (value, other(operand)) {
        (Some(value), Some(other)) => test(value, other),
        _ => false,
    };
    match op {
        FlowintOp::IsSet => value.is_some(),
        FlowintOp::IsNotSet => value.is_none(),
        FlowintOp::Less(operand) => compare(operand, |a, b| a < b),
        FlowintOp::LessOrEqual(operand) => compare(operand, |a, b| a <= b),
        FlowintOp::Greater(operand) => compare(operand, |a, b| a > b),
        FlowintOp::GreaterOrEqual(operand) => compare(operand, |a, b| a >= b),
        FlowintOp::Equal(operand) => compare(operand, |a, b| a == b),
        FlowintOp::NotEqual(operand) => compare(operand, |a, b| a != b),
        FlowintOp::Assign(_) | FlowintOp::Add(_) | FlowintOp::Subtract(_) => true,
    }
}

fn operand_value(operand: &Operand, scene: &Scene<'_, '_>, state: &FlowState) -> Option<u32> {
    match operand {
        Operand::Fixed(value) => Some(*value),
        Operand::Counter(counter) => state.counter(scene.bit(*counter)),
    }
}

/// Changes a counter; one that was never set starts at 0.
pub(super) fn flowint_change(counter: u32, op: &FlowintOp, scene: &Scene<'_, '_>, state: &mut FlowState) {
    let operand = |operand: &Operand, state: &FlowState| operand_value(operand, scene, state).unwrap_or(0);
    let name = scene.bit(counter);
    let value = state.counter(name).unwrap_or(0);
    let new = match op {
        FlowintOp::Assign(by) => operand(by, state),
        FlowintOp::Add(by) => value.saturating_add(operand(by, state)),
        FlowintOp::Subtract(by) => value.saturating_sub(operand(by, state)),
        _ => return,
    };
    state.set_counter(name, new);
}

fn flow_number_holds(condition: &Condition, flow: &Flow) -> bool {
    let sided = |side: FlowSide, test: &NumberTest, of: fn(&FlowCounters) -> u64| match side {
        FlowSide::ToServer => test.holds(of(&flow.to_server)),
        FlowSide::ToClient => test.holds(of(&flow.to_client)),
        FlowSide::Either => test.holds(of(&flow.to_server)) || test.holds(of(&flow.to_client)),
    };
    match condition {
        Condition::FlowAge(test) => test.holds(flow.last.since(flow.start).as_secs()),
        Condition::FlowPackets { side, test } => sided(*side, test, |counters| counters.packets),
        Condition::FlowBytes { side, test } => sided(*side, test, |counters| counters.bytes),
        Condition::StreamSize { side, test } => flow.tcp.as_ref().is_some_and(|tcp| {
            let client = tcp.side(Direction::ToServer).stream_size();
            let server = tcp.side(Direction::ToClient).stream_size();
            match side {
                StreamSide::Client => test.holds(client),
                StreamSide::Server => test.holds(server),
                StreamSide::Both => test.holds(client) && test.holds(server),
                StreamSide::Either => test.holds(client) || test.holds(server),
            }
        }),
        _ => false,
    }
}

fn tls_holds(condition: &Condition, tx: &Transaction, scene: &Scene<'_, '_>) -> bool {
    let TxData::Tls(tls) = &tx.data else { return false };
    match condition {
        Condition::TlsVersion { versions, refused } => {
            super::extract::tls_version(tls).is_some_and(|version| {
                (versions.is_empty() || versions.contains(&version)) && !refused.contains(&version)
            })
        }
        Condition::TlsState { states, negated } => {
            let now = super::extract::tls_states(tls);
            let holds = |state: &TlsState| now.contains(state);
            states.iter().any(holds) != *negated
        }
        // It is the server's certificate: its own packets are held against the rule.
        Condition::TlsCertificateTime { .. } | Condition::TlsCertificateExpired(_)
            if scene.direction != Direction::ToClient =>
        {
            false
        }
        Condition::TlsCertificateTime { begins, from, until } => {
            super::extract::certificate_time(tls, *begins)
                .is_some_and(|time| (*from..=*until).contains(&time))
        }
        Condition::TlsCertificateExpired(expired) => {
            super::extract::tls_certificate_expired(tls, scene.time).is_some_and(|is| is == *expired)
        }
        _ => false,
    }
}

fn packet_holds(condition: &Condition, packet: &Packet<'_>) -> bool {
    let tcp = packet.transport.tcp();
    let icmp = packet.transport.icmp();
    match condition {
        Condition::PayloadSize(test) => {
            // "Not so many bytes" asks for some: packets without payload are every connection's acknowledgements.
            let negative = matches!(test.comparison, Comparison::NotEqual | Comparison::NotBetween(_));
            (!negative || !packet.payload.is_empty()) && test.holds(packet.payload.len() as u64)
        }
        Condition::TcpFlags(test) => tcp.is_some_and(|tcp| test.holds(u16::from(tcp.flags.byte()))),
        Condition::TcpSeq(seq) => tcp.is_some_and(|tcp| tcp.seq == *seq),
        Condition::TcpAck(ack) => tcp.is_some_and(|tcp| tcp.ack == *ack),
        Condition::TcpWindow { value, negated } => tcp.is_some_and(|tcp| (tcp.window == *value) != *negated),
        Condition::TcpMss(test) => tcp
            .and_then(|tcp| tcp.parsed.mss)
            .is_some_and(|mss| test.holds(mss.into())),
        Condition::IcmpType(test) => icmp.is_some_and(|icmp| test.holds(icmp.kind.into())),
        Condition::IcmpCode(test) => icmp.is_some_and(|icmp| test.holds(icmp.code.into())),
        Condition::IcmpId(id) => icmp.is_some_and(|icmp| icmp.id() == *id),
        Condition::IcmpSeq(seq) => icmp.is_some_and(|icmp| icmp.seq() == *seq),
        Condition::IcmpMtu(test) => match packet.transport {
            // Packet too big (RFC 4443 section 3.2).
            Transport::Icmp6(icmp) if icmp.kind == 2 => test.holds(u32::from_be_bytes(icmp.rest).into()),
            _ => false,
        },
        Condition::VlanLayers(test) => test.holds(packet.vlan.len() as u64),
        Condition::VlanId { layer, test } => vlan_holds(*layer, test, &packet.vlan),
        Condition::DecodeEvent(name) => packet.anomalies.iter().any(|event| event.name() == &**name),
        Condition::StreamEvent(name) => packet.stream_events.iter().any(|event| event.name() == &**name),
        Condition::Checksum { layer, valid } => checksum_holds(layer, *valid, packet),
        _ => packet.ip.as_ref().is_some_and(|ip| ip_holds(condition, ip)),
    }
}

fn ip_holds(condition: &Condition, ip: &Ip<'_>) -> bool {
    match condition {
        Condition::Ttl(test) => test.holds(ip.ttl().into()),
        Condition::Tos(test) => test.holds(ip.tos().into()),
        Condition::IpId(test) => test.holds(ip.id().into()),
        Condition::IpProtocol(test) => test.holds(ip.protocol().into()),
        Condition::SameIp => ip.src() == ip.dst(),
        Condition::FragOffset(test) => {
            let offset = ip.fragment().map_or(0, |fragment| fragment.offset / 8);
            test.holds(offset.into())
        }
        Condition::FragBits(test) => match ip {
            Ip::V4(ip) => {
                let more = ip.fragment.is_some_and(|fragment| fragment.more);
                let bits = u16::from(ip.reserved_flag) << 15
                    | u16::from(ip.dont_fragment) << 14
                    | u16::from(more) << 13;
                test.holds(bits)
            }
            Ip::V6(_) => false,
        },
        Condition::IpOption(wanted) => match ip {
            Ip::V4(ip) => ip_options(ip.options).any(|option| wanted.is_none_or(|wanted| wanted == option)),
            Ip::V6(_) => false,
        },
        _ => false,
    }
}

/// Numbers of the options of an IPv4 header; a malformed length ends the list.
fn ip_options(mut rest: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (kind, tail) = rest.split_first()?;
        let length = match kind {
            0 => rest.len(),
            1 => 1,
            _ => usize::from(*tail.first()?).max(2),
        };
        rest = rest.get(length..).unwrap_or_default();
        Some(*kind)
    })
}

fn vlan_holds(layer: VlanLayer, test: &NumberTest, ids: &[u16]) -> bool {
    let passes = |id: &u16| test.holds(u64::from(*id));
    match layer {
        VlanLayer::Any => ids.iter().any(passes),
        VlanLayer::All => !ids.is_empty() && ids.iter().all(passes),
        VlanLayer::Index(index) => {
            let at = if index < 0 {
                ids.len().checked_sub(usize::from(index.unsigned_abs()))
            } else {
                Some(usize::from(index.unsigned_abs()))
            };
            at.and_then(|at| ids.get(at)).is_some_and(passes)
        }
    }
}

fn checksum_holds(layer: &str, valid: bool, packet: &Packet<'_>) -> bool {
    let version = packet.ip.as_ref().map(Ip::version);
    let computed = packet.verify_checksums();
    let checksum = match (layer, &packet.transport, version) {
        ("ipv4", _, Some(4)) => computed.ip,
        ("tcpv4", Transport::Tcp(_), Some(4))
        | ("tcpv6", Transport::Tcp(_), Some(6))
        | ("udpv4", Transport::Udp(_), Some(4))
        | ("udpv6", Transport::Udp(_), Some(6))
        | ("icmpv4", Transport::Icmp4(_), _)
        | ("icmpv6", Transport::Icmp6(_), _) => computed.transport,
        _ => return false,
    };
    match checksum {
        Checksum::Unchecked => false,
        Checksum::Good => valid,
        Checksum::Bad => !valid,
    }
}

/// Whether the stream engine left the packet's bytes to packet inspection.
pub(super) fn is_outside_stream(packet: &Packet<'_>, flow: Option<&Flow>) -> bool {
    flow.is_none_or(|flow| flow.tcp.is_none()) || packet.stream != StreamVerdict::Accepted
}
