//! Request targets: host, path and query out of what stands in the request line, and the normalised form.
//!
//! `http.uri` must look at what the server will see, so the path is percent-decoded (also `%uXXXX`), backslashes become
//! slashes, runs of slashes become one and dot segments are removed (RFC 3986 section 5.2.4). The query is decoded, but
//! its structure is left alone. The raw form is kept beside it.

/// A request target taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// Authority of an absolute target (`http://host:port/…`), without user name and password.
    pub(super) authority: Option<Vec<u8>>,
    /// Normalised path.
    pub(super) path: Vec<u8>,
    /// Normalised path and query (what `http.uri` looks at).
    pub(super) uri: Vec<u8>,
    /// A percent sign was still there after decoding and would decode again.
    pub(super) double_encoded: bool,
}

/// Takes a raw target apart.
pub(super) fn parse(raw: &[u8]) -> Target {
    let (authority, rest) = split_authority(raw);
    let (path, query) = match rest.iter().position(|byte| *byte == b'?') {
        Some(at) => rest.split_at(at),
        None => (rest, &b""[..]),
    };
    let path = normalise_path(path);
    let mut uri = path.clone();
    let query = percent_decode(query);
    uri.extend_from_slice(&query);
    Target {
        authority,
        double_encoded: percent_decode(&path) != path,
        path,
        uri,
    }
}

/// Authority and the rest of an absolute target (`scheme://authority/rest`).
fn split_authority(raw: &[u8]) -> (Option<Vec<u8>>, &[u8]) {
    let scheme = [&b"http://"[..], b"https://"].into_iter().find(|scheme| {
        raw.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let Some(after) = scheme.and_then(|scheme| raw.get(scheme.len()..)) else {
        return (None, raw);
    };
    let end = after
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    let host = authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    (Some(host.to_vec()), rest)
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((digit(high)? << 4 | digit(low)?) as u8)
}

/// Decodes `%XX` and `%uXXXX` (its low byte when the high one is zero or full-width, else `?`); what is no escape stays.
pub(super) fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [b'u' | b'U', a, b, c, d, after @ ..]) => {
                if let (Some(high), Some(low)) = (hex_pair(*a, *b), hex_pair(*c, *d)) {
                    out.push(best_fit(high, low));
                    rest = after;
                } else {
                    out.push(b'%');
                }
            }
            (b'%', [high, low, after @ ..]) => {
                if let Some(byte) = hex_pair(*high, *low) {
                    out.push(byte);
                    rest = after;
                } else {
                    out.push(b'%');
                }
            }
            _ => out.push(*first),
        }
    }
    out
}

/// The byte a server would make of a 16-bit escape: Latin-1, or the ASCII letter of a full-width form.
fn best_fit(high: u8, low: u8) -> u8 {
    match (high, low) {
        (0, low) => low,
        (0xff, 0x01..=0x5e) => low + 0x20,
        _ => b'?',
    }
}

fn normalise_path(raw: &[u8]) -> Vec<u8> {
    let decoded = percent_decode(raw);
    if !decoded
        .windows(2)
        .any(|pair| matches!(pair, [b'/' | b'.', b'/' | b'.']))
        && !decoded.contains(&b'\\')
    {
        return decoded;
    }
    let absolute = matches!(decoded.first(), Some(b'/' | b'\\'));
    let mut segments: Vec<&[u8]> = Vec::new();
    let mut directory = false;
    for segment in decoded.split(|byte| matches!(byte, b'/' | b'\\')) {
        directory = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut path = Vec::with_capacity(decoded.len());
    if absolute {
        path.push(b'/');
    }
    path.extend_from_slice(&segments.join(&b'/'));
    if directory && !segments.is_empty() {
        path.push(b'/');
    }
    path
}

/// Host (lower case, without port, brackets of IPv6 kept) and port of an authority; `None` when it cannot be one.
pub(super) fn split_host(authority: &[u8]) -> Option<(Vec<u8>, Option<u16>)> {
    let (host, port) = if authority.first() == Some(&b'[') {
        let end = authority.iter().position(|byte| *byte == b']')? + 1;
        authority.split_at(end)
    } else {
        match authority.iter().position(|byte| *byte == b':') {
            Some(at) => authority.split_at(at),
            None => (authority, &b""[..]),
        }
    };
    let port = match port {
        b"" | b":" => None,
        [b':', digits @ ..] => Some(std::str::from_utf8(digits).ok()?.trim().parse::<u16>().ok()?),
        _ => return None,
    };
    Some((host.to_ascii_lowercase(), port))
}

/// Whether a host could be a name or an address: no blanks, no separators, labels not empty.
pub(super) fn valid_host(host: &[u8]) -> bool {
    if let [b'[', inner @ .., b']'] = host {
        return std::str::from_utf8(inner).is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let host = host.strip_suffix(b".").unwrap_or(host);
    !host.is_empty()
        && host.len() <= 255
        && host.split(|byte| *byte == b'.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(raw: &str) -> String {
        String::from_utf8_lossy(&parse(raw.as_bytes()).uri).into_owned()
    }

    #[test]
    fn normalises_as_servers_do() {
        for (raw, normal) in [
            ("/", "/"),
            ("*", "*"),
            ("/a/b.html?x=1", "/a/b.html?x=1"),
            ("/%61%2fb", "/a/b"),
            ("/../a/b/../c/./d.html", "/a/c/d.html"),
            ("/a//b///c", "/a/b/c"),
            ("/a\\b", "/a/b"),
            ("/a/%2e%2e/etc/passwd", "/etc/passwd"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/a/b/", "/a/b/"),
            ("/%u0041%uff21", "/AA"),
            ("/100%", "/100%"),
            ("/%zz", "/%zz"),
            ("/q?a=%27or%201", "/q?a='or 1"),
            ("/q?a=/../b//c", "/q?a=/../b//c"),
            ("http://h.example:80/p?q", "/p?q"),
            ("/dir/file..txt", "/dir/file..txt"),
        ] {
            assert_eq!(uri(raw), normal, "{raw}");
        }
    }

    #[test]
    fn absolute_targets_give_their_host() {
        let target = parse(b"HTTP://user:pw@Host.Example:8080/x");
        assert_eq!(target.authority.as_deref(), Some(b"Host.Example:8080".as_slice()));
        assert_eq!(parse(b"/x").authority, None);
    }

    #[test]
    fn double_encoding_is_seen() {
        assert!(parse(b"/%2561").double_encoded);
        assert!(!parse(b"/%61").double_encoded);
    }

    #[test]
    fn hosts_and_ports() {
        assert_eq!(
            split_host(b"A.example:8080"),
            Some((b"a.example".to_vec(), Some(8080)))
        );
        assert_eq!(split_host(b"[::1]:80"), Some((b"[::1]".to_vec(), Some(80))));
        assert_eq!(split_host(b"a.example"), Some((b"a.example".to_vec(), None)));
        for wrong in ["a:b", "a:99999", "[::1", "[::1]x"] {
            assert_eq!(split_host(wrong.as_bytes()), None, "{wrong}");
        }
        for (host, valid) in [
            ("a.example", true),
            ("[::1]", true),
            ("10.0.0.1", true),
            ("a..b", false),
            ("a b", false),
            ("", false),
            ("[x]", false),
        ] {
            assert_eq!(valid_host(host.as_bytes()), valid, "{host}");
        }
    }
}
