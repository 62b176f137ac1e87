//! Suricata's EVE and Zeek's JSON: fields stay as they are, with Sigma's names for addresses, questions and requests
//! added.

use std::collections::HashMap;
use std::sync::LazyLock;

use saola_event::{Fields, LogSource, LogSources};

use super::{Json, json};
use crate::draft::Draft;

pub(crate) static EVE: Json = Json {
    name: "eve",
    probe: |fields| {
        (fields.find("event_type").is_some() || fields.find("alert").is_some())
            && (fields.find("flow_id").is_some()
                || fields.find("dest_ip").is_some()
                || fields.find("stats").is_some())
    },
    parse: parse_eve,
};

pub(crate) static ZEEK: Json = Json {
    name: "zeek",
    probe: |fields| {
        fields.find("_path").is_some()
            || (fields.find("uid").is_some() && fields.find_path("id.orig_h").is_some())
    },
    parse: parse_zeek,
};

fn parse_eve<'r>(fields: Fields<'r>, draft: &mut Draft<'r>, _: crate::time::Anchor) {
    draft.stamp(
        fields
            .find("timestamp")
            .and_then(json::stamp_of)
            .or_else(|| json::time_of(&fields)),
    );
    let kind = fields.text("event_type").unwrap_or("alert").to_owned();
    json::mapped(
        fields,
        draft,
        &[
            ("dest_ip", "dst_ip"),
            ("dest_port", "dst_port"),
            ("dns.rrname", "query"),
            ("dns.rrtype", "record_type"),
            ("dns.rrname", "dns.question.name"),
            ("dns.query.rrname", "dns.question.name"),
            ("dns.rrtype", "dns.question.type"),
            ("http.http_method", "cs-method"),
            ("http.url", "cs-uri"),
            ("http.hostname", "cs-host"),
            ("http.http_user_agent", "cs-user-agent"),
            ("http.http_refer", "cs-referer"),
            ("http.status", "sc-status"),
            ("http.length", "sc-bytes"),
            ("flow.bytes_toserver", "bytes_out"),
            ("flow.bytes_toclient", "bytes_in"),
            ("alert.action", "action"),
        ],
    );
    first_query(draft);
    super::web_json::split_target(draft);
    draft.sources = EVE_KINDS.get(kind.as_str()).unwrap_or(&EVE_OTHER).clone();
}

/// Version 3 of the DNS events lists its questions.
fn first_query(draft: &mut Draft<'_>) {
    if draft.has("query") {
        return;
    }
    let question = ["dns.queries", "dns.query"]
        .iter()
        .find_map(|path| match draft.fields.find_path(path) {
            Some(saola_event::Value::List(items)) => items.first().cloned(),
            _ => None,
        });
    if let Some(saola_event::Value::Map(mut question)) = question {
        for (own, ours) in [
            ("rrname", ["query", "dns.question.name"]),
            ("rrtype", ["record_type", "dns.question.type"]),
        ] {
            if let Some(value) = question.take(own) {
                for name in ours {
                    draft.fields.push(name, value.clone());
                }
            }
        }
    }
}

static EVE_OTHER: LazyLock<LogSources> =
    LazyLock::new(|| LogSources::new([LogSource::new("suricata", "", "")]));
static EVE_KINDS: LazyLock<HashMap<&'static str, LogSources>> = LazyLock::new(|| {
    let plain = [
        "alert", "flow", "http", "tls", "ssh", "smb", "smtp", "fileinfo", "anomaly", "krb5", "rdp", "dhcp",
        "nfs", "ftp", "snmp", "sip", "mqtt", "stats",
    ];
    let mut kinds: HashMap<_, _> = plain
        .into_iter()
        .map(|kind| (kind, LogSources::new([LogSource::new("suricata", "", kind)])))
        .collect();
    kinds.insert(
        "dns",
        LogSources::new([
            LogSource::new("suricata", "dns", "dns"),
            LogSource::new("", "network", "dns"),
        ]),
    );
    kinds
});

fn parse_zeek<'r>(fields: Fields<'r>, draft: &mut Draft<'r>, _: crate::time::Anchor) {
    draft.stamp(
        fields
            .find("ts")
            .and_then(json::stamp_of)
            .or_else(|| json::time_of(&fields)),
    );
    let path = fields.text("_path").map_or_else(
        || guessed(&fields),
        |path| PATHS.iter().copied().find(|known| *known == path).unwrap_or(""),
    );
    json::mapped(
        fields,
        draft,
        &[
            ("id.orig_h", "src_ip"),
            ("id.orig_p", "src_port"),
            ("id.resp_h", "dst_ip"),
            ("id.resp_p", "dst_port"),
            ("orig_bytes", "bytes_out"),
            ("resp_bytes", "bytes_in"),
            ("qtype_name", "record_type"),
            ("answers", "answer"),
        ],
    );
    draft.sources = ZEEK_KINDS.get(path).unwrap_or(&ZEEK_OTHER).clone();
}

