//! Who looks at packets and flows: rules, the EVE logger, anomaly detectors.

use crate::app::Transaction;
use crate::flow::{Direction, EndReason, Flow, Moment};
use crate::packet::Packet;

/// A flow as an observer sees it, with the observer's own state of that flow.
#[derive(Debug)]
pub struct FlowView<'a, S> {
    /// The flow. Observers may set `alerted`, `passed`, `state` (to bypass) and the marks of transactions.
    pub flow: &'a mut Flow,
    /// The observer's state.
    pub state: &'a mut S,
    /// Which way the packet at hand goes.
    pub direction: Direction,
}

/// Sees every packet and the end of every flow.
///
/// Two observers compose as a tuple: the first is asked first.
pub trait Observer {
    /// Kept beside each flow.
    type FlowState: Default + Send;

    /// A packet was decoded, and its flow, stream and parsers have taken it in. Called for inner packets of tunnels and
    /// rebuilt packets as well, after the packet that carried them.
    fn packet(&mut self, packet: &Packet<'_>, flow: Option<FlowView<'_, Self::FlowState>>);

    /// The flow ends: streams are flushed, transactions are complete. The last look.
    fn flow_end(&mut self, view: FlowView<'_, Self::FlowState>, reason: EndReason, at: Moment);

    /// Whether a transaction that is complete in both directions may go.
    fn is_done_with(&self, _tx: &Transaction, _state: &Self::FlowState) -> bool {
        true
    }
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    type FlowState = (A::FlowState, B::FlowState);

    fn packet(&mut self, packet: &Packet<'_>, flow: Option<FlowView<'_, Self::FlowState>>) {
        let Some(view) = flow else {
            self.0.packet(packet, None);
            self.1.packet(packet, None);
            return;
        };
        let FlowView {
            flow,
            state,
            direction,
        } = view;
        let first = FlowView {
            flow: &mut *flow,
            state: &mut state.0,
            direction,
        };
        self.0.packet(packet, Some(first));
        let second = FlowView {
            flow,
            state: &mut state.1,
            direction,
        };
        self.1.packet(packet, Some(second));
    }

    fn flow_end(&mut self, view: FlowView<'_, Self::FlowState>, reason: EndReason, at: Moment) {
        let FlowView {
            flow,
            state,
            direction,
        } = view;
        let first = FlowView {
            flow: &mut *flow,
            state: &mut state.0,
            direction,
        };
        self.0.flow_end(first, reason, at);
        let second = FlowView {
            flow,
            state: &mut state.1,
            direction,
        };
        self.1.flow_end(second, reason, at);
    }

    fn is_done_with(&self, tx: &Transaction, state: &Self::FlowState) -> bool {
        self.0.is_done_with(tx, &state.0) && self.1.is_done_with(tx, &state.1)
    }
}

/// Observes nothing: for decoding and counting alone.
impl Observer for () {
    type FlowState = ();

    fn packet(&mut self, _packet: &Packet<'_>, _flow: Option<FlowView<'_, ()>>) {}

    fn flow_end(&mut self, _view: FlowView<'_, ()>, _reason: EndReason, _at: Moment) {}
}
