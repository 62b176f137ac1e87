//! Palo Alto Networks' PAN-OS: comma-separated records whose columns depend on their type (as its syslog field
//! descriptions list them), and the JSON of its log forwarding service.

use std::borrow::Cow;

use saola_event::Value;

use crate::draft::Draft;
use crate::kinds;
use crate::part::csv;
use crate::part::pattern::{row, table};
use crate::source::{Input, Json, Text, json};
use crate::time::{self, Stamp};

pub(crate) static SOURCE: Text = Text {
    name: "paloalto",
    programs: &[],
    probe: |input| record(input.text).is_some(),
    parse,
};

pub(crate) static JSON: Json = Json {
    name: "paloalto",
    probe: |fields| {
        fields.find("LogType").is_some()
            && (fields.find("VendorName").is_some()
                || fields.find("DeviceSN").is_some()
                || fields.find("LogSourceName").is_some()
                || fields.find("TimeGenerated").is_some())
    },
    parse: |mut fields, draft, _| {
        let stamp = ["TimeGenerated", "TimeReceived", "EventTime"]
            .iter()
            .find_map(|name| fields.find(name).and_then(json::stamp_of));
        draft.stamp(stamp);
        for (_, value) in fields.iter_mut() {
            // `DOMAIN\\user` has been escaped twice.
            if value.as_text().is_some_and(|text| text.contains("\\\\")) {
                *value = value.as_text().unwrap_or_default().replace("\\\\", "\\").into();
            }
        }
        json::mapped(
            fields,
            draft,
            &[
                ("Action", "action"),
                ("EventIDValue", "action"),
                ("EventName", "action"),
                ("SourceAddress", "src_ip"),
                ("SourceIP", "src_ip"),
                ("PrivateIPv4", "private_ip"),
                ("PublicIPv4", "src_ip"),
                ("SourcePort", "src_port"),
                ("DestinationAddress", "dst_ip"),
                ("DestinationIP", "dst_ip"),
                ("DestinationPort", "dst_port"),
                ("DNSResolverIP", "dst_ip"),
                ("NATSource", "src_nat_ip"),
                ("NATSourcePort", "src_nat_port"),
                ("NATDestination", "dst_nat_ip"),
                ("NATDestinationPort", "dst_nat_port"),
                ("Application", "app"),
                ("Protocol", "proto"),
                ("Rule", "rule"),
                ("HipMatchName", "rule"),
                ("RuleMatched", "rule"),
                ("SourceUser", "user"),
                ("SourceUserName", "user"),
                ("UserName", "user"),
                ("User", "user"),
                ("DeviceName", "host"),
                ("LogSourceName", "host"),
                ("BytesSent", "bytes_out"),
                ("BytesReceived", "bytes_in"),
                ("InboundInterface", "in_if"),
                ("OutboundInterface", "out_if"),
                ("FileName", "file"),
                ("URL", "url"),
                ("ThreatID", "threat_id"),
                ("HTTPMethod", "cs-method"),
                ("URLDomain", "cs-host"),
            ],
        );
        draft.sources = kinds::paloalto();
    },
};

