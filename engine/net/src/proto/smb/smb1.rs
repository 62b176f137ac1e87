//! Messages of SMB 1 (MS-CIFS, MS-SMB).

use super::fields::{slice_at, u8_at, u16_at, u32_at, u64_at, unix_seconds};
use super::ntlmssp;
use super::state::{Bulk, Envelope, Open, State, Tree, remember};
use super::transaction::{Command, Create, Detail, Status};
use crate::app::AppContext;
use crate::flow::Direction;
use crate::proto::le_text::utf16;

/// Bytes of the header.
const HEADER: usize = 32;
/// The message is an answer (flags).
const ANSWER: u8 = 0x80;
/// Status codes are those of NT, names are UTF-16, security is extended (flags 2).
const NT_STATUS: u16 = 0x4000;
const UNICODE: u16 = 0x8000;
const EXTENDED: u16 = 0x0800;

const CLOSE: u8 = 0x04;
const TRANS: u8 = 0x25;
const READ_ANDX: u8 = 0x2e;
const WRITE_ANDX: u8 = 0x2f;
const NEGOTIATE: u8 = 0x72;
const SESSION_SETUP: u8 = 0x73;
const TREE_CONNECT: u8 = 0x75;
const NT_CREATE: u8 = 0xa2;
/// No further command in a chain.
const NONE: u8 = 0xff;
/// Commands of one chain that are followed.
const MAX_CHAIN: usize = 8;

struct Message<'a> {
    whole: &'a [u8],
    command: u8,
    flags2: u16,
    failed: bool,
    words: &'a [u8],
    bytes: &'a [u8],
    /// Where `bytes` begins in the message.
    bytes_at: usize,
    envelope: Envelope,
}

impl Message<'_> {
    fn text(&self, bytes: &[u8]) -> Vec<u8> {
        if self.flags2 & UNICODE != 0 {
            utf16(bytes)
        } else {
            bytes.to_vec()
        }
    }

    /// Texts that end with a zero, from a place in `bytes`; UTF-16 is aligned to the message.
    fn texts(&self, mut at: usize, count: usize) -> Vec<Vec<u8>> {
        let wide = self.flags2 & UNICODE != 0;
        if wide && (self.bytes_at + at) % 2 == 1 {
            at += 1;
        }
        let mut rest = self.bytes.get(at..).unwrap_or_default();
        let mut texts = Vec::new();
        while texts.len() < count {
            let end = if wide {
                rest.chunks_exact(2)
                    .position(|unit| unit == [0, 0])
                    .map(|unit| unit * 2)
            } else {
                memchr::memchr(0, rest)
            };
            let end = end.unwrap_or(rest.len());
            texts.push(self.text(rest.get(..end).unwrap_or_default()));
            rest = rest.get(end + if wide { 2 } else { 1 }..).unwrap_or_default();
        }
        texts
    }
}

fn status(bytes: &[u8], flags2: u16) -> Option<Status> {
    Some(if flags2 & NT_STATUS != 0 {
        Status::Nt(u32_at(bytes, 5)?)
    } else {
        match (u8_at(bytes, 5)?, u16_at(bytes, 7)?) {
            (0, 0) => Status::Nt(0),
            (class, code) => Status::Dos(class, code),
        }
    })
}

/// The message whose parameters begin at `at`.
fn message(whole: &[u8], command: u8, at: usize) -> Option<Message<'_>> {
    let flags2 = u16_at(whole, 10)?;
    let status = status(whole, flags2);
    let count = usize::from(u8_at(whole, at)?) * 2;
    let words = slice_at(whole, at + 1, count)?;
    let bytes_at = at + 3 + count;
    let length = usize::from(u16_at(whole, at + 1 + count).unwrap_or(0));
    let bytes = whole.get(bytes_at..).unwrap_or_default();
    let (pid, mid) = (u16_at(whole, 26)?, u16_at(whole, 30)?);
    Some(Message {
        whole,
        command,
        flags2,
        failed: status != Some(Status::Nt(0)),
        words,
        bytes: bytes.get(..length).unwrap_or(bytes),
        bytes_at,
        envelope: Envelope {
            command: Command::One(command),
            status,
            session: u16_at(whole, 28)?.into(),
            tree: u16_at(whole, 24)?.into(),
            message: u64::from(pid) << 16 | u64::from(mid),
        },
    })
}

