//! nginx: access lines in the combined format and its usual variants, error lines, JSON access logs.

use saola_event::Fields;

use super::{Input, Json, Text};
use crate::draft::Draft;
use crate::kinds;
use crate::part::clf;
use crate::part::pattern::{row, table};
use crate::time::{self, Anchor};

pub(crate) static SOURCE: Text = Text {
    name: "nginx",
    programs: &["nginx"],
    probe: |input| is_error(input.body) || is_bracketed(input.body),
    parse,
};

/// `log_format … escape=json` with the names of nginx's own variables.
pub(crate) static JSON: Json = Json {
    name: "nginx",
    probe: |fields| {
        (fields.find("remote_addr").is_some() || fields.find("body_bytes_sent").is_some())
            && (fields.find("request").is_some()
                || fields.find("request_uri").is_some()
                || fields.find("uri").is_some())
    },
    parse: parse_json,
};

table!(BRACKETED:
    // A proxy's format: [time] host client seconds "request" status sent received user agent
    row("] ", r#"^\[[^\]]+\] (\S+) ([0-9a-fA-F:.]+) [\d.]+ "([A-Z]+) (\S+) (HTTP/[\d.]+)" (\d{3}) (\d+) \d+ \S+ (.*)$"#,
        &["cs-host", "c-ip", "cs-method", "@target", "cs-version", "sc-status", "sc-bytes", "cs-user-agent"], &[]),
    // nginx proxy manager: [time] status - GET https host "/path" [Client ip] [Length n] … "agent" "referer"
    row("[Client ", r#"^\[[^\]]+\] (\d{3}) - ([A-Z]+) (\w+) (\S+) "([^"]*)" \[Client ([^\]]+)\] \[Length (\d+|-)\].*? "([^"]*)" "([^"]*)"$"#,
        &["sc-status", "cs-method", "cs-protocol", "cs-host", "@target", "c-ip", "sc-bytes", "cs-user-agent", "cs-referer"], &[]),
    // nginx proxy manager: [time] cache upstream status - GET https host "/path" [Client ip] [Length n] … "agent" "referer"
    row("[Client ", r#"^\[[^\]]+\] (?:\S+ )?(?:\d{3}|-) ?(\d{3})? - ([A-Z]+) (\w+) (\S+) "([^"]*)" \[Client ([^\]]+)\] \[Length (\d+|-)\].*? "([^"]*)" "([^"]*)"$"#,
        &["sc-status", "cs-method", "cs-protocol", "cs-host", "@target", "c-ip", "sc-bytes", "cs-user-agent", "cs-referer"], &[]),
);

