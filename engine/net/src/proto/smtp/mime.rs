//! Messages (RFC 5322) and their parts (RFC 2045, 2046, 2183, 2231), line by line as they come.

use md5::Digest as _;

use super::decode::{Encoding, LineDecoder};
use crate::app::{File, FileHashes, FileState};
use crate::flow::Direction;
use crate::proto::hex_string;

/// Header fields of a message that are kept.
const MAX_FIELDS: usize = 512;

/// Longest header field, with its continuation lines.
const MAX_FIELD_BYTES: usize = 16 * 1024;

/// Parts inside parts.
const MAX_DEPTH: usize = 8;

/// Attachments of a message.
const MAX_FILES: usize = 128;

/// URLs of a message.
const MAX_URLS: usize = 256;

/// Longest name of an attachment.
const MAX_NAME_BYTES: usize = 255;

/// Longest boundary (RFC 2046 allows 70).
const MAX_BOUNDARY: usize = 254;

/// How far a message came, as EVE names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailState {
    /// In the header.
    #[default]
    Header,
    /// In the body.
    Body,
    /// All of it was seen.
    Done,
}

impl MailState {
    /// Name in `email.status`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "HEADER_STARTED",
            Self::Body => "BODY_STARTED",
            Self::Done => "PARSE_DONE",
        }
    }
}

/// A message as far as it was seen.
#[derive(Clone, Debug, Default)]
pub struct Email {
    /// How far it came.
    pub state: MailState,
    /// Fields of its header: name in lower case and unfolded value, in order.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// Names of its attachments.
    pub attachments: Vec<Vec<u8>>,
    /// URLs in its text parts, with their scheme.
    pub urls: Vec<Vec<u8>>,
    /// MD5 of the body, lower-case hexadecimal, when it is asked for.
    pub body_md5: Option<String>,
}

impl Email {
    /// The first value of a field (its name in lower case).
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.fields
            .iter()
            .find(|(field, _)| field == name.as_bytes())
            .map(|(_, value)| value.as_slice())
    }

    /// All values of a field.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |(field, _)| field == name.as_bytes())
            .map(|(_, value)| value.as_slice())
    }
}

/// Addresses of a field such as `To`: split at commas outside of quotes and comments.
pub fn addresses(value: &[u8]) -> Vec<Vec<u8>> {
    let mut list = Vec::new();
    let (mut quoted, mut depth, mut start) = (false, 0_u32, 0);
    for (at, byte) in value.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            b',' if !quoted && depth == 0 => {
                list.push(value.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    list.push(value.get(start..).unwrap_or_default());
    list.into_iter()
        .map(|address| address.trim_ascii().to_vec())
        .filter(|address| !address.is_empty())
        .collect()
}

/// The value of a parameter: plain, quoted, or in RFC 2231's pieces (`name*0*=`).
fn parameter(value: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut pieces: Vec<(u32, Vec<u8>)> = Vec::new();
    for part in split_parameters(value) {
        let Some(at) = part.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        let (key, text) = part.split_at(at);
        let key = key.trim_ascii().to_ascii_lowercase();
        let text = text.get(1..).unwrap_or_default().trim_ascii();
        let text = text.strip_prefix(b"\"").map_or(text, |text| {
            text.split(|byte| *byte == b'"').next().unwrap_or_default()
        });
        let Some(rest) = key.strip_prefix(name.as_bytes()) else {
            continue;
        };
        match rest {
            b"" => return Some(text.to_vec()),
            [b'*', index @ ..] => {
                let extended = index.ends_with(b"*") || index.is_empty();
                let number = index.strip_suffix(b"*").unwrap_or(index);
                let number = std::str::from_utf8(number)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0);
                pieces.push((number, extended_text(text, extended && number == 0, extended)));
            }
            _ => {}
        }
    }
    pieces.sort_by_key(|(number, _)| *number);
    (!pieces.is_empty()).then(|| pieces.into_iter().flat_map(|(_, text)| text).collect())
}

/// RFC 2231 section 4: `charset'language'percent-encoded`.
fn extended_text(text: &[u8], with_charset: bool, encoded: bool) -> Vec<u8> {
    let text = if with_charset {
        text.splitn(3, |byte| *byte == b'\'').nth(2).unwrap_or(text)
    } else {
        text
    };
    if !encoded {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let Some((high, low)) = char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16))
        {
            out.push((high << 4 | low) as u8);
            rest = after;
        } else {
            out.push(*first);
        }
    }
    out
}

