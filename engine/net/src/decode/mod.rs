//! Headers, from the link layer to the transport, read leniently: what can be read is, and what is wrong is an event.

mod event;

pub use event::DecodeEvent;
