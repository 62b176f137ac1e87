//! A rule that fired, as an alert: severity, tags, and who and what it is about.

use std::net::IpAddr;
use std::sync::Arc;

use saola_event::{Alert, Engine, Entities, Event, Evidence, Fields};

use crate::Rule;
use crate::detection::test::{any_single, text_of, visit_path};

/// Field names that say each entity, best first: Saola's own, Sigma's taxonomy, EVE, Zeek, ECS, Windows, cloud.
const SRC_IP: &[&str] = &[
    "src_ip",
    "SourceIp",
    "c-ip",
    "IpAddress",
    "id.orig_h",
    "source.ip",
    "SourceAddress",
    "ClientAddress",
    "client_ip",
    "remote_addr",
    "rhost",
    "sourceIPAddress",
    "callerIpAddress",
];
const SRC_PORT: &[&str] = &["src_port", "SourcePort", "IpPort", "id.orig_p", "source.port"];
const DEST_IP: &[&str] = &[
    "dest_ip",
    "dst_ip",
    "DestinationIp",
    "s-ip",
    "id.resp_h",
    "destination.ip",
    "DestAddress",
];
const DEST_PORT: &[&str] = &[
    "dest_port",
    "dst_port",
    "DestinationPort",
    "s-port",
    "id.resp_p",
    "destination.port",
    "DestPort",
];
const HOST: &[&str] = &["Computer", "host", "hostname", "host.name", "ComputerName"];
const USER: &[&str] = &[
    "user",
    "User",
    "TargetUserName",
    "cs-username",
    "SubjectUserName",
    "username",
    "user.name",
    "acct",
];
const DOMAIN: &[&str] = &[
    "cs-host",
    "http.hostname",
    "tls.sni",
    "dns.rrname",
    "query",
    "QueryName",
    "dns.question.name",
    "r-dns",
    "DestinationHostname",
];
const HASHES: &[&str] = &[
    "Hashes",
    "md5",
    "sha1",
    "sha256",
    "fileinfo.md5",
    "fileinfo.sha1",
    "fileinfo.sha256",
    "file.hash.sha256",
];

/// The alert of a rule that an event made true.
pub fn alert(rule: &Rule, event: &Event<'_>, evidence: Vec<Evidence>) -> Alert {
    Alert {
        time: event.time,
        received_at: event.received_at,
        source: Arc::clone(&event.source),
        agency: Arc::clone(&event.agency),
        engine: Engine::Log,
        rule: rule.metadata.rule_ref(),
        severity: rule.metadata.level,
        entities: entities(&event.fields),
        evidence,
        event: serde_json::to_value(&event.fields).unwrap_or_default(),
    }
}

/// Who and what an event is about.
pub fn entities(fields: &Fields<'_>) -> Entities {
    let address =
        |names: &[&str]| first(fields, names, |text| text.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
    let port = |names: &[&str]| first(fields, names, |text| text.parse::<u16>().ok());
    let text = |names: &[&str]| first(fields, names, |text| Some(text.to_owned()));
    let mut entities = Entities {
        src_ip: address(SRC_IP),
        src_port: port(SRC_PORT),
        dest_ip: address(DEST_IP),
        dest_port: port(DEST_PORT),
        host: text(HOST),
        user: text(USER),
        domain: text(DOMAIN),
        ..Entities::default()
    };
    for name in HASHES {
        each_text(fields, name, &mut |text| {
            entities.hashes.extend(hashes(text));
            false
        });
    }
    entities
}

/// The first field whose text is something and can be read; `-` is how many logs write "nothing".
fn first<T>(fields: &Fields<'_>, names: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let mut found = None;
    names.iter().any(|name| {
        each_text(fields, name, &mut |text| {
            let text = text.trim();
            if !matches!(text, "" | "-" | "N/A") {
                found = read(text);
            }
            found.is_some()
        })
    });
    found
}

/// Calls `visit` with the texts at a field until it says yes.
fn each_text(fields: &Fields<'_>, name: &str, visit: &mut dyn FnMut(&str) -> bool) -> bool {
    let (mut done, mut buffer) = (false, String::new());
    visit_path(fields, name, &mut |value| {
        done = done
            || any_single(value, &mut |single| {
                text_of(single, &mut buffer).is_some_and(&mut *visit)
            });
    });
    done
}

/// The hashes in `SHA1=…,MD5=…` or a bare hash, in lower case. IMPHASH is no hash of a file's bytes and is left out.
fn hashes(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(',').filter_map(|part| {
        let (kind, value) = part.trim().split_once('=').unwrap_or(("", part.trim()));
        let digits =
            matches!(value.len(), 32 | 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let some = value.bytes().any(|byte| byte != b'0');
        (digits && some && !kind.eq_ignore_ascii_case("imphash")).then(|| value.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use saola_event::Value;

    use super::*;

    #[test]
    fn entities_of_windows_and_eve() {
        let mut fields = Fields::new();
        fields.push("IpAddress", "-");
        fields.push("SourceIp", "::ffff:10.1.2.3");
        fields.push("DestinationPort", 443_i64);
        fields.push("Computer", "dc01");
        fields.push("TargetUserName", "an");
        let md5 = "0123456789ABCDEF0123456789ABCDEF";
        fields.push("Hashes", format!("MD5={md5},IMPHASH={md5}"));
        let mut http = Fields::new();
        http.push("hostname", "dvc.example");
        fields.push("http", Value::Map(http));
        let found = entities(&fields);
        assert_eq!(found.src_ip, Some("10.1.2.3".parse().unwrap()));
        assert_eq!(found.dest_port, Some(443));
        assert_eq!(found.host.as_deref(), Some("dc01"));
        assert_eq!(found.user.as_deref(), Some("an"));
        assert_eq!(found.domain.as_deref(), Some("dvc.example"));
        assert_eq!(found.hashes.into_iter().collect::<Vec<_>>(), [md5.to_lowercase()]);
    }
}