/// Columns by type, from the seventh (`generated time` is the sixth, counted from 0). Empty names are not kept.
const TRAFFIC: &[(usize, &str)] = &[
    (7, "src_ip"),
    (8, "dst_ip"),
    (9, "src_nat_ip"),
    (10, "dst_nat_ip"),
    (11, "rule"),
    (12, "user"),
    (13, "target_user"),
    (14, "app"),
    (16, "src_zone"),
    (17, "dst_zone"),
    (18, "in_if"),
    (19, "out_if"),
    (22, "session_id"),
    (24, "src_port"),
    (25, "dst_port"),
    (26, "src_nat_port"),
    (27, "dst_nat_port"),
    (29, "proto"),
    (30, "action"),
];
const TRAFFIC_MORE: &[(usize, &str)] = &[
    (32, "bytes_out"),
    (33, "bytes_in"),
    (46, "session_end_reason"),
    (52, "host"),
];
const THREAT_MORE: &[(usize, &str)] = &[
    (31, "url"),
    (32, "threat"),
    (33, "threat_category"),
    (34, "threat_severity"),
    (35, "direction"),
    (46, "cs-user-agent"),
    (59, "host"),
];
const SYSTEM: &[(usize, &str)] = &[
    (8, "action"),
    (9, "object"),
    (12, "module"),
    (13, "severity_text"),
    (14, "description"),
    (22, "host"),
];
const CONFIG: &[(usize, &str)] = &[
    (7, "src_ip"),
    (9, "action"),
    (10, "user"),
    (11, "client"),
    (12, "result"),
    (13, "detail"),
    (21, "host"),
];
const USERID: &[(usize, &str)] = &[(8, "src_ip"), (9, "user"), (10, "data_source"), (25, "host")];
const AUTH: &[(usize, &str)] = &[
    (8, "src_ip"),
    (9, "user"),
    (12, "object"),
    (18, "description"),
    (29, "host"),
];
const GLOBALPROTECT: &[(usize, &str)] = &[
    (8, "action"),
    (9, "stage"),
    (10, "auth_method"),
    (11, "tunnel"),
    (12, "user"),
    (13, "country"),
    (14, "src_host"),
    (15, "src_ip"),
    (17, "private_ip"),
    (27, "status"),
    (32, "gateway"),
];
const HIPMATCH: &[(usize, &str)] = &[
    (7, "user"),
    (9, "src_host"),
    (10, "os"),
    (11, "src_ip"),
    (12, "rule"),
    (24, "host"),
];
const DECRYPTION_MORE: &[(usize, &str)] = &[];

/// The columns, when the text ends in a PAN-OS record.
fn record(text: &str) -> Option<Vec<Cow<'_, str>>> {
    const TYPES: &[&str] = &[
        "TRAFFIC",
        "THREAT",
        "SYSTEM",
        "CONFIG",
        "USERID",
        "AUTH",
        "AUTHENTICATION",
        "GLOBALPROTECT",
        "HIPMATCH",
        "HIP-MATCH",
        "DECRYPTION",
        "CORRELATION",
        "GTP",
        "SCTP",
        "IPTAG",
        "TUNNEL",
    ];
    let bytes = text.as_bytes();
    let first = memchr::memchr(b',', bytes)?;
    // The first column is one figure; an envelope may stand before it.
    let start = text
        .get(..first)?
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let head: Vec<&str> = text.get(start..)?.splitn(6, ',').collect();
    let known = head.get(3).is_some_and(|kind| TYPES.contains(kind))
        && head.get(1).is_some_and(|when| when.contains('/'));
    known.then(|| csv::values(text.get(start..).unwrap_or_default()))
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let columns = record(input.text)?;
    let kind = columns.get(3)?.clone();
    let sets: &[&[(usize, &'static str)]] = match kind.as_ref() {
        "TRAFFIC" => &[TRAFFIC, TRAFFIC_MORE],
        "THREAT" => &[TRAFFIC, THREAT_MORE],
        "DECRYPTION" => &[TRAFFIC, DECRYPTION_MORE],
        "SYSTEM" => &[SYSTEM],
        "CONFIG" => &[CONFIG],
        "USERID" => &[USERID],
        "AUTH" | "AUTHENTICATION" => &[AUTH],
        "GLOBALPROTECT" => &[GLOBALPROTECT],
        "HIPMATCH" | "HIP-MATCH" => &[HIPMATCH],
        _ => &[],
    };
    for (at, name) in sets.iter().flat_map(|set| set.iter()) {
        if let Some(value) = columns.get(*at) {
            set(draft, name, value.clone());
        }
    }
    set(draft, "type", kind);
    if let Some(subtype) = columns.get(4) {
        set(draft, "subtype", subtype.clone());
    }
    more(draft, &columns);
    draft.stamp(when(&columns));
    draft.sources = kinds::paloalto();
    Some(())
}

fn set<'r>(draft: &mut Draft<'r>, name: &'static str, value: Cow<'r, str>) {
    let unset = matches!(value.as_ref(), "" | "N/A" | "0.0.0.0") || (value == "0" && name.ends_with("_port"));
    if !unset {
        draft.set_cow(name, value);
    }
}

