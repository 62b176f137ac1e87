//! Apache httpd: error lines, SSL request lines; its access lines are those of every web server.

use super::{Input, Text};
use crate::draft::Draft;
use crate::kinds;
use crate::part::clf;
use crate::part::pattern::{row, table};
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "apache",
    programs: &["httpd", "apache", "apache2"],
    probe: |input| is_error(input.body) || is_ssl_request(input.body),
    parse,
};

table!(PARTS:
    row("pid ", r"\[pid (\d+)(?::tid \d+)?\]", &["pid"], &[]),
    row("[client ", r"\[client (\S+?)\]", &["@client"], &[]),
    row("[remote ", r"\[remote (\S+?)\]", &["@client"], &[]),
    row("referer: ", r"referer: (\S+)$", &["cs-referer"], &[]),
    row("user ", r"user (\S*?):? (?:not found|in realm|authentication failure|password mismatch|authorization failure)", &["cs-username"], &[("outcome", "failure")]),
    row("[hostname ", r#"\[hostname "([^"]*)"\]"#, &["cs-host"], &[]),
    row("[uri ", r#"\[uri "([^"]*)"\]"#, &["@target"], &[]),
);

table!(SSL_REQUEST:
    row("] ", r#"^\[[^\]]+\] (\S+) (\S+) (\S+) "([^"]*)" (\d+|-)"#, &["@client", "tls_version", "tls_cipher", "@request", "sc-bytes"], &[]),
);

/// `[Sun Nov 22 07:30:00.123 2026] [core:error] …`, or an error line whose date a relay took off.
fn is_error(body: &str) -> bool {
    let dated = body.starts_with('[')
        && body.as_bytes().get(1).is_some_and(u8::is_ascii_uppercase)
        && body.get(4..5) == Some(" ");
    (dated && memchr::memmem::find(body.as_bytes(), b"] [").is_some()) || level(body).is_some()
}

fn is_ssl_request(body: &str) -> bool {
    body.starts_with('[') && body.contains("] ") && body.contains(" TLSv1") && body.contains(" \"")
}

/// `[module:level] ` or `[level] ` at the start: the level and what follows.
fn level(text: &str) -> Option<(&str, &str)> {
    const LEVELS: &[&str] = &[
        "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug",
    ];
    let (inner, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let level = inner.rsplit(':').next().unwrap_or(inner);
    let known = LEVELS.contains(&level) || level.starts_with("trace");
    (known
        && inner.len() < 40
        && (inner.contains(':') || rest.starts_with("[pid ") || rest.starts_with("[client ")))
    .then_some((level, rest))
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    draft.sources = kinds::apache();
    let body = input.body.trim_start();
    if is_error(body) {
        return error(body, draft);
    }
    if is_ssl_request(body) && SSL_REQUEST.first(body, draft) {
        draft.stamp(body.get(1..).and_then(time::prefix).map(|(stamp, _)| stamp));
        return Some(());
    }
    clf::access(body, draft)
}

/// An error line: date, module and level, process, client, message.
pub(crate) fn error<'r>(body: &'r str, draft: &mut Draft<'r>) -> Option<()> {
    let rest = match body.strip_prefix('[').and_then(time::prefix) {
        Some((stamp, rest)) => {
            draft.stamp(Some(stamp));
            rest.strip_prefix(']')?.trim_start()
        }
        None => body,
    };
    let (inner, rest) = rest.strip_prefix('[')?.split_once(']')?;
    draft.set("level", inner.rsplit(':').next().unwrap_or(inner));
    PARTS.all(rest, draft);
    draft.set("error", rest.trim_start());
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn error_lines() {
        for (line, expected) in [
            (
                "[Sun Nov 22 07:30:00.123456 2026] [auth_basic:error] [pid 10:tid 14] [client 10.0.0.7:50229] AH01618: user an not found: /",
                r#"{"level":"error","pid":10,"c-ip":"10.0.0.7","c-port":50229,"cs-username":"an","outcome":"failure","error":"[pid 10:tid 14] [client 10.0.0.7:50229] AH01618: user an not found: /","time_local":"2026-11-22T07:30:00"}"#,
            ),
            (
                "[Sun Nov 22 07:30:00 2026] [notice] jk2_init() Found child 5518",
                r#"{"level":"notice","error":"jk2_init() Found child 5518","time_local":"2026-11-22T07:30:00"}"#,
            ),
        ] {
            assert_eq!(fields("apache", line), expected, "{line}");
        }
    }
}
