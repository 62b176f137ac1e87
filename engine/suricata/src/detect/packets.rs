//! Rules on packets and on the reassembled stream.

use std::sync::Arc;

use saola_event::Evidence;
use saola_net::Direction;
use saola_net::flow::Flow;
use saola_net::packet::Packet;

use super::conditions::{self, Ends, Scene, is_outside_stream};
use super::evaluate::{self, Tested};
use super::state::FlowState;
use super::{Detector, Look, Match, transport_kind};
use crate::compile::{CompiledRule, CompiledRules, HeaderIndex, NEAR_BYTES, PacketGroup, TransportKind};
use crate::rule::{Buffer, Rule, RuleProtocol};

impl Detector {
    /// Header rules and payload rules on one packet.
    pub(super) fn inspect_packet(
        &mut self,
        packet: &Packet<'_>,
        flow: Option<&Flow>,
        mut state: Option<&mut FlowState>,
        at: Look,
    ) {
        let rules = Arc::clone(&self.rules);
        let Some(group) = rules.packet_group(transport_kind(packet), at.direction) else {
            return;
        };
        let bits = std::mem::take(&mut self.bits);
        let scene = Scene {
            packet: Some(packet),
            flow,
            direction: at.direction,
            number: at.number,
            time: at.time,
            bits: &bits,
            ends: conditions::ends(Some(packet), flow, at.direction),
        };
        let mut candidates = std::mem::take(&mut self.scratch.candidates);
        candidates.clear();
        add(&group.headers, scene.ends, &mut candidates);
        if flow.is_none_or(|flow| flow.counters(at.direction).packets <= 1) {
            add(&group.ip_only, scene.ends, &mut candidates);
        }
        if flow.is_some_and(|flow| flow.app.proto() != saola_net::app::AppProto::Unknown) {
            add(&group.protocol, scene.ends, &mut candidates);
        }
        let outside = is_outside_stream(packet, flow);
        self.payload_candidates(packet, group, scene.ends, outside, &mut candidates);
        candidates.sort_unstable();
        candidates.dedup();
        for index in &candidates {
            let Some(compiled) = rules.rules.get(*index as usize) else {
                continue;
            };
            let is_protocol = compiled.class == crate::compile::Class::Protocol;
            if is_protocol
                && state
                    .as_ref()
                    .is_some_and(|state| state.protocol_fired.contains(index))
            {
                continue;
            }
            let Some(evidence) = self.check_packet(compiled, &scene, state.as_deref()) else {
                continue;
            };
            if let Some(state) = state.as_deref_mut() {
                if is_protocol {
                    state.protocol_fired.push(*index);
                }
                note_stream_place(*index, compiled, flow, state, at.direction);
            }
            self.matched(*index, compiled, &scene, state.as_deref_mut(), None, evidence);
        }
        self.scratch.candidates = candidates;
        self.bits = bits;
    }

    fn payload_candidates(
        &mut self,
        packet: &Packet<'_>,
        group: &PacketGroup,
        ends: Option<Ends>,
        outside: bool,
        out: &mut Vec<u32>,
    ) {
        let marks = &mut self.scratch.marks;
        add(&group.packets_always, ends, out);
        if let Some(set) = &group.packets_near {
            let near = packet.payload.get(..NEAR_BYTES).unwrap_or(packet.payload);
            set.candidates(near, marks, out);
        }
        if let Some(set) = &group.packets {
            set.candidates(packet.payload, marks, out);
        }
        // Bytes that no stream takes are looked at where they stand.
        if outside {
            add(&group.stream_always, ends, out);
            if let Some(set) = &group.stream {
                set.candidates(packet.payload, marks, out);
            }
        }
    }

    /// All that a packet rule asks, cheapest first.
    fn check_packet(
        &mut self,
        compiled: &CompiledRule,
        scene: &Scene<'_, '_>,
        state: Option<&FlowState>,
    ) -> Option<Vec<Evidence>> {
        let rule = &compiled.rule;
        if !evaluate::header_holds(rule, scene) {
            return None;
        }
        self.counters.checks += 1;
        compiled.count_check();
        if !evaluate::conditions_hold(rule, scene, state, None) {
            return None;
        }
        let payload = scene.packet.map_or(&[][..], |packet| packet.payload);
        self.payload_and_headers(rule, payload, scene)
    }

    fn payload_and_headers(
        &mut self,
        rule: &Rule,
        payload: &[u8],
        scene: &Scene<'_, '_>,
    ) -> Option<Vec<Evidence>> {
        let limits = self.config.limits;
        let work = &mut self.scratch.work;
        work.begin(rule.slots);
        let mut evidence = evaluate::packet_tests(rule, scene, work, limits)?;
        for test in rule.tests.iter().filter(|test| test.buffer == Buffer::Payload) {
            match evaluate::test_bytes(test, payload, work, limits) {
                Tested::Holds(found) => evidence.extend(found),
                Tested::Limit => {
                    self.counters.inspection_limit += 1;
                    return None;
                }
                Tested::Fails | Tested::Missing => return None,
            }
        }
        evidence.truncate(evaluate::MAX_EVIDENCE);
        Some(evidence)
    }

    /// Stream bytes must not be dropped before their direction's next packet.
    pub(super) fn keep_stream(&self, flow: &mut Flow, state: &mut FlowState) {
        if state.stream_kept {
            return;
        }
        let Some(tcp) = flow.tcp.as_deref_mut() else {
            return;
        };
        state.stream_kept = true;
        for direction in Direction::BOTH {
            let group = self.rules.packet_group(TransportKind::Tcp, direction);
            if group.is_some_and(PacketGroup::wants_stream) {
                tcp.side_mut(direction).keep_from(Some(0));
            }
        }
    }