table!(DESCRIPTION:
    row("user '", r"[Uu]ser(?: name)? '([^']+)'", &["user"], &[]),
    row("user", r"(?:for |[Uu]ser(?: name)?:? )(?:user )?'?([^\s',]+?)'?[.,\s]", &["user"], &[]),
    row("From: ", r"From: ([0-9a-fA-F.:]+?)\.?$", &["src_ip"], &[]),
    row("from", r"(?:logged in|out).* from ([0-9a-fA-F.:]+)", &["src_ip"], &[]),
    row("server address", r"server address '([^']+)'", &["dst_ip"], &[]),
    row("Source IP", r"[Ss]ource (?:IP|region)?:? ?([0-9.]+)", &["src_ip"], &[]),
    row("IP: ", r"IP: ([0-9a-fA-F.:]+)", &["src_ip"], &[]),
);

/// What stands within columns, and columns found from the end because their number grew over the versions.
fn more<'r>(draft: &mut Draft<'r>, columns: &[Cow<'r, str>]) {
    if let Some(said) = draft.fields.find("description").and_then(Value::as_borrowed) {
        DESCRIPTION.all(said, draft);
    }
    if let Some(id) = draft.fields.text("threat").and_then(|threat| {
        threat
            .strip_suffix(')')?
            .rsplit_once('(')
            .map(|(_, id)| id.to_owned())
    }) {
        draft.fields.push("event_id", id);
    }
    if draft.fields.text("subtype") == Some("url") {
        let host = draft
            .fields
            .text("url")
            .and_then(|url| url.split(['/', ':']).next())
            .map(str::to_owned);
        draft.fields.push_some("cs-host", host);
    }
    if draft.fields.text("type") == Some("DECRYPTION") {
        // Device name: the column after the last of the group hierarchy, 54th by the documentation of 10.x.
        let name = columns.iter().skip(75).find(|value| {
            !value.is_empty()
                && !value.bytes().all(|b| b.is_ascii_digit())
                && !value.starts_with("0x")
                && !value.contains('T')
        });
        if let Some(name) = name {
            set(draft, "host", name.clone());
        }
    }
}

/// The high-resolution time, which has a zone, when the version writes it; the generated time else.
fn when(columns: &[Cow<'_, str>]) -> Option<Stamp> {
    let precise = columns.iter().skip(20).rev().find(|value| {
        value.len() >= 24 && value.as_bytes().get(10) == Some(&b'T') && value.as_bytes().get(4) == Some(&b'-')
    });
    precise
        .and_then(|value| time::bare(value))
        .or_else(|| time::bare(columns.get(1)?))
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn traffic() {
        let event = event(
            r"<14>Nov 22 07:30:00 pa 1,2026/11/22 07:30:00,0017,TRAFFIC,end,2305,2026/11/22 07:30:00,10.0.0.7,203.0.113.9,198.51.100.1,0.0.0.0,R1,tinh\an,,ssl,vsys1,LAN,WAN,ae1,ae2,Log,2026/11/22 07:30:00,2,1,51413,443,6000,0,0x0,tcp,allow,2346,1974,372",
        );
        assert_eq!(event.parser, "paloalto");
        for (name, value) in [
            ("src_ip", "10.0.0.7"),
            ("dst_ip", "203.0.113.9"),
            ("src_nat_ip", "198.51.100.1"),
            ("rule", "R1"),
            ("user", r"tinh\an"),
            ("app", "ssl"),
            ("proto", "tcp"),
            ("action", "allow"),
            ("time_local", "2026-11-22T07:30:00"),
        ] {
            assert_eq!(event.fields.text(name), Some(value), "{name}");
        }
        assert_eq!(event.fields.find("dst_nat_ip"), None);
    }

    #[test]
    fn other_commas() {
        for line in ["1,2,3,4,5,6", "a,b", "1,2026/11/22 07:30:00,x,NOTHING,y,z"] {
            assert_ne!(event(line).parser, "paloalto", "{line}");
        }
    }
}
