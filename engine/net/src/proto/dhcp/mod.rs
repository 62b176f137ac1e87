//! DHCP for IPv4 (RFC 2131, 2132). Each message is a transaction.

mod eve;
mod message;

pub use message::Message;

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// DHCP for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Dhcp,
    transports: &[17],
    ports: &[67, 68],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(DhcpParser),
};

/// Looks at the first bytes of a direction: the cookie of RFC 2131 section 3 in its place.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    match Message::parse(bytes, direction) {
        Some(_) => Probe::Yes,
        None => Probe::No,
    }
}

/// DHCP needs no state.
#[derive(Debug)]
struct DhcpParser;

impl Parser for DhcpParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        if let Some(message) = Message::parse(bytes, direction) {
            let malformed = message.malformed;
            let tx = cx.transactions.open_message(message, direction, moment);
            if malformed {
                tx.event("malformed_options", direction, packet_number);
            }
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {}

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}
}