/// Parts of a field value between semicolons outside of quotes, without the first.
fn split_parameters(value: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let (mut quoted, mut start) = (false, 0);
    for (at, byte) in value.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                parts.push(value.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value.get(start..).unwrap_or_default());
    parts.into_iter().skip(1).collect()
}

/// What of a part's header decides over its body.
#[derive(Debug, Default)]
struct PartHead {
    content_type: Vec<u8>,
    disposition: Vec<u8>,
    encoding: Encoding,
}

#[derive(Debug)]
enum Place {
    /// In the header of the message (`true`) or of a part.
    Head(bool),
    /// Before the first or behind the last boundary, or in a part nobody asks about.
    Between,
    /// In the content of a part.
    Leaf { file: bool, text: bool },
}

/// Where the parts of a message go.
pub(super) struct MailSink<'a> {
    pub(super) email: &'a mut Email,
    pub(super) files: &'a mut Vec<File>,
}

/// Settings of the parser.
#[derive(Clone, Debug)]
pub(super) struct MailSettings {
    pub(super) hashes: FileHashes,
    pub(super) window: usize,
    pub(super) schemes: Vec<String>,
    /// The MD5 of the body is asked for.
    pub(super) body_md5: bool,
}

/// Reads one message.
#[derive(Debug)]
pub(super) struct MailReader {
    place: Place,
    head: PartHead,
    field: Vec<u8>,
    boundaries: Vec<Vec<u8>>,
    decoder: LineDecoder,
    settings: MailSettings,
    body_hash: Option<md5::Md5>,
    /// Events raised so far.
    pub(super) events: Vec<&'static str>,
}

impl MailReader {
    pub(super) fn new(settings: MailSettings) -> Self {
        Self {
            place: Place::Head(true),
            head: PartHead::default(),
            field: Vec::new(),
            boundaries: Vec::new(),
            decoder: LineDecoder::default(),
            body_hash: settings.body_md5.then(md5::Md5::default),
            settings,
            events: Vec::new(),
        }
    }

    /// Takes a line without its end. `sent` is the line before dots were undoubled: the body's hash is over what was sent.
    pub(super) fn line(&mut self, line: &[u8], sent: &[u8], sink: &mut MailSink<'_>) {
        if let Some(hash) = &mut self.body_hash
            && sink.email.state == MailState::Body
        {
            hash.update(sent);
            hash.update(b"\r\n");
        }
        if line.starts_with(b"--") && !matches!(self.place, Place::Head(true)) && self.boundary(line, sink) {
            return;
        }
        match self.place {
            Place::Head(_) => self.head_line(line, sink),
            Place::Between => {}
            Place::Leaf { file, text } => self.content(line, file, text, sink),
        }
    }

    /// Whether the line is a boundary; then the place changes.
    fn boundary(&mut self, line: &[u8], sink: &mut MailSink<'_>) -> bool {
        let name = line.get(2..).unwrap_or_default().trim_ascii_end();
        let found = self.boundaries.iter().rposition(|boundary| {
            name == boundary.as_slice()
                || name
                    .strip_suffix(b"--")
                    .is_some_and(|name| name == boundary.as_slice())
        });
        let Some(depth) = found else {
            return false;
        };
        let closes = self
            .boundaries
            .get(depth)
            .is_some_and(|boundary| name != boundary.as_slice());
        self.end_part(FileState::Closed, sink);
        self.boundaries.truncate(if closes { depth } else { depth + 1 });
        self.head = PartHead::default();
        self.place = if closes {
            Place::Between
        } else {
            Place::Head(false)
        };
        true
    }

