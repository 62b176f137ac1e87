//! From a packet to its flow: lookup, direction, counters, opening.

use std::net::IpAddr;

use smallvec::SmallVec;

use super::Engine;
use crate::app::AppLayer;
use crate::config::NetConfig;
use crate::decode::quoted_packet;
use crate::flow::{
    Direction, EndReason, Flow, FlowCounters, FlowEntry, FlowKey, FlowState, IcmpPair, KeyedEnds, Moment,
};
use crate::observer::Observer;
use crate::packet::{Packet, TcpFlags, TcpHeader, Transport};
use crate::tcp::TcpState;

/// Hardware addresses kept of each side.
const MAX_MACS: usize = 8;

impl<O: Observer> Engine<O> {
    /// The slot of the packet's flow, opened if need be, and the packet's direction in it.
    pub(super) fn flow_of(&mut self, packet: &Packet<'_>, config: &NetConfig) -> Option<(u32, Direction)> {
        if let Some(found) = self.flow_of_quoted(packet, config) {
            return Some(found);
        }
        let ends = FlowKey::of(packet, config.flow.vlan_in_flow, config.decoder.depth_in_flow)?;
        let at = Moment {
            packet_number: packet.number,
            time: packet.time,
        };
        if let Some(slot) = self.flows.find(&ends.key)
            && let Some(reason) = self.is_over(slot, packet)
        {
            self.end_flow(slot, reason, at);
        }
        let slot = match self.flows.find(&ends.key) {
            Some(slot) => slot,
            None => self.open(packet, &ends, config, at),
        };
        let flow = &mut self.flows.entry(slot)?.flow;
        let direction = direction_of(flow, &ends, packet);
        count(flow, packet, direction);
        Some((slot, direction))
    }

    /// The flow that an ICMP "destination unreachable" is about (RFC 792): the error belongs to it. The packet it quotes
    /// went the other way.
    fn flow_of_quoted(&mut self, packet: &Packet<'_>, config: &NetConfig) -> Option<(u32, Direction)> {
        let Transport::Icmp4(icmp) = packet.transport else {
            return None;
        };
        if icmp.kind != 3 {
            return None;
        }
        let quoted = quoted_packet(packet.payload)?;
        let vlan = if config.flow.vlan_in_flow {
            packet.vlan.as_slice()
        } else {
            &[]
        };
        let depth = if config.decoder.depth_in_flow {
            packet.tunnel_depth
        } else {
            0
        };
        let key = FlowKey::new(quoted.src, quoted.dst, quoted.protocol, vlan, depth);
        let slot = self.flows.find(&key)?;
        let flow = &mut self.flows.entry(slot)?.flow;
        flow.icmp_errors = flow.icmp_errors.saturating_add(1);
        let direction = if quoted.src == flow.client {
            Direction::ToClient
        } else {
            Direction::ToServer
        };
        count(flow, packet, direction);
        Some((slot, direction))
    }

    /// Whether a flow is not the one that the packet belongs to, although its key is the same.
    fn is_over(&mut self, slot: u32, packet: &Packet<'_>) -> Option<EndReason> {
        if self.flows.is_expired(slot, packet.time) {
            return Some(EndReason::Timeout);
        }
        let tcp = packet.transport.tcp()?;
        let flow = &self.flows.entry(slot)?.flow;
        starts_again(flow, tcp).then_some(EndReason::TcpReuse)
    }

    fn open(&mut self, packet: &Packet<'_>, ends: &KeyedEnds, config: &NetConfig, at: Moment) -> u32 {
        if self.flows.is_full()
            && let Some(victim) = self.flows.victim()
        {
            self.counters.flows_evicted += 1;
            self.end_flow(victim, EndReason::Forced, at);
        }
        self.counters.flows += 1;
        let entry = FlowEntry {
            flow: new_flow(packet, ends, config),
            state: O::FlowState::default(),
        };
        self.flows.insert(ends.key, entry)
    }
}

/// A SYN on a connection that is over begins another one.
fn starts_again(flow: &Flow, tcp: &TcpHeader<'_>) -> bool {
    let Some(session) = &flow.tcp else {
        return false;
    };
    let is_syn =
        tcp.flags.has(TcpFlags::SYN) && !tcp.flags.any(TcpFlags::ACK | TcpFlags::RST | TcpFlags::FIN);
    let is_over = matches!(
        session.state,
        TcpState::Closed | TcpState::TimeWait | TcpState::LastAck | TcpState::Closing
    );
    is_syn && is_over
}

