//! DCE/RPC over TCP and UDP (C706, MS-RPCE). A bind or a request with its answer is a transaction.

pub(crate) mod call;
mod datagram;
pub(crate) mod pdu;
mod services;
#[cfg(test)]
mod tests;

pub use call::Call;

use call::Bindings;

use crate::app::{AppContext, AppProto, Parser, Probe};
use crate::flow::Direction;
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};

/// DCE/RPC over TCP for the table of protocols.
pub const OVER_TCP: Protocol = Protocol {
    proto: AppProto::Dcerpc,
    transports: &[6],
    ports: &[135],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(DcerpcParser::default()),
};

/// DCE/RPC over UDP.
pub const OVER_UDP: Protocol = Protocol {
    transports: &[17],
    probe: datagram::probe,
    parser: |_: &AppConfig, _: u8| Box::new(datagram::DatagramParser),
    ..OVER_TCP
};

/// Longest fragment.
const MAX_FRAGMENT: usize = 64 * 1024;
/// Calls that wait for their answer.
const MAX_OPEN: usize = 512;

/// Looks at the first bytes of a direction.
pub fn probe(direction: Direction, bytes: &[u8]) -> Probe {
    if bytes.len() < pdu::HEADER {
        return if b"\x05\x00".starts_with(bytes.get(..2).unwrap_or(bytes)) {
            Probe::Unsure
        } else {
            Probe::No
        };
    }
    let is_first = match direction {
        Direction::ToServer => [pdu::REQUEST, pdu::BIND, pdu::ALTER],
        Direction::ToClient => [pdu::RESPONSE, pdu::BIND_ACK, 13],
    };
    match (pdu::length(bytes), bytes.get(2)) {
        (Some(_), Some(kind)) if is_first.contains(kind) || *kind == pdu::FAULT => Probe::Yes,
        _ => Probe::No,
    }
}

/// The state of one flow.
#[derive(Debug)]
struct DcerpcParser {
    held: [Held; 2],
    bindings: Bindings,
    stopped: bool,
}

impl Default for DcerpcParser {
    fn default() -> Self {
        Self {
            held: [
                Held::with_limit(2 * MAX_FRAGMENT),
                Held::with_limit(2 * MAX_FRAGMENT),
            ],
            bindings: Bindings::default(),
            stopped: false,
        }
    }
}

impl Parser for DcerpcParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let at = direction.index();
        for piece in bytes.chunks(MAX_FRAGMENT) {
            if self.stopped {
                return;
            }
            let Some(held) = self.held.get_mut(at) else { return };
            self.stopped = !held.push(piece);
            while let Some(held) = self.held.get_mut(at)
                && held.bytes().len() >= pdu::HEADER
            {
                let Some(length) = pdu::length(held.bytes()) else {
                    self.stopped = true;
                    return;
                };
                if held.bytes().len() < length {
                    break;
                }
                let message = held.take(length);
                self.message(direction, &message, cx);
            }
        }
    }

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {
        self.stopped = true;
    }

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}

    fn is_done(&self, _direction: Direction) -> bool {
        self.stopped
    }
}

impl DcerpcParser {
    fn message(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        let Some(pdu) = pdu::parse(bytes) else { return };
        let moment = cx.moment();
        let waits = |tx: &&crate::app::Transaction| {
            !tx.complete.get(direction.index()).copied().unwrap_or(true)
                && tx.record::<Call>().is_some_and(|call| call.id == pdu.call)
        };
        let known = cx.transactions.iter().rev().find(waits).map(|tx| tx.id);
        let begins = pdu.flags & pdu::FIRST != 0 || pdu.kind != pdu::REQUEST;
        let id = match (direction, known) {
            (Direction::ToServer, Some(id)) if !begins => id,
            (Direction::ToClient, Some(id)) => id,
            _ if cx.transactions.len() >= MAX_OPEN => return,
            (Direction::ToServer, _) => {
                if matches!(pdu.kind, pdu::REQUEST | pdu::BIND | pdu::ALTER) {
                    self.begin(&pdu, cx);
                }
                return;
            }
            (Direction::ToClient, None) => {
                let tx = cx.transactions.open_record(Call::unasked(&pdu), moment);
                tx.finish(Direction::ToServer);
                tx.id
            }
        };
        let Some(tx) = cx.transactions.find(id) else {
            return;
        };
        tx.touch(direction, moment);
        let Some(call) = tx.record_mut::<Call>() else {
            return;
        };
        match direction {
            Direction::ToServer => call.client(&pdu, &self.bindings),
            Direction::ToClient => call.server(&pdu, &mut self.bindings),
        }
        if call.is_whole(direction) {
            tx.finish(direction);
            if direction == Direction::ToClient {
                tx.finish(Direction::ToServer);
            }
        }
    }

    fn begin(&self, pdu: &pdu::Pdu<'_>, cx: &mut AppContext<'_>) {
        let moment = cx.moment();
        let call = Call::begin(pdu, &self.bindings);
        let whole = call.is_whole(Direction::ToServer);
        let tx = cx.transactions.open_record(call, moment);
        tx.updated = [false; 2];
        tx.touch(Direction::ToServer, moment);
        if whole {
            tx.finish(Direction::ToServer);
        }
    }
}