    fn head_line(&mut self, line: &[u8], sink: &mut MailSink<'_>) {
        if line.first().is_some_and(|first| matches!(first, b' ' | b'\t')) && !self.field.is_empty() {
            // Unfolding takes the line end out (RFC 5322 section 2.2.3). A blank stays; a tab was put in by the folding.
            if self.field.len() + line.len() <= MAX_FIELD_BYTES {
                if line.first() == Some(&b' ') {
                    self.field.push(b' ');
                }
                self.field.extend_from_slice(line.trim_ascii());
            } else {
                self.event("mime_long_header_value");
            }
            return;
        }
        self.take_field(sink);
        if line.is_empty() {
            self.end_of_head(sink);
        } else if line.len() <= MAX_FIELD_BYTES {
            self.field = line.to_vec();
        } else {
            self.event("mime_long_header_value");
        }
    }

    /// The field that was gathered is whole.
    fn take_field(&mut self, sink: &mut MailSink<'_>) {
        let field = std::mem::take(&mut self.field);
        if field.is_empty() {
            return;
        }
        let Some(colon) = field.iter().position(|byte| *byte == b':') else {
            self.event("mime_malformed_msg");
            return;
        };
        let (name, value) = field.split_at(colon);
        let name = name.trim_ascii().to_ascii_lowercase();
        let value = value.get(1..).unwrap_or_default().trim_ascii().to_vec();
        if name.len() > 998 {
            self.event("mime_long_header_name");
        }
        match name.as_slice() {
            b"content-type" => self.head.content_type.clone_from(&value),
            b"content-disposition" => self.head.disposition.clone_from(&value),
            b"content-transfer-encoding" => self.head.encoding = Encoding::from_value(&value),
            _ => {}
        }
        if matches!(self.place, Place::Head(true)) && sink.email.fields.len() < MAX_FIELDS {
            sink.email.fields.push((name, value));
        }
    }

    fn end_of_head(&mut self, sink: &mut MailSink<'_>) {
        if sink.email.state == MailState::Header {
            sink.email.state = MailState::Body;
        }
        let head = std::mem::take(&mut self.head);
        let kind = head
            .content_type
            .split(|byte| matches!(byte, b';' | b' '))
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if kind.starts_with(b"multipart/")
            && let Some(boundary) = parameter(&head.content_type, "boundary")
        {
            if boundary.len() > MAX_BOUNDARY {
                self.event("mime_long_boundary");
            } else if !boundary.is_empty() && self.boundaries.len() < MAX_DEPTH {
                self.boundaries.push(boundary);
            }
            self.place = Place::Between;
            return;
        }
        if kind == b"message/rfc822" {
            self.place = Place::Head(false);
            return;
        }
        let name = parameter(&head.disposition, "filename").or_else(|| parameter(&head.content_type, "name"));
        let file = name.is_some() && sink.files.len() < MAX_FILES;
        if let (Some(mut name), true) = (name, file) {
            if name.len() > MAX_NAME_BYTES {
                name.truncate(MAX_NAME_BYTES);
                self.event("mime_long_filename");
            }
            sink.email.attachments.push(name.clone());
            let settings = &self.settings;
            sink.files.push(File::new(
                name,
                Direction::ToServer,
                settings.window,
                settings.hashes.clone(),
            ));
        }
        self.decoder = LineDecoder::new(head.encoding);
        self.place = Place::Leaf {
            file,
            text: kind.is_empty() || kind.starts_with(b"text/"),
        };
    }

    fn content(&mut self, line: &[u8], file: bool, text: bool, sink: &mut MailSink<'_>) {
        let mut decoded = Vec::with_capacity(line.len());
        self.decoder.line(line, &mut decoded);
        if self.decoder.invalid {
            self.event("mime_invalid_base64");
        }
        if text {
            self.find_urls(&decoded, sink.email);
        }
        if file && let Some(file) = sink.files.last_mut().filter(|file| file.state == FileState::Open) {
            file.push(&decoded);
        }
    }

    fn find_urls(&self, text: &[u8], email: &mut Email) {
        let lower = text.to_ascii_lowercase();
        let mut at = 0;
        while let Some((start, scheme)) = self.next_url(&lower, at) {
            let rest = text.get(start..).unwrap_or_default();
            let length = rest
                .iter()
                .position(|byte| matches!(byte, 0..=b' ' | b'"' | b'\'' | b'<' | b'>' | 0x7f..))
                .unwrap_or(rest.len());
            if length > scheme && email.urls.len() < MAX_URLS {
                email
                    .urls
                    .push(rest.get(..length).unwrap_or_default().to_ascii_lowercase());
            }
            at = start + length.max(scheme);
        }
    }

