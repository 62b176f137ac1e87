//! What a match changes: bits and counters of the flow, bits of hosts.

use super::BitOp;
use super::condition::FlowintOp;

/// Whose bit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BitTrack {
    /// The packet's source address.
    Source,
    /// The packet's destination address.
    Destination,
    /// The pair, either way round.
    Pair,
}

/// `xbits` and `hostbits` are one memory: bits of an address or a pair of addresses, some with an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostBitStore {
    /// `xbits`.
    Xbits,
    /// `hostbits`.
    Hostbits,
}

/// One use of `xbits` or `hostbits`.
///
/// Flows of one host are spread over threads, so these are tested and changed where alerts are merged in packet
/// order, not while a packet is inspected: see [`crate::Thresholds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostBit {
    /// Which keyword.
    pub store: HostBitStore,
    /// What is done.
    pub op: BitOp,
    /// The bit, an index into the rule set's names.
    pub bit: u32,
    /// Whose.
    pub track: BitTrack,
    /// Seconds until a set bit falls.
    pub expire_seconds: u32,
}

/// A change to the flow's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `flowbits`: set, unset or toggle a bit.
    Flowbit {
        /// What is done.
        op: BitOp,
        /// The bit.
        bit: u32,
    },
    /// `flowint`: change a counter.
    Flowint {
        /// The counter.
        counter: u32,
        /// What is done.
        op: FlowintOp,
    },
    /// `xbits`, `hostbits`.
    HostBit(HostBit),
    /// `config: logging disable`: the transaction is not logged.
    LoggingOff,
}