const PATHS: &[&str] = &[
    "conn",
    "dns",
    "http",
    "ssl",
    "x509",
    "files",
    "smb_files",
    "smb_mapping",
    "dce_rpc",
    "kerberos",
    "ntlm",
    "rdp",
    "ssh",
    "smtp",
    "ftp",
    "notice",
    "weird",
    "dhcp",
    "pe",
    "tunnel",
    "syslog",
    "snmp",
    "software",
    "intel",
];

/// Which log a record without its name is from, by fields that only one has.
fn guessed(fields: &Fields<'_>) -> &'static str {
    const SIGNS: &[(&str, &str)] = &[
        ("query", "dns"),
        ("qtype", "dns"),
        ("user_agent", "http"),
        ("status_code", "http"),
        ("uri", "http"),
        ("endpoint", "dce_rpc"),
        ("operation", "dce_rpc"),
        ("request_type", "kerberos"),
        ("server_name", "ssl"),
        ("cipher", "ssl"),
        ("certificate.subject", "x509"),
        ("conn_state", "conn"),
        ("security_protocol", "rdp"),
        ("share_type", "smb_mapping"),
        ("mailfrom", "smtp"),
        ("auth_success", "ssh"),
        ("note", "notice"),
        ("fuid", "files"),
    ];
    if fields.find("action").is_some() && fields.find("name").is_some() && fields.find("path").is_some() {
        return "smb_files";
    }
    SIGNS
        .iter()
        .find(|(sign, _)| fields.find_path(sign).is_some())
        .map_or("", |(_, path)| path)
}

static ZEEK_OTHER: LazyLock<LogSources> = LazyLock::new(|| LogSources::new([LogSource::new("zeek", "", "")]));
static ZEEK_KINDS: LazyLock<HashMap<&'static str, LogSources>> = LazyLock::new(|| {
    PATHS
        .iter()
        .map(|path| {
            let category = if *path == "dns" { "dns" } else { "" };
            (*path, LogSources::new([LogSource::new("zeek", category, path)]))
        })
        .collect()
});

/// Every set that a record of Suricata or Zeek can have.
pub(super) fn known() -> Vec<LogSources> {
    let kinds = EVE_KINDS.values().chain(ZEEK_KINDS.values()).cloned();
    kinds.chain([EVE_OTHER.clone(), ZEEK_OTHER.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::event;

    #[test]
    fn suricata() {
        let event = event(
            r#"{"timestamp":"2026-11-22T07:30:00.5+0700","flow_id":1,"event_type":"dns","src_ip":"10.0.0.7","dest_ip":"10.0.0.2","dest_port":53,"proto":"UDP","dns":{"type":"query","queries":[{"rrname":"dvc.example.vn","rrtype":"A"}]}}"#,
        );
        assert_eq!(event.parser, "eve");
        for (name, value) in [
            ("dst_ip", "10.0.0.2"),
            ("query", "dvc.example.vn"),
            ("record_type", "A"),
        ] {
            assert_eq!(event.fields.text(name), Some(value), "{name}");
        }
        assert_eq!(event.time.to_string(), "2026-11-22T00:30:00.500000Z");
        assert!(event.sources.admit(&LogSource::new("", "dns", "")));
    }

    #[test]
    fn zeek() {
        for (line, path) in [
            (
                r#"{"_path":"dns","ts":1795307400.5,"uid":"C","id.orig_h":"10.0.0.7","id.resp_h":"10.0.0.2","query":"x"}"#,
                "dns",
            ),
            (
                r#"{"ts":1795307400.5,"uid":"C","id.orig_h":"10.0.0.7","id.resp_h":"10.0.0.2","endpoint":"svcctl","operation":"CreateServiceW"}"#,
                "dce_rpc",
            ),
            (
                r#"{"ts":1795307400.5,"uid":"C","id":{"orig_h":"10.0.0.7","resp_h":"10.0.0.2"},"action":"SMB::FILE_OPEN","name":"x","path":"\\\\a\\c$"}"#,
                "smb_files",
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, "zeek", "{line}");
            assert!(event.sources.admit(&LogSource::new("zeek", "", path)), "{line}");
            assert_eq!(event.fields.text("src_ip"), Some("10.0.0.7"), "{line}");
        }
    }
}
