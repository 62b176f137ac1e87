//! A message body on its way: framing undone, codings undone, kept for inspection, and turned into files.

use super::chunked::{Chunk, ChunkReader, looks_chunked};
use super::coding::{CodingFaults, Decoder};
use super::multipart::{Multipart, Piece};
use super::transaction::Body;
use crate::app::{File, FileHashes, FileState};
use crate::flow::Direction;

/// Files of one multipart body; further parts are only body bytes.
const MAX_FILES: usize = 64;

/// How the end of a body is found.
#[derive(Debug)]
pub(super) enum Framing {
    /// So many bytes are still to come.
    Length(u64),
    /// Until the sender closes.
    Close,
    /// The header says chunked; whether it is, its first bytes tell. Else the length, when one was given, or close.
    Promised(Option<u64>),
    /// In chunks.
    Chunked(ChunkReader),
}

/// Where a body's bytes go.
pub(super) struct BodySink<'a> {
    pub(super) body: &'a mut Body,
    pub(super) files: &'a mut Vec<File>,
}

/// What happened to a body so far that is worth an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BodyFaults {
    /// A chunk size that is no number, or chunks promised and not sent.
    pub(super) invalid_chunk: bool,
    /// A chunk extension.
    pub(super) chunk_extension: bool,
    pub(super) coding: CodingFaults,
}

/// What makes a body's file.
#[derive(Debug)]
pub(super) struct FilePlan {
    pub(super) name: Vec<u8>,
    pub(super) range: Option<(u64, u64)>,
    pub(super) hashes: FileHashes,
    pub(super) window: usize,
}

/// Reads one body.
#[derive(Debug)]
pub(super) struct BodyReader {
    pub(super) framing: Framing,
    pub(super) direction: Direction,
    pub(super) decoder: Option<Decoder>,
    pub(super) multipart: Option<Multipart>,
    pub(super) plan: FilePlan,
    /// Bytes of the body that are kept.
    pub(super) limit: usize,
    pub(super) faults: BodyFaults,
    /// Whether the body is its own file (and that file was begun).
    pub(super) file_open: bool,
}

/// What a step over the input found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyStep {
    /// More input is needed.
    More,
    /// The body is over; what is left of the input belongs to the next message.
    Over,
}

impl BodyReader {
    /// Takes what belongs to the body from the front of `input`.
    pub(super) fn push(&mut self, input: &mut &[u8], sink: &mut BodySink<'_>) -> BodyStep {
        loop {
            match &mut self.framing {
                Framing::Close => {
                    let bytes = std::mem::take(input);
                    self.deliver(bytes, sink);
                    return BodyStep::More;
                }
                Framing::Length(left) => {
                    let take = (*left).min(input.len() as u64);
                    *left -= take;
                    let over = *left == 0;
                    let (bytes, rest) = input.split_at(take as usize);
                    *input = rest;
                    self.deliver(bytes, sink);
                    return if over { BodyStep::Over } else { BodyStep::More };
                }
                Framing::Promised(length) => match looks_chunked(input) {
                    None => return BodyStep::More,
                    Some(true) => self.framing = Framing::Chunked(ChunkReader::default()),
                    Some(false) => {
                        self.faults.invalid_chunk = true;
                        self.framing = length.map_or(Framing::Close, Framing::Length);
                    }
                },
                Framing::Chunked(reader) => {
                    let step = reader.next(input);
                    self.faults.chunk_extension |= reader.extension;
                    match step {
                        Chunk::Data(bytes) => self.deliver(bytes, sink),
                        Chunk::More => return BodyStep::More,
                        Chunk::Last => self.close_file(FileState::Closed, sink),
                        Chunk::End => return BodyStep::Over,
                        Chunk::Broken(bytes) => {
                            self.faults.invalid_chunk = true;
                            self.framing = Framing::Close;
                            self.deliver(&bytes, sink);
                        }
                    }
                }
            }
        }
    }

    /// Body bytes as sent, without framing.
    fn deliver(&mut self, bytes: &[u8], sink: &mut BodySink<'_>) {
        if bytes.is_empty() {
            return;
        }
        sink.body.sent_bytes += bytes.len() as u64;
        let Some(mut decoder) = self.decoder.take() else {
            self.store(bytes, sink);
            return;
        };
        decoder.push(bytes, &mut |decoded| self.store(decoded, sink));
        self.faults.coding = decoder.faults;
        self.decoder = Some(decoder);
    }

