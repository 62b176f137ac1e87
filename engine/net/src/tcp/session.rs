//! One TCP connection: both sides and its state.

use smallvec::SmallVec;

use super::side::{StreamSide, before, latest};
use super::{OverlapPolicy, StreamEvent, StreamMemory};
use crate::config::{StreamConfig, UrgentPolicy};
use crate::flow::Direction;
use crate::packet::{StreamVerdict, TcpFlags, TcpHeader};

/// State of a connection as seen from the middle. The closing states are named by who closes first, as EVE does: a
/// client that closes first leads through `CloseWait` and `LastAck`, a server through `FinWait1` and `FinWait2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TcpState {
    /// Nothing that opens a connection was seen.
    #[default]
    None,
    /// The client's SYN.
    SynSent,
    /// The server's SYN/ACK.
    SynRecv,
    /// The handshake is done.
    Established,
    /// The server sent FIN.
    FinWait1,
    /// The server's FIN was acknowledged.
    FinWait2,
    /// Both sent FIN.
    TimeWait,
    /// The client sent FIN first, then the server.
    LastAck,
    /// The client sent FIN.
    CloseWait,
    /// Both sent FIN at once.
    Closing,
    /// Closed, or reset.
    Closed,
}

/// A connection.
#[derive(Debug, Default)]
pub struct TcpSession {
    /// State.
    pub state: TcpState,
    /// It was picked up without its handshake.
    pub midstream: bool,
    /// Only one side is captured.
    pub one_sided: bool,
    /// It ended by RST.
    pub reset: bool,
    /// The handshake was seen whole.
    pub handshake_complete: bool,
    /// Both sides agreed to send timestamps.
    pub(super) timestamps: bool,
    /// The client's SYN was answered by a SYN (simultaneous open).
    pub(super) simultaneous: bool,
    /// Timestamp of the first SYN.
    pub(super) first_syn_timestamp: Option<u32>,
    pub(super) syn_count: u8,
    pub(super) syn_ack_count: u8,
    sides: [StreamSide; 2],
}

/// What a session needs of its surroundings to take a segment.
#[derive(Debug)]
pub(crate) struct StreamContext<'a> {
    /// Settings.
    pub config: &'a StreamConfig,
    /// Memory for bytes.
    pub memory: &'a mut StreamMemory,
    /// Overlap policy of the receiver of the segment.
    pub policy: OverlapPolicy,
    /// Events of the packet.
    pub events: &'a mut SmallVec<[StreamEvent; 2]>,
}

impl TcpState {
    /// Name as EVE writes it in `tcp.state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SynSent => "syn_sent",
            Self::SynRecv => "syn_recv",
            Self::Established => "established",
            Self::FinWait1 => "fin_wait1",
            Self::FinWait2 => "fin_wait2",
            Self::TimeWait => "time_wait",
            Self::LastAck => "last_ack",
            Self::CloseWait => "close_wait",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }

    /// Whether data may flow: established or closing.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::None | Self::SynSent | Self::SynRecv | Self::Closed)
    }
}

impl TcpSession {
    /// The side that sends in this direction.
    pub fn side(&self, direction: Direction) -> &StreamSide {
        let [client, server] = &self.sides;
        match direction {
            Direction::ToServer => client,
            Direction::ToClient => server,
        }
    }

    /// The side that sends in this direction.
    pub fn side_mut(&mut self, direction: Direction) -> &mut StreamSide {
        let [client, server] = &mut self.sides;
        match direction {
            Direction::ToServer => client,
            Direction::ToClient => server,
        }
    }

    /// All flags of both sides.
    pub fn flags(&self) -> TcpFlags {
        let [client, server] = &self.sides;
        TcpFlags(client.flags.0 | server.flags.0)
    }

    /// Turns the session round: who was taken for the client is the server.
    pub(crate) fn reverse(&mut self) {
        self.sides.reverse();
        self.state = match self.state {
            TcpState::FinWait1 => TcpState::CloseWait,
            TcpState::CloseWait => TcpState::FinWait1,
            state => state,
        };
    }

