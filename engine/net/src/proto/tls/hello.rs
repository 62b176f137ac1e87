//! ClientHello and ServerHello (RFC 8446 section 4.1, RFC 5246 section 7.4.1, SSL 2.0).

/// Entries of a list in a hello that are kept.
const MAX_ENTRIES: usize = 1024;

/// A ClientHello.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// Version of the hello (TLS 1.3 says 1.2 here).
    pub version: u16,
    /// 32 random bytes (of SSL 2.0 its challenge).
    pub random: Vec<u8>,
    /// Session to resume; may be empty.
    pub session_id: Vec<u8>,
    /// Cipher suites in order.
    pub ciphers: Vec<u16>,
    /// Extension types in order.
    pub extensions: Vec<u16>,
    /// Host asked for.
    pub sni: Option<Vec<u8>>,
    /// Application protocols offered.
    pub alpns: Vec<Vec<u8>>,
    /// Elliptic curves and groups.
    pub groups: Vec<u16>,
    /// Elliptic curve point formats.
    pub point_formats: Vec<u8>,
    /// Signature algorithms in order.
    pub signature_algorithms: Vec<u16>,
    /// Versions of the `supported_versions` extension.
    pub supported_versions: Vec<u16>,
}

/// A ServerHello.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerHello {
    /// Version of the hello.
    pub version: u16,
    /// Version chosen in the `supported_versions` extension.
    pub selected_version: Option<u16>,
    /// 32 random bytes.
    pub random: Vec<u8>,
    /// Session; equal to the client's when resumed (or TLS 1.3).
    pub session_id: Vec<u8>,
    /// Cipher suite chosen.
    pub cipher: u16,
    /// Extension types in order.
    pub extensions: Vec<u16>,
    /// Application protocols chosen (one).
    pub alpns: Vec<Vec<u8>>,
}

/// Reads big-endian numbers and length-prefixed stretches.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    pub(super) fn u24(&mut self) -> Option<usize> {
        Some(
            self.take(3)?
                .iter()
                .fold(0, |number, byte| number << 8 | usize::from(*byte)),
        )
    }

    /// A stretch behind its 8-bit length.
    pub(super) fn short(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// A stretch behind its 16-bit length.
    pub(super) fn long(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }
}

fn words(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .take(MAX_ENTRIES)
        .filter_map(|pair| pair.try_into().ok().map(u16::from_be_bytes))
        .collect()
}

/// Events that an extension raised.
pub(super) type Events = Vec<&'static str>;

/// Reads the body of a ClientHello; `None` when it is cut off.
pub(super) fn parse_client(body: &[u8], events: &mut Events) -> Option<ClientHello> {
    let mut cursor = Cursor(body);
    let mut hello = ClientHello {
        version: cursor.u16()?,
        random: cursor.take(32)?.to_vec(),
        session_id: cursor.short()?.to_vec(),
        ciphers: words(cursor.long()?),
        ..ClientHello::default()
    };
    cursor.short()?;
    for (kind, data) in extensions(&mut cursor)? {
        hello.extensions.push(kind);
        hello.extension(kind, data, events);
    }
    Some(hello)
}

/// Reads a SSL 2.0 ClientHello behind its two length bytes and the message type.
pub(super) fn parse_client_v2(body: &[u8]) -> Option<ClientHello> {
    let mut cursor = Cursor(body);
    let version = cursor.u16()?;
    let (ciphers, session, challenge) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
    let ciphers = cursor.take(usize::from(ciphers))?;
    Some(ClientHello {
        version,
        session_id: cursor.take(usize::from(session))?.to_vec(),
        random: cursor.take(usize::from(challenge))?.to_vec(),
        // Suites of SSL 3.0 and later stand there with a leading zero byte.
        ciphers: ciphers
            .chunks_exact(3)
            .filter_map(|suite| match suite {
                [0, high, low] => Some(u16::from_be_bytes([*high, *low])),
                _ => None,
            })
            .collect(),
        ..ClientHello::default()
    })
}

/// Reads the body of a ServerHello; `None` when it is cut off.
pub(super) fn parse_server(body: &[u8]) -> Option<ServerHello> {
    let mut cursor = Cursor(body);
    let version = cursor.u16()?;
    let random = cursor.take(32)?.to_vec();
    // Drafts of TLS 1.3 before 22 have neither session nor compression here; the first ones say 1.3 outright.
    let early_draft = matches!(version, 0x0304 | 0x7f01..=0x7f15);
    let session_id = if early_draft {
        Vec::new()
    } else {
        cursor.short()?.to_vec()
    };
    let cipher = cursor.u16()?;
    if !early_draft {
        cursor.u8()?;
    }
    let mut hello = ServerHello {
        version,
        random,
        session_id,
        cipher,
        ..ServerHello::default()
    };
    for (kind, data) in extensions(&mut cursor)? {
        hello.extensions.push(kind);
        match kind {
            16 => hello.alpns = protocols(data),
            43 => hello.selected_version = Cursor(data).u16(),
            _ => {}
        }
    }
    Some(hello)
}

/// Types and contents of the extensions: none is fine, cut off is not.
fn extensions<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<(u16, &'a [u8])>> {
    let mut list = Vec::new();
    if cursor.0.is_empty() {
        return Some(list);
    }
    let mut inner = Cursor(cursor.long()?);
    while !inner.0.is_empty() {
        let kind = inner.u16()?;
        let data = inner.long()?;
        if list.len() < MAX_ENTRIES {
            list.push((kind, data));
        }
    }
    Some(list)
}

