//! SMB 1, 2 and 3 over TCP (MS-CIFS, MS-SMB2): files, shares, log-ins and the DCE/RPC calls on its pipes.
//!
//! Records of the session service (RFC 1001) are taken apart here; bytes of files pass through without waiting for
//! the end of their record.

mod fields;
mod names;
mod ntlmssp;
mod smb1;
mod smb2;
mod state;
#[cfg(test)]
mod tests;
mod transaction;

pub use transaction::{Command, SmbTransaction};

use memchr::memmem;

use crate::app::{AppContext, AppProto, FileState, Parser, Probe};
use crate::flow::Direction;
use crate::proto::held::Held;
use crate::proto::{AppConfig, Protocol};
use state::{Bulk, State};

/// SMB for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Smb,
    transports: &[6],
    ports: &[445, 139],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(SmbParser::default()),
};

/// Longest record that is held whole.
const MAX_RECORD: usize = 1024 * 1024;
/// Bytes of a stream that are taken at a time.
const PIECE: usize = 64 * 1024;
/// Bytes of a record within which a bulk message's own header ends.
const HEAD: usize = 128;

const MAGICS: [&[u8; 4]; 3] = [b"\xffSMB", b"\xfeSMB", b"\xfdSMB"];

/// Looks at the first bytes of a direction: a session message with SMB in it, or a session request.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    match bytes {
        [0, _, _, _, magic @ ..] if magic.len() >= 4 => {
            if MAGICS.iter().any(|known| magic.starts_with(*known)) {
                Probe::Yes
            } else {
                Probe::No
            }
        }
        [0, _, _, _, magic @ ..] if MAGICS.iter().any(|known| known.starts_with(magic)) => Probe::Unsure,
        // A session request names two hosts of 34 bytes each.
        [0x81, 0, 0, 0x44, 0x20, ..] | [0x82, 0, 0, 0, ..] => Probe::Yes,
        [] => Probe::Unsure,
        [0 | 0x81 | 0x82, rest @ ..] if rest.len() < 3 => Probe::Unsure,
        _ => Probe::No,
    }
}

#[derive(Debug)]
struct Side {
    held: Held,
    /// A file whose bytes come: its transaction, bytes that are left, bytes of the record behind them.
    bulk: Option<(u64, usize, usize)>,
    skip: usize,
    /// Bytes are missing: the next record is looked for.
    lost: bool,
}

impl Default for Side {
    fn default() -> Self {
        Self {
            held: Held::with_limit(MAX_RECORD + 2 * PIECE),
            bulk: None,
            skip: 0,
            lost: false,
        }
    }
}

/// The state of one flow.
#[derive(Debug, Default)]
struct SmbParser {
    sides: [Side; 2],
    state: State,
}

impl Parser for SmbParser {
    fn data(&mut self, direction: Direction, bytes: &[u8], cx: &mut AppContext<'_>) {
        for piece in bytes.chunks(PIECE) {
            let side = self.side(direction);
            if !side.held.push(piece) {
                side.lost = true;
            }
            while self.step(direction, cx) {}
        }
    }

    fn gap(&mut self, direction: Direction, missing: u64, cx: &mut AppContext<'_>) {
        let side = self.side(direction);
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        match (&mut side.bulk, side.skip) {
            (Some((tx, left, _)), _) if *left >= missing => {
                *left -= missing;
                let id = *tx;
                if let Some(file) = cx.transactions.find(id).and_then(|tx| tx.files.first_mut()) {
                    file.gap(missing as u64);
                }
            }
            (None, skip) if skip >= missing => side.skip -= missing,
            _ => {
                side.held.clear();
                (side.bulk, side.skip, side.lost) = (None, 0, true);
            }
        }
    }

    fn end(&mut self, direction: Direction, cx: &mut AppContext<'_>) {
        if let Some((id, ..)) = self.side(direction).bulk.take()
            && let Some(tx) = cx.transactions.find(id)
        {
            for file in &mut tx.files {
                file.close(FileState::Truncated);
            }
        }
    }
}

impl SmbParser {
    fn side(&mut self, direction: Direction) -> &mut Side {
        let [client, server] = &mut self.sides;
        match direction {
            Direction::ToServer => client,
            Direction::ToClient => server,
        }
    }