    /// Stream rules on what a direction brought since the last look.
    pub(super) fn inspect_stream(
        &mut self,
        packet: Option<&Packet<'_>>,
        flow: &mut Flow,
        state: &mut FlowState,
        at: Look,
    ) {
        let rules = Arc::clone(&self.rules);
        let Some(group) = rules.packet_group(TransportKind::Tcp, at.direction) else {
            return;
        };
        if !group.wants_stream() || flow.tcp.is_none() {
            return;
        }
        if flow.app.encrypted {
            // Nothing readable comes any more: the bytes may go.
            if let Some(tcp) = flow.tcp.as_deref_mut() {
                tcp.side_mut(at.direction).keep_from(None);
            }
            return;
        }
        let way = at.direction.index();
        let seen = state.stream_seen.get(way).copied().unwrap_or(0);
        let Some(end) = self.inspect_window(&rules, group, packet, flow, state, at, seen) else {
            return;
        };
        if let Some(place) = state.stream_seen.get_mut(way) {
            *place = end;
        }
        if let Some(tcp) = flow.tcp.as_deref_mut() {
            let keep = end.saturating_sub(self.config.stream_overlap as u64);
            tcp.side_mut(at.direction).keep_from(Some(keep));
        }
    }

    /// Looks at the window if it holds bytes after `seen`; returns the stream offset after it.
    #[expect(
        clippy::too_many_arguments,
        reason = "one look, taken apart only for its length"
    )]
    fn inspect_window(
        &mut self,
        rules: &CompiledRules,
        group: &PacketGroup,
        packet: Option<&Packet<'_>>,
        flow: &Flow,
        state: &mut FlowState,
        at: Look,
        seen: u64,
    ) -> Option<u64> {
        let window = flow.tcp.as_deref()?.side(at.direction).window();
        let end = window.offset + window.bytes.len() as u64;
        if end <= seen {
            return None;
        }
        let mut candidates = std::mem::take(&mut self.scratch.candidates);
        candidates.clear();
        let ends = conditions::ends(packet, Some(flow), at.direction);
        add(&group.stream_always, ends, &mut candidates);
        if let Some(set) = &group.stream {
            set.candidates(window.bytes, &mut self.scratch.marks, &mut candidates);
        }
        candidates.sort_unstable();
        candidates.dedup();
        let bits = std::mem::take(&mut self.bits);
        let scene = Scene {
            packet,
            flow: Some(flow),
            direction: at.direction,
            number: at.number,
            time: at.time,
            bits: &bits,
            ends: conditions::ends(packet, Some(flow), at.direction),
        };
        let way = at.direction.index() as u8;
        for index in &candidates {
            let Some(compiled) = rules.rules.get(*index as usize) else {
                continue;
            };
            let from = state.stream_from(*index, way).saturating_sub(window.offset);
            let bytes = usize::try_from(from)
                .ok()
                .and_then(|from| window.bytes.get(from..));
            let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else {
                continue;
            };
            if !evaluate::header_holds(&compiled.rule, &scene) {
                continue;
            }
            self.counters.checks += 1;
            compiled.count_check();
            if !evaluate::conditions_hold(&compiled.rule, &scene, Some(state), None) {
                continue;
            }
            let Some(evidence) = self.payload_and_headers(&compiled.rule, bytes, &scene) else {
                continue;
            };
            state.stream_fire(*index, way, end);
            self.matched(*index, compiled, &scene, Some(state), None, evidence);
        }
        self.scratch.candidates = candidates;
        self.bits = bits;
        Some(end)
    }

    /// Takes a match down and lets it act on the flow's memory.
    pub(super) fn matched(
        &mut self,
        index: u32,
        compiled: &CompiledRule,
        scene: &Scene<'_, '_>,
        mut state: Option<&mut FlowState>,
        tx_id: Option<u64>,
        evidence: Vec<Evidence>,
    ) {
        compiled.count_match();
        let mut extras = self.scratch.work.take();
        if let Some(state) = state.as_deref_mut() {
            state.catch(&mut extras);
        }
        Self::take_effect(&compiled.rule, scene, state);
        let app = tx_id.is_some() || matches!(compiled.rule.protocol, RuleProtocol::App(_));
        self.scratch.matches.push(Match {
            rule: index,
            tx_id,
            app,
            evidence,
            extras,
            frame: None,
        });
    }
}

/// The rules of an index whose headers may fit.
fn add(index: &HeaderIndex, ends: Option<Ends>, out: &mut Vec<u32>) {
    match ends {
        Some((source, destination)) => index.candidates(source, destination, out),
        None => index.unaddressed(out),
    }
}

/// A rule that matched on a packet must not match again on the same bytes in the stream.
fn note_stream_place(
    index: u32,
    compiled: &CompiledRule,
    flow: Option<&Flow>,
    state: &mut FlowState,
    direction: Direction,
) {
    let crate::compile::Class::Payload {
        packets: true,
        stream: true,
    } = compiled.class
    else {
        return;
    };
    if let Some(tcp) = flow.and_then(|flow| flow.tcp.as_deref()) {
        // Sequence numbers count the SYN: the stream's size is one less.
        let end = tcp.side(direction).stream_size().saturating_sub(1);
        state.stream_fire(index, direction.index() as u8, end);
    }
}
