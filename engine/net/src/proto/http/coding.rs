//! Content codings: gzip, deflate (raw and with zlib header) and brotli, in several layers, under caps.
//!
//! What a header promises and what the bytes are often differ, and browsers look at the bytes. So each layer that a
//! header names is a *candidate*: it looks at its first bytes and passes them through when they are not its own. The
//! checksum and length behind a gzip stream are not looked at: a browser has shown the text before it could compare.
//!
//! Caps: the number of layers, the ratio of a layer's output to its input once the output is large, and the output in all.

use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, enc::StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};

/// Bytes of decoded data handed on at a time.
const STEP_BYTES: usize = 16 * 1024;

/// How much a raw deflate or brotli candidate may take in without giving anything out before it is believed.
const TRIAL_BYTES: usize = 4096;

/// Longest gzip header (name, comment and extra field) that is skipped; longer ones end the layer.
const MAX_GZIP_HEADER: usize = 64 * 1024;

/// A content coding that a header named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

/// Limits of one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodingLimits {
    /// Layers that are undone; further ones stay as they are.
    pub(super) layers: usize,
    /// Output of a layer below this is never a bomb.
    pub(super) bomb_bytes: u64,
    /// Above `bomb_bytes`, output larger than this many times the input ends the layer.
    pub(super) bomb_ratio: u64,
    /// Output of a layer in all.
    pub(super) output_bytes: u64,
}

/// What went wrong while decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CodingFaults {
    /// A cap was reached: the rest was left out.
    pub(super) bomb: bool,
    /// The stream was damaged after some good bytes: the rest was left out.
    pub(super) damaged: bool,
}

/// The codings named in a `Content-Encoding` value (in the order they were applied), and whether it names unknown ones.
pub(super) fn parse_codings(value: &[u8], codings: &mut Vec<Coding>) -> bool {
    let mut unknown = false;
    for token in value.split(|byte| *byte == b',') {
        let token: Vec<u8> = token
            .iter()
            .filter(|byte| byte.is_ascii_graphic() && **byte != b';')
            .map(u8::to_ascii_lowercase)
            .collect();
        let has = |name: &[u8]| token.windows(name.len()).any(|part| part == name);
        if has(b"gzip") {
            codings.push(Coding::Gzip);
        } else if has(b"deflate") {
            codings.push(Coding::Deflate);
        } else if token == b"br" {
            codings.push(Coding::Brotli);
        } else if !token.is_empty() && token != b"identity" {
            unknown = true;
        }
    }
    unknown
}

type Brotli = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

enum Stage {
    /// Still looking at the first bytes (held back until they are told).
    Undecided(Vec<u8>),
    /// Inside the header of a gzip member.
    GzipHeader(Vec<u8>),
    Inflate(Box<Decompress>),
    /// Behind a gzip member: checksum, length, perhaps another member.
    GzipTrailer(Vec<u8>),
    Brotli(Box<Brotli>),
    /// Not coded after all.
    Plain,
    /// Over: what comes is ignored.
    Ended,
}

struct Layer {
    coding: Coding,
    stage: Stage,
    /// Input of a coding that is only tried, kept to be passed through should the trial fail.
    trial: Option<Vec<u8>>,
    gzip: bool,
    input: u64,
    output: u64,
}

impl std::fmt::Debug for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layer")
            .field("coding", &self.coding)
            .finish_non_exhaustive()
    }
}

/// Undoes the codings of one body.
#[derive(Debug)]
pub(super) struct Decoder {
    layers: Vec<Layer>,
    limits: CodingLimits,
    pub(super) faults: CodingFaults,
}

impl Decoder {
    /// For codings in the order the sender applied them. Only the outermost `limits.layers` are undone.
    pub(super) fn new(codings: &[Coding], limits: CodingLimits) -> Self {
        let layers = codings.iter().rev().take(limits.layers).map(|coding| Layer {
            coding: *coding,
            stage: Stage::Undecided(Vec::new()),
            trial: None,
            gzip: false,
            input: 0,
            output: 0,
        });
        Self {
            layers: layers.collect(),
            limits,
            faults: CodingFaults::default(),
        }
    }

