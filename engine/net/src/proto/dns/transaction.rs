//! What a DNS transaction holds: one message. Query and answer are transactions of their own, joined by `id`, because
//! either may come alone, twice or much later.

use super::message::Message;
use crate::flow::Direction;

/// How far a direction came: a message is there whole or not at all.
pub mod progress {
    /// Nothing yet.
    pub const NONE: u8 = 0;
    /// The message is there.
    pub const COMPLETE: u8 = 1;
}

/// Which of the protocols that share the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// DNS.
    #[default]
    Dns,
    /// Multicast DNS (RFC 6762).
    Mdns,
    /// Link-local multicast name resolution (RFC 4795).
    Llmnr,
}

/// One DNS transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Which protocol.
    pub kind: Kind,
    /// Which way the message went.
    pub direction: Direction,
    /// The message. Of a malformed one only the header.
    pub message: Message,
    /// It could not be read: it only carries its event.
    pub malformed: bool,
}

impl Transaction {
    /// Whether it is a query.
    pub fn is_query(&self) -> bool {
        !self.message.header.is_response()
    }
}
