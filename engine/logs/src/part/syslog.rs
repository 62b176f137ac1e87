//! The envelope that most text logs travel in: RFC 5424, RFC 3164, and what programs make of the two.
//!
//! Real senders leave out the priority (files), the host (nginx, macOS), the time, or the program; they write ISO dates
//! where RFC 3164 has none, and a colon after the host (Cisco). Each part is taken when it is there; what is left is the
//! body. The header never fails a record: a text without one is all body.

use super::cursor::Cursor;
use crate::time::{self, Stamp};

/// The parts of an envelope, and the body within it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Header<'r> {
    /// Facility × 8 + severity.
    pub(crate) priority: Option<u8>,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) host: Option<&'r str>,
    /// The tag up to `[` or `:`.
    pub(crate) program: Option<&'r str>,
    pub(crate) pid: Option<&'r str>,
    /// `MSGID` of RFC 5424.
    pub(crate) message_id: Option<&'r str>,
    /// Structured data of RFC 5424 with its brackets.
    pub(crate) structured: Option<&'r str>,
    pub(crate) body: &'r str,
}

/// A tag longer than this is prose with a colon in it. RFC 5424 allows 48 for the name; paths and units are longer.
const MAX_TAG: usize = 80;
const MAX_HOST: usize = 255;

/// Reads the envelope. `None` when the text has none.
pub(crate) fn header(text: &str) -> Option<Header<'_>> {
    let (priority, after) = priority(text);
    let found = match after.strip_prefix("1 ") {
        Some(rest) if priority.is_some() => rfc5424(rest),
        _ => None,
    };
    let mut header = found.or_else(|| legacy(after, priority.is_some()))?;
    header.priority = priority;
    Some(header)
}

fn priority(text: &str) -> (Option<u8>, &str) {
    let mut c = Cursor::new(text);
    let read = c.attempt(|c| {
        c.byte(b'<')?;
        let number = c.digits_up_to(3).filter(|number| *number <= 191)?;
        c.byte(b'>')?;
        u8::try_from(number).ok()
    });
    (read, c.rest())
}

/// RFC 5424 behind the version. `-` stands for "not given".
fn rfc5424(text: &str) -> Option<Header<'_>> {
    let mut c = Cursor::new(text);
    let given = |word: &'_ str| -> bool { word != "-" };
    let when = c.until(' ')?;
    let stamp = time::bare(when);
    if stamp.is_none() && when != "-" {
        return None;
    }
    let host = Some(c.until(' ')?).filter(|w| given(w));
    let program = Some(c.until(' ')?).filter(|w| given(w));
    let pid = Some(c.until(' ')?).filter(|w| given(w));
    // Some senders end after the message id, or leave the structured data out.
    let message_id = Some(c.until(' ')?).filter(|w| given(w));
    let (structured, body) = structured(c.rest());
    Some(Header {
        stamp,
        host,
        program,
        pid,
        message_id,
        structured,
        body: body.strip_prefix('\u{feff}').unwrap_or(body),
        ..Header::default()
    })
}

/// `[id name="value" …][id …] rest`, or `- rest`. A quote within a value is escaped by a backslash.
fn structured(text: &str) -> (Option<&str>, &str) {
    if let Some(rest) = text.strip_prefix('-') {
        return (None, rest.strip_prefix(' ').unwrap_or(rest));
    }
    if !text.starts_with('[') {
        return (None, text);
    }
    let (mut quoted, mut escaped) = (false, false);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted && bytes.get(at + 1) != Some(&b'[') => {
                let (data, rest) = text.split_at_checked(at + 1).unwrap_or((text, ""));
                return (Some(data), rest.strip_prefix(' ').unwrap_or(rest));
            }
            _ => {}
        }
    }
    (None, text)
}

fn legacy(text: &str, has_priority: bool) -> Option<Header<'_>> {
    let text = text.trim_start_matches(' ');
    match time::prefix(text).filter(|_| dated(text)) {
        Some((stamp, rest)) => after_time(stamp, rest, text, has_priority),
        None => without_time(text, has_priority),
    }
}

/// Only the dates that syslog writes: a month's name or a year first, with dashes.
fn dated(text: &str) -> bool {
    matches!(
        text.as_bytes(),
        [b'A'..=b'Z' | b'a'..=b'z', ..] | [_, _, _, _, b'-' | b' ', ..]
    )
}

