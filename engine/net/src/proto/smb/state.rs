//! What a connection has open: trees, files, pipes, and the transactions that wait for their answers.

use std::collections::BTreeMap;

use super::transaction::{Command, Detail, SmbTransaction, Status};
use crate::app::{AppContext, File, FileState, Transaction};
use crate::flow::Direction;
use crate::proto::dcerpc::Call;
use crate::proto::dcerpc::call::Bindings;
use crate::proto::dcerpc::pdu;

/// Trees, files and questions of one connection that are remembered, each.
const MAX_KNOWN: usize = 2048;
/// Transactions that wait for their answer or their file's end.
const MAX_OPEN: usize = 1024;

/// The negotiation of SMB 1, of which a connection has one: SMB 2 may answer it under another number.
const NEGOTIATE_1: Command = Command::One(0x72);

/// A share that was connected to.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) path: Vec<u8>,
    pub(super) pipe: bool,
}

/// A file or pipe that is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    pub(super) name: Vec<u8>,
    pub(super) share: Vec<u8>,
    pub(super) pipe: bool,
    pub(super) bindings: Bindings,
    /// Transactions of the data to the server and to the client, and where the next byte is expected.
    pub(super) files: [Option<(u64, u64)>; 2],
}

/// Where bytes of a file stand in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bulk {
    /// The file's transaction.
    pub(super) tx: u64,
    /// First byte within the record.
    pub(super) start: usize,
    pub(super) length: usize,
}

/// A message, as both versions see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    pub(super) command: Command,
    pub(super) status: Option<Status>,
    pub(super) session: u64,
    pub(super) tree: u32,
    pub(super) message: u64,
}

/// The state of one connection.
#[derive(Debug)]
pub(super) struct State {
    pub(super) dialect: String,
    pub(super) trees: BTreeMap<u32, Tree>,
    pub(super) open: BTreeMap<Vec<u8>, Open>,
    /// Files and offsets of reads that are not answered.
    pub(super) reads: BTreeMap<u64, (Vec<u8>, u64)>,
    /// The file that an earlier message of the same record asks to open: later ones mean it without knowing its number.
    pub(super) creating: Option<Vec<u8>>,
    /// Dialects that a client of SMB 1 offered.
    pub(super) offered: Vec<String>,
}

/// Adds to a map of bounded size; what is oldest by key goes.
pub(super) fn remember<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, key: K, value: V) {
    if map.len() >= MAX_KNOWN {
        map.pop_first();
    }
    map.insert(key, value);
}

impl Default for State {
    fn default() -> Self {
        Self {
            dialect: "unknown".to_owned(),
            trees: BTreeMap::new(),
            open: BTreeMap::new(),
            reads: BTreeMap::new(),
            creating: None,
            offered: Vec::new(),
        }
    }
}

