//! Web access logs in the common and combined formats, and the variants with a host or a list of clients in front.
//!
//! A request target may hold anything, quotes included (escaped by the server as `\"` or `\x22`), so the parts are found
//! from their own marks and not by splitting at blanks.

use crate::draft::Draft;
use crate::part::place;
use crate::time;

/// Reads an access line. `None` when the text is none; nothing has been set then.
pub(crate) fn access<'r>(text: &'r str, draft: &mut Draft<'r>) -> Option<()> {
    let open = memchr::memchr(b'[', text.as_bytes())?;
    let (before, after) = text.split_at_checked(open)?;
    let (when, rest) = after.strip_prefix('[')?.split_once(']')?;
    let (stamp, tail) = time::prefix(when)?;
    let clf_date =
        when.as_bytes().iter().take(3).any(|b| *b == b'/') || when.as_bytes().get(4) == Some(&b'-');
    if !tail.is_empty() || !clf_date {
        return None;
    }
    let (request, rest) = quoted(rest.trim_start_matches(' '))?;
    let mut words = rest.split_ascii_whitespace();
    // `-` is a request that was answered by nobody (a proxy whose client went away).
    let status = words.next().filter(|word| is_status(word) || *word == "-")?;
    draft.stamp(Some(stamp));
    who(before, draft);
    draft.set_some("sc-status", Some(status).filter(|status| *status != "-"));
    draft.set_some(
        "sc-bytes",
        words
            .next()
            .filter(|word| word.bytes().all(|b| b.is_ascii_digit())),
    );
    self::request(request, draft);
    agents(rest, draft);
    Some(())
}

fn is_status(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit())
}

/// `[host[:port] ]client[, client…] identity user`.
fn who<'r>(text: &'r str, draft: &mut Draft<'r>) {
    let words: Vec<&str> = text.split_ascii_whitespace().take(16).collect();
    let client = words
        .iter()
        .position(|word| place::is_ip(word.trim_end_matches(',')));
    match client.and_then(|at| Some((at, words.get(at)?.trim_end_matches(',')))) {
        Some((at, ip)) => {
            draft.set("c-ip", ip);
            if let Some(host) = at.checked_sub(1).and_then(|before| words.get(before)) {
                draft.set("cs-host", host.split_once(':').map_or(*host, |(name, _)| name));
            }
        }
        None => draft.set_some("src_host", words.first().copied().filter(|word| *word != "-")),
    }
    let user = words
        .last()
        .copied()
        .filter(|user| words.len() > 2 && *user != "-" && !place::is_ip(user));
    draft.set_some("cs-username", user);
}

/// `GET /path?query HTTP/1.1`. A request that is no request is kept in the message alone.
pub(crate) fn request<'r>(text: &'r str, draft: &mut Draft<'r>) {
    let Some((method, target)) = text.split_once(' ') else {
        return;
    };
    let is_method = !method.is_empty()
        && method.len() <= 20
        && method
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'));
    if !is_method {
        return;
    }
    let (target, version) = match target.rsplit_once(' ') {
        Some((target, version)) if version.starts_with("HTTP/") => (target, Some(version)),
        _ => (target, None),
    };
    draft.set("cs-method", method);
    self::target(target.trim_end_matches(' '), draft);
    draft.set_some("cs-version", version);
}

/// The request target, and its parts before and after the first `?`.
pub(crate) fn target<'r>(target: &'r str, draft: &mut Draft<'r>) {
    draft.set("cs-uri", target);
    let (stem, query) = target
        .split_once('?')
        .map_or((target, None), |(stem, query)| (stem, Some(query)));
    draft.set("cs-uri-stem", stem);
    draft.set_some("cs-uri-query", query);
}

/// The first two quoted texts behind status and size: referrer and user agent.
fn agents<'r>(text: &'r str, draft: &mut Draft<'r>) {
    let mut rest = text;
    for name in ["cs-referer", "cs-user-agent"] {
        let Some((value, after)) = memchr::memchr(b'"', rest.as_bytes())
            .and_then(|at| rest.get(at..))
            .and_then(quoted)
        else {
            return;
        };
        draft.set(name, value);
        rest = after;
    }
}

/// A text in quotes at the start, with backslash escapes kept as they are, and what follows it.
pub(crate) fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', inner.as_bytes().get(from..)?)?;
        if inner.as_bytes().get(at) == Some(&b'"') {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut draft = Draft::default();
        match access(text, &mut draft) {
            Some(()) => serde_json::to_string(&draft.fields).unwrap(),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn access_lines() {
        for (text, expected) in [
            (
                r#"10.0.0.7 - an [22/Nov/2026:07:30:00 +0700] "GET /tim?q=%C4%91 HTTP/1.1" 200 612 "-" "curl/8""#,
                r#"{"c-ip":"10.0.0.7","cs-username":"an","sc-status":200,"sc-bytes":612,"cs-method":"GET","cs-uri":"/tim?q=%C4%91","cs-uri-stem":"/tim","cs-uri-query":"q=%C4%91","cs-version":"HTTP/1.1","cs-referer":"-","cs-user-agent":"curl/8"}"#,
            ),
            (
                r#"dvc.example.vn:443 2001:db8::7 - - [22/Nov/2026:07:30:00 +0700] "\x16\x03\x01" 400 -"#,
                r#"{"c-ip":"2001:db8::7","cs-host":"dvc.example.vn","sc-status":400}"#,
            ),
            (
                r#"10.0.0.7 - - [22/Nov/2026:07:30:00 +0700] "GET /a\"b ] c HTTP/1.0" 404 1"#,
                r#"{"c-ip":"10.0.0.7","sc-status":404,"sc-bytes":1,"cs-method":"GET","cs-uri":"/a\\\"b ] c","cs-uri-stem":"/a\\\"b ] c","cs-version":"HTTP/1.0"}"#,
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn other_lines() {
        for text in [
            "",
            "[",
            r#"10.0.0.7 - - [22/Nov/2026:07:30:00 +0700] "GET / HTTP/1.1"#,
            r#"10.0.0.7 - - [22/Nov/2026:07:30:00 +0700] "GET / HTTP/1.1" abc 1"#,
            r#"10.0.0.7 - - [someday] "GET / HTTP/1.1" 200 1"#,
            r#"[Sun Nov 22 07:30:00 2026] "x" 200 1"#,
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }
}
