//! From a packet of a flow to its stream and its parser.

use super::{Counters, acknowledged_first};
use crate::app::LayerInput;
use crate::config::NetConfig;
use crate::flow::{Direction, Flow, FlowState, Moment};
use crate::packet::{Checksum, Packet, StreamVerdict, TcpHeader, Transport};
use crate::tcp::{StreamContext, StreamEvent, StreamMemory, TcpSession, TcpState};

/// What of the engine streams need.
pub(super) struct Parts<'a> {
    pub(super) memory: &'a mut StreamMemory,
    pub(super) counters: &'a mut Counters,
    pub(super) config: &'a NetConfig,
}

impl Parts<'_> {
    /// Takes the packet into its flow's stream (or, for UDP, straight to the parser).
    ///
    /// Gives the packet's direction, which is the other one when its bytes show that the server spoke first.
    pub(super) fn take(
        &mut self,
        packet: &mut Packet<'_>,
        flow: &mut Flow,
        direction: Direction,
    ) -> Direction {
        if flow.state == FlowState::Bypassed {
            return direction;
        }
        match packet.transport {
            Transport::Tcp(tcp) => self.tcp(packet, &tcp, flow, direction),
            Transport::Udp(_) => {
                let opened = flow.app.transactions.opened();
                let input = self.input(flow, packet.number, packet.time);
                flow.app.data(direction, packet.payload, input);
                self.counters.transactions += flow.app.transactions.opened().saturating_sub(opened);
                turn_round(flow, direction).unwrap_or(direction)
            }
            _ => direction,
        }
    }

    fn tcp(
        &mut self,
        packet: &mut Packet<'_>,
        tcp: &TcpHeader<'_>,
        flow: &mut Flow,
        direction: Direction,
    ) -> Direction {
        if packet.checksums.transport == Checksum::Bad {
            self.counters.bad_checksums += 1;
            packet.stream = StreamVerdict::Rejected;
            return direction;
        }
        let is_new = flow.tcp.is_none();
        let session = flow.tcp.get_or_insert_default();
        let receiver = match direction {
            Direction::ToServer => flow.server.0,
            Direction::ToClient => flow.client.0,
        };
        let mut cx = StreamContext {
            config: &self.config.stream,
            memory: self.memory,
            policy: self.config.policy_of(receiver, self.config.stream.policy),
            events: &mut packet.stream_events,
        };
        packet.stream = session.segment(tcp, packet.payload, direction, &mut cx);
        if is_new && session.state == TcpState::None {
            flow.tcp = None;
            return direction;
        }
        self.counters.tcp_sessions += u64::from(is_new);
        if packet.stream != StreamVerdict::Accepted {
            self.counters.tcp_rejected += 1;
            return direction;
        }
        self.count_events(packet);
        flow.state = state_of(session, flow.state);
        self.deliver(packet, flow, direction)
    }

    fn count_events(&mut self, packet: &Packet<'_>) {
        for event in &packet.stream_events {
            match event {
                StreamEvent::NoSegment => self.counters.tcp_segments_dropped += 1,
                StreamEvent::DepthReached => self.counters.tcp_depth_reached += 1,
                _ => {}
            }
        }
    }

    /// Gives parsers what can be delivered after this packet.
    fn deliver(&mut self, packet: &mut Packet<'_>, flow: &mut Flow, direction: Direction) -> Direction {
        let opened = flow.app.transactions.opened();
        let mut direction = direction;
        let mut sides = acknowledged_first(direction).into_iter();
        while let Some(side) = sides.next() {
            let gaps = self.deliver_side(flow, side, packet.number, packet.time, false);
            if gaps > 0 {
                packet.stream_events.push(StreamEvent::SequenceGap);
                self.counters.tcp_gaps += gaps;
            }
            if let Some(turned) = turn_round(flow, direction) {
                direction = turned;
                sides = acknowledged_first(direction).into_iter();
            }
        }
        self.counters.transactions += flow.app.transactions.opened().saturating_sub(opened);
        direction
    }

    /// Gives the parser everything that is left, at the end of the flow.
    pub(super) fn flush(&mut self, flow: &mut Flow, at: Moment) {
        let opened = flow.app.transactions.opened();
        // Twice: the first bytes of all may show that the server spoke first.
        for _ in 0..2 {
            for direction in Direction::BOTH {
                self.deliver_side(flow, direction, at.packet_number, at.time, true);
                turn_round(flow, direction);
            }
        }
        for direction in Direction::BOTH {
            let input = self.input(flow, at.packet_number, at.time);
            let ended = match &mut flow.tcp {
                Some(session) => std::mem::replace(&mut session.side_mut(direction).ended, true),
                None => false,
            };
            if !ended {
                flow.app.end(direction, input);
            }
        }
        self.counters.transactions += flow.app.transactions.opened().saturating_sub(opened);
    }

    /// Gives the parser one side's bytes: what was acknowledged, or everything (`flush`). Returns the number of gaps.
    fn deliver_side(
        &self,
        flow: &mut Flow,
        side_direction: Direction,
        packet_number: u64,
        time: saola_event::Timestamp,
        flush: bool,
    ) -> u64 {
        let input = self.input(flow, packet_number, time);
        let Some(session) = &mut flow.tcp else {
            return 0;
        };
        let side = session.side_mut(side_direction);
        if side.ended || side.ignored {
            return 0;
        }
        let limit = if flush {
            u64::MAX
        } else {
            side.delivery_limit(self.config.stream.inline)
        };
        let mut gaps = 0;
        loop {
            let bytes = side.buffer.deliverable(limit);
            let count = bytes.len();
            if count > 0 {
                flow.app.data(side_direction, bytes, input);
                side.buffer.deliver(count);
                if flow.app.is_reversed() {
                    return gaps;
                }
            }
            let missing = side.buffer.skip_gap(side.gap_limit(flush));
            if missing == 0 {
                break;
            }
            gaps += 1;
            side.gaps += 1;
            flow.app.gap(side_direction, missing, input);
        }
        if side.depth_reached && !side.cut && !side.buffer.has_undelivered() {
            side.cut = true;
            flow.app.cut(side_direction, input);
        }
        if side.fin_seen && side.is_fully_delivered() {
            side.ended = true;
            flow.app.end(side_direction, input);
        }
        gaps
    }

    /// Drops what parsers and observers have seen.
    pub(super) fn release(&mut self, flow: &mut Flow) {
        let Some(session) = &mut flow.tcp else {
            return;
        };
        let overlap = self.config.stream.overlap;
        let encrypted = flow.app.encrypted;
        for direction in Direction::BOTH {
            let side = session.side_mut(direction);
            if encrypted && self.config.stream.bypass && flow.app.is_done(direction) {
                side.ignored = true;
            }
            if side.ignored || side.ended {
                side.buffer.clear(self.memory);
            } else {
                side.release(overlap, self.memory);
            }
        }
        if encrypted && self.config.stream.bypass && flow.state == FlowState::Established {
            flow.state = FlowState::Bypassed;
        }
    }

    pub(super) fn input(
        &self,
        flow: &Flow,
        packet_number: u64,
        time: saola_event::Timestamp,
    ) -> LayerInput<'_> {
        LayerInput {
            config: &self.config.app,
            time,
            packet_number,
            ports: (flow.client.1, flow.server.1),
            transport: flow.protocol,
            may_reverse: match &flow.tcp {
                Some(session) => session.midstream,
                None => !flow.is_answered(),
            },
        }
    }
}

/// Turns a flow round when its bytes showed that the server spoke first; gives the new direction.
fn turn_round(flow: &mut Flow, direction: Direction) -> Option<Direction> {
    flow.app.take_reversal().then(|| {
        flow.reverse();
        direction.opposite()
    })
}

/// What the session's state means for the flow's.
fn state_of(session: &TcpSession, current: FlowState) -> FlowState {
    match session.state {
        TcpState::None | TcpState::SynSent | TcpState::SynRecv => FlowState::New,
        TcpState::Closed | TcpState::TimeWait | TcpState::LastAck | TcpState::Closing => FlowState::Closed,
        _ if current == FlowState::Bypassed => FlowState::Bypassed,
        _ => FlowState::Established,
    }
}
