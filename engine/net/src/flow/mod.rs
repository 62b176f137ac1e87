//! Flows: packets between the same two ends, in both directions.

mod key;
mod lru;
mod record;
mod table;

pub use key::{FlowKey, KeyedEnds};
pub(crate) use key::{icmp4_counterpart, icmp6_counterpart};
pub use record::{Direction, EndReason, Flow, FlowCounters, FlowNotes, FlowState, IcmpPair, Moment};
pub(crate) use table::{FlowEntry, FlowTable};
