//! Session descriptions (RFC 8866): lines of one letter, an equals sign and text.

use serde_json::{Map, Value};

use crate::proto::text;

/// Lines that are read.
const MAX_LINES: usize = 512;

/// One `m=` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// The `m=` line.
    pub media: Vec<u8>,
    /// Other lines of the section: letter and text.
    pub lines: Vec<(u8, Vec<u8>)>,
}

/// A session description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sdp {
    /// Lines of the session: letter and text.
    pub lines: Vec<(u8, Vec<u8>)>,
    /// Its media sections.
    pub media: Vec<Media>,
}

/// Reads a body; `None` when it is no session description.
pub(super) fn parse(body: &[u8]) -> Option<Sdp> {
    let mut sdp = Sdp::default();
    for line in body.split(|byte| *byte == b'\n').take(MAX_LINES) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let [letter, b'=', value @ ..] = line else {
            continue;
        };
        if sdp.lines.is_empty() && *letter != b'v' {
            return None;
        }
        match (letter, sdp.media.last_mut()) {
            (b'm', _) => sdp.media.push(Media {
                media: value.to_vec(),
                lines: Vec::new(),
            }),
            (_, Some(media)) => media.lines.push((*letter, value.to_vec())),
            (_, None) => sdp.lines.push((*letter, value.to_vec())),
        }
    }
    (!sdp.lines.is_empty()).then_some(sdp)
}

/// First line of a letter.
fn first(lines: &[(u8, Vec<u8>)], letter: u8) -> Option<Value> {
    let (_, value) = lines.iter().find(|(found, _)| *found == letter)?;
    Some(text(value).into())
}

/// All lines of a letter.
fn all(lines: &[(u8, Vec<u8>)], letter: u8) -> Option<Value> {
    let list: Vec<Value> = lines
        .iter()
        .filter(|(found, _)| *found == letter)
        .map(|(_, value)| text(value).into())
        .collect();
    (!list.is_empty()).then(|| list.into())
}

fn put(object: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value);
    }
}

impl Sdp {
    /// The texts of all session lines of a letter.
    pub fn session(&self, letter: u8) -> impl Iterator<Item = &[u8]> {
        self.lines
            .iter()
            .filter(move |(found, _)| *found == letter)
            .map(|(_, value)| value.as_slice())
    }

    /// The `sdp` object of EVE.
    pub(super) fn object(&self) -> Value {
        let mut object = Map::new();
        for (key, letter) in [
            ("origin", b'o'),
            ("session_name", b's'),
            ("session_info", b'i'),
            ("uri", b'u'),
            ("email", b'e'),
            ("phone_number", b'p'),
            ("connection_data", b'c'),
        ] {
            put(&mut object, key, first(&self.lines, letter));
        }
        put(&mut object, "bandwidths", all(&self.lines, b'b'));
        put(&mut object, "time_descriptions", self.times());
        put(&mut object, "timezone", first(&self.lines, b'z'));
        put(&mut object, "encryption_key", first(&self.lines, b'k'));
        put(&mut object, "attributes", all(&self.lines, b'a'));
        let media: Vec<Value> = self.media.iter().map(Media::object).collect();
        if !media.is_empty() {
            object.insert("media_descriptions".to_owned(), media.into());
        }
        Value::Object(object)
    }

    /// `t=` lines, each with the `r=` line behind it.
    fn times(&self) -> Option<Value> {
        let mut times: Vec<Value> = Vec::new();
        for (letter, value) in &self.lines {
            let key = match (letter, times.last_mut()) {
                (b't', _) => {
                    times.push(Value::Object(Map::new()));
                    "time"
                }
                (b'r', Some(_)) => "repeat_time",
                _ => continue,
            };
            if let Some(Value::Object(time)) = times.last_mut() {
                time.insert(key.to_owned(), text(value).into());
            }
        }
        (!times.is_empty()).then(|| times.into())
    }
}

impl Media {
    fn object(&self) -> Value {
        let mut object = Map::new();
        object.insert("media".to_owned(), text(&self.media).into());
        put(&mut object, "media_info", first(&self.lines, b'i'));
        put(&mut object, "bandwidths", all(&self.lines, b'b'));
        put(&mut object, "connection_data", first(&self.lines, b'c'));
        put(&mut object, "encryption_key", first(&self.lines, b'k'));
        put(&mut object, "attributes", all(&self.lines, b'a'));
        Value::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn session_and_media() {
        let sdp =
            parse(b"v=0\r\no=me 1\r\ns=call\r\nt=1 2\r\nr=3\r\na=x\r\nm=audio 1\r\nc=IN\r\na=y\r\n").unwrap();
        assert_eq!(
            sdp.object(),
            json!({
                "origin": "me 1", "session_name": "call", "time_descriptions": [{"time": "1 2", "repeat_time": "3"}],
                "attributes": ["x"],
                "media_descriptions": [{"media": "audio 1", "connection_data": "IN", "attributes": ["y"]}],
            })
        );
    }

    #[test]
    fn what_is_no_description() {
        for body in [&b""[..], b"hello", b"o=x\r\nv=0", b"\xff\xfe"] {
            assert_eq!(parse(body), None, "{body:?}");
        }
    }
}