    /// The sender's side and the receiver's side of a packet.
    pub(super) fn ends(&mut self, direction: Direction) -> (&mut StreamSide, &mut StreamSide) {
        let [client, server] = &mut self.sides;
        match direction {
            Direction::ToServer => (client, server),
            Direction::ToClient => (server, client),
        }
    }

    /// Takes a segment in: state, sequence numbers, bytes.
    pub(crate) fn segment(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        let sender = self.side_mut(direction);
        sender.flags.0 |= tcp.flags.0;
        if tcp.ack != 0 && !tcp.flags.has(TcpFlags::ACK) {
            cx.events.push(StreamEvent::BrokenAck);
        }
        match self.state {
            TcpState::None => self.first(tcp, payload, direction, cx),
            TcpState::SynSent => self.in_syn_sent(tcp, payload, direction, cx),
            TcpState::SynRecv => self.in_syn_recv(tcp, payload, direction, cx),
            TcpState::Closed => self.in_closed(tcp, payload, direction, cx),
            _ => self.in_open(tcp, payload, direction, cx),
        }
    }

    pub(super) fn in_open(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        if tcp.flags.has(TcpFlags::SYN) && !tcp.flags.has(TcpFlags::RST) {
            cx.events.push(self.syn_event(tcp, direction));
            return StreamVerdict::Rejected;
        }
        if self.timestamp_is_bad(tcp, direction) {
            cx.events.push(StreamEvent::InvalidTimestamp);
            return StreamVerdict::Rejected;
        }
        if tcp.flags.has(TcpFlags::RST) {
            return self.on_reset(tcp, direction, cx);
        }
        if let Some(event) = self.window_event(tcp, payload, direction) {
            cx.events.push(event);
            return StreamVerdict::Rejected;
        }
        self.take(tcp, payload, direction, cx);
        StreamVerdict::Accepted
    }

    fn in_closed(
        &self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        if self.reset && !tcp.flags.has(TcpFlags::RST) && !payload.is_empty() {
            // Data after a reset: the reset was probably forged by someone on the way.
            cx.events.push(StreamEvent::SuspectedRstInjection);
        }
        if let Some(event) = self.window_event(tcp, payload, direction) {
            cx.events.push(event);
        }
        StreamVerdict::Rejected
    }

    fn syn_event(&self, tcp: &TcpHeader<'_>, direction: Direction) -> StreamEvent {
        let sender = self.side(direction);
        let receiver = self.side(direction.opposite());
        match (tcp.flags.has(TcpFlags::ACK), direction) {
            (true, Direction::ToServer) => StreamEvent::EstablishedSynAckToServer,
            (true, Direction::ToClient) if tcp.ack != receiver.isn.wrapping_add(1) => {
                StreamEvent::EstablishedSynAckWithDifferentAck
            }
            (true, Direction::ToClient) if tcp.seq != sender.isn => {
                StreamEvent::EstablishedSynAckWithDifferentSeq
            }
            (true, Direction::ToClient) => StreamEvent::EstablishedSynAck,
            (false, _) if tcp.seq != sender.isn => StreamEvent::EstablishedSynWithDifferentSeq,
            (false, _) => StreamEvent::EstablishedSyn,
        }
    }

    /// PAWS: a segment whose timestamp is older than the newest taken one is not of this connection.
    pub(super) fn timestamp_is_bad(&self, tcp: &TcpHeader<'_>, direction: Direction) -> bool {
        let Some(stamps) = tcp.parsed.timestamps.filter(|_| self.timestamps) else {
            return false;
        };
        self.side(direction).timestamp_is_old(stamps)
    }

