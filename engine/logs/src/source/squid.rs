//! Squid's native access log: `time elapsed client action/status size method target user hierarchy/peer type`.

use super::{Input, Text};
use crate::draft::Draft;
use crate::kinds;
use crate::part::clf;
use crate::part::pattern::{row, table};
use crate::part::place;
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "squid",
    programs: &["squid", "squid-1", "(squid-1)"],
    probe: |input| {
        let mut words = input.body.split_ascii_whitespace();
        let time = words.next().is_some_and(is_epoch);
        time && words
            .next()
            .is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
            && words.nth(1).is_some_and(|word| word.contains('/'))
    },
    parse,
};

table!(LINES:
    row("/", r#"^([\d.]+)\s+(-?\d+) (\S+) (\w+)/(\d{3}) (\d+) (\S+) (\S+) (\S+) (\w+)/(\S+)\s+(\S+)?(?:\s+"([^"]*)"\s+"([^"]*)")?"#,
        &["epoch", "time-taken", "@src", "cache_result", "sc-status", "sc-bytes", "cs-method", "target", "cs-username", "hierarchy", "peer", "content_type", "cs-referrer", "c-useragent"], &[]),
);

/// Seconds and milliseconds, `1732252800.123`; an address such as `198.51.100.201` is as long and has its dots elsewhere too.
fn is_epoch(word: &str) -> bool {
    word.len() == 14
        && word.bytes().enumerate().all(|(at, byte)| match at {
            10 => byte == b'.',
            _ => byte.is_ascii_digit(),
        })
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    draft.sources = kinds::squid();
    let body = input.body.trim();
    let mut found = Draft::default();
    if !LINES.first(body, &mut found) {
        return clf::access(body, draft);
    }
    for (name, value) in std::mem::take(&mut found.fields) {
        let text = value.as_borrowed();
        match (name.as_ref(), text) {
            ("epoch", Some(text)) => draft.stamp(time::bare(text)),
            ("target", Some(text)) => target(text, draft),
            ("peer", Some(text)) if place::is_ip(text) => draft.set("dst_ip", text),
            ("peer" | "cs-username" | "content_type", Some("-")) => {}
            ("peer", Some(text)) => draft.set("dst_host", text),
            // `000` stands for "nothing was sent": a number all the same.
            ("sc-status", Some(text)) => draft.fields.push("sc-status", text.parse().unwrap_or(0_i64)),
            _ => draft.fields.push(name, value),
        }
    }
    Some(())
}

/// `host:port` of CONNECT, or a URL.
fn target<'r>(text: &'r str, draft: &mut Draft<'r>) {
    let Some((_, rest)) = text.split_once("://") else {
        match text.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
                draft.set("cs-host", host);
                draft.set("dst_port", port);
            }
            _ => draft.set("c-uri", text),
        }
        return;
    };
    draft.set("c-uri", text);
    let path = rest.find(['/', '?']).unwrap_or(rest.len());
    if let Some((host, path)) = rest.split_at_checked(path) {
        draft.set("cs-host", host.rsplit_once(':').map_or(host, |(host, _)| host));
        draft.set_some("c-uri-query", path.split_once('?').map(|(_, query)| query));
    }
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn lines() {
        for (line, expected) in [
            (
                "1795307400.277   3387 10.0.0.7 TCP_TUNNEL/200 19131 CONNECT example.org:443 an HIER_DIRECT/203.0.113.9 -",
                r#"{"time-taken":3387,"src_ip":"10.0.0.7","cache_result":"TCP_TUNNEL","sc-status":200,"sc-bytes":19131,"cs-method":"CONNECT","cs-host":"example.org","dst_port":443,"cs-username":"an","hierarchy":"HIER_DIRECT","dst_ip":"203.0.113.9"}"#,
            ),
            (
                "1795307400.277 0 10.0.0.7 TCP_DENIED/403 1 GET http://example.org:8080/a?b=1 - HIER_NONE/- text/html",
                r#"{"time-taken":0,"src_ip":"10.0.0.7","cache_result":"TCP_DENIED","sc-status":403,"sc-bytes":1,"cs-method":"GET","c-uri":"http://example.org:8080/a?b=1","cs-host":"example.org","c-uri-query":"b=1","hierarchy":"HIER_NONE","content_type":"text/html"}"#,
            ),
        ] {
            assert_eq!(fields("squid", line), expected, "{line}");
        }
    }
}