table!(ERRORS:
    row("client: ", r"client: ([^\s,]+)", &["@client"], &[]),
    row("request: ", r#"request: "([^"]*)""#, &["@request"], &[]),
    row("host: ", r#"host: "([^"]*)""#, &["cs-host"], &[]),
    row("referrer: ", r#"referrer: "([^"]*)""#, &["cs-referer"], &[]),
    row("server: ", r"server: ([^\s,]+)", &["server"], &[]),
    row("upstream: ", r#"upstream: "([^"]*)""#, &["upstream"], &[]),
    row("user", r#"user ["']([^"']*)["'](?:: password mismatch| was not found| - not authenticated)"#, &["cs-username"], &[("outcome", "failure")]),
);

fn is_error(body: &str) -> bool {
    matches!(
        body.as_bytes(),
        [b'0'..=b'9', _, _, _, b'/', _, _, b'/', _, _, b' ', ..]
    ) && body.get(19..21) == Some(" [")
}

fn is_bracketed(body: &str) -> bool {
    body.starts_with('[') && body.get(3..4) == Some("/") && body.contains(" \"")
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    draft.sources = kinds::nginx();
    // A relay may have put nginx's own envelope before the line once more.
    let body = input.body.trim_start();
    let body = body
        .find("nginx: ")
        .filter(|at| *at < 64)
        .and_then(|at| body.get(at + 7..))
        .unwrap_or(body);
    if is_error(body) {
        return error(body, draft);
    }
    if is_bracketed(body) && BRACKETED.first(body, draft) {
        draft.stamp(body.get(1..).and_then(time::prefix).map(|(stamp, _)| stamp));
        return Some(());
    }
    clf::access(body, draft)
}

/// `2026/11/22 07:30:00 [error] 31#31: *46 message, client: …, server: …, request: "…", host: "…"`.
pub(crate) fn error<'r>(body: &'r str, draft: &mut Draft<'r>) -> Option<()> {
    let (stamp, rest) = time::prefix(body)?;
    let (level, rest) = rest.strip_prefix(" [")?.split_once("] ")?;
    draft.stamp(Some(stamp));
    draft.set("level", level);
    if let Some((ids, said)) = rest.split_once(": ") {
        draft.set_some("pid", ids.split_once('#').map(|(pid, _)| pid));
        draft.set("error", said);
    }
    ERRORS.all(rest, draft);
    Some(())
}

fn parse_json<'r>(mut fields: Fields<'r>, draft: &mut Draft<'r>, _: Anchor) {
    draft.sources = kinds::nginx();
    draft.stamp(super::json::time_of(&fields));
    for (own, ours) in [
        ("remote_addr", "c-ip"),
        ("remote_user", "cs-username"),
        ("body_bytes_sent", "sc-bytes"),
        ("status", "sc-status"),
        ("response_status", "sc-status"),
        ("http_user_agent", "cs-user-agent"),
        ("user_agent", "cs-user-agent"),
        ("http_referer", "cs-referer"),
        ("referrer", "cs-referer"),
        ("http_referrer", "cs-referer"),
        ("request_method", "cs-method"),
        ("server_protocol", "cs-version"),
        ("host", "cs-host"),
        ("http_host", "cs-host"),
        ("remote_port", "c-port"),
        ("request_time", "time-taken"),
    ] {
        super::json::copy(&mut fields, own, ours);
    }
    let line = fields.find("request").and_then(saola_event::Value::as_borrowed);
    let target = fields
        .find("request_uri")
        .and_then(saola_event::Value::as_borrowed);
    draft.fields = fields;
    if let Some(line) = line {
        clf::request(line, draft);
    }
    if let Some(target) = target {
        clf::target(target, draft);
    }
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn access_and_error_lines() {
        for (line, expected) in [
            (
                r#"<190>Nov 22 07:30:00 dvc nginx: 10.0.0.7 - - [22/Nov/2026:07:30:00 +0700] "GET /?id=1%27 HTTP/1.1" 500 1 "-" "sqlmap/1.7""#,
                r#"{"c-ip":"10.0.0.7","sc-status":500,"sc-bytes":1,"cs-method":"GET","cs-uri":"/?id=1%27","cs-uri-stem":"/","cs-uri-query":"id=1%27","cs-version":"HTTP/1.1","cs-referer":"-","cs-user-agent":"sqlmap/1.7","host":"dvc","program":"nginx","facility":23,"severity":6,"time_noyear":"11-22T07:30:00"}"#,
            ),
            (
                r#"2026/11/22 07:30:00 [error] 31#31: *46 open() "/x" failed (2: No such file or directory), client: 10.0.0.7, server: dvc, request: "GET /x HTTP/1.1", host: "dvc""#,
                r#"{"level":"error","pid":31,"error":"*46 open() \"/x\" failed (2: No such file or directory), client: 10.0.0.7, server: dvc, request: \"GET /x HTTP/1.1\", host: \"dvc\"","c-ip":"10.0.0.7","cs-method":"GET","cs-uri":"/x","cs-uri-stem":"/x","cs-version":"HTTP/1.1","cs-host":"dvc","server":"dvc","time_local":"2026-11-22T07:30:00"}"#,
            ),
        ] {
            assert_eq!(fields("nginx", line), expected, "{line}");
        }
    }
}
