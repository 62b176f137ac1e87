//! Messages of SMB 2 and 3 (MS-SMB2).

use super::fields::{slice_at, u8_at, u16_at, u32_at, u64_at, unix_seconds};
use super::names;
use super::ntlmssp;
use super::state::{Bulk, Envelope, Open, State, Tree, remember};
use super::transaction::{Command, Create, Detail, Status};
use crate::app::AppContext;
use crate::flow::Direction;
use crate::proto::le_text::utf16;

/// Bytes of the header.
const HEADER: usize = 64;
/// The message is an answer (flags).
const ANSWER: u32 = 1;
/// The message has an asynchronous number where the tree would be.
const ASYNC: u32 = 2;
const PENDING: u32 = 0x103;

const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;
const TREE_CONNECT: u16 = 3;
const TREE_DISCONNECT: u16 = 4;
const CREATE: u16 = 5;
const CLOSE: u16 = 6;
const READ: u16 = 8;
const WRITE: u16 = 9;
const IOCTL: u16 = 11;
const CANCEL: u16 = 12;
const GET_INFO: u16 = 16;
const SET_INFO: u16 = 17;
const OPLOCK_BREAK: u16 = 18;

/// Control code of a write and read on a pipe at once.
const TRANSCEIVE: u32 = 0x0011_c017;

struct Header {
    command: u16,
    status: u32,
    flags: u32,
    next: usize,
    envelope: Envelope,
}

fn header(bytes: &[u8]) -> Option<Header> {
    if !bytes.starts_with(b"\xfeSMB") || bytes.len() < HEADER {
        return None;
    }
    let (status, command, flags) = (u32_at(bytes, 8)?, u16_at(bytes, 12)?, u32_at(bytes, 16)?);
    Some(Header {
        command,
        status,
        flags,
        next: u32_at(bytes, 20)? as usize,
        envelope: Envelope {
            command: Command::Two(command),
            status: Some(Status::Nt(status)),
            session: u64_at(bytes, 40)?,
            tree: if flags & ASYNC == 0 { u32_at(bytes, 36)? } else { 0 },
            message: u64_at(bytes, 24)?,
        },
    })
}

/// Whether the head of a record announces bytes of a file that need not be held until they are whole.
pub(super) fn is_bulk(record: &[u8], state: &State) -> bool {
    let Some(header) = header(record).filter(|header| header.next == 0) else {
        return false;
    };
    let Some(body) = record.get(HEADER..) else {
        return false;
    };
    match (header.command, header.flags & ANSWER != 0) {
        (WRITE, false) => {
            slice_at(body, 16, 16).is_some_and(|fuid| !state.is_pipe(fuid, header.envelope.tree))
        }
        (READ, true) => {
            let asked = state.reads.get(&header.envelope.message);
            body.len() >= 16 && asked.is_some_and(|(fuid, _)| !state.is_pipe(fuid, 0))
        }
        _ => false,
    }
}

/// Takes one record, which may hold several messages; bytes of files are left to the caller.
pub(super) fn record(bytes: &[u8], state: &mut State, cx: &mut AppContext<'_>, bulks: &mut Vec<Bulk>) {
    let mut start = 0;
    state.creating = None;
    while let Some(rest) = bytes.get(start..)
        && let Some(header) = header(rest)
    {
        let whole = if header.next == 0 {
            rest
        } else {
            rest.get(..header.next).unwrap_or(rest)
        };
        let bulk = if header.flags & ANSWER == 0 {
            request(&header, whole, state, cx)
        } else {
            answer(&header, whole, state, cx)
        };
        bulks.extend(bulk.map(|bulk| Bulk {
            start: bulk.start + start,
            ..bulk
        }));
        if header.next < HEADER {
            return;
        }
        start += header.next;
    }
}

