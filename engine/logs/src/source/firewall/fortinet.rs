//! Fortinet's key=value logs: FortiGate, FortiProxy, FortiWeb, FortiMail, FortiAnalyzer relays.
//!
//! The device's own instant is `eventtime` (seconds or nanoseconds, by version); `date` and `time` are local, `tz` their
//! zone.

use std::borrow::Cow;

use crate::draft::Draft;
use crate::kinds;
use crate::part::kv::{self, Pairs};
use crate::part::pattern::{row, table};
use crate::part::place;
use crate::source::{Input, Text, json};
use crate::time::{self, Stamp};

pub(crate) static FORTIGATE: Text = Text {
    name: "fortigate",
    programs: &[],
    probe: |input| {
        let body = input.body;
        (body.contains("devid=") || body.contains("logid="))
            && body.contains("type=")
            && !body.contains("log_id=")
    },
    parse: |input, draft| parse(input, draft, GATE),
};

pub(crate) static FORTIWEB: Text = Text {
    name: "fortiweb",
    programs: &[],
    probe: |input| input.body.contains("log_id=") && input.body.contains("msg_id="),
    parse: |input, draft| parse(input, draft, WEB),
};

pub(crate) static FORTIMAIL: Text = Text {
    name: "fortimail",
    programs: &[],
    probe: |input| {
        input.body.contains("log_id=") && input.body.contains("device_id=") && input.body.contains("pri=")
    },
    parse: |input, draft| {
        parse(input, draft, MAIL)?;
        draft.sources = kinds::mail();
        let said = draft.fields.find("msg").and_then(saola_event::Value::as_borrowed);
        if let Some(said) = said {
            SMTP.all(said, draft);
        }
        Some(())
    },
};

const GATE: &[(&str, &str)] = &[
    ("time", "clock"),
    ("srcip", "@src"),
    ("srcport", "src_port"),
    ("dstip", "@dst"),
    ("dstport", "dst_port"),
    ("srcintf", "in_if"),
    ("dstintf", "out_if"),
    ("proto", "@proto"),
    ("logid", "event_id"),
    ("devname", "host"),
    ("sentbyte", "bytes_out"),
    ("rcvdbyte", "bytes_in"),
    ("transip", "src_nat_ip"),
    ("transport", "src_nat_port"),
    ("tranip", "dst_nat_ip"),
    ("tranport", "dst_nat_port"),
    ("srcmac", "src_mac"),
    ("dstmac", "dst_mac"),
    ("mastersrcmac", "master_src_mac"),
    ("masterdstmac", "dst_mac"),
    ("hostname", "cs-host"),
    ("httpmethod", "cs-method"),
    ("agent", "cs-user-agent"),
    ("method", "cs-method"),
    ("remip", "remote_ip"),
    ("locip", "@dst"),
    ("remport", "src_port"),
    ("locport", "dst_port"),
    ("userip", "remote_ip"),
    ("mac", "src_mac"),
    ("policyname", "rule"),
    ("policyid", "rule_id"),
    ("qname", "query"),
    ("qtype", "record_type"),
    ("filename", "file"),
    ("virus", "threat"),
    ("attack", "threat"),
];

const WEB: &[(&str, &str)] = &[
    ("time", "clock"),
    ("src", "@src"),
    ("src_ip", "@src"),
    ("dst", "@dst"),
    ("dst_ip", "@dst"),
    ("proto", "@proto"),
    ("http_host", "cs-host"),
    ("http_method", "cs-method"),
    ("http_url", "@target"),
    ("http_agent", "cs-user-agent"),
    ("user_agent", "cs-user-agent"),
    ("user_name", "user"),
    ("log_id", "event_id"),
    ("devname", "host"),
    ("http_refer", "cs-referer"),
    ("policy", "rule"),
    ("device_id", "device_id"),
];

const MAIL: &[(&str, &str)] = &[
    ("time", "clock"),
    ("client_ip", "@src"),
    ("client_name", "src_host"),
    ("dst_ip", "@dst"),
    ("from", "mail_from"),
    ("to", "mail_to"),
    ("device_id", "host"),
    ("log_id", "event_id"),
    ("virus", "threat"),
];