    /// Whether an answer to the SYN echoes a timestamp that the client did not send (RFC 7323 section 3.2): someone who
    /// does not see the client's packets made it up. A SYN that was sent again has a newer stamp; both may be echoed.
    pub(super) fn echo_is_forged(&self, tcp: &TcpHeader<'_>) -> bool {
        let newest = self.side(Direction::ToServer).timestamp;
        let sent = self.first_syn_timestamp.zip(newest);
        let echoed = tcp
            .parsed
            .timestamps
            .map(|stamps| stamps.echo)
            .filter(|echo| *echo != 0);
        sent.zip(echoed)
            .is_some_and(|((first, newest), echoed)| before(echoed, first) || before(newest, echoed))
    }

    /// What is wrong with a segment's place or its acknowledgement.
    fn window_event(&self, tcp: &TcpHeader<'_>, payload: &[u8], direction: Direction) -> Option<StreamEvent> {
        if self.one_sided {
            return None;
        }
        let sender = self.side(direction);
        let receiver = self.side(direction.opposite());
        let end = tcp.seq.wrapping_add(payload.len() as u32);
        if tcp.flags.has(TcpFlags::ACK) && !ack_is_possible(tcp.ack, receiver) {
            return Some(StreamEvent::EstablishedInvalidAck);
        }
        let keep_alive = payload.len() <= 1 && tcp.seq.wrapping_add(1) == sender.next_seq;
        if !payload.is_empty() && !keep_alive && !before(sender.acked, end) {
            return Some(StreamEvent::EstablishedBeforeLastAck);
        }
        let slack = sender
            .send_limit
            .wrapping_add(receiver.window.max(u32::from(u16::MAX)));
        if before(latest(sender.send_limit, slack), end) && !payload.is_empty() {
            return Some(StreamEvent::EstablishedOutOfWindow);
        }
        None
    }

    /// Takes a good segment in: bytes, acknowledgement, window, timestamps, FIN.
    pub(super) fn take(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) {
        let fin = tcp.flags.has(TcpFlags::FIN);
        let (sender, receiver) = self.ends(direction);
        let end = tcp.seq.wrapping_add(payload.len() as u32);
        // RFC 7323 section 4.3: only what the receiver was waiting for renews the timestamp; otherwise a segment that was
        // overtaken would look too old.
        let was_awaited = !before(sender.acked, tcp.seq);
        let after = end.wrapping_add(u32::from(fin));
        sender.next_seq = latest(sender.next_seq, after);
        sender.window = u32::from(tcp.window) << sender.window_scale;
        if let Some(stamps) = tcp.parsed.timestamps
            && was_awaited
        {
            sender.timestamp = Some(stamps.value);
        }
        if tcp.flags.has(TcpFlags::ACK) {
            let window = sender.window;
            receiver.acked = latest(receiver.acked, tcp.ack);
            receiver.send_limit = latest(receiver.send_limit, tcp.ack.wrapping_add(window));
            receiver.next_seq = latest(receiver.next_seq, tcp.ack);
        }
        if !payload.is_empty() {
            self.store(tcp.seq, tcp, payload, direction, cx);
        }
        if fin {
            self.on_fin(direction);
        }
        if tcp.flags.has(TcpFlags::ACK) {
            self.on_ack(tcp.ack, direction);
        }
    }

    /// Writes a segment's bytes into the stream.
    pub(super) fn store(
        &mut self,
        seq: u32,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) {
        if cx.config.async_oneside && self.one_sided {
            // Nobody is seen to acknowledge: what was sent counts.
            let sender = self.side_mut(direction);
            sender.acked = latest(sender.acked, sender.next_seq);
        }
        let urgent = if tcp.flags.has(TcpFlags::URG) {
            tcp.urgent
        } else {
            0
        };
        let place = usize::from(urgent)
            .checked_sub(1)
            .filter(|at| *at < payload.len());
        match (place, cx.config.urgent) {
            (Some(_), UrgentPolicy::Drop) => {}
            (Some(at), UrgentPolicy::OutOfBand) => {
                let (before_it, rest) = payload.split_at_checked(at).unwrap_or((payload, &[]));
                let after_it = rest.get(1..).unwrap_or_default();
                let urgent_seq = seq.wrapping_add(at as u32);
                self.store_run(seq, before_it, direction, cx);
                self.side_mut(direction).remove_urgent(urgent_seq);
                self.store_run(urgent_seq.wrapping_add(1), after_it, direction, cx);
            }
            _ => self.store_run(seq, payload, direction, cx),
        }
    }

