//! What a protocol parser is and what it is given.

use saola_event::Timestamp;

use super::{AppEvent, Frames, Transactions};
use crate::flow::{Direction, Moment};
use crate::proto::AppConfig;

/// What a probe says of the first bytes of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// These bytes are the protocol.
    Yes,
    /// They cannot be it.
    No,
    /// More bytes are needed to tell.
    Unsure,
}

/// What a parser may write to while it takes bytes.
#[derive(Debug)]
pub struct AppContext<'a> {
    /// The flow's transactions.
    pub transactions: &'a mut Transactions,
    /// Events of the flow that belong to no transaction.
    pub events: &'a mut Vec<AppEvent>,
    /// Frames, while rules ask for them: see [`AppContext::frame`].
    pub frames: &'a mut Frames,
    /// Capture time of the packet that brought the bytes.
    pub time: Timestamp,
    /// Its number.
    pub packet_number: u64,
    /// Ports of the flow: client, server.
    pub ports: (u16, u16),
    /// Limits and switches of the protocols.
    pub config: &'a AppConfig,
    /// Set by a parser that found that what follows is encrypted: observers need not look at the stream any more.
    pub encrypted: &'a mut bool,
    /// Set by a parser after which the flow goes on in another protocol (CONNECT, STARTTLS, Upgrade): the next bytes
    /// of both directions are probed afresh.
    pub probe_again: &'a mut bool,
}

impl AppContext<'_> {
    /// Whether frames are to be made.
    pub fn wants_frames(&self) -> bool {
        self.config.frame_demand.is_on()
    }

    /// A frame has ended: its kind, its first bytes, how many it has, its transaction. Nothing happens while no rule asks
    /// for frames.
    pub fn frame(
        &mut self,
        kind: &'static str,
        direction: Direction,
        bytes: &[u8],
        length: u64,
        tx_id: Option<u64>,
    ) {
        if self.wants_frames() {
            self.frames.push(kind, direction, tx_id, bytes, length);
        }
    }

    /// The moment of the packet that brought the bytes.
    pub fn moment(&self) -> Moment {
        Moment {
            packet_number: self.packet_number,
            time: self.time,
        }
    }
}

/// A protocol's state machine for one flow.
///
/// Bytes come in order, each once: of a TCP stream in pieces of any size, or one datagram per call. A parser keeps
/// what is not yet whole itself, within a bound. It never fails: what it cannot read becomes an event.
pub trait Parser: Send + std::fmt::Debug {
    /// Takes the next bytes of one direction.
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>);

    /// `missing` bytes of one direction were never captured.
    fn gap(&mut self, direction: Direction, missing: u64, cx: &mut AppContext<'_>);

    /// One direction sends nothing more.
    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>);

    /// The stream engine gives no more bytes of this direction although more come: the depth limit.
    fn cut(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        self.end(direction, cx);
    }

    /// Whether the parser wants nothing more of this direction (encrypted, over its limit).
    fn is_done(&self, _direction: Direction) -> bool {
        false
    }
}
