//! Addresses as logs write them: with ports, brackets, interfaces and prefixes around.

use std::net::IpAddr;

/// An address with its port, as texts of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'r> {
    pub(crate) ip: &'r str,
    pub(crate) port: Option<&'r str>,
}

/// `1.2.3.4`, `1.2.3.4:55`, `1.2.3.4/55`, `[2001:db8::1]:55`, `2001:db8::1`, `::ffff:1.2.3.4`, `fe80::1%eth0`.
pub(crate) fn place(text: &str) -> Option<Place<'_>> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[') {
        let (ip, after) = inner.split_once(']')?;
        let port = after.strip_prefix(':').filter(|port| is_port(port));
        return is_ip(ip).then_some(Place { ip, port });
    }
    if is_ip(text) {
        return Some(Place { ip: text, port: None });
    }
    let (ip, port) = text.rsplit_once([':', '/', '#'])?;
    (is_ip(ip) && is_port(port)).then_some(Place { ip, port: Some(port) })
}

/// Whether a text is an IP address, with a scope or not.
pub(crate) fn is_ip(text: &str) -> bool {
    // Cheap no's first: this is asked of every word of a text.
    if !(2..=64).contains(&text.len()) || !text.bytes().any(|b| b == b'.' || b == b':') {
        return false;
    }
    let bare = text.split_once('%').map_or(text, |(ip, _)| ip);
    bare.parse::<IpAddr>().is_ok()
}

fn is_port(text: &str) -> bool {
    (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for (text, ip, port) in [
            ("1.2.3.4", "1.2.3.4", None),
            ("1.2.3.4:55", "1.2.3.4", Some("55")),
            ("1.2.3.4/55", "1.2.3.4", Some("55")),
            ("[2001:db8::1]:55", "2001:db8::1", Some("55")),
            ("2001:db8::1", "2001:db8::1", None),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4", None),
            ("fe80::1%eth0", "fe80::1%eth0", None),
        ] {
            assert_eq!(place(text), Some(Place { ip, port }), "{text}");
        }
        for text in [
            "",
            "host",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.4:x",
            "[1.2.3.4",
            "a:b:c:zz",
        ] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
