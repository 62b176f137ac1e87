//! Packets to flows, streams and protocol transactions.
//!
//! [`Engine`] takes raw packets with their capture time and number, decodes them ([`decode`]), puts fragments
//! together ([`defrag`]), finds the flow ([`flow`]), reassembles TCP ([`tcp`]), finds the application protocol by its
//! bytes and parses it into transactions ([`app`], [`proto`]), and shows every packet and every ended flow to an
//! [`Observer`]. Rules are an observer (saola-suricata); so is the writer of EVE records ([`eve::EveLogger`]).
//!
//! The crate is pure: no I/O, no clock, no threads. What it emits depends only on its configuration and on the
//! packets, so the same capture gives the same records.

#![deny(clippy::indexing_slicing)]

pub mod app;
pub mod config;
pub mod decode;
mod defrag;
mod engine;
pub mod eve;
pub mod flow;
mod observer;
pub mod packet;
pub mod proto;
mod shard;
pub mod tcp;

pub use app::{AppContext, AppEvent, AppLayer, AppProto, Parser, Probe, Transaction, Transactions, TxData};
pub use config::{ConfigError, NetConfig};
pub use engine::{Counters, Engine};
pub use flow::{Direction, EndReason, Flow, FlowState, Moment};
pub use observer::{FlowView, Observer};
pub use packet::{LinkType, Packet, RawPacket};
pub use saola_event::Timestamp;
pub use shard::shard_hash;
