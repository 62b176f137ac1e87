//! One file per source, and the order in which they are tried.

#![allow(
    clippy::unnecessary_wraps,
    reason = "all sources have one signature, whether they can refuse a record or not"
)]

mod access;
mod antivirus;
mod apache;
mod auditd;
mod cef;
mod cisco;
mod cloud;
mod database;
mod dns;
mod eve;
mod firewall;
mod ftp;
mod haproxy;
mod iis;
pub(crate) mod json;
mod mail;
mod modsecurity;
mod network;
mod nginx;
mod platforms;
mod portal;
mod small_web;
mod squid;
mod sshd;
mod sudo;
mod syslog;
mod vmware;
mod voip;
mod vpn;
mod web_json;
mod windows;

use saola_event::{Fields, LogSources};

use crate::draft::Draft;
use crate::part::pattern::Table;
use crate::part::syslog::Header;
use crate::time::{Anchor, Stamp};

/// A record's text with its envelope taken off.
pub(crate) struct Input<'r> {
    /// The whole text.
    pub(crate) text: &'r str,
    pub(crate) header: Header<'r>,
    /// The text within the envelope; the whole text without one.
    pub(crate) body: &'r str,
}

impl<'r> Input<'r> {
    pub(crate) fn new(text: &'r str, header: Option<Header<'r>>) -> Self {
        let header = header.unwrap_or(Header {
            body: text,
            ..Header::default()
        });
        Self {
            text,
            header,
            body: header.body,
        }
    }

    /// The program as sources list it: without its path, its parenthesised module, and what follows a slash.
    pub(crate) fn program_key(&self) -> Option<&'r str> {
        let program = self.header.program?;
        let program = program
            .strip_prefix('/')
            .map_or(program, |path| path.rsplit('/').next().unwrap_or(path));
        let end = program
            .find(['(', '/'])
            .filter(|end| *end > 0)
            .unwrap_or(program.len());
        program.get(..end)
    }
}

/// A source that writes text.
pub(crate) struct Text {
    pub(crate) name: &'static str,
    /// Programs of syslog envelopes that are this source.
    pub(crate) programs: &'static [&'static str],
    /// Whether a record looks like this source's. Cheap: it is asked of every record that no program claims.
    pub(crate) probe: fn(&Input<'_>) -> bool,
    /// Reads a record; `None` when it is not this source's after all.
    pub(crate) parse: for<'r> fn(&Input<'r>, &mut Draft<'r>) -> Option<()>,
}