fn after_time<'r>(stamp: Stamp, rest: &'r str, text: &str, has_priority: bool) -> Option<Header<'r>> {
    // `Apr 15 2013 09:36:50: %ASA…`, `Mar  1 18:46:11.123 UTC: %SYS…`: no host at all.
    let bare = rest.strip_prefix(": ").or_else(|| rest.strip_prefix(" : "));
    if let Some(body) = bare.filter(|body| {
        has_priority || !text.starts_with(|c: char| c.is_ascii_digit()) || body.starts_with('%')
    }) {
        return Some(Header {
            stamp: Some(stamp),
            body,
            ..Header::default()
        });
    }
    let rest = rest.strip_prefix(' ')?.trim_start_matches(' ');
    let header = Header {
        stamp: Some(stamp),
        body: rest,
        ..Header::default()
    };
    if let Some(tagged) = tag(rest, header) {
        return Some(tagged);
    }
    let Some((host, after)) = host(rest) else {
        return Some(header).filter(|_| has_priority || !iso_with_blank(text));
    };
    if iso_with_blank(text) && !has_priority && host.contains(['/', ':']) {
        return None;
    }
    let hosted = Header {
        host: Some(host),
        body: after,
        ..header
    };
    let found = tag(after, hosted).unwrap_or(hosted);
    // A plain "date time word …" is any program's log; only RFC 3164 dates and ISO's `T` are syslog without a tag.
    Some(found).filter(|found| has_priority || found.program.is_some() || !iso_with_blank(text))
}

fn iso_with_blank(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b' ') && text.starts_with(|c: char| c.is_ascii_digit())
}

/// A host name or address, with or without a colon behind it (Cisco), and what follows.
fn host(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(' ')?;
    let name = word.strip_suffix(':').unwrap_or(word);
    let plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'/' | b'%' | b'@');
    let holds = !name.is_empty() && name.len() <= MAX_HOST && name.bytes().all(|b| plain(b) || !b.is_ascii());
    holds.then(|| (name, rest.trim_start_matches(' ')))
}

/// `program[pid]: body`, `program: body`, `program[pid] body`.
fn tag<'r>(text: &'r str, header: Header<'r>) -> Option<Header<'r>> {
    let end = text
        .bytes()
        .take(MAX_TAG + 1)
        .position(|b| matches!(b, b'[' | b':' | b' '))?;
    let (program, rest) = text.split_at_checked(end)?;
    if !is_program(program) {
        return None;
    }
    if let Some(inner) = rest.strip_prefix('[') {
        let (pid, after) = inner.split_once(']')?;
        let is_pid = !pid.is_empty() && pid.len() <= 32 && !pid.contains([' ', '[', '"']);
        let body = after
            .strip_prefix(':')
            .or_else(|| after.starts_with(' ').then_some(after))?;
        return is_pid.then(|| Header {
            program: Some(program),
            pid: Some(pid),
            body: body.strip_prefix(' ').unwrap_or(body),
            ..header
        });
    }
    let body = rest.strip_prefix(':')?;
    // `host: %ASA-6-302013: …` is a host, `a:b` is no tag.
    if body.trim_start().starts_with('%') || !(body.is_empty() || body.starts_with([' ', '\t'])) {
        return None;
    }
    Some(Header {
        program: Some(program),
        body: body.strip_prefix(' ').unwrap_or(body),
        ..header
    })
}

fn is_program(name: &str) -> bool {
    let starts = name
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'_' | b'('));
    let plain = |b: u8| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'.' | b'-' | b'_' | b'/' | b'(' | b')' | b'@' | b'+' | b'#' | b'!' | b'\\'
            )
    };
    starts && name.bytes().all(plain)
}

/// Programs whose bare `name: text` is taken for a tag although no date stands before it.
const BARE_TAGS: &[&str] = &[
    "CRON",
    "crond",
    "kernel",
    "login",
    "named",
    "nginx",
    "pam",
    "polkitd",
    "samba",
    "smbd",
    "spamd",
    "sshd",
    "su",
    "sudo",
    "systemd",
    "systemd-logind",
    "unbound",
    "useradd",
    "userdel",
    "usermod",
    "groupadd",
    "passwd",
];