    /// Start of the next URL from `at` on, and the length of its scheme with colon and slashes.
    fn next_url(&self, lower: &[u8], at: usize) -> Option<(usize, usize)> {
        let rest = lower.get(at..)?;
        self.settings
            .schemes
            .iter()
            .filter_map(|scheme| {
                let start = if scheme == "mailto" {
                    format!("{scheme}:")
                } else {
                    format!("{scheme}://")
                };
                memchr::memmem::find(rest, start.as_bytes()).map(|found| (at + found, start.len()))
            })
            .min()
    }

    fn end_part(&self, state: FileState, sink: &mut MailSink<'_>) {
        if let Place::Leaf { file: true, .. } = self.place
            && let Some(file) = sink.files.last_mut()
        {
            file.close(state);
        }
    }

    /// The message is over: whole, or cut off.
    pub(super) fn finish(&mut self, whole: bool, sink: &mut MailSink<'_>) {
        if matches!(self.place, Place::Head(_)) {
            self.take_field(sink);
        }
        self.end_part(
            if whole {
                FileState::Closed
            } else {
                FileState::Truncated
            },
            sink,
        );
        self.place = Place::Between;
        if whole {
            sink.email.state = MailState::Done;
            sink.email.body_md5 = self.body_hash.take().map(|hash| hex_string(&hash.finalize()));
        }
    }

    fn event(&mut self, name: &'static str) {
        if !self.events.contains(&name) {
            self.events.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> (Email, Vec<File>) {
        let mut email = Email::default();
        let mut files = Vec::new();
        let mut reader = MailReader::new(MailSettings {
            hashes: FileHashes::default(),
            window: 1000,
            schemes: vec!["http".to_owned()],
            body_md5: true,
        });
        let mut sink = MailSink {
            email: &mut email,
            files: &mut files,
        };
        for line in message.lines() {
            reader.line(line.as_bytes(), line.as_bytes(), &mut sink);
        }
        reader.finish(true, &mut sink);
        (email, files)
    }

    #[test]
    fn attachments_in_nested_parts() {
        let (email, files) = read(
            "From: a@x\nTo: \"b, c\" <b@x>,\n d@x\nContent-Type: multipart/mixed; boundary=\"o\"\n\n\
             preamble\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nsee http://h.example/x <b>\n--i--\n\
             --o\nContent-Type: application/x; name=n.bin\nContent-Transfer-Encoding: base64\n\naGVs\nbG8=\n\
             --o\nContent-Disposition: attachment; filename*0*=UTF-8''a%20; filename*1=\"b.txt\"\n\nline 1\nline 2\n--o--\nepilogue\n",
        );
        assert_eq!(email.state, MailState::Done);
        assert_eq!(email.value("from"), Some(b"a@x".as_slice()));
        assert_eq!(
            addresses(email.value("to").unwrap()),
            [b"\"b, c\" <b@x>".to_vec(), b"d@x".to_vec()]
        );
        assert_eq!(email.urls, [b"http://h.example/x".to_vec()]);
        let found: Vec<_> = files
            .iter()
            .map(|file| (file.name.as_slice(), file.content.bytes(), file.state))
            .collect();
        assert_eq!(
            found,
            [
                (&b"n.bin"[..], &b"hello"[..], FileState::Closed),
                (b"a b.txt", b"line 1\r\nline 2", FileState::Closed),
            ]
        );
    }

    #[test]
    fn a_message_without_parts_has_no_file() {
        let (email, files) = read("Subject: x\n\nbody\n");
        assert_eq!((email.fields.len(), files.len()), (1, 0));
        // MD5 of "body\r\n".
        assert_eq!(
            email.body_md5.as_deref(),
            Some("89dd3590116a70b579661a2d8593bb2f")
        );
    }

    #[test]
    fn floods_are_bounded() {
        let mut message = "X: y\n".repeat(100_000);
        message.push_str("Content-Type: multipart/mixed; boundary=b\n\n");
        for _ in 0..1000 {
            message.push_str("--b\nContent-Disposition: attachment; filename=f\n\nx\n");
        }
        let (email, files) = read(&message);
        assert!(email.fields.len() <= MAX_FIELDS && files.len() <= MAX_FILES);
    }
}
