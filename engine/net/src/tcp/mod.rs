//! TCP: sessions, sequence checks and reassembly (RFC 9293, RFC 7323, RFC 5961).

mod buffer;
mod event;
mod handshake;
mod policy;
mod session;
mod side;

pub use buffer::{Inserted, StreamBuffer, StreamMemory, StreamWindow};
pub use event::StreamEvent;
pub use policy::OverlapPolicy;
pub(crate) use session::StreamContext;
pub use session::{TcpSession, TcpState};
pub use side::StreamSide;