/// `program[pid]: body` and `host program[pid]: body` alone, or anything behind a priority.
fn without_time(text: &str, has_priority: bool) -> Option<Header<'_>> {
    let header = Header {
        body: text,
        ..Header::default()
    };
    if let Some(tagged) = tag(text, header) {
        let known = tagged
            .pid
            .is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit()))
            || tagged.program.is_some_and(|program| BARE_TAGS.contains(&program));
        return (known || has_priority).then_some(tagged);
    }
    let (host, rest) = host(text).filter(|(host, _)| !host.contains(['/', '%', '=']))?;
    let hosted = tag(
        rest,
        Header {
            host: Some(host),
            body: rest,
            ..header
        },
    );
    hosted
        .filter(|found| {
            found
                .pid
                .is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit()))
        })
        .or_else(|| has_priority.then_some(header))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        header(text).map_or("none".to_owned(), |h| {
            let stamp = h.stamp.map_or("-".to_owned(), |s| {
                s.shown().map_or("instant".to_owned(), |(_, t)| t)
            });
            let or = |part: Option<&str>| part.unwrap_or("-").to_owned();
            let priority = h.priority.map_or("-".to_owned(), |p| p.to_string());
            format!(
                "{priority} {stamp} {} {} {}|{}",
                or(h.host),
                or(h.program),
                or(h.pid),
                h.body
            )
        })
    }

    #[test]
    fn what_real_senders_write() {
        for (text, expected) in [
            (
                "<38>Nov  2 09:56:21 vm sshd[12]: Accepted",
                "38 11-02T09:56:21 vm sshd 12|Accepted",
            ),
            (
                "Nov  2 09:56:21 vm sudo:  an : TTY=pts/0",
                "- 11-02T09:56:21 vm sudo -| an : TTY=pts/0",
            ),
            (
                "<190>Nov 22 09:56:21 vm web: 1.2.3.4 - -",
                "190 11-22T09:56:21 vm web -|1.2.3.4 - -",
            ),
            (
                "<13>1 2026-11-22T07:30:00+07:00 vm app 7 ID1 [x y=\"a]b\\\"\"][z] \u{feff}text",
                "13 instant vm app 7|text",
            ),
            ("<13>1 - - app - - - text", "13 - - app -|text"),
            (
                "<34>Oct 11 22:14:15 su: 'su root' failed",
                "34 10-11T22:14:15 - su -|'su root' failed",
            ),
            (
                "2026-11-22T07:30:00.5+07:00 vm systemd[1]: Started",
                "- instant vm systemd 1|Started",
            ),
            (
                "May  5 17:51:17 dev01: %FTD-6-302013: Built",
                "- 05-05T17:51:17 dev01 - -|%FTD-6-302013: Built",
            ),
            (
                "Apr 15 2013 09:36:50: %ASA-4-106023: Deny",
                "- 2013-04-15T09:36:50 - - -|%ASA-4-106023: Deny",
            ),
            (
                "Oct 10 2018 12:34:56 localhost CiscoASA[999]: %ASA-6-1: x",
                "- 2018-10-10T12:34:56 localhost CiscoASA 999|%ASA-6-1: x",
            ),
            (
                "sshd[22783]: Accepted publickey",
                "- - - sshd 22783|Accepted publickey",
            ),
            ("sudo: www-data : TTY=pts/7", "- - - sudo -|www-data : TTY=pts/7"),
            (
                "Jul  3 04:07:48 combo su(pam_unix)[26964]: session closed",
                "- 07-03T04:07:48 combo su(pam_unix) 26964|session closed",
            ),
            ("<134>date=2026-11-22 time=07:30:00 devname=x", "none"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_without_an_envelope() {
        for text in [
            "",
            "<",
            "<999>Nov 22 09:56:21 vm a: b",
            "1.2.3.4 - - [22/Nov/2026:07:30:00 +0700] \"GET / HTTP/1.1\" 200 1",
            "2026/11/22 07:30:00 [error] 1#1: x",
            "2026-11-22 07:30:00,123 ERROR something happened: badly",
            "error: something happened",
            "time=07:30:00 devname=\"a: b\"",
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }
}