/// Whether the head of a record announces bytes of a file that need not be held until they are whole.
pub(super) fn is_bulk(record: &[u8], state: &State) -> bool {
    let (Some(command), Some(flags)) = (u8_at(record, 4), u8_at(record, 9)) else {
        return false;
    };
    let Some(message) = message(record, command, HEADER) else {
        return false;
    };
    match (command, flags & ANSWER != 0) {
        (WRITE_ANDX, false) => {
            slice_at(message.words, 4, 2).is_some_and(|fid| !state.is_pipe(fid, message.envelope.tree))
        }
        (READ_ANDX, true) => {
            let asked = state.reads.get(&message.envelope.message);
            asked.is_some_and(|(fid, _)| !state.is_pipe(fid, 0))
        }
        _ => false,
    }
}

/// Takes one record; commands may be chained (AndX). Bytes of files are left to the caller.
pub(super) fn record(whole: &[u8], state: &mut State, cx: &mut AppContext<'_>, bulks: &mut Vec<Bulk>) {
    let (Some(mut command), Some(flags)) = (u8_at(whole, 4), u8_at(whole, 9)) else {
        return;
    };
    let mut at = HEADER;
    for _ in 0..MAX_CHAIN {
        let Some(message) = message(whole, command, at) else {
            return;
        };
        let bulk = if flags & ANSWER == 0 {
            request(&message, state, cx)
        } else {
            answer(&message, state, cx)
        };
        bulks.extend(bulk);
        let chained = matches!(
            command,
            SESSION_SETUP | TREE_CONNECT | NT_CREATE | READ_ANDX | WRITE_ANDX | 0x24 | 0x2d | 0x74
        );
        match (u8_at(message.words, 0), u16_at(message.words, 2)) {
            (Some(next), Some(offset)) if chained && next != NONE && usize::from(offset) > at => {
                (command, at) = (next, offset.into());
            }
            _ => return,
        }
    }
}

fn request(message: &Message<'_>, state: &mut State, cx: &mut AppContext<'_>) -> Option<Bulk> {
    let (words, envelope) = (message.words, message.envelope);
    let detail = match message.command {
        NEGOTIATE => {
            let dialects = message.bytes.split(|byte| *byte == 0).take(64);
            state.offered = dialects
                .filter_map(|dialect| dialect.strip_prefix(b"\x02"))
                .map(crate::proto::text)
                .collect();
            Detail::Negotiate {
                dialects: state.offered.clone(),
                client_guid: None,
                server_guid: None,
            }
        }
        SESSION_SETUP => session_request(message),
        TREE_CONNECT => {
            let password = usize::from(u16_at(words, 6)?);
            let path = message.texts(password, 1).pop()?;
            let tail = message
                .bytes
                .rsplit(|byte| *byte == 0)
                .find(|part| !part.is_empty());
            Detail::Tree {
                path,
                kind: 0,
                service: tail.map(<[u8]>::to_vec),
            }
        }
        NT_CREATE => Detail::Create(Create {
            name: {
                let length = usize::from(u16_at(words, 5)?);
                let odd = message.flags2 & UNICODE != 0 && message.bytes_at % 2 == 1;
                let name = message.bytes.get(usize::from(odd)..).unwrap_or_default();
                let name = message.text(name.get(..length).unwrap_or(name));
                name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
            },
            disposition: u32_at(words, 35)?,
            delete_on_close: u32_at(words, 39)? & 0x1000 != 0,
            directory: u32_at(words, 39)? & 1 != 0,
            ..Create::default()
        }),
        CLOSE => {
            state.close(slice_at(words, 0, 2)?, cx);
            Detail::Generic
        }
        READ_ANDX => {
            let high = u64::from(u32_at(words, 20).unwrap_or(0));
            let offset = high << 32 | u64::from(u32_at(words, 6)?);
            remember(
                &mut state.reads,
                envelope.message,
                (slice_at(words, 4, 2)?.to_vec(), offset),
            );
            return None;
        }
        WRITE_ANDX => return write(message, state, cx),
        TRANS if u16_at(words, 28) == Some(0x26) => {
            let fid = slice_at(words, 30, 2)?;
            let data = slice_at(
                message.whole,
                u16_at(words, 24)?.into(),
                u16_at(words, 22)?.into(),
            )?;
            remember(&mut state.reads, envelope.message, (fid.to_vec(), 0));
            state.pipe_request(envelope, fid, data, cx);
            return None;
        }
        _ => Detail::Generic,
    };
    state.begin(envelope, detail, cx);
    None
}

fn pair(mut texts: Vec<Vec<u8>>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (second, first) = (texts.pop()?, texts.pop()?);
    Some((first, second))
}