    /// Decodes the next bytes; decoded ones go to `sink` in pieces.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
        run(&mut self.layers, bytes, self.limits, &mut self.faults, sink);
    }

    /// The body is over: what was held back for a decision goes out as it is.
    pub(super) fn finish(&mut self, sink: &mut dyn FnMut(&[u8])) {
        let mut layers = self.layers.as_mut_slice();
        while let [layer, inner @ ..] = layers {
            let held = layer.release();
            if !held.is_empty() {
                run(inner, &held, self.limits, &mut self.faults, sink);
            }
            layers = inner;
        }
    }
}

fn run(
    layers: &mut [Layer],
    bytes: &[u8],
    limits: CodingLimits,
    faults: &mut CodingFaults,
    sink: &mut dyn FnMut(&[u8]),
) {
    let [layer, inner @ ..] = layers else {
        sink(bytes);
        return;
    };
    let mut own = CodingFaults::default();
    let mut deeper = CodingFaults::default();
    layer.push(bytes, limits, &mut own, &mut |decoded| {
        run(inner, decoded, limits, &mut deeper, sink);
    });
    faults.bomb |= own.bomb || deeper.bomb;
    faults.damaged |= own.damaged || deeper.damaged;
}

impl Layer {
    fn push(
        &mut self,
        bytes: &[u8],
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) {
        self.input += bytes.len() as u64;
        match &mut self.stage {
            Stage::Plain => sink(bytes),
            Stage::Ended => {}
            Stage::Undecided(held) => {
                held.extend_from_slice(bytes);
                let held = std::mem::take(held);
                self.decide(held, limits, faults, sink);
            }
            Stage::GzipHeader(held) => {
                held.extend_from_slice(bytes);
                let held = std::mem::take(held);
                self.gzip_header(held, limits, faults, sink);
            }
            Stage::GzipTrailer(_) => self.trailer(bytes, limits, faults, sink),
            Stage::Inflate(_) => self.inflate(bytes, limits, faults, sink),
            Stage::Brotli(_) => self.brotli(bytes, limits, faults, sink),
        }
    }

    /// Looks at the first bytes.
    fn decide(
        &mut self,
        held: Vec<u8>,
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) {
        let (Some(first), second) = (held.first().copied(), held.get(1).copied()) else {
            self.stage = Stage::Undecided(held);
            return;
        };
        if self.coding == Coding::Brotli {
            let state = Brotli::new_strict(
                StandardAlloc::default(),
                StandardAlloc::default(),
                StandardAlloc::default(),
            );
            self.stage = Stage::Brotli(Box::new(state));
            self.trial = Some(Vec::new());
            self.brotli(&held, limits, faults, sink);
            return;
        }
        let Some(second) = second else {
            self.stage = Stage::Undecided(held);
            return;
        };
        if (first, second) == (0x1f, 0x8b) {
            self.gzip = true;
            self.gzip_header(held, limits, faults, sink);
        } else if is_zlib_header(first, second) {
            self.stage = Stage::Inflate(Box::new(Decompress::new(true)));
            self.trial = Some(Vec::new());
            self.inflate(&held, limits, faults, sink);
        } else if self.coding == Coding::Deflate {
            self.stage = Stage::Inflate(Box::new(Decompress::new(false)));
            self.trial = Some(Vec::new());
            self.inflate(&held, limits, faults, sink);
        } else {
            self.stage = Stage::Plain;
            sink(&held);
        }
    }

    fn gzip_header(
        &mut self,
        held: Vec<u8>,
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) {
        match gzip_header_len(&held) {
            Some(len) => {
                self.stage = Stage::Inflate(Box::new(Decompress::new(false)));
                self.inflate(held.get(len..).unwrap_or_default(), limits, faults, sink);
            }
            None if held.len() > MAX_GZIP_HEADER => {
                faults.damaged = true;
                self.stage = Stage::Ended;
            }
            None => self.stage = Stage::GzipHeader(held),
        }
    }