impl State {
    /// Opens a transaction of a request.
    pub(super) fn begin<'t>(
        &self,
        envelope: Envelope,
        detail: Detail,
        cx: &'t mut AppContext<'_>,
    ) -> Option<&'t mut Transaction> {
        if cx.transactions.len() >= MAX_OPEN {
            let (packet_number, direction) = (cx.packet_number, Direction::ToServer);
            if let Some(tx) = cx.transactions.last_mut() {
                tx.event("too_many_transactions", direction, packet_number);
            }
            return None;
        }
        let moment = cx.moment();
        let record = SmbTransaction {
            id: 0,
            command: envelope.command,
            dialect: self.dialect.clone(),
            status: None,
            session: envelope.session,
            tree: envelope.tree,
            message: envelope.message,
            detail,
            asked: true,
        };
        let tx = cx.transactions.open_record(record, moment);
        let id = tx.id;
        tx.updated = [false; 2];
        tx.touch(Direction::ToServer, moment);
        tx.finish(Direction::ToServer);
        if let Some(record) = tx.record_mut::<SmbTransaction>() {
            record.id = id;
        }
        Some(tx)
    }

    /// The transaction that an answer belongs to, brought up to date and finished.
    pub(super) fn answer<'t>(
        &self,
        envelope: Envelope,
        cx: &'t mut AppContext<'_>,
    ) -> Option<&'t mut SmbTransaction> {
        let moment = cx.moment();
        let waits = |tx: &&Transaction| {
            !tx.is_complete()
                && tx.record::<SmbTransaction>().is_some_and(|smb| {
                    let same = smb.message == envelope.message || envelope.command == NEGOTIATE_1;
                    same && smb.command == envelope.command
                        && !matches!(smb.detail, Detail::File { .. } | Detail::Rpc(_))
                })
        };
        let id = cx.transactions.iter().rev().find(waits)?.id;
        let tx = cx.transactions.find(id)?;
        tx.touch(Direction::ToClient, moment);
        tx.finish(Direction::ToClient);
        let smb = tx.record_mut::<SmbTransaction>()?;
        smb.status = envelope.status;
        smb.dialect.clone_from(&self.dialect);
        if envelope.tree != 0 {
            smb.tree = envelope.tree;
        }
        if smb.session == 0 {
            smb.session = envelope.session;
        }
        Some(smb)
    }

    pub(super) fn is_pipe(&self, fuid: &[u8], tree: u32) -> bool {
        match self.open.get(fuid) {
            Some(open) => open.pipe,
            None => self.trees.get(&tree).is_some_and(|tree| tree.pipe),
        }
    }

    /// Bytes of a file begin at `offset`: the file's transaction, opened if need be.
    pub(super) fn file(
        &mut self,
        envelope: Envelope,
        fuid: &[u8],
        direction: Direction,
        (offset, length): (u64, usize),
        cx: &mut AppContext<'_>,
    ) -> Option<u64> {
        let share = self.trees.get(&envelope.tree).map(|tree| tree.path.clone());
        if !self.open.contains_key(fuid) {
            let unknown = Open {
                share: share.unwrap_or_default(),
                ..Open::default()
            };
            remember(&mut self.open, fuid.to_vec(), unknown);
        }
        let (name, share, known) = {
            let open = self.open.get(fuid)?;
            let known = open.files.get(direction.index()).copied().flatten();
            (open.name.clone(), open.share.clone(), known)
        };
        let (id, expected) = match known {
            Some(known) => known,
            None => {
                let detail = Detail::File {
                    name: name.clone(),
                    share,
                    fuid: fuid.to_vec(),
                };
                let (window, hashes) = (cx.config.file_window_bytes, cx.config.file_hashes());
                let tx = self.begin(envelope, detail, cx)?;
                tx.complete = [false; 2];
                tx.files.push(File::new(name, direction, window, hashes));
                (tx.id, 0)
            }
        };
        let (moment, packet_number) = (cx.moment(), cx.packet_number);
        let tx = cx.transactions.find(id)?;
        tx.touch(direction, moment);
        if let Some(smb) = tx.record_mut::<SmbTransaction>() {
            smb.status = Some(Status::Nt(0));
        }
        let at = offset.max(expected);
        if offset < expected {
            tx.event("file_overlap", direction, packet_number);
        } else if offset > expected
            && let Some(file) = tx.files.first_mut()
        {
            file.gap(offset - expected);
        }
        if let Some(open) = self.open.get_mut(fuid)
            && let Some(place) = open.files.get_mut(direction.index())
        {
            *place = Some((id, at.saturating_add(length as u64)));
        }
        Some(id)
    }

    /// A file or pipe is closed: its transactions are finished.
    pub(super) fn close(&mut self, fuid: &[u8], cx: &mut AppContext<'_>) {
        let Some(open) = self.open.remove(fuid) else {
            return;
        };
        let moment = cx.moment();
        for (id, _) in open.files.into_iter().flatten() {
            let Some(tx) = cx.transactions.find(id) else {
                continue;
            };
            for file in &mut tx.files {
                file.close(FileState::Closed);
            }
            tx.finish_both();
            for direction in Direction::BOTH {
                tx.touch(direction, moment);
            }
        }
    }

    /// Bytes that the client wrote to a pipe.
    pub(super) fn pipe_request(
        &mut self,
        envelope: Envelope,
        fuid: &[u8],
        bytes: &[u8],
        cx: &mut AppContext<'_>,
    ) {
        if !self.open.contains_key(fuid) {
            let pipe = Open {
                pipe: true,
                ..Open::default()
            };
            remember(&mut self.open, fuid.to_vec(), pipe);
        }
        let Some(pdu) =
            pdu::parse(bytes).filter(|pdu| matches!(pdu.kind, pdu::REQUEST | pdu::BIND | pdu::ALTER))
        else {
            return;
        };
        let Some(open) = self.open.get(fuid) else { return };
        let call = Call::begin(&pdu, &open.bindings);
        let begun = self.begin(envelope, Detail::Rpc(Box::new(call)), cx);
        if let Some(smb) = begun.and_then(|tx| tx.record_mut::<SmbTransaction>()) {
            smb.status = Some(Status::Nt(0));
        }
    }

    /// Bytes that the server sent on a pipe.
    pub(super) fn pipe_answer(
        &mut self,
        envelope: Envelope,
        fuid: &[u8],
        bytes: &[u8],
        cx: &mut AppContext<'_>,
    ) {
        let Some(pdu) = pdu::parse(bytes) else { return };
        let moment = cx.moment();
        let waits = |tx: &&Transaction| {
            !tx.is_complete()
                && tx
                    .record::<SmbTransaction>()
                    .is_some_and(|smb| matches!(&smb.detail, Detail::Rpc(call) if call.id == pdu.call))
        };
        let Some(id) = cx.transactions.iter().rev().find(waits).map(|tx| tx.id) else {
            return;
        };
        let (Some(tx), Some(open)) = (cx.transactions.find(id), self.open.get_mut(fuid)) else {
            return;
        };
        tx.touch(Direction::ToClient, moment);
        let Some(smb) = tx.record_mut::<SmbTransaction>() else {
            return;
        };
        smb.status = envelope.status.or(smb.status);
        let Detail::Rpc(call) = &mut smb.detail else {
            return;
        };
        call.server(&pdu, &mut open.bindings);
        tx.finish(Direction::ToClient);
    }
}