fn session_request(message: &Message<'_>) -> Detail {
    let words = message.words;
    let length = |at| u16_at(words, at).map_or(0, usize::from);
    let (found, names) = if words.len() == 24 {
        let blob = length(14);
        let found = message.bytes.get(..blob).and_then(ntlmssp::find);
        (found, pair(message.texts(blob, 2)))
    } else {
        let mut texts = message.texts(length(14) + length(16), 4);
        let names = pair(texts.split_off(2.min(texts.len())));
        let who = pair(texts).map(|(user, domain)| ntlmssp::Ntlmssp {
            domain,
            user,
            ..Default::default()
        });
        (
            who.map(|who| ntlmssp::Ntlmssp {
                authenticates: true,
                ..who
            }),
            names,
        )
    };
    Detail::Session {
        ntlmssp: found.filter(|who| who.authenticates),
        request: names,
        response: None,
    }
}

fn write(message: &Message<'_>, state: &mut State, cx: &mut AppContext<'_>) -> Option<Bulk> {
    let words = message.words;
    let fid = slice_at(words, 4, 2)?;
    let offset = u64::from(u32_at(words, 24).unwrap_or(0)) << 32 | u64::from(u32_at(words, 6)?);
    let length = usize::from(u16_at(words, 18)?) << 16 | usize::from(u16_at(words, 20)?);
    let start = usize::from(u16_at(words, 22)?);
    if state.is_pipe(fid, message.envelope.tree) {
        let data = slice_at(message.whole, start, length)?;
        state.pipe_request(message.envelope, fid, data, cx);
        return None;
    }
    let tx = state.file(message.envelope, fid, Direction::ToServer, (offset, length), cx)?;
    Some(Bulk { tx, start, length })
}

fn answer(message: &Message<'_>, state: &mut State, cx: &mut AppContext<'_>) -> Option<Bulk> {
    let (words, envelope) = (message.words, message.envelope);
    match message.command {
        READ_ANDX => return read_answer(message, state, cx),
        TRANS if state.reads.contains_key(&envelope.message) => {
            let (fid, _) = state.reads.remove(&envelope.message)?;
            let data = slice_at(
                message.whole,
                u16_at(words, 14)?.into(),
                u16_at(words, 12)?.into(),
            )?;
            state.pipe_answer(envelope, &fid, data, cx);
            return None;
        }
        NEGOTIATE => {
            let chosen = u16_at(words, 0).map(usize::from);
            if let Some(dialect) = chosen.and_then(|at| state.offered.get(at)) {
                state.dialect.clone_from(dialect);
            }
            state.offered.clear();
        }
        _ => {}
    }
    let of_request = state.answer(envelope, cx)?;
    match &mut of_request.detail {
        Detail::Negotiate { server_guid, .. } if message.flags2 & EXTENDED != 0 && words.len() == 34 => {
            *server_guid = slice_at(message.bytes, 0, 16).and_then(|guid| guid.try_into().ok());
        }
        Detail::Session { response, .. } => {
            let blob = if words.len() == 8 {
                u16_at(words, 6).map_or(0, usize::from)
            } else {
                0
            };
            if !message.bytes.is_empty() {
                *response = pair(message.texts(blob, 2));
            }
        }
        Detail::Tree { path, kind, .. } if !message.failed => {
            let pipe = message.bytes.starts_with(b"IPC\0");
            *kind = if pipe { 2 } else { 1 };
            let connected = Tree {
                path: path.clone(),
                pipe,
            };
            remember(&mut state.trees, envelope.tree, connected);
        }
        Detail::Create(create) if !message.failed => {
            for (time, at) in create.times.iter_mut().zip([11, 19, 27, 35]) {
                *time = unix_seconds(u64_at(words, at)?);
            }
            create.size = u64_at(words, 55)?;
            create.fuid = slice_at(words, 5, 2)?.to_vec();
            let tree = state.trees.get(&envelope.tree);
            let opened = Open {
                name: create.name.clone(),
                share: tree.map(|tree| tree.path.clone()).unwrap_or_default(),
                pipe: tree.is_some_and(|tree| tree.pipe),
                ..Open::default()
            };
            let fid = create.fuid.clone();
            remember(&mut state.open, fid, opened);
        }
        _ => {}
    }
    None
}

fn read_answer(message: &Message<'_>, state: &mut State, cx: &mut AppContext<'_>) -> Option<Bulk> {
    let (fid, offset) = state.reads.remove(&message.envelope.message)?;
    if message.failed {
        return None;
    }
    let words = message.words;
    let length = usize::from(u16_at(words, 14)?) << 16 | usize::from(u16_at(words, 10)?);
    let start = usize::from(u16_at(words, 12)?);
    if state.is_pipe(&fid, message.envelope.tree) {
        let data = slice_at(message.whole, start, length)?;
        state.pipe_answer(message.envelope, &fid, data, cx);
        return None;
    }
    let tx = state.file(message.envelope, &fid, Direction::ToClient, (offset, length), cx)?;
    Some(Bulk { tx, start, length })
}