    fn inflate(
        &mut self,
        bytes: &[u8],
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) {
        if let Some(trial) = &mut self.trial {
            trial.extend_from_slice(bytes);
        }
        let mut rest = bytes;
        let mut buffer = [0_u8; STEP_BYTES];
        loop {
            let Stage::Inflate(state) = &mut self.stage else {
                return;
            };
            let (before_in, before_out) = (state.total_in(), state.total_out());
            let status = state.decompress(rest, &mut buffer, FlushDecompress::None);
            let used = (state.total_in() - before_in) as usize;
            let made = (state.total_out() - before_out) as usize;
            rest = rest.get(used..).unwrap_or_default();
            let decoded = buffer.get(..made).unwrap_or_default();
            if !self.emit(decoded, limits, faults, sink) {
                return;
            }
            match status {
                Ok(Status::StreamEnd) => {
                    self.member_end(rest, limits, faults, sink);
                    return;
                }
                Ok(_) if used == 0 && made == 0 => return,
                Ok(_) if rest.is_empty() && made < STEP_BYTES => return,
                Ok(_) => {}
                Err(_) => {
                    self.fail(faults, sink);
                    return;
                }
            }
        }
    }

    /// After a member of a gzip file another may follow (RFC 1952 section 2.2), behind eight bytes of checksum and length.
    fn member_end(
        &mut self,
        rest: &[u8],
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) {
        self.stage = if self.gzip {
            Stage::GzipTrailer(Vec::new())
        } else {
            Stage::Ended
        };
        if self.gzip {
            self.trailer(rest, limits, faults, sink);
        }
    }

    fn trailer(
        &mut self,
        bytes: &[u8],
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) {
        let Stage::GzipTrailer(held) = &mut self.stage else {
            return;
        };
        held.extend_from_slice(bytes);
        let Some(next) = held.get(8..).filter(|next| next.len() >= 2) else {
            return;
        };
        let next = next.to_vec();
        self.stage = Stage::Ended;
        if next.starts_with(&[0x1f, 0x8b]) {
            self.gzip_header(next, limits, faults, sink);
        }
    }

    fn brotli(
        &mut self,
        bytes: &[u8],
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) {
        if let Some(trial) = &mut self.trial {
            trial.extend_from_slice(bytes);
        }
        let mut available_in = bytes.len();
        let mut at = 0;
        let mut buffer = [0_u8; STEP_BYTES];
        loop {
            let Stage::Brotli(state) = &mut self.stage else {
                return;
            };
            let (mut room, mut made, mut total) = (STEP_BYTES, 0, 0);
            let result = BrotliDecompressStream(
                &mut available_in,
                &mut at,
                bytes,
                &mut room,
                &mut made,
                &mut buffer,
                &mut total,
                state,
            );
            let decoded = buffer.get(..made).unwrap_or_default();
            if !self.emit(decoded, limits, faults, sink) {
                return;
            }
            match result {
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::NeedsMoreInput => return,
                BrotliResult::ResultSuccess => {
                    self.stage = Stage::Ended;
                    return;
                }
                BrotliResult::ResultFailure => {
                    self.fail(faults, sink);
                    return;
                }
            }
        }
    }

    /// Hands decoded bytes on unless a cap is reached; `false` ends the layer.
    fn emit(
        &mut self,
        decoded: &[u8],
        limits: CodingLimits,
        faults: &mut CodingFaults,
        sink: &mut dyn FnMut(&[u8]),
    ) -> bool {
        if decoded.is_empty() {
            if self.trial.as_ref().is_some_and(|trial| trial.len() > TRIAL_BYTES) {
                self.trial = None;
            }
            return true;
        }
        self.trial = None;
        self.output += decoded.len() as u64;
        let over_ratio =
            self.output > limits.bomb_bytes && self.output / limits.bomb_ratio.max(1) > self.input;
        if over_ratio || self.output > limits.output_bytes {
            faults.bomb = true;
            self.stage = Stage::Ended;
            return false;
        }
        sink(decoded);
        true
    }