fn request(header: &Header, message: &[u8], state: &mut State, cx: &mut AppContext<'_>) -> Option<Bulk> {
    let body = message.get(HEADER..)?;
    let envelope = header.envelope;
    let detail = match header.command {
        NEGOTIATE => negotiate(body),
        SESSION_SETUP => Detail::Session {
            ntlmssp: blob(message, body, 12)
                .and_then(ntlmssp::find)
                .filter(|who| who.authenticates),
            request: None,
            response: None,
        },
        TREE_CONNECT => Detail::Tree {
            path: utf16(blob(message, body, 4)?),
            kind: 0,
            service: None,
        },
        TREE_DISCONNECT => {
            state.trees.remove(&envelope.tree);
            Detail::Generic
        }
        CREATE => {
            let create = create(message, body)?;
            state.creating = Some(create.name.clone());
            Detail::Create(create)
        }
        CLOSE => {
            state.close(slice_at(body, 8, 16)?, cx);
            Detail::Generic
        }
        READ => {
            remember(
                &mut state.reads,
                envelope.message,
                (slice_at(body, 16, 16)?.to_vec(), u64_at(body, 8)?),
            );
            return None;
        }
        WRITE => return write(envelope, message, body, state, cx),
        IOCTL => {
            let (code, fuid) = (u32_at(body, 4)?, slice_at(body, 8, 16)?);
            if code == TRANSCEIVE {
                let input = slice_at(message, u32_at(body, 24)? as usize, u32_at(body, 28)? as usize)?;
                remember(&mut state.reads, envelope.message, (fuid.to_vec(), 0));
                state.pipe_request(envelope, fuid, input, cx);
                return None;
            }
            Detail::Ioctl(code)
        }
        SET_INFO => set_info(message, body, state)?,
        GET_INFO | CANCEL | OPLOCK_BREAK => return None,
        _ => Detail::Generic,
    };
    state.begin(envelope, detail, cx);
    None
}

/// A stretch whose offset and length stand at `at`.
fn blob<'a>(message: &'a [u8], body: &[u8], at: usize) -> Option<&'a [u8]> {
    slice_at(message, u16_at(body, at)?.into(), u16_at(body, at + 2)?.into())
}

fn negotiate(body: &[u8]) -> Detail {
    let count = u16_at(body, 2).unwrap_or(0).min(64);
    let dialects = (0..usize::from(count)).filter_map(|index| u16_at(body, 36 + 2 * index));
    Detail::Negotiate {
        dialects: dialects.map(names::dialect).collect(),
        client_guid: slice_at(body, 12, 16).and_then(|guid| guid.try_into().ok()),
        server_guid: None,
    }
}

fn create(message: &[u8], body: &[u8]) -> Option<Create> {
    let options = u32_at(body, 40)?;
    Some(Create {
        name: utf16(blob(message, body, 44).unwrap_or_default()),
        disposition: u32_at(body, 36)?,
        delete_on_close: options & 0x1000 != 0,
        directory: options & 1 != 0,
        ..Create::default()
    })
}

fn write(
    envelope: Envelope,
    message: &[u8],
    body: &[u8],
    state: &mut State,
    cx: &mut AppContext<'_>,
) -> Option<Bulk> {
    let (start, length) = (usize::from(u16_at(body, 2)?), u32_at(body, 4)? as usize);
    let (offset, fuid) = (u64_at(body, 8)?, slice_at(body, 16, 16)?);
    if state.is_pipe(fuid, envelope.tree) {
        state.pipe_request(envelope, fuid, slice_at(message, start, length)?, cx);
        return None;
    }
    let tx = state.file(envelope, fuid, Direction::ToServer, (offset, length), cx)?;
    Some(Bulk { tx, start, length })
}

