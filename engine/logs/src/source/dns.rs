//! Name servers: BIND (and Infoblox, which runs it), Unbound, dnsmasq.
//!
//! Questions come under Sigma's names (`query`, `record_type`, `answer`) and under the newer ones (`dns.question.name`).

use super::{Text, json};
use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::time;

pub(crate) static BIND: Text = Text {
    name: "bind",
    programs: &["named", "bind"],
    probe: |input| {
        let body = input.body;
        body.contains("client ")
            && body.contains('#')
            && (body.contains("query")
                || body.contains("zone transfer")
                || body.contains("rpz ")
                || body.contains("answer: "))
            || body.contains(" resolving '")
            || body.contains("transfer of '")
            || (body.starts_with("zone ") && body.contains("/IN: "))
    },
    parse: |input, draft| {
        let body = input.body.trim();
        draft.stamp(time::prefix(body).map(|(stamp, _)| stamp));
        let known = BIND_LINES.all(body, draft);
        finish(draft);
        (known || input.header.program.is_some()).then_some(())
    },
};

pub(crate) static UNBOUND: Text = Text {
    name: "unbound",
    programs: &["unbound"],
    probe: |input| {
        input.body.starts_with('[')
            && input.body.contains("] info: ")
            && input.body.trim_end().ends_with(" IN")
    },
    parse: |input, draft| {
        UNBOUND_LINES.first(input.body, draft);
        finish(draft);
        Some(())
    },
};

pub(crate) static DNSMASQ: Text = Text {
    name: "dnsmasq",
    programs: &["dnsmasq"],
    probe: super::never,
    parse: |input, draft| {
        DNSMASQ_LINES.first(input.body, draft);
        finish(draft);
        Some(())
    },
};

table!(BIND_LINES:
    row("client ", r"client (?:@0x[0-9a-f]+ )?([0-9a-fA-F:.]+)#(\d+)", &["src_ip", "src_port"], &[]),
    row("query: ", r"(?:query|answer): (\S+) (IN|CH|HS|ANY|CLASS\d+) (\w+)", &["query", "query_class", "record_type"], &[]),
    row("answer: ", r"answer: (\S+) (IN|CH|HS|ANY) (\w+)", &["query", "query_class", "record_type"], &[]),
    row("response: ", r"response: (\w+)", &["rcode"], &[]),
    row("-> ", r"-> ([A-Z]+)(?: (.*))?$", &["rcode", "answer"], &[]),
    row("denied", r"(?:query(?: \(cache\))?|zone transfer|update) '([^'/]+)/(?:([A-Z0-9]+)/)?(IN|CH)' (denied)", &["query", "record_type", "query_class", "action"], &[]),
    row("rewrite", r"rpz \w+ (\S+) rewrite ([^/\s]+)/(\w+)/(\w+) via (\S+)", &["action", "query", "record_type", "query_class", "rule"], &[]),
    row("resolving '", r"resolving '([^'/]+)(?:/(\w+))?(?:/(\w+))?'(?:[^:]*: ([0-9a-fA-F:.]+)#(\d+))?", &["query", "record_type", "query_class", "src_ip", "src_port"], &[]),
    row("zone ", r"^zone \S+/IN: ([^/\s]+)/(\w+): ", &["query", "record_type"], &[]),
    row("transfer of '", r"transfer of '([^'/]+)/\w+' from ([0-9a-fA-F:.]+)#(\d+)", &["zone", "src_ip", "src_port"], &[]),
);

table!(UNBOUND_LINES:
    row(" ", r"^(?:\[\d+:[0-9a-f]+\] )?(?:info|query|reply|notice): (?:\S+ )?([0-9a-fA-F:.]+)(?:@(\d+))? (\S+) (\w+) (IN|CH|HS)(?: (\w+))?", &["src_ip", "src_port", "query", "record_type", "query_class", "rcode"], &[]),
);

table!(DNSMASQ_LINES:
    row("query[", r"query\[(\w+)\] (\S+) from ([0-9a-fA-F:.]+)", &["record_type", "query", "src_ip"], &[]),
    row(" is ", r"(?:reply|cached|config|/etc/hosts|\S+) (\S+) is (.+)$", &["query", "answer"], &[]),
    row("forwarded", r"forwarded (\S+) to ([0-9a-fA-F:.]+)", &["query", "dst_ip"], &[]),
);

/// A name without the dot of the root, and the newer names beside Sigma's.
fn finish(draft: &mut Draft<'_>) {
    if let Some(value) = draft.fields.find_mut("query")
        && let Some(name) = value.as_borrowed().filter(|name| name.len() > 1)
    {
        *value = name.trim_end_matches('.').into();
    }
    for (own, ours) in [
        ("query", "dns.question.name"),
        ("record_type", "dns.question.type"),
        ("query_class", "dns.question.class"),
        ("rcode", "dns.response.code"),
    ] {
        json::copy(&mut draft.fields, own, ours);
    }
    draft.sources = kinds::dns();
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn questions() {
        for (parser, line) in [
            (
                "bind",
                "Nov 22 07:30:00 ns named[7]: client @0x7f4f 10.0.0.7#38251 (dvc.example.vn): query: dvc.example.vn IN AAAA +E(0) (10.0.0.2)",
            ),
            (
                "unbound",
                "Nov 22 07:30:00 ns unbound[7]: [7:0] info: 10.0.0.7 dvc.example.vn. AAAA IN",
            ),
            (
                "dnsmasq",
                "Nov 22 07:30:00 ns dnsmasq[7]: query[AAAA] dvc.example.vn from 10.0.0.7",
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, parser, "{line}");
            for (name, value) in [
                ("query", "dvc.example.vn"),
                ("record_type", "AAAA"),
                ("src_ip", "10.0.0.7"),
                ("dns.question.name", "dvc.example.vn"),
            ] {
                assert_eq!(event.fields.text(name), Some(value), "{name} of {line}");
            }
            assert!(event.sources.admit(&saola_event::LogSource::new("", "dns", "")));
        }
    }

    #[test]
    fn answers() {
        let event = event("Nov 22 07:30:00 ns dnsmasq[7]: reply dvc.example.vn is 10.0.0.9");
        assert_eq!(event.fields.text("answer"), Some("10.0.0.9"));
    }
}