    /// A damaged stream: what was only tried passes through as it is, a real one ends.
    fn fail(&mut self, faults: &mut CodingFaults, sink: &mut dyn FnMut(&[u8])) {
        if let Some(trial) = self.trial.take() {
            self.stage = Stage::Plain;
            sink(&trial);
        } else {
            faults.damaged = true;
            self.stage = Stage::Ended;
        }
    }

    /// At the end of the body: bytes that were only held back.
    fn release(&mut self) -> Vec<u8> {
        match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Undecided(held) => held,
            Stage::Inflate(_) | Stage::Brotli(_) => self.trial.take().unwrap_or_default(),
            Stage::GzipHeader(_) | Stage::GzipTrailer(_) | Stage::Plain | Stage::Ended => Vec::new(),
        }
    }
}

/// RFC 1950 section 2.2: method 8, window at most 32 KiB, check bits, no preset dictionary.
fn is_zlib_header(first: u8, second: u8) -> bool {
    let check = u16::from_be_bytes([first, second]).is_multiple_of(31);
    first & 0x0f == 8 && first >> 4 <= 7 && check && second & 0x20 == 0
}

/// Length of a gzip member's header (RFC 1952 section 2.3), `None` while it is not whole. Unknown flags are ignored, as
/// browsers do.
fn gzip_header_len(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(3)?;
    let mut at = 10_usize;
    if flags & 0x04 != 0 {
        let len = bytes.get(at..at + 2)?;
        at += 2 + len
            .iter()
            .rev()
            .fold(0_usize, |len, byte| len << 8 | usize::from(*byte));
    }
    for text in [0x08, 0x10] {
        if flags & text != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    if flags & 0x02 != 0 {
        at += 2;
    }
    (bytes.len() >= at).then_some(at)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMITS: CodingLimits = CodingLimits {
        layers: 3,
        bomb_bytes: 1 << 20,
        bomb_ratio: 2048,
        output_bytes: 1 << 25,
    };

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut reader = data;
        brotli::BrotliCompress(
            &mut reader,
            &mut out,
            &brotli::enc::BrotliEncoderParams::default(),
        )
        .unwrap();
        out
    }

    fn decode(codings: &[Coding], bytes: &[u8], step: usize) -> (Vec<u8>, CodingFaults) {
        let mut decoder = Decoder::new(codings, LIMITS);
        let mut out = Vec::new();
        for piece in bytes.chunks(step) {
            decoder.push(piece, &mut |decoded| out.extend_from_slice(decoded));
        }
        decoder.finish(&mut |decoded| out.extend_from_slice(decoded));
        (out, decoder.faults)
    }

    const TEXT: &[u8] = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$SAOLA-TEST-TEXT!$H+H* again and again and again";

    #[test]
    fn undoes_what_was_really_applied() {
        use Coding::*;
        for (name, codings, bytes) in [
            ("gzip", vec![Gzip], gzip(TEXT)),
            ("deflate", vec![Deflate], deflate(TEXT)),
            ("zlib", vec![Deflate], zlib(TEXT)),
            ("brotli", vec![Brotli], brotli(TEXT)),
            ("gzip twice", vec![Gzip, Gzip], gzip(&gzip(TEXT))),
            ("gzip in deflate", vec![Gzip, Deflate], deflate(&gzip(TEXT))),
            ("three", vec![Gzip, Deflate, Gzip], gzip(&deflate(&gzip(TEXT)))),
            ("promised, not done", vec![Gzip], TEXT.to_vec()),
            ("promised twice, not done", vec![Deflate, Gzip], TEXT.to_vec()),
            ("promised twice, done once", vec![Deflate, Deflate], deflate(TEXT)),
            ("wrong order", vec![Gzip, Deflate], gzip(TEXT)),
            ("gzip, but deflate done", vec![Deflate, Gzip], deflate(TEXT)),
            ("brotli promised, not done", vec![Brotli], TEXT.to_vec()),
            (
                "two members",
                vec![Gzip],
                [gzip(TEXT.split_at(20).0), gzip(TEXT.split_at(20).1)].concat(),
            ),
        ] {
            for step in [1, 3, 64, 4096] {
                let (out, _) = decode(&codings, &bytes, step);
                assert_eq!(out, TEXT, "{name} by {step}");
            }
        }
    }

    #[test]
    fn gzip_headers_and_trailers_may_be_odd() {
        let body = deflate(TEXT);
        for (flags, extra) in [
            (0x01, &b""[..]),
            (0x02, b"\0\0"),
            (0x04, b"\x05\0hello"),
            (0x08, b"name\0"),
            (0x10, b"comment\0"),
            (0x1f, b"\x01\0xname\0comment\0\0\0"),
            (0xe0, b""),
        ] {
            let head = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
            for trailer in [&b""[..], b"\xff\xff\xff\xff", b"\0\0\0\0\0\0\0\0"] {
                let bytes = [&head[..], extra, &body, trailer].concat();
                assert_eq!(decode(&[Coding::Gzip], &bytes, 5).0, TEXT, "{flags:#x}");
            }
        }
    }

    #[test]
    fn cut_and_damaged_streams_give_what_they_hold() {
        let bytes = gzip(TEXT);
        let (out, _) = decode(&[Coding::Gzip], bytes.split_at(bytes.len() - 20).0, 7);
        assert!(!out.is_empty() && TEXT.starts_with(&out));
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(TEXT).unwrap();
        encoder.flush().unwrap();
        let mut damaged = encoder.get_ref().clone();
        damaged.extend_from_slice(&[0xff; 64]);
        let (out, faults) = decode(&[Coding::Deflate], &damaged, 1000);
        assert_eq!(out, TEXT);
        assert!(faults.damaged);
    }

    #[test]
    fn bombs_end_at_the_cap() {
        let once = gzip(&vec![0_u8; 64 << 20]);
        let (out, faults) = decode(&[Coding::Gzip], &once, 1460);
        assert!(faults.bomb);
        assert!(out.len() as u64 <= LIMITS.output_bytes);
        let twice = gzip(&once);
        let (out, faults) = decode(&[Coding::Gzip, Coding::Gzip], &twice, 1460);
        assert!(faults.bomb);
        assert!(out.len() as u64 <= LIMITS.output_bytes, "{}", out.len());
        let (out, faults) = decode(&[Coding::Brotli], &brotli(&vec![0_u8; 16 << 20]), 1460);
        assert!(faults.bomb && out.len() < 2 << 20, "{}", out.len());
    }

    #[test]
    fn layers_above_the_limit_stay() {
        let inner = gzip(TEXT);
        let bytes = gzip(&gzip(&gzip(&inner)));
        let (out, _) = decode(&[Coding::Gzip; 4], &bytes, 100);
        assert_eq!(out, inner);
    }

    #[test]
    fn names_of_codings() {
        for (value, codings, unknown) in [
            ("gzip", vec![Coding::Gzip], false),
            ("x-gzip", vec![Coding::Gzip], false),
            ("deFLaTe,", vec![Coding::Deflate], false),
            ("gzip, deflate", vec![Coding::Gzip, Coding::Deflate], false),
            ("gz\0ip;", vec![Coding::Gzip], false),
            ("br", vec![Coding::Brotli], false),
            ("identity", vec![], false),
            ("foo", vec![], true),
        ] {
            let mut found = Vec::new();
            assert_eq!(parse_codings(value.as_bytes(), &mut found), unknown, "{value:?}");
            assert_eq!(found, codings, "{value:?}");
        }
    }
}
