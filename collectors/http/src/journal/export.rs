//! The journal's export format: fields as `NAME=value` or as a name, a length and bytes; a blank line ends an entry.

use serde_json::{Map, Value};

/// The bytes are not the export format: there is no way to find the next entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the journal's export format")]
pub(crate) struct NotExport;

/// Cuts a stream into entries, each a JSON object of its fields.
#[derive(Debug)]
pub(crate) struct Entries {
    max_bytes: usize,
    state: State,
    /// The line, length or value under way, never longer than `max_bytes`.
    part: Vec<u8>,
    fields: Map<String, Value>,
    /// Bytes kept of this entry.
    kept: usize,
    cut: bool,
}

#[derive(Debug)]
enum State {
    Line,
    Length(String),
    /// So many bytes to come, then a line feed.
    Value(String, u64),
}

impl Entries {
    /// A stream at its beginning; an entry beyond `max_bytes` keeps its first fields.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            state: State::Line,
            part: Vec::new(),
            fields: Map::new(),
            kept: 0,
            cut: false,
        }
    }

    /// Reads bytes; whole entries go to `records`. Gives the number of entries that were cut.
    pub(crate) fn push(&mut self, mut bytes: &[u8], records: &mut Vec<Vec<u8>>) -> Result<u64, NotExport> {
        let mut cut = 0;
        while !bytes.is_empty() {
            bytes = match std::mem::replace(&mut self.state, State::Line) {
                State::Line => self.line(bytes, records, &mut cut)?,
                State::Length(name) => self.length(name, bytes),
                State::Value(name, left) => self.value(name, left, bytes)?,
            };
        }
        Ok(cut)
    }

    /// The entry that the stream ends with, when no blank line follows it.
    pub(crate) fn finish(&mut self) -> Option<Vec<u8>> {
        self.entry()
    }

    fn line<'b>(
        &mut self,
        bytes: &'b [u8],
        records: &mut Vec<Vec<u8>>,
        cut: &mut u64,
    ) -> Result<&'b [u8], NotExport> {
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            self.keep(bytes);
            return Ok(&[]);
        };
        let (part, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
        self.keep(part);
        let line = std::mem::take(&mut self.part);
        if line.is_empty() {
            *cut += u64::from(self.cut);
            records.extend(self.entry());
        } else if let Some(at) = memchr::memchr(b'=', &line) {
            let (name, value) = line.split_at_checked(at).ok_or(NotExport)?;
            self.add(named(name)?, value.get(1..).unwrap_or_default());
        } else {
            self.state = State::Length(named(&line)?);
        }
        Ok(rest.get(1..).unwrap_or_default())
    }

    fn length<'b>(&mut self, name: String, bytes: &'b [u8]) -> &'b [u8] {
        let (part, rest) = bytes
            .split_at_checked(8 - self.part.len())
            .unwrap_or((bytes, &[]));
        self.part.extend_from_slice(part);
        self.state = match self.part.first_chunk::<8>() {
            Some(length) => State::Value(name, u64::from_le_bytes(*length)),
            None => State::Length(name),
        };
        if matches!(self.state, State::Value(..)) {
            self.part.clear();
        }
        rest
    }

    fn value<'b>(&mut self, name: String, left: u64, bytes: &'b [u8]) -> Result<&'b [u8], NotExport> {
        let now = usize::try_from(left).unwrap_or(usize::MAX);
        let (part, rest) = bytes.split_at_checked(now).unwrap_or((bytes, &[]));
        self.keep(part);
        match (left - part.len() as u64, rest.split_first()) {
            (0, Some((b'\n', rest))) => {
                let value = std::mem::take(&mut self.part);
                self.add(name, &value);
                Ok(rest)
            }
            (0, Some(_)) => Err(NotExport),
            (left, _) => {
                self.state = State::Value(name, left);
                Ok(rest)
            }
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = self.max_bytes.saturating_sub(self.part.len());
        self.cut |= part.len() > room;
        self.part.extend_from_slice(part.get(..room).unwrap_or(part));
    }

    fn add(&mut self, name: String, value: &[u8]) {
        self.kept += name.len() + value.len();
        if self.kept > self.max_bytes {
            self.cut = true;
            return;
        }
        let value = Value::String(String::from_utf8_lossy(value).into_owned());
        // A field may come several times; the journal's own tools show a list then.
        match self.fields.get_mut(&name) {
            None => drop(self.fields.insert(name, value)),
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }

    fn entry(&mut self) -> Option<Vec<u8>> {
        self.kept = 0;
        self.cut = false;
        let fields = std::mem::take(&mut self.fields);
        (!fields.is_empty()).then(|| Value::Object(fields).to_string().into_bytes())
    }
}

/// Names are capitals, figures and underscores.
fn named(name: &[u8]) -> Result<String, NotExport> {
    const MAX_NAME: usize = 256;
    let fits = name.len() <= MAX_NAME
        && name
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    let text = fits.then(|| String::from_utf8(name.to_vec()).ok()).flatten();
    text.filter(|text| !text.is_empty()).ok_or(NotExport)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], step: usize) -> Result<(Vec<String>, u64), NotExport> {
        let (mut entries, mut records, mut cut) = (Entries::new(200), Vec::new(), 0);
        for part in bytes.chunks(step) {
            cut += entries.push(part, &mut records)?;
        }
        records.extend(entries.finish());
        let records = records
            .into_iter()
            .map(|record| String::from_utf8(record).unwrap());
        Ok((records.collect(), cut))
    }

    #[test]
    fn entries_whatever_the_segments() {
        let mut stream = b"__CURSOR=s=1;i=2\nMESSAGE=xin ch\xc3\xa0o = a\n\n\nMESSAGE\n".to_vec();
        stream.extend(7_u64.to_le_bytes());
        stream.extend(b"two\n\nli\n_PID=7\nA=1\nA=2\n");
        let expected = [
            r#"{"__CURSOR":"s=1;i=2","MESSAGE":"xin chào = a"}"#,
            r#"{"MESSAGE":"two\n\nli","_PID":"7","A":["1","2"]}"#,
        ];
        for step in 1..=stream.len() {
            let (records, cut) = read(&stream, step).unwrap();
            assert_eq!(
                (records, cut),
                (expected.map(str::to_owned).to_vec(), 0),
                "in steps of {step}"
            );
        }
    }

    #[test]
    fn a_long_entry_keeps_what_fits() {
        let long = "x".repeat(500);
        let (records, cut) = read(format!("A=1\nB={long}\nC=2\n\nD=3\n\n").as_bytes(), 7).unwrap();
        assert_eq!(cut, 1);
        assert!(records[0].starts_with(r#"{"A":"1""#), "{}", records[0]);
        assert_eq!(records[1], r#"{"D":"3"}"#);
    }

    #[test]
    fn what_is_not_export() {
        for noise in ["lower=1\n\n", "<13>text\n", "=x\n\n"] {
            assert!(read(noise.as_bytes(), 1).is_err(), "{noise}");
        }
    }

    proptest! {
        #[test]
        fn noise_never_grows(bytes in proptest::collection::vec(any::<u8>(), 0..400), step in 1_usize..50) {
            prop_assert_eq!(read(&bytes, step).ok(), read(&bytes, 400).ok());
        }
    }
}
