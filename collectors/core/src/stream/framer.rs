//! Cuts a byte stream into records.
//!
//! Syslog over TCP has two framings (RFC 6587): a count of octets before the message, or a line feed behind it. Senders
//! mix them on one connection (util-linux `logger` with and without `--octet-count` does), so which one it is gets
//! decided for each message. A count is believed only when a `<` follows it, because a line may begin with a figure.

/// How records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A line feed ends a record.
    Lines,
    /// RFC 6587: octet counts and line feeds, decided for each message.
    Syslog,
}

/// What was wrong with a stretch of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Records longer than the limit: their beginning was kept, the rest dropped.
    pub too_long: u64,
    /// Counts that no message can have; what follows was read as lines.
    pub bad_frames: u64,
}

/// The state of one stream.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    max_bytes: usize,
    state: State,
    /// The record under way, never longer than `max_bytes`.
    record: Vec<u8>,
    /// Whether bytes of the record under way have been dropped.
    cut: bool,
}

#[derive(Debug)]
enum State {
    /// Between records.
    Start,
    /// Within a possible count; the digits are in `record`.
    Count,
    /// Behind a count and its blank: the next byte decides.
    AfterCount(u64),
    /// Within a counted record, so many bytes to come.
    Counted(u64),
    /// Within a line.
    Line,
}

/// No sender means a message of more digits; it would be 10 GB.
const MAX_COUNT_DIGITS: usize = 9;

impl Framer {
    /// A stream at its beginning.
    pub fn new(framing: Framing, max_bytes: usize) -> Self {
        Self {
            framing,
            max_bytes,
            state: State::Start,
            record: Vec::new(),
            cut: false,
        }
    }

    /// Reads bytes; whole records go to `records` without their framing and without a trailing CR, LF or NUL.
    pub fn push(&mut self, mut bytes: &[u8], records: &mut Vec<Vec<u8>>) -> Trouble {
        let mut trouble = Trouble::default();
        while let Some((&first, rest)) = bytes.split_first() {
            bytes = match self.state {
                State::Start => self.start(first, bytes, rest),
                State::Count => self.count(first, bytes, rest, &mut trouble),
                State::AfterCount(length) => {
                    self.after_count(first, length);
                    bytes
                }
                State::Counted(left) => self.counted(left, bytes, records, &mut trouble),
                State::Line => self.line(bytes, records, &mut trouble),
            };
        }
        trouble
    }

    /// The record that the end of the stream cut off, if any.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        if let State::AfterCount(length) = self.state {
            self.record = format!("{length} ").into_bytes();
        }
        self.state = State::Start;
        self.cut = false;
        taken(&mut self.record)
    }

    /// Whether a record is under way.
    pub fn is_partial(&self) -> bool {
        !matches!(self.state, State::Start)
    }

    fn start<'b>(&mut self, first: u8, all: &'b [u8], rest: &'b [u8]) -> &'b [u8] {
        match first {
            b'\n' | b'\r' | 0 => rest,
            b'1'..=b'9' if self.framing == Framing::Syslog => {
                self.state = State::Count;
                all
            }
            _ => {
                self.state = State::Line;
                all
            }
        }
    }

    fn count<'b>(&mut self, first: u8, all: &'b [u8], rest: &'b [u8], trouble: &mut Trouble) -> &'b [u8] {
        match first {
            b'0'..=b'9' if self.record.len() < MAX_COUNT_DIGITS => {
                self.record.push(first);
                return rest;
            }
            b' ' => {
                let digits = std::str::from_utf8(&self.record).ok();
                if let Some(length) = digits.and_then(|digits| digits.parse().ok()) {
                    self.record.clear();
                    self.state = State::AfterCount(length);
                    return rest;
                }
            }
            b'0'..=b'9' => trouble.bad_frames += 1,
            _ => {}
        }
        // No count after all: the figures belong to a line.
        self.state = State::Line;
        all
    }

    fn after_count(&mut self, first: u8, length: u64) {
        if first == b'<' {
            self.state = State::Counted(length);
        } else {
            self.record.extend_from_slice(format!("{length} ").as_bytes());
            self.state = State::Line;
        }
    }

    fn counted<'b>(
        &mut self,
        left: u64,
        bytes: &'b [u8],
        records: &mut Vec<Vec<u8>>,
        trouble: &mut Trouble,
    ) -> &'b [u8] {
        let now = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (part, rest) = bytes.split_at_checked(now).unwrap_or((bytes, &[]));
        self.keep(part);
        let left = left - part.len() as u64;
        self.state = State::Counted(left);
        if left == 0 {
            self.end(records, trouble);
        }
        rest
    }

    fn line<'b>(&mut self, bytes: &'b [u8], records: &mut Vec<Vec<u8>>, trouble: &mut Trouble) -> &'b [u8] {
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            self.keep(bytes);
            return &[];
        };
        let (part, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
        self.keep(part);
        self.end(records, trouble);
        rest.get(1..).unwrap_or_default()
    }

    /// Adds bytes to the record under way as far as the limit allows.
    fn keep(&mut self, part: &[u8]) {
        let room = self.max_bytes.saturating_sub(self.record.len());
        self.cut |= part.len() > room;
        self.record.extend_from_slice(part.get(..room).unwrap_or(part));
    }

    fn end(&mut self, records: &mut Vec<Vec<u8>>, trouble: &mut Trouble) {
        trouble.too_long += u64::from(self.cut);
        self.cut = false;
        self.state = State::Start;
        records.extend(taken(&mut self.record));
    }
}