/// Renames and deletions; other settings of a file are not shown.
fn set_info(message: &[u8], body: &[u8], state: &State) -> Option<Detail> {
    let (kind, class) = (u8_at(body, 2)?, u8_at(body, 3)?);
    let (length, offset) = (u32_at(body, 4)? as usize, usize::from(u16_at(body, 8)?));
    let fuid = slice_at(body, 16, 16)?.to_vec();
    let buffer = slice_at(message, offset, length)?;
    let name = match state.open.get(&fuid) {
        Some(open) => open.name.clone(),
        None if fuid == [0xff; 16] => state.creating.clone().unwrap_or_default(),
        None => Vec::new(),
    };
    match (kind, class) {
        (1, 0x0a) => Some(Detail::Rename {
            from: name,
            to: utf16(slice_at(buffer, 20, u32_at(buffer, 16)? as usize)?),
            fuid,
        }),
        (1, 0x0d) => Some(Detail::SetInfo {
            name,
            delete_on_close: u8_at(buffer, 0)? & 1 != 0,
            class: "FILE_INFO",
            level: "SMB2_FILE_DISPOSITION_INFO",
            fuid,
        }),
        _ => None,
    }
}

fn answer(header: &Header, message: &[u8], state: &mut State, cx: &mut AppContext<'_>) -> Option<Bulk> {
    // The real answer is still to come.
    if header.status == PENDING && header.flags & ASYNC != 0 {
        return None;
    }
    let body = message.get(HEADER..)?;
    let mut envelope = header.envelope;
    match header.command {
        READ => return read_answer(envelope, message, body, state, cx),
        IOCTL if state.reads.contains_key(&envelope.message) => {
            let (fuid, _) = state.reads.remove(&envelope.message)?;
            let output = slice_at(message, u32_at(body, 32)? as usize, u32_at(body, 36)? as usize)?;
            state.pipe_answer(envelope, &fuid, output, cx);
            return None;
        }
        NEGOTIATE => {
            if let Some(revision) = u16_at(body, 4).filter(|_| header.status == 0) {
                state.dialect = names::dialect(revision);
            }
            // A client of SMB 1 may have asked.
            if envelope.message == 0 && !state.offered.is_empty() {
                state.offered.clear();
                envelope.command = Command::One(0x72);
            }
        }
        _ => {}
    }
    let of_request = state.answer(envelope, cx)?;
    let tree = of_request.tree;
    match &mut of_request.detail {
        Detail::Negotiate { server_guid, .. } => {
            *server_guid = slice_at(body, 8, 16).and_then(|guid| guid.try_into().ok());
        }
        Detail::Tree { path, kind, .. } if header.status == 0 => {
            *kind = u8_at(body, 2)?;
            let connected = Tree {
                path: path.clone(),
                pipe: *kind == 2,
            };
            remember(&mut state.trees, tree, connected);
        }
        Detail::Create(create) if header.status == 0 => {
            for (time, at) in create.times.iter_mut().zip([8, 16, 24, 32]) {
                *time = unix_seconds(u64_at(body, at)?);
            }
            create.size = u64_at(body, 48)?;
            create.fuid = slice_at(body, 64, 16)?.to_vec();
            let tree = state.trees.get(&tree);
            let opened = Open {
                name: create.name.clone(),
                share: tree.map(|tree| tree.path.clone()).unwrap_or_default(),
                pipe: tree.map_or(create.times == [0; 4] && create.size == 0, |tree| tree.pipe),
                ..Open::default()
            };
            let fuid = create.fuid.clone();
            remember(&mut state.open, fuid, opened);
        }
        _ => {}
    }
    None
}

fn read_answer(
    envelope: Envelope,
    message: &[u8],
    body: &[u8],
    state: &mut State,
    cx: &mut AppContext<'_>,
) -> Option<Bulk> {
    let (fuid, offset) = state.reads.remove(&envelope.message)?;
    if !matches!(envelope.status, Some(Status::Nt(0 | 0x8000_0005))) {
        return None;
    }
    let (start, length) = (usize::from(u8_at(body, 2)?), u32_at(body, 4)? as usize);
    if state.is_pipe(&fuid, envelope.tree) {
        state.pipe_answer(envelope, &fuid, slice_at(message, start, length)?, cx);
        return None;
    }
    let tx = state.file(envelope, &fuid, Direction::ToClient, (offset, length), cx)?;
    Some(Bulk { tx, start, length })
}