table!(SMTP:
    row("from=", r"\bfrom=<?([^\s<>,]+)>?", &["mail_from"], &[]),
    row("to=", r"\bto=<?([^\s<>,]+)>?", &["mail_to"], &[]),
    row("relay=", r"relay=[^,\[]*\[([^\]]+)\]", &["@dst"], &[]),
    row("dsn=", r"dsn=([\d.]+)", &["smtp_code_enhanced"], &[]),
    row("from GUI(", r"from GUI\(([^)]+)\)", &["@src"], &[]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>, names: &[(&str, &'static str)]) -> Option<()> {
    let body = input.body;
    // FortiGate in CSV mode divides by commas; elsewhere a comma belongs to the value. Some relays double the quotes.
    let divider = body.contains(",type=").then_some(b',');
    if body.contains("=\"\"") && body.contains("\"\" ") {
        doubled_quotes(body, draft, names);
    } else {
        kv::mapped(Pairs::with(body, b'=', divider), draft, names);
    }
    if draft.fields.is_empty() {
        return None;
    }
    addresses(draft);
    draft.stamp(when(draft));
    draft.sources = kinds::fortigate();
    Some(())
}

/// `devname=""x""`: each value stands between two quotes on each side.
fn doubled_quotes<'r>(body: &'r str, draft: &mut Draft<'r>, names: &[(&str, &'static str)]) {
    let pairs = body.split("\"\" ").flat_map(|part| {
        let (plain, last) = part
            .split_once("=\"\"")
            .map_or((part, None), |(before, value)| (before, Some(value)));
        let (before, key) = plain.rsplit_once(' ').unwrap_or(("", plain));
        let quoted = last.map(|value| (key, Cow::Borrowed(value.trim_end_matches('"'))));
        Pairs::with(if quoted.is_some() { before } else { plain }, b'=', None).chain(quoted)
    });
    kv::mapped(pairs, draft, names);
}

/// Addresses that stand in other fields: `remip` of VPN events, `ui="GUI(10.0.0.7)"` of administrators.
fn addresses(draft: &mut Draft<'_>) {
    if !draft.has("src_ip") {
        // A lease names its client in `ip`.
        let lease = draft.has("dhcp_msg");
        json::copy(&mut draft.fields, "remote_ip", "src_ip");
        if lease {
            json::copy(&mut draft.fields, "ip", "src_ip");
        }
    }
    if !draft.has("src_ip") {
        let ui = draft.fields.find("ui").and_then(saola_event::Value::as_borrowed);
        let inside = ui
            .and_then(|ui| ui.split_once('(')?.1.strip_suffix(')'))
            .filter(|ip| place::is_ip(ip));
        draft.set_some("src_ip", inside);
    }
}

fn when(draft: &Draft<'_>) -> Option<Stamp> {
    let text = |name| draft.fields.text(name);
    if let Some(stamp) = text("eventtime")
        .and_then(time::bare)
        .filter(|stamp| matches!(stamp, Stamp::Instant(_)))
    {
        return Some(stamp);
    }
    if let Some(stamp) = text("date_time").and_then(time::bare) {
        return Some(stamp);
    }
    let joined = format!(
        "{} {} {}",
        text("date")?,
        text("clock")?,
        text("tz").unwrap_or("")
    );
    time::bare(&joined)
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn traffic() {
        let event = event(
            r#"<189>date=2026-11-22 time=07:30:00 devname="fw-tinh" devid="FG1" eventtime=1795307400123456789 tz="+0700" logid="0000000013" type="traffic" subtype="forward" srcip=10.0.0.7 srcport=52125 srcintf="port9" dstip=203.0.113.9 dstport=443 dstintf="port10" proto=6 action="close" user="an" sentbyte=80 rcvdbyte=40"#,
        );
        assert_eq!(event.parser, "fortigate");
        assert_eq!(event.time.to_string(), "2026-11-22T00:30:00.123456Z");
        for (name, value) in [
            ("src_ip", "10.0.0.7"),
            ("dst_ip", "203.0.113.9"),
            ("proto", "tcp"),
            ("in_if", "port9"),
            ("event_id", "0000000013"),
            ("host", "fw-tinh"),
            ("action", "close"),
        ] {
            assert_eq!(event.fields.text(name), Some(value), "{name}");
        }
        assert!(
            event
                .sources
                .admit(&saola_event::LogSource::new("fortigate", "", "event"))
        );
    }

    #[test]
    fn the_zone_goes_with_the_local_time() {
        let event = event(
            r#"date=2026-11-22 time=07:30:00 tz="+0700" devid="FG1" logid="1" type="event" ui="GUI(10.0.0.7)""#,
        );
        assert_eq!(event.time.to_string(), "2026-11-22T00:30:00.000000Z");
        assert_eq!(event.fields.text("src_ip"), Some("10.0.0.7"));
    }
}
