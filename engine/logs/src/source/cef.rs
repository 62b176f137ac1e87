//! Records in the Common Event Format of any vendor, and what some vendors mean by it.

use std::borrow::Cow;

use super::{Input, Text, json};
use crate::draft::Draft;
use crate::kinds;
use crate::part::{cef, kv};
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "cef",
    programs: &["CEF"],
    probe: |input| is_cef(input.body) || is_cef(input.text),
    parse,
};

/// The mark, or the header alone as relays that take the tag for a program leave it.
pub(crate) fn is_cef(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find(bytes, b"CEF:")
        .is_some_and(|at| bytes.get(at..at + 16).is_some_and(|head| head.contains(&b'|')))
        || (text.starts_with("0|") && memchr::memchr_iter(b'|', bytes).count() >= 6)
}

/// The dictionary's names under ours.
const NAMES: &[(&str, &str)] = &[
    ("src", "@src"),
    ("spt", "src_port"),
    ("dst", "@dst"),
    ("dpt", "dst_port"),
    ("act", "action"),
    ("proto", "@proto"),
    ("suser", "user"),
    ("duser", "target_user"),
    ("fname", "file"),
    ("filePath", "file_path"),
    ("requestMethod", "cs-method"),
    ("requestClientApplication", "cs-user-agent"),
    ("in", "bytes_in"),
    ("out", "bytes_out"),
    ("deviceInboundInterface", "in_if"),
    ("deviceOutboundInterface", "out_if"),
    ("smac", "src_mac"),
    ("dmac", "dst_mac"),
    ("sourceTranslatedAddress", "src_nat_ip"),
    ("sourceTranslatedPort", "src_nat_port"),
    ("destinationTranslatedAddress", "dst_nat_ip"),
    ("destinationTranslatedPort", "dst_nat_port"),
    ("dvchost", "host"),
    ("deviceProcessName", "process"),
    ("sproc", "process"),
    ("request", "url"),
    ("msg", "msg"),
    ("app", "app"),
    ("cat", "cat"),
];

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let header = cef::header(input.body).or_else(|| cef::header(input.text))?;
    draft.set("vendor", header.vendor);
    draft.set("device_product", header.product);
    draft.set("name", header.name);
    draft.set("severity", header.severity);
    kv::mapped(cef::extension(header.extension).map(unquoted), draft, NAMES);
    labels(draft);
    vendor(&header, draft);
    draft.set("event_id", header.id);
    origin(draft);
    protocol(draft);
    file(draft);
    draft.stamp(when(draft));
    json::copy(&mut draft.fields, "reason", "action");
    draft.sources = match header.vendor {
        "Fortinet" => kinds::fortigate(),
        "Trend Micro" | "TrendMicro" | "Kaspersky" | "KasperskyLab" => kinds::antivirus(),
        "Palo Alto Networks" => kinds::paloalto(),
        _ => kinds::firewall(),
    };
    Some(())
}

/// Some devices put values in quotes although the format has none.
fn unquoted<'r>((key, value): (&'r str, Cow<'r, str>)) -> (&'r str, Cow<'r, str>) {
    let bare = |text: &str| text.len() >= 2 && text.starts_with('"') && text.ends_with('"');
    match value {
        Cow::Borrowed(text) if bare(text) => {
            (key, Cow::Borrowed(text.get(1..text.len() - 1).unwrap_or(text)))
        }
        Cow::Owned(text) if bare(&text) => (key, Cow::Owned(text.trim_matches('"').to_owned())),
        other => (key, other),
    }
}

/// Check Point's name of the gateway (`CN=gw,O=…`), and the host of a requested URL.
fn origin(draft: &mut Draft<'_>) {
    let text = |draft: &Draft<'_>, name: &str| draft.fields.text(name).map(str::to_owned);
    let name = text(draft, "originsicname")
        .and_then(|name| Some(name.strip_prefix("CN=")?.split(',').next()?.to_owned()));
    if let Some(name) = name.filter(|_| !draft.has("host")) {
        draft.fields.push("host", name);
    }
    let host = text(draft, "url")
        .and_then(|url| Some(url.split_once("://")?.1.split(['/', ':', '?']).next()?.to_owned()));
    if let Some(host) = host.filter(|host| !host.is_empty() && !draft.has("cs-host")) {
        draft.fields.push("cs-host", host);
    }
}

/// `tcp/https` names the service too.
fn protocol(draft: &mut Draft<'_>) {
    if let Some(value) = draft.fields.find_mut("proto")
        && let Some((protocol, _)) = value.as_borrowed().and_then(|text| text.split_once('/'))
    {
        *value = protocol.into();
    }
}