/// A source that writes JSON objects.
pub(crate) struct Json {
    pub(crate) name: &'static str,
    pub(crate) probe: fn(&Fields<'_>) -> bool,
    /// Reads an object's fields; never fails, since the object itself is already something.
    pub(crate) parse: for<'r> fn(Fields<'r>, &mut Draft<'r>, Anchor),
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Text sources in the order of their probes: the surest signs first, plain syslog last.
pub(crate) static TEXT: &[&Text] = &[
    &sshd::SOURCE,
    &sudo::SOURCE,
    &windows::XML,
    &auditd::SOURCE,
    &ftp::FTP,
    &ftp::DROPBEAR,
    &voip::ASTERISK,
    &voip::FREESWITCH,
    &platforms::AIX,
    &platforms::VEEAM,
    &firewall::gateways::ISE,
    &firewall::gateways::CHECKPOINT,
    &firewall::gateways::BARRACUDA,
    &firewall::gateways::CITRIX,
    &firewall::juniper::SOURCE,
    &vmware::VCENTER,
    &vmware::ESXI,
    &network::DHCPD,
    &network::FREERADIUS,
    &network::OPENLDAP,
    &network::SAMBA,
    &network::XRDP,
    &antivirus::KASPERSKY,
    &antivirus::CLAMAV,
    &portal::WEBMIN,
    &portal::OPNSENSE,
    &portal::DRUPAL,
    &portal::EXCHANGE,
    &portal::ZIMBRA,
    &portal::KEYCLOAK,
    &portal::GUACAMOLE,
    &portal::GITLAB,
    &portal::GRAFANA,
    &portal::ROUNDCUBE,
    &portal::KERIO,
    &vpn::WIREGUARD,
    &vpn::PULSE,
    &vpn::IPSEC,
    &database::MYSQL,
    &database::MSSQL,
    &mail::imap::DOVECOT,
    &mail::imap::COURIER,
    &mail::imap::CYRUS,
    &mail::sendmail::SOURCE,
    &dns::UNBOUND,
    &dns::DNSMASQ,
    &firewall::paloalto::SOURCE,
    &firewall::watchguard::SOURCE,
    &cef::SOURCE,
    &firewall::watchguard::LEEF,
    &cisco::asa::SOURCE,
    &firewall::fortinet::FORTIGATE,
    &firewall::fortinet::FORTIWEB,
    &firewall::fortinet::FORTIMAIL,
    &firewall::pairs::SOPHOS,
    &firewall::pairs::STORMSHIELD,
    &firewall::pairs::SONICWALL,
    &firewall::iptables::SOURCE,
    &firewall::pf::SOURCE,
    &firewall::mikrotik::SOURCE,
    &cisco::ios::SOURCE,
    &modsecurity::SOURCE,
    &nginx::SOURCE,
    &haproxy::SOURCE,
    &apache::SOURCE,
    &small_web::LIGHTTPD,
    &small_web::LITESPEED,
    &web_json::ENVOY_TEXT,
    &iis::SOURCE,
    &squid::SOURCE,
    &access::SOURCE,
    &mail::postfix::SOURCE,
    &dns::BIND,
    &mail::exim::SOURCE,
    &database::MONGODB,
    &database::POSTGRESQL,
    &vpn::OPENVPN,
    &network::ARUBA,
    &firewall::gateways::F5,
    &syslog::AUTH,
    &syslog::CRON,
    &syslog::SOURCE,
];

/// JSON sources in the order of their probes; `json` takes whatever is left.
pub(crate) static JSON: &[&Json] = &[
    &windows::WINLOGBEAT,
    &windows::SOURCE,
    &windows::EVTX,
    &eve::EVE,
    &eve::ZEEK,
    &database::MONGODB_JSON,
    &antivirus::ESET,
    &cloud::KUBERNETES,
    &cloud::AUDITBEAT,
    &portal::NEXTCLOUD,
    &portal::KEYCLOAK_JSON,
    &portal::GITLAB_JSON,
    &portal::GRAFANA_JSON,
    &firewall::paloalto::JSON,
    &nginx::JSON,
    &haproxy::JSON,
    &web_json::CADDY,
    &web_json::TRAEFIK,
    &web_json::ENVOY,
    &cloud::PLATFORM,
    &json::SOURCE,
];

/// Reads a body that begins with its own date, in brackets or not, by a table's sentences. True when one was known.
pub(crate) fn told<'r>(table: &Table, body: &'r str, draft: &mut Draft<'r>) -> bool {
    let text = body.trim_start();
    let stamp = crate::time::prefix(text.strip_prefix('[').unwrap_or(text)).map(|(stamp, _)| stamp);
    draft.stamp(stamp);
    table.all(body, draft)
}

/// Never found from the record: chosen by program or hint alone.
pub(crate) fn never(_: &Input<'_>) -> bool {
    false
}

/// Every set of log sources that some parser gives. Records may name others themselves.
pub(crate) fn known_sets() -> Vec<LogSources> {
    let parts = [
        crate::kinds::all(),
        windows::known(),
        eve::known(),
        cloud::known(),
    ];
    parts.concat()
}

/// Adds what the envelope says, behind what the source found.
pub(crate) fn envelope<'r>(input: &Input<'r>, draft: &mut Draft<'r>) {
    let Header {
        priority,
        stamp,
        host,
        program,
        pid,
        message_id,
        ..
    } = input.header;
    draft.set_some("host", host);
    draft.set_some("program", program);
    draft.set_some("pid", pid);
    draft.set_some("message_id", message_id.filter(|_| !draft.has("message_id")));
    if let Some(priority) = priority {
        if !draft.has("facility") {
            draft.fields.push("facility", i64::from(priority / 8));
        }
        if !draft.has("severity") {
            draft.fields.push("severity", i64::from(priority % 8));
        }
    }
    if !draft.has("message") {
        draft.set("message", input.body);
    }
    // The device's own time where it gave one; the relay's else. A missing year or zone is the device's word still.
    if let (Some(found), Some((name, text))) = (draft.stamp, stamp.and_then(|stamp| stamp.shown()))
        && found.shown().is_none_or(|(own, _)| own != name)
        && !draft.has(name)
    {
        draft.fields.push(name, text);
    }
    draft.stamp(stamp);
}

/// What a container runtime puts before each line: `2026-11-22T07:30:00.5+07:00 stdout F …`. Gives its time and the line.
pub(crate) fn container_line(text: &str) -> Option<(Stamp, &str)> {
    let (when, rest) = text.split_once(' ')?;
    let rest = rest
        .strip_prefix("stdout ")
        .or_else(|| rest.strip_prefix("stderr "))?;
    let line = rest.strip_prefix("F ").or_else(|| rest.strip_prefix("P "))?;
    Some((crate::time::bare(when)?, line))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use saola_event::{Event, RawRecord, Timestamp};

    use super::*;
    use crate::{Config, Parsers};

    /// A record with this text, arrived on 23 November 2026.
    pub(crate) fn record(text: &str) -> RawRecord {
        RawRecord {
            source: Arc::from("test"),
            agency: Arc::from("so-tttt"),
            parser: None,
            peer: None,
            received_at: Timestamp::parse_rfc3339("2026-11-23T00:00:00Z").unwrap(),
            seq: 1,
            bytes: text.as_bytes().to_vec(),
        }
    }

    /// What a line becomes without a hint.
    pub(crate) fn event(text: &str) -> Event<'static> {
        Parsers::new(Config::default()).parse(&record(text)).into_owned()
    }

    /// A line's fields, without those that every line with an envelope has (`message`, a year-less time). Checks that
    /// the line is found to be this parser's without a hint.
    pub(crate) fn fields(parser: &str, text: &str) -> String {
        let event = event(text);
        assert_eq!(event.parser, parser, "{text}");
        assert_eq!(event.raw, text);
        let mut fields = event.fields;
        fields.take("message");
        if event.raw.starts_with("Nov ") {
            fields.take("time_noyear");
        }
        serde_json::to_string(&fields).unwrap()
    }

    #[test]
    fn programs_belong_to_one_source() {
        let mut seen = std::collections::HashMap::new();
        for source in TEXT {
            for program in source.programs {
                assert_eq!(seen.insert(program, source.name), None, "{program}");
            }
        }
    }
}
