//! HAProxy: HTTP and TCP lines, connection errors, the enterprise edition's JSON.

use super::{Input, Json, Text, json};
use crate::draft::Draft;
use crate::kinds;
use crate::part::clf;
use crate::part::pattern::{row, table};
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "haproxy",
    programs: &["haproxy", "hapee-lb"],
    probe: |input| {
        let body = input.body.trim_start();
        body.split_once(" [").is_some_and(|(client, rest)| {
            client.contains(':')
                && !client.contains(' ')
                && rest.get(2..3) == Some("/")
                && rest.get(24..25) == Some("]")
        }) || (body.starts_with("Connect from ") && body.contains(" to "))
    },
    parse,
};

pub(crate) static JSON: Json = Json {
    name: "haproxy",
    probe: |fields| {
        fields.find("fqdn").is_some() && fields.find("meth").is_some() && fields.find("trtt").is_some()
    },
    parse: |fields, draft, _| {
        draft.stamp(fields.find("date").and_then(json::stamp_of));
        json::mapped(
            fields,
            draft,
            &[
                ("ip", "c-ip"),
                ("port", "c-port"),
                ("meth", "cs-method"),
                ("code", "sc-status"),
                ("bytes", "sc-bytes"),
                ("ua", "cs-user-agent"),
                ("fqdn", "cs-host"),
                ("path", "cs-uri-stem"),
                ("qs", "cs-uri-query"),
                ("vers", "cs-version"),
            ],
        );
        draft.sources = kinds::webserver();
    },
};

table!(LINES:
    row("\"", r#"^(\S+) \[[^\]]+\] (\S+) (\S+) ([-\d/+]+) (-?\d+) (\d+) \S+ \S+ (\S{4}) [\d/+]+ [\d/]+ (?:\{([^}]*)\} )*"((?:[^"\\]|\\.)*)"?"#,
        &["@client", "frontend", "backend", "timers", "sc-status", "sc-bytes", "termination_state", "captured", "@request"], &[]),
    row("[", r"^(\S+) \[[^\]]+\] ([^\s:]+)(?: (\S+))?: (.*)$", &["@client", "frontend", "backend", "error"], &[]),
    row("[", r"^(\S+) \[[^\]]+\] (\S+) (\S+) ([-\d/+]+) (\d+) (\S\S) ", &["@client", "frontend", "backend", "timers", "sc-bytes", "termination_state"], &[]),
    row("Connect from", r"^Connect from (\S+) to (\S+) \((\S+)\)", &["@client", "@dst", "frontend"], &[]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    draft.sources = kinds::webserver();
    let body = input.body.trim();
    let known = LINES.first(body, draft);
    let when = body.split_once(" [").and_then(|(_, rest)| time::prefix(rest));
    draft.stamp(when.map(|(stamp, _)| stamp));
    if !known && input.header.program.is_none() {
        return clf::access(body, draft);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn http_lines_and_errors() {
        for (line, expected) in [
            (
                r#"10.0.0.7:53994 [22/Nov/2026:07:30:00.130] fe~ be/s1 0/0/0/5/5 200 7500 - - --VN 409/407/0/0/0 0/0 {dvc.vn} "GET /a?b=1 HTTP/1.1""#,
                r#"{"c-ip":"10.0.0.7","c-port":53994,"frontend":"fe~","backend":"be/s1","timers":"0/0/0/5/5","sc-status":200,"sc-bytes":7500,"termination_state":"--VN","captured":"dvc.vn","cs-method":"GET","cs-uri":"/a?b=1","cs-uri-stem":"/a","cs-uri-query":"b=1","cs-version":"HTTP/1.1","time_local":"2026-11-22T07:30:00"}"#,
            ),
            (
                "10.0.0.7:53994 [22/Nov/2026:07:30:00.143] fe/1: SSL handshake failure",
                r#"{"c-ip":"10.0.0.7","c-port":53994,"frontend":"fe/1","error":"SSL handshake failure","time_local":"2026-11-22T07:30:00"}"#,
            ),
        ] {
            assert_eq!(fields("haproxy", line), expected, "{line}");
        }
    }
}
