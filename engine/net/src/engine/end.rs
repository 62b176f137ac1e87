//! How flows end.

use std::sync::Arc;

use super::{Engine, stream};
use crate::flow::{Direction, EndReason, Moment};
use crate::observer::{FlowView, Observer};

impl<O: Observer> Engine<O> {
    /// Ends one flow: flushes its streams, finishes its transactions, gives observers the last look.
    pub(super) fn end_flow(&mut self, slot: u32, reason: EndReason, at: Moment) {
        let Some(mut entry) = self.flows.remove(slot) else {
            return;
        };
        let config = Arc::clone(&self.config);
        let mut parts = stream::Parts {
            memory: &mut self.memory,
            counters: &mut self.counters,
            config: &config,
        };
        parts.flush(&mut entry.flow, at);
        entry.flow.app.transactions.finish_all();
        let view = FlowView {
            flow: &mut entry.flow,
            state: &mut entry.state,
            direction: Direction::ToServer,
        };
        self.observer.flow_end(view, reason, at);
        if let Some(session) = &mut entry.flow.tcp {
            for direction in Direction::BOTH {
                session.side_mut(direction).buffer.clear(&mut self.memory);
            }
        }
    }

    /// Ends the flows whose time limit has passed, in the order of their first packets.
    pub(super) fn end_expired(&mut self, at: Moment) {
        let mut expired = self.flows.expired(at.time);
        expired.sort_unstable_by_key(|(first_packet, id, _)| (*first_packet, *id));
        for (_, _, slot) in expired {
            self.end_flow(slot, EndReason::Timeout, at);
        }
    }

    /// Ends all flows.
    pub(super) fn end_all(&mut self, at: Moment) {
        for slot in self.flows.slots_in_order() {
            self.end_flow(slot, EndReason::Shutdown, at);
        }
    }
}