    /// Decoded bytes.
    fn store(&mut self, bytes: &[u8], sink: &mut BodySink<'_>) {
        sink.body.push(bytes, self.limit);
        if let Some(multipart) = &mut self.multipart {
            let mut pieces = Vec::new();
            multipart.push(bytes, &mut pieces);
            self.parts(pieces, sink.files);
            return;
        }
        if !self.file_open {
            self.file_open = true;
            let plan = &mut self.plan;
            let mut file = File::new(
                std::mem::take(&mut plan.name),
                self.direction,
                plan.window,
                plan.hashes.clone(),
            );
            file.range = plan.range;
            sink.files.push(file);
        }
        if let Some(file) = self.own_file(sink.files) {
            file.push(bytes);
        }
    }

    fn parts(&self, pieces: Vec<Piece>, files: &mut Vec<File>) {
        for piece in pieces {
            match piece {
                Piece::File(name) if files.len() < MAX_FILES => {
                    let mut name = name;
                    name.truncate(4096);
                    files.push(File::new(
                        name,
                        self.direction,
                        self.limit,
                        self.plan.hashes.clone(),
                    ));
                }
                Piece::File(_) => {}
                Piece::Data(data) => {
                    if let Some(file) = self.own_file(files) {
                        file.push(&data);
                    }
                }
                Piece::End => {
                    if let Some(file) = self.own_file(files) {
                        file.close(FileState::Closed);
                    }
                }
            }
        }
    }

    /// The newest open file of this body's direction.
    fn own_file<'a>(&self, files: &'a mut [File]) -> Option<&'a mut File> {
        files
            .iter_mut()
            .rev()
            .find(|file| file.direction == self.direction)
            .filter(|file| file.state == FileState::Open)
    }

    fn close_file(&mut self, state: FileState, sink: &mut BodySink<'_>) {
        if let Some(mut decoder) = self.decoder.take() {
            decoder.finish(&mut |decoded| self.store(decoded, sink));
        }
        let state = match state {
            FileState::Closed if sink.body.gaps || self.faults.coding.bomb => FileState::Truncated,
            FileState::Closed if self.multipart.as_ref().is_some_and(Multipart::in_file) => {
                FileState::Truncated
            }
            state => state,
        };
        if let Some(file) = self.own_file(sink.files) {
            file.close(state);
        }
    }

    /// The body is over: whole when `whole`, else its end is missing.
    pub(super) fn finish(&mut self, whole: bool, sink: &mut BodySink<'_>) {
        let whole = whole
            || match &self.framing {
                Framing::Close => true,
                Framing::Chunked(reader) => reader.complete_at_end(),
                Framing::Length(left) => *left == 0,
                Framing::Promised(_) => false,
            };
        let state = if whole {
            FileState::Closed
        } else {
            FileState::Truncated
        };
        self.close_file(state, sink);
    }

    /// Bytes that were never captured. Returns how many of them lie behind the body; `None` when its end cannot be found
    /// any more.
    pub(super) fn gap(&mut self, missing: u64, sink: &mut BodySink<'_>) -> Option<u64> {
        let inside = match &mut self.framing {
            Framing::Close => missing,
            Framing::Length(left) => {
                let inside = missing.min(*left);
                *left -= inside;
                inside
            }
            Framing::Promised(_) => return None,
            Framing::Chunked(reader) => reader.skip(missing)?,
        };
        sink.body.gaps = true;
        sink.body.sent_bytes += inside;
        sink.body.decoded_bytes += inside;
        if let Some(file) = self.own_file(sink.files) {
            file.gap(inside);
        } else if !self.file_open && self.multipart.is_none() && inside > 0 {
            self.store(&[], sink);
            if let Some(file) = self.own_file(sink.files) {
                file.gap(inside);
            }
        }
        // A coded stream cannot be decoded beyond a hole.
        self.decoder = None;
        Some(missing - inside)
    }

    /// Bytes behind the announced length that the sender still meant as body.
    pub(super) fn extra(&mut self, bytes: &[u8], sink: &mut BodySink<'_>) {
        self.deliver(bytes, sink);
    }

    /// Whether a body of known length is complete.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.framing, Framing::Length(0))
    }
}