fn new_flow(packet: &Packet<'_>, ends: &KeyedEnds, config: &NetConfig) -> Flow {
    let (mut client, mut server) = (ends.src, ends.dst);
    // A SYN/ACK without its SYN: the sender is the server.
    let follows = config.stream.midstream || config.stream.async_oneside;
    if let Transport::Tcp(tcp) = packet.transport
        && tcp.flags.has(TcpFlags::SYN | TcpFlags::ACK)
        && follows
    {
        (client, server) = (server, client);
    }
    let icmp = packet.transport.icmp().map(|icmp| IcmpPair {
        request: (icmp.kind, icmp.code),
        response: None,
    });
    Flow {
        id: flow_id(ends, packet.number),
        client,
        server,
        protocol: ends.protocol,
        vlan: packet.vlan.clone(),
        icmp,
        start: packet.time,
        last: packet.time,
        first_packet: packet.number,
        to_server: FlowCounters::default(),
        to_client: FlowCounters::default(),
        state: FlowState::New,
        tcp: None,
        app: AppLayer::default(),
        alerted: false,
        passed: false,
        tagged: false,
        notes: None,
        icmp_errors: 0,
        client_macs: SmallVec::new(),
        server_macs: SmallVec::new(),
        ttl: [None; 2],
    }
}

/// 53 bits out of the ends and the first packet's number.
fn flow_id(ends: &KeyedEnds, packet_number: u64) -> u64 {
    let address = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    let parts = [
        address(ends.src.0),
        address(ends.dst.0),
        u128::from(ends.src.1) << 32 | u128::from(ends.dst.1) << 16 | u128::from(ends.protocol),
        u128::from(packet_number),
    ];
    let words = parts.iter().flat_map(|part| [*part as u64, (*part >> 64) as u64]);
    let hash = words.fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| {
        let mixed = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    });
    hash >> 11
}

fn direction_of(flow: &Flow, ends: &KeyedEnds, packet: &Packet<'_>) -> Direction {
    if let (Some(pair), Some(icmp)) = (&flow.icmp, packet.transport.icmp())
        && ends.src.0 == ends.dst.0
    {
        // A host that pings itself: only the type tells the ways apart.
        let is_request = pair.request.0 == icmp.kind;
        return if is_request {
            Direction::ToServer
        } else {
            Direction::ToClient
        };
    }
    let from_client = if flow.icmp.is_some() {
        flow.client.0 == ends.src.0
    } else {
        flow.client == ends.src
    };
    if from_client {
        Direction::ToServer
    } else {
        Direction::ToClient
    }
}

fn count(flow: &mut Flow, packet: &Packet<'_>, direction: Direction) {
    flow.last = flow.last.max(packet.time);
    let (counters, macs) = match direction {
        Direction::ToServer => (&mut flow.to_server, &mut flow.client_macs),
        Direction::ToClient => (&mut flow.to_client, &mut flow.server_macs),
    };
    counters.packets += 1;
    counters.bytes += u64::from(packet.wire_len);
    if let Some(ethernet) = packet.ethernet {
        note_mac(macs, ethernet.source);
        let others = match direction {
            Direction::ToServer => &mut flow.server_macs,
            Direction::ToClient => &mut flow.client_macs,
        };
        note_mac(others, ethernet.destination);
    }
    if let (Some(ip), Some(range)) = (&packet.ip, flow.ttl.get_mut(direction.index())) {
        let ttl = ip.ttl();
        let (lowest, highest) = range.unwrap_or((ttl, ttl));
        *range = Some((lowest.min(ttl), highest.max(ttl)));
    }
    if flow.state == FlowState::New && flow.protocol != 6 && flow.is_answered() {
        flow.state = FlowState::Established;
    }
    if let (Some(pair), Some(icmp)) = (&mut flow.icmp, packet.transport.icmp())
        && direction == Direction::ToClient
        && pair.response.is_none()
    {
        pair.response = Some((icmp.kind, icmp.code));
    }
}

fn note_mac(macs: &mut SmallVec<[[u8; 6]; 1]>, mac: [u8; 6]) {
    if macs.len() < MAX_MACS && !macs.contains(&mac) {
        macs.push(mac);
    }
}