fn protocols(data: &[u8]) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    let mut cursor = Cursor(Cursor(data).long().unwrap_or_default());
    while let Some(name) = cursor.short() {
        if names.len() < MAX_ENTRIES {
            names.push(name.to_vec());
        }
    }
    names
}

impl ClientHello {
    fn extension(&mut self, kind: u16, data: &[u8], events: &mut Events) {
        match kind {
            0 => self.server_name(data, events),
            10 => self.groups = words(Cursor(data).long().unwrap_or_default()),
            11 => self.point_formats = Cursor(data).short().unwrap_or_default().to_vec(),
            13 => self.signature_algorithms = words(Cursor(data).long().unwrap_or_default()),
            16 => self.alpns = protocols(data),
            43 => self.supported_versions = words(Cursor(data).short().unwrap_or_default()),
            _ => {}
        }
    }

    /// RFC 6066 section 3: a list, of which only host names are defined.
    fn server_name(&mut self, data: &[u8], events: &mut Events) {
        if self.sni.is_some() {
            events.push("multiple_sni_extensions");
            return;
        }
        let Some(list) = Cursor(data).long().filter(|list| !list.is_empty()) else {
            events.push("invalid_sni_length");
            return;
        };
        let mut list = Cursor(list);
        if list.u8() != Some(0) {
            events.push("invalid_sni_type");
            return;
        }
        match list.long().filter(|name| !name.is_empty()) {
            Some(name) => self.sni = Some(name.to_vec()),
            None => events.push("invalid_sni_length"),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend_from_slice(&(data.len() as u16).to_be_bytes());
        bytes.extend_from_slice(data);
        bytes
    }

    /// The body of a ClientHello with the given extensions.
    pub(in crate::proto::tls) fn client_body(extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = b"\x03\x03".to_vec();
        body.extend_from_slice(&[7; 32]);
        body.extend_from_slice(b"\0\0\x04\x13\x01\x0a\x0a\x01\0");
        let all: Vec<u8> = extensions
            .iter()
            .flat_map(|(kind, data)| extension(*kind, data))
            .collect();
        body.extend_from_slice(&(all.len() as u16).to_be_bytes());
        body.extend_from_slice(&all);
        body
    }

    pub(in crate::proto::tls) const SNI: &[u8] = b"\0\x0c\0\0\x09a.example";

    #[test]
    fn client_hello() {
        let mut events = Events::new();
        let body = client_body(&[
            (0, SNI),
            (10, b"\0\x04\0\x1d\x1a\x1a"),
            (11, b"\x01\0"),
            (13, b"\0\x02\x04\x03"),
            (16, b"\0\x0c\x02h2\x08http/1.1"),
            (43, b"\x04\x03\x04\x03\x03"),
        ]);
        let hello = parse_client(&body, &mut events).unwrap();
        assert!(events.is_empty());
        assert_eq!(hello.sni.as_deref(), Some(b"a.example".as_slice()));
        assert_eq!(hello.ciphers, [0x1301, 0x0a0a]);
        assert_eq!(hello.extensions, [0, 10, 11, 13, 16, 43]);
        assert_eq!(hello.alpns, [b"h2".to_vec(), b"http/1.1".to_vec()]);
        assert_eq!(
            (hello.groups, hello.supported_versions),
            (vec![0x1d, 0x1a1a], vec![0x304, 0x303])
        );
    }

    #[test]
    fn cut_hellos_are_refused_at_every_place() {
        let body = client_body(&[(0, SNI)]);
        for length in 0..body.len() {
            // Without any extension block a hello is whole: that is how SSL 3.0 wrote it.
            if length != 43 {
                assert_eq!(
                    parse_client(&body[..length], &mut Events::new()),
                    None,
                    "{length}"
                );
            }
        }
    }

    #[test]
    fn odd_server_names_raise_events() {
        for (data, event) in [
            (&b""[..], "invalid_sni_length"),
            (b"\0\0", "invalid_sni_length"),
            (b"\0\x05\x01\0\x02ab", "invalid_sni_type"),
            (b"\0\x03\0\0\0", "invalid_sni_length"),
        ] {
            let mut events = Events::new();
            parse_client(&client_body(&[(0, data)]), &mut events).unwrap();
            assert_eq!(events, [event], "{data:?}");
        }
        let mut events = Events::new();
        parse_client(&client_body(&[(0, SNI), (0, SNI)]), &mut events).unwrap();
        assert_eq!(events, ["multiple_sni_extensions"]);
    }

    #[test]
    fn server_hellos() {
        let mut body = b"\x03\x03".to_vec();
        body.extend_from_slice(&[9; 32]);
        body.extend_from_slice(b"\x01\x05\x13\x02\0");
        assert_eq!(parse_server(&body).unwrap().cipher, 0x1302);
        body.extend_from_slice(b"\0\x06\0\x2b\0\x02\x03\x04");
        let hello = parse_server(&body).unwrap();
        assert_eq!(
            (hello.selected_version, hello.session_id.as_slice()),
            (Some(0x304), &b"\x05"[..])
        );
        assert_eq!(parse_server(&body[..body.len() - 1]), None);
    }

    #[test]
    fn ssl_2_hello() {
        let hello = parse_client_v2(b"\x03\x00\0\x06\0\0\0\x04\0\0\x2f\x07\0\xc0abcd").unwrap();
        assert_eq!(
            (hello.version, hello.ciphers, hello.random),
            (0x300, vec![0x2f], b"abcd".to_vec())
        );
    }
}