    fn store_run(&mut self, seq: u32, bytes: &[u8], direction: Direction, cx: &mut StreamContext<'_>) {
        let side = self.side_mut(direction);
        if bytes.is_empty() || side.ignored {
            return;
        }
        let offset = side.offset(seq);
        let skip = offset.min(0).unsigned_abs();
        let start = offset.max(0).cast_unsigned();
        let bytes = bytes.get(skip as usize..).unwrap_or_default();
        let depth = if cx.config.depth == 0 {
            u64::MAX
        } else {
            cx.config.depth
        };
        let room = depth.saturating_sub(start);
        let kept = bytes.get(..room as usize).unwrap_or(bytes);
        if kept.len() < bytes.len() && !side.depth_reached {
            side.depth_reached = true;
            cx.events.push(StreamEvent::DepthReached);
        }
        if kept.is_empty() {
            return;
        }
        let inserted = side.buffer.insert(start, kept, cx.policy, cx.memory);
        if inserted.differs {
            cx.events.push(StreamEvent::OverlapDifferentData);
        }
        if inserted.refused {
            cx.events.push(StreamEvent::NoSegment);
        }
    }

    fn on_fin(&mut self, direction: Direction) {
        self.side_mut(direction).fin_seen = true;
        self.state = match (self.state, direction) {
            (TcpState::Established | TcpState::SynRecv, Direction::ToServer) => TcpState::CloseWait,
            (TcpState::Established | TcpState::SynRecv, Direction::ToClient) => TcpState::FinWait1,
            (TcpState::CloseWait, Direction::ToClient) => TcpState::LastAck,
            (TcpState::FinWait1, Direction::ToServer) => TcpState::Closing,
            (TcpState::FinWait2, Direction::ToServer) => TcpState::TimeWait,
            (state, _) => state,
        };
    }

    /// What an acknowledgement means for a closing connection.
    fn on_ack(&mut self, ack: u32, direction: Direction) {
        let acks_all = !before(ack, self.side(direction.opposite()).next_seq);
        self.state = match (self.state, direction) {
            (TcpState::FinWait1, Direction::ToServer) if acks_all => TcpState::FinWait2,
            (TcpState::Closing, Direction::ToServer) if acks_all => TcpState::TimeWait,
            (TcpState::TimeWait, Direction::ToClient) if acks_all => TcpState::Closed,
            (TcpState::LastAck, Direction::ToServer) if acks_all => TcpState::Closed,
            (state, _) => state,
        };
    }

    /// A reset closes the connection when its sequence number is one the receiver takes (RFC 5961 section 3.2).
    pub(super) fn on_reset(
        &mut self,
        tcp: &TcpHeader<'_>,
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        let one_sided = self.one_sided;
        let (sender, receiver) = self.ends(direction);
        let lowest = sender.acked;
        let highest = latest(sender.send_limit, sender.next_seq);
        let in_window = !before(tcp.seq, lowest) && !before(highest, tcp.seq);
        if sender.known && !in_window && !one_sided {
            cx.events.push(StreamEvent::InvalidRst);
            return StreamVerdict::Rejected;
        }
        if tcp.flags.has(TcpFlags::ACK) && ack_is_possible(tcp.ack, receiver) {
            receiver.acked = latest(receiver.acked, tcp.ack);
        }
        self.state = TcpState::Closed;
        self.reset = true;
        StreamVerdict::Accepted
    }
}

/// Whether a side may have sent all that `ack` acknowledges. It may be more than was captured, but not more than the
/// receiver's window let it send.
pub(super) fn ack_is_possible(ack: u32, side: &StreamSide) -> bool {
    let furthest = latest(side.next_seq, side.send_limit);
    !before(furthest, ack)
}