/// The record without the line end that senders leave within a count; nothing when there is nothing.
fn taken(record: &mut Vec<u8>) -> Option<Vec<u8>> {
    while let Some(b'\n' | b'\r' | 0) = record.last() {
        record.pop();
    }
    (!record.is_empty()).then(|| std::mem::take(record))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(framing: Framing, max_bytes: usize, bytes: &[u8], step: usize) -> (Vec<String>, Trouble) {
        let mut framer = Framer::new(framing, max_bytes);
        let mut records = Vec::new();
        let mut total = Trouble::default();
        for part in bytes.chunks(step) {
            let trouble = framer.push(part, &mut records);
            total.too_long += trouble.too_long;
            total.bad_frames += trouble.bad_frames;
        }
        records.extend(framer.finish());
        (
            records
                .into_iter()
                .map(|r| String::from_utf8_lossy(&r).into_owned())
                .collect(),
            total,
        )
    }

    #[test]
    fn both_framings_on_one_connection_whatever_the_segments() {
        let stream = b"<13>one\n9 <13>two\n\n11 <13>th\nree\n<13>four\r\n2026-11-22 five\n42 six\n7 <13>sev";
        let expected = [
            "<13>one",
            "<13>two",
            "<13>th\nree",
            "<13>four",
            "2026-11-22 five",
            "42 six",
            "<13>sev",
        ];
        for step in 1..=stream.len() {
            assert_eq!(
                read(Framing::Syslog, 100, stream, step).0,
                expected,
                "in steps of {step}"
            );
        }
    }

    #[test]
    fn a_long_record_keeps_its_beginning_and_the_next_is_whole() {
        let mut stream = b"<13>".to_vec();
        stream.extend(vec![b'x'; 2_000_000]);
        stream.extend(b"\n20 <13>0123456789012345\n<13>end\n");
        let (records, trouble) = read(Framing::Syslog, 10, &stream, 4096);
        assert_eq!(records, ["<13>xxxxxx", "<13>012345", "<13>end"]);
        assert_eq!(
            trouble,
            Trouble {
                too_long: 2,
                bad_frames: 0
            }
        );
    }

    #[test]
    fn counts_that_no_message_has_are_lines() {
        let (records, trouble) = read(Framing::Syslog, 100, b"1234567890123 <x\n5 \n", 1);
        assert_eq!(records, ["1234567890123 <x", "5 "]);
        assert_eq!(trouble.bad_frames, 1);
    }

    #[test]
    fn lines_alone_know_no_counts() {
        assert_eq!(
            read(Framing::Lines, 100, b"8 <13>a\n\n{}\0\n", 3).0,
            ["8 <13>a", "{}"]
        );
    }

    proptest! {
        #[test]
        fn noise_never_grows_and_segments_never_matter(bytes in proptest::collection::vec(any::<u8>(), 0..400), step in 1_usize..50) {
            let whole = read(Framing::Syslog, 64, &bytes, 400);
            prop_assert_eq!(&read(Framing::Syslog, 64, &bytes, step), &whole);
            prop_assert!(whole.0.len() <= bytes.len());
        }
    }
}
