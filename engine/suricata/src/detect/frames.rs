//! Rules on frames: each frame once, when its parser has ended it.

use std::sync::Arc;

use saola_net::app::Frame;
use saola_net::flow::Flow;
use saola_net::packet::Packet;
use serde_json::{Value, json};

use super::conditions::{self, Scene};
use super::evaluate::{self, Tested};
use super::state::FlowState;
use super::{Detector, Look, report};
use crate::rule::{App, Buffer, Rule, RuleProtocol};
use saola_event::Evidence;

impl Detector {
    /// Rules on the frames that this packet completed.
    pub(super) fn inspect_frames(
        &mut self,
        packet: Option<&Packet<'_>>,
        flow: &Flow,
        state: &mut FlowState,
        at: Look,
    ) {
        let rules = Arc::clone(&self.rules);
        if flow.app.frames.is_empty() || !rules.wants_frames() {
            return;
        }
        let Some(app) = App::of(flow.app.proto()) else {
            return;
        };
        let bits = std::mem::take(&mut self.bits);
        let mut candidates = std::mem::take(&mut self.scratch.candidates);
        for frame in flow.app.frames.iter() {
            let Some(group) = rules.frame_group(app, frame.kind) else {
                continue;
            };
            let scene = Scene {
                packet,
                flow: Some(flow),
                direction: frame.direction,
                number: at.number,
                time: at.time,
                bits: &bits,
                ends: conditions::ends(packet, Some(flow), at.direction),
            };
            candidates.clear();
            candidates.extend(&group.always);
            if let Some(set) = &group.set {
                set.candidates(&frame.bytes, &mut self.scratch.marks, &mut candidates);
            }
            candidates.sort_unstable();
            candidates.dedup();
            for index in &candidates {
                let Some(compiled) = rules.rules.get(*index as usize) else {
                    continue;
                };
                if !fits_transport(compiled.rule.protocol, flow.protocol)
                    || !evaluate::header_holds(&compiled.rule, &scene)
                {
                    continue;
                }
                self.counters.checks += 1;
                compiled.count_check();
                if !evaluate::conditions_hold(&compiled.rule, &scene, Some(state), None) {
                    continue;
                }
                let Some(evidence) = self.frame_tests(&compiled.rule, frame, &scene) else {
                    continue;
                };
                self.matched(*index, compiled, &scene, Some(state), None, evidence);
                if let Some(found) = self.scratch.matches.last_mut() {
                    found.frame = Some((frame.id, object(frame)));
                }
            }
        }
        self.scratch.candidates = candidates;
        self.bits = bits;
    }

    fn frame_tests(&mut self, rule: &Rule, frame: &Frame, scene: &Scene<'_, '_>) -> Option<Vec<Evidence>> {
        let limits = self.config.limits;
        let work = &mut self.scratch.work;
        work.begin(rule.slots);
        let mut evidence = evaluate::packet_tests(rule, scene, work, limits)?;
        for test in &rule.tests {
            let bytes = match test.buffer {
                Buffer::Frame => frame.bytes.as_slice(),
                Buffer::Payload => scene.packet.map_or(&[][..], |packet| packet.payload),
                _ => continue,
            };
            match evaluate::test_bytes(test, bytes, work, limits) {
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
}

/// Rules on frames are not grouped by transport: the header's is compared here.
fn fits_transport(rule: RuleProtocol, transport: u8) -> bool {
    match rule {
        RuleProtocol::Tcp | RuleProtocol::TcpPacket | RuleProtocol::TcpStream => transport == 6,
        RuleProtocol::Udp => transport == 17,
        RuleProtocol::Sctp => transport == 132,
        RuleProtocol::Icmp | RuleProtocol::PacketHeader => false,
        RuleProtocol::Ip | RuleProtocol::IpVersion(_) | RuleProtocol::App(_) => true,
    }
}

/// Bytes of a frame that its record shows.
const SHOWN_BYTES: usize = 4096;

/// The frame as its record shows it.
fn object(frame: &Frame) -> Value {
    use base64::Engine as _;
    let shown = frame.bytes.get(..SHOWN_BYTES).unwrap_or(&frame.bytes);
    let mut object = json!({
        "type": frame.kind,
        "id": frame.id,
        "direction": if frame.direction == saola_net::Direction::ToServer { "toserver" } else { "toclient" },
        "length": frame.length,
        "complete": frame.is_complete(),
        "payload": base64::engine::general_purpose::STANDARD.encode(shown),
        "payload_printable": report::printable(shown),
    });
    if let (Some(id), Value::Object(object)) = (frame.tx_id, &mut object) {
        object.insert("tx_id".to_owned(), id.into());
    }
    object
}