/// The file's name without its path, its path, and its hash by length.
fn file(draft: &mut Draft<'_>) {
    let text = |draft: &Draft<'_>, name: &str| draft.fields.text(name).map(str::to_owned);
    let path =
        text(draft, "file_path").or_else(|| text(draft, "file").filter(|file| file.contains(['/', '\\'])));
    if let Some(path) = path {
        let path = path.trim_end_matches(['/', '\\']);
        let base = path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
        let named = text(draft, "file").is_some_and(|file| !file.contains(['/', '\\']));
        if !named {
            draft.fields.take("file");
            draft.fields.push("file", base);
        }
        draft.fields.take("file_path");
        draft.fields.push("file_path", path.to_owned());
    }
    let hash = text(draft, "file_hash").or_else(|| text(draft, "fileHash"));
    let kind = hash.as_ref().and_then(|hash| match hash.len() {
        32 => Some("md5"),
        40 => Some("sha1"),
        64 => Some("sha256"),
        _ => None,
    });
    if let (Some(kind), Some(hash)) = (kind, hash)
        && !draft.has(kind)
    {
        draft.fields.push(kind, hash);
    }
}

/// When the device received the event; failing that, when it began.
fn when(draft: &Draft<'_>) -> Option<time::Stamp> {
    [
        "FTNTFGTeventtime",
        "FortinetFortiGateeventtime",
        "rt",
        "start",
        "end",
        "deviceReceiptTime",
    ]
    .iter()
    .find_map(|name| draft.fields.find(name).and_then(json::stamp_of))
}

/// `cs1=x cs1Label=Rule Name`: what the custom field holds, under the label too, when it is one word's worth.
fn labels(draft: &mut Draft<'_>) {
    let mut labelled = Vec::new();
    for (name, label) in draft.fields.iter() {
        let value = name
            .strip_suffix("Label")
            .and_then(|name| draft.fields.find(name));
        if let (Some(value), Some(label)) = (value, label.as_text()) {
            let known = match label {
                "Rule Name" | "Rule" | "policy_name" | "Policy" => "rule",
                "MD5" | "md5" => "md5",
                "SHA1" | "sha1" => "sha1",
                "SHA256" | "sha256" => "sha256",
                "response_code" => "sc-status",
                "VirusName" | "Virus" | "Security_Threat" | "Malware Name" => "threat",
                "Incident_Source_(AD_Account)" => "user",
                _ => continue,
            };
            labelled.push((known, value.clone()));
        }
    }
    for (name, value) in labelled {
        if !draft.has(name) {
            draft.fields.push(name, value);
        }
    }
}

/// Names that single vendors add to the dictionary.
fn vendor(header: &cef::Header<'_>, draft: &mut Draft<'_>) {
    let names: &[(&str, &'static str)] = match header.vendor {
        "Fortinet" => &[
            ("FTNTFGTlogid", "event_id"),
            ("FortinetFortiGatelogid", "event_id"),
            ("FTNTFGTaction", "action"),
            ("FortinetFortiGateaction", "action"),
            ("FTNTFGTuser", "user"),
            ("FTNTFGTurl", "url"),
            ("target_user", "user"),
            ("FTNTFGTmastersrcmac", "src_mac"),
            ("FTNTFGTsrcmac", "src_mac"),
            ("FTNTFGTmasterdstmac", "dst_mac"),
            ("FTNTFGTdstmac", "dst_mac"),
            ("FTNTFGTremip", "src_ip"),
            ("FortinetFortiGateremip", "src_ip"),
            ("dhost", "cs-host"),
        ],
        "Citrix" => &[("method", "cs-method"), ("cs1", "rule")],
        "F5" => &[("http_code", "sc-status"), ("userAgent", "cs-user-agent")],
        "Check Point" => &[
            ("ifname", "in_if"),
            ("rule_name", "rule"),
            ("rule_uid", "rule_id"),
            ("xlatesrc", "src_nat_ip"),
        ],
        "SonicWall" => &[
            ("susr", "user"),
            ("appName", "app_name"),
            ("cs1", "rule"),
            ("snpt", "src_nat_port"),
            ("dnpt", "dst_nat_port"),
            ("cs1Label", "src_nat_ip"),
            ("cs2Label", "dst_nat_ip"),
        ],
        _ => &[
            ("dhost", "host"),
            ("shost", "host"),
            ("dvc", "host"),
            ("fileHash", "file_hash"),
        ],
    };
    if header.vendor == "SonicWall" {
        // Its `app` is a number; the name stands beside it.
        if let Some(number) = draft.fields.take("app") {
            draft.fields.push("app_id", number);
        }
    }
    for (own, ours) in names.iter().chain(&[("app_name", "app")]) {
        json::copy(&mut draft.fields, own, ours);
    }
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn the_dictionary() {
        let event = event(
            "Nov 22 07:30:00 fw CEF:0|V|P|1.0|77|Blocked file|5|src=10.0.0.7 spt=500 dst=10.0.0.8 dpt=80 proto=6 act=drop rt=1795307400000 suser=an fname=a b.exe cs1=R1 cs1Label=Rule Name",
        );
        assert_eq!(event.parser, "cef");
        for (name, value) in [
            ("event_id", "77"),
            ("name", "Blocked file"),
            ("src_ip", "10.0.0.7"),
            ("dst_ip", "10.0.0.8"),
            ("proto", "tcp"),
            ("action", "drop"),
            ("user", "an"),
            ("file", "a b.exe"),
            ("rule", "R1"),
            ("host", "fw"),
        ] {
            assert_eq!(event.fields.text(name), Some(value), "{name}");
        }
        assert_eq!(event.time.to_string(), "2026-11-22T00:30:00.000000Z");
    }
}
