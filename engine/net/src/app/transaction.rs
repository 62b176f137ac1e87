//! Transactions: one request and its answer, whatever the protocol calls them.

use std::collections::VecDeque;

use smallvec::SmallVec;

use super::{File, Record};
use crate::flow::{Direction, Moment};
use crate::proto::{dns, ftp, http, mqtt, sip, smtp, ssh, tls};

/// Something odd that a parser saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppEvent {
    /// Name as the keyword `app-layer-event` has it after the protocol and a dot, lower case.
    pub name: &'static str,
    /// Which way the bytes went.
    pub direction: Direction,
    /// Number of the packet that raised it.
    pub packet_number: u64,
    /// Its record was written.
    pub logged: bool,
}

/// What a transaction holds, by protocol.
#[derive(Debug)]
pub enum TxData {
    /// HTTP/1.x request and response.
    Http(Box<http::Transaction>),
    /// DNS query or answer.
    Dns(Box<dns::Transaction>),
    /// TLS session.
    Tls(Box<tls::Transaction>),
    /// A mail over SMTP.
    Smtp(Box<smtp::Transaction>),
    /// FTP command and its replies.
    Ftp(Box<ftp::Transaction>),
    /// SIP message.
    Sip(Box<sip::Transaction>),
    /// SSH session.
    Ssh(Box<ssh::Transaction>),
    /// MQTT messages that belong together.
    Mqtt(Box<mqtt::Transaction>),
    /// A transaction of any other protocol, shown by field names.
    Record(Box<dyn Record>),
}

/// One transaction of a flow.
#[derive(Debug)]
pub struct Transaction {
    /// Number within the flow, from 0 (`tx_id`).
    pub id: u64,
    /// What the protocol's parser found.
    pub data: TxData,
    /// How far each direction came, by the protocol's own constants; only grows.
    pub progress: [u8; 2],
    /// Whether a direction is finished.
    pub complete: [bool; 2],
    /// Odd things seen.
    pub events: Vec<AppEvent>,
    /// Files it carries.
    pub files: Vec<File>,
    /// The packet that opened it.
    pub started: Moment,
    /// The packet that last changed it.
    pub last: Moment,
    /// Its records were written (by the EVE logger).
    pub logged: bool,
    /// A direction changed since observers last saw it; cleared by the engine after each packet.
    pub updated: [bool; 2],
    /// A direction needs no more looks (set by the detection observer).
    pub inspected: [bool; 2],
}

/// The open transactions of a flow, oldest first.
#[derive(Debug, Default)]
pub struct Transactions {
    list: VecDeque<Transaction>,
    next_id: u64,
    opened: u64,
    /// Numbers began anew while earlier transactions were still there.
    restarted: bool,
}

impl Transaction {
    /// The record of a protocol that has no variant of its own.
    pub fn record<T: Record>(&self) -> Option<&T> {
        match &self.data {
            TxData::Record(record) => record.downcast(),
            _ => None,
        }
    }

    /// The same, to write to.
    pub fn record_mut<T: Record>(&mut self) -> Option<&mut T> {
        match &mut self.data {
            TxData::Record(record) => record.downcast_mut(),
            _ => None,
        }
    }

    /// Marks both directions finished.
    pub fn finish_both(&mut self) {
        self.complete = [true; 2];
    }

    /// Adds an event once.
    pub fn event(&mut self, name: &'static str, direction: Direction, packet_number: u64) {
        if self.events.iter().all(|event| event.name != name) {
            self.events.push(AppEvent {
                name,
                direction,
                packet_number,
                logged: false,
            });
        }
    }

    /// Notes that a direction changed at `moment`.
    pub fn touch(&mut self, direction: Direction, moment: Moment) {
        if let Some(updated) = self.updated.get_mut(direction.index()) {
            *updated = true;
        }
        self.last = moment;
    }

    /// Moves a direction's progress forward, never back.
    pub fn advance(&mut self, direction: Direction, progress: u8) {
        if let Some(current) = self.progress.get_mut(direction.index()) {
            *current = progress.max(*current);
        }
    }

    /// Marks a direction finished.
    pub fn finish(&mut self, direction: Direction) {
        if let Some(complete) = self.complete.get_mut(direction.index()) {
            *complete = true;
        }
    }

    /// Whether both directions are finished.
    pub fn is_complete(&self) -> bool {
        self.complete == [true; 2]
    }
}

impl Transactions {
    /// Opens a transaction and returns it.
    pub fn open(&mut self, data: TxData, started: Moment) -> &mut Transaction {
        let id = self.next_id;
        self.next_id += 1;
        self.opened += 1;
        self.list.push_back(Transaction {
            id,
            data,
            progress: [0; 2],
            complete: [false; 2],
            events: Vec::new(),
            files: Vec::new(),
            started,
            last: started,
            logged: false,
            updated: [true; 2],
            inspected: [false; 2],
        });
        let last = self.list.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "one was pushed just above")]
        &mut self.list[last]
    }

    /// Opens the transaction of a record.
    pub fn open_record(&mut self, record: impl Record, started: Moment) -> &mut Transaction {
        self.open(TxData::Record(Box::new(record)), started)
    }

    /// Opens the transaction of one message that is complete in itself and went one way.
    pub fn open_message(
        &mut self,
        record: impl Record,
        direction: Direction,
        started: Moment,
    ) -> &mut Transaction {
        let tx = self.open_record(record, started);
        tx.updated = [false; 2];
        tx.touch(direction, started);
        tx.finish_both();
        tx
    }

    /// The transaction with this number, unless it is finished and gone.
    pub fn find(&mut self, id: u64) -> Option<&mut Transaction> {
        if self.restarted {
            return self.list.iter_mut().rev().find(|tx| tx.id == id);
        }
        let first = self.list.front()?.id;
        let at = usize::try_from(id.checked_sub(first)?).ok()?;
        match self.list.get(at) {
            Some(tx) if tx.id == id => self.list.get_mut(at),
            _ => self.list.iter_mut().find(|tx| tx.id == id),
        }
    }

    /// The flow goes on in another protocol, whose transactions are numbered from 0 again.
    pub fn restart(&mut self) {
        self.restarted = true;
        self.next_id = 0;
    }

    /// The newest one.
    pub fn last_mut(&mut self) -> Option<&mut Transaction> {
        self.list.back_mut()
    }

    /// All open ones, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Transaction> {
        self.list.iter()
    }

    /// All open ones, oldest first.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Transaction> {
        self.list.iter_mut()
    }

    /// How many were ever opened (`flow.tx_cnt`).
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Drops those that are complete in both directions and that `is_done` lets go; clears the change marks of the rest.
    pub fn sweep(&mut self, mut is_done: impl FnMut(&Transaction) -> bool) {
        let gone = self.list.iter().any(|tx| tx.is_complete() && is_done(tx));
        if gone {
            self.list.retain(|tx| !(tx.is_complete() && is_done(tx)));
        }
        for tx in &mut self.list {
            tx.updated = [false; 2];
        }
    }

    /// Finishes all, at the end of the flow; returns the numbers of those that were open.
    pub fn finish_all(&mut self) -> SmallVec<[u64; 4]> {
        let open = self.list.iter_mut().filter(|tx| !tx.is_complete());
        open.map(|tx| {
            tx.complete = [true; 2];
            tx.id
        })
        .collect()
    }
}