    /// Takes what can be taken; whether something was.
    fn step(&mut self, direction: Direction, cx: &mut AppContext<'_>) -> bool {
        let side = self.side(direction);
        let available = side.held.bytes().len();
        if available == 0 {
            return false;
        }
        if side.skip > 0 {
            let count = side.skip.min(available);
            side.held.eat(count);
            side.skip -= count;
            return true;
        }
        if let Some((tx, left, tail)) = side.bulk.take() {
            let bytes = side.held.take(left.min(available));
            let left = left - bytes.len();
            if left > 0 {
                side.bulk = Some((tx, left, tail));
            } else {
                side.skip = tail;
            }
            push(tx, &bytes, direction, cx);
            return true;
        }
        if side.lost {
            return side.resync();
        }
        self.record(direction, cx)
    }

    fn record(&mut self, direction: Direction, cx: &mut AppContext<'_>) -> bool {
        let [client, server] = &mut self.sides;
        let side = if direction == Direction::ToServer {
            client
        } else {
            server
        };
        let Some((head, rest)) = side.held.bytes().split_first_chunk::<4>() else {
            return false;
        };
        let [kind, high, mid, low] = *head;
        // Other kinds of the session service have a length of 17 bits.
        let length = usize::from(high) << 16 | usize::from(mid) << 8 | usize::from(low);
        if kind != 0 {
            let known = matches!(kind, 0x81..=0x85);
            side.lost = !known;
            if known {
                side.held.eat(4);
                side.skip = length & 0x1_ffff;
            }
            return true;
        }
        if rest.len() >= length {
            side.held.eat(4);
            let record = side.held.take(length);
            let mut bulks = Vec::new();
            self.message(&record, cx, &mut bulks);
            for bulk in bulks {
                let end = bulk.start.saturating_add(bulk.length).min(record.len());
                push(
                    bulk.tx,
                    record.get(bulk.start..end).unwrap_or_default(),
                    direction,
                    cx,
                );
            }
            return true;
        }
        if rest.len() >= HEAD {
            let is_bulk = if rest.starts_with(b"\xfe") {
                smb2::is_bulk(rest, &self.state)
            } else {
                smb1::is_bulk(rest, &self.state)
            };
            if is_bulk {
                return self.begin_bulk(direction, length, cx);
            }
            if length > MAX_RECORD {
                side.held.eat(4);
                side.skip = length;
                return true;
            }
        }
        false
    }

    /// The head of a record is there, and a file's bytes follow.
    fn begin_bulk(&mut self, direction: Direction, length: usize, cx: &mut AppContext<'_>) -> bool {
        let head = self
            .side(direction)
            .held
            .bytes()
            .get(4..4 + HEAD)
            .unwrap_or_default()
            .to_vec();
        let mut bulks = Vec::new();
        self.message(&head, cx, &mut bulks);
        let side = self.side(direction);
        side.held.eat(4);
        match bulks.first() {
            Some(Bulk {
                tx,
                start,
                length: count,
            }) if start.saturating_add(*count) <= length => {
                let available = side.held.bytes().len();
                // The data may begin beyond what is held: the bytes between are skipped first.
                if *start <= available {
                    side.held.eat(*start);
                    side.bulk = Some((*tx, *count, length - start - count));
                } else {
                    side.skip = length;
                }
            }
            _ => side.skip = length,
        }
        true
    }

    fn message(&mut self, record: &[u8], cx: &mut AppContext<'_>, bulks: &mut Vec<Bulk>) {
        match record.first() {
            Some(0xfe) => smb2::record(record, &mut self.state, cx, bulks),
            Some(0xff) if record.starts_with(b"\xffSMB") => smb1::record(record, &mut self.state, cx, bulks),
            // 0xfd: what follows is encrypted.
            _ => {}
        }
    }
}

impl Side {
    /// Looks for the next record.
    fn resync(&mut self) -> bool {
        let bytes = self.held.bytes();
        let found = MAGICS
            .iter()
            .filter_map(|magic| memmem::find(bytes, *magic))
            .min();
        match found {
            Some(at) if at >= 4 => {
                self.held.eat(at - 4);
                self.lost = false;
                true
            }
            Some(at) => {
                self.held.eat(at + 4);
                true
            }
            None => {
                // A record may begin in the last bytes.
                let keep = bytes.len().min(7);
                self.held.eat(bytes.len() - keep);
                false
            }
        }
    }
}

fn push(tx: u64, bytes: &[u8], direction: Direction, cx: &mut AppContext<'_>) {
    let moment = cx.moment();
    if let Some(tx) = cx.transactions.find(tx) {
        tx.touch(direction, moment);
        if let Some(file) = tx.files.first_mut() {
            file.push(bytes);
        }
    }
}
