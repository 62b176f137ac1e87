//! Application gateways: Citrix ADC, F5 BIG-IP, Barracuda, Check Point's own format, Cisco ISE.

use std::borrow::Cow;

use crate::draft::Draft;
use crate::kinds;
use crate::part::kv;
use crate::part::pattern::{row, table};
use crate::source::{Text, json};
use crate::time;

pub(crate) static CITRIX: Text = Text {
    name: "citrix-adc",
    programs: &["ns", "netscaler"],
    probe: |input| {
        input.body.contains("-PPE-") && input.body.contains(" : default ")
            || input.body.starts_with("default ") && input.body.contains(" 0 : ")
            || input.body.contains(" -> ") && input.body.contains("\"Time: ")
    },
    parse: |input, draft| {
        let body = input.body.trim_start_matches('"');
        let known = CITRIX_LINES.all(body, draft);
        draft.stamp(citrix_time(body));
        draft.sources = kinds::firewall();
        known.then_some(())
    },
};

/// `01/24/2025:12:06:37 GMT`, `2023/07/04:09:03:46`, or the access log's own.
fn citrix_time(body: &str) -> Option<time::Stamp> {
    let stamp = |text: &str| time::prefix(text).map(|(stamp, _)| stamp);
    stamp(body).or_else(|| body.split_once('[').and_then(|(_, rest)| stamp(rest)))
}

pub(crate) static F5: Text = Text {
    name: "f5-bigip",
    programs: &[
        "tmm", "tmm1", "tmm2", "tmm3", "apmd", "tmsh", "mcpd", "logger", "asm", "ASM",
    ],
    probe: |input| {
        let body = input.body.trim_start();
        body.starts_with("Rule /Common/")
            || body.contains(":Common:")
            || (body.starts_with("01") && body.get(8..9) == Some(":"))
    },
    parse: |input, draft| {
        let known = F5_LINES.all(input.body, draft);
        draft.sources = kinds::firewall();
        (known || input.header.program.is_some()).then_some(())
    },
};

pub(crate) static BARRACUDA: Text = Text {
    name: "barracuda-fw",
    programs: &["barracuda"],
    probe: |input| {
        ["Info  ", "Warning  ", "Error  ", "Notice  ", "Security  "]
            .iter()
            .any(|level| input.body.starts_with(level))
    },
    parse: |input, draft| {
        let known = BARRACUDA_LINES.all(input.body, draft);
        draft.sources = kinds::firewall();
        known.then_some(())
    },
};

pub(crate) static CHECKPOINT: Text = Text {
    name: "checkpoint",
    programs: &["CheckPoint"],
    probe: |input| input.body.contains("loguid:\"") && input.body.contains("; "),
    parse: |input, draft| {
        let inner = input.body.split_once('[').map_or(input.body, |(_, inner)| inner);
        let pairs = inner.split("\"; ").take(200).filter_map(|pair| {
            let (key, value) = pair.trim_start_matches(['[', ' ']).split_once(":\"")?;
            Some((
                key,
                Cow::Borrowed(value.trim_end_matches("\"]").trim_end_matches('"')),
            ))
        });
        kv::mapped(
            pairs,
            draft,
            &[
                ("src", "@src"),
                ("dst", "@dst"),
                ("s_port", "src_port"),
                ("service", "dst_port"),
                ("proto", "@proto"),
                ("rule_name", "rule"),
                ("rule", "rule_id"),
                ("ifname", "in_if"),
                ("loguid", "event_id"),
                ("xlatesrc", "src_nat_ip"),
                ("xlatesport", "xlatesport"),
                ("time", "clock"),
                ("user", "user"),
                ("resource", "url"),
            ],
        );
        draft.stamp(draft.fields.find("clock").and_then(json::stamp_of));
        draft.sources = kinds::firewall();
        Some(())
    },
};

pub(crate) static ISE: Text = Text {
    name: "cisco-ise",
    programs: &[],
    probe: |input| {
        input.text.contains("CISE_")
            || input.body.contains("ConfigVersionId=")
            || input.body.contains(", AD-Domain=")
            || (input.body.contains("; ")
                && (input.body.starts_with("INFO: ") || input.body.starts_with("WARN: ")))
            || input.body.contains("NetworkDeviceName=")
    },
    parse: |input, draft| {
        let body = input.text;
        let text = ISE_DATE
            .find(body)
            .map_or(body, |found| body.get(found.end()..).unwrap_or_default());
        if let Some(found) = ISE_DATE.find(body) {
            draft.stamp(time::prefix(found.as_str()).map(|(stamp, _)| stamp));
        }
        ise(text, draft);
        draft.sources = kinds::authentication();
        Some(())
    },
};

static ISE_DATE: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
    regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d\d:\d\d")
        .expect("the expression is part of the program")
});

/// `Name=value` divided by commas, or by semicolons in alarms; names hold blanks.
fn ise<'r>(text: &'r str, draft: &mut Draft<'r>) {
    const NAMES: &[(&str, &str)] = &[
        ("UserName", "user"),
        ("User-Name", "user"),
        ("AdminName", "user"),
        ("Admin", "user"),
        ("AD-Account-Name", "user"),
        ("Device login username", "user"),
        ("EndPointMatchedProfile", "profile"),
        ("AdminIPAddress", "@src"),
        ("Device IP Address", "@src"),
        ("NAS-IP-Address", "nas_ip"),
        ("NAS IP Address", "@src"),
        ("Network device IP", "@src"),
        ("NAD Address", "@src"),
        ("Device Ip", "@src"),
        ("EndpointIPAddress", "@src"),
        ("DestinationIPAddress", "@dst"),
        ("DestinationPort", "dst_port"),
        ("IdentityPolicyMatchedRule", "rule"),
        ("EndpointMatchedPolicy", "rule"),
        ("EndpointMacAddress", "src_mac"),
        ("Calling-Station-ID", "src_mac"),
        ("Calling Station Id", "user"),
        ("Called-Station-ID", "called"),
        ("FailureReason", "reason"),
        ("Device Port", "device_port"),
    ];
    let divider = if text.contains("; ") && !text.contains(", ") {
        ';'
    } else {
        ','
    };
    let mut pairs = Vec::new();
    for part in text.split(divider).take(400) {
        if let Some((key, value)) = part
            .rsplit_once(" : ")
            .map_or(part, |(_, pair)| pair)
            .split_once('=')
        {
            pairs.push((key.trim(), Cow::Borrowed(value.trim().trim_end_matches('\\'))));
        }
    }
    // A message text before the first pair: "Failed-Attempt: Authentication failed".
    draft.set_some(
        "description",
        text.split(',')
            .next()
            .map(str::trim)
            .filter(|first| !first.contains('=')),
    );
    kv::mapped(pairs.into_iter(), draft, NAMES);
    let failed = draft
        .fields
        .text("description")
        .is_some_and(|said| said.to_ascii_lowercase().contains("authentication failed"));
    if failed {
        draft.set("outcome", "failure");
    }
}

table!(CITRIX_LINES:
    row(" : ", r"default (?:\w+ )?([A-Z]\w+) \d+ 0 : ", &["event_id"], &[]),
    row("User ", r"(?:^|- |: |\s)User (\S+)", &["user"], &[]),
    row("Source ", r"Source ([0-9a-fA-F:.]+:\d+)", &["@src"], &[]),
    row("Destination ", r"Destination ([0-9a-fA-F:.]+:\d+)", &["@dst"], &[]),
    row("lient", r"Client_?(?:ip|IP) ([0-9a-fA-F:.]+)", &["src_ip"], &[]),
    row("ClientPort", r"ClientPort (\d+)", &["src_port"], &[]),
    row("Remote_ip", r"Remote_ip ([0-9a-fA-F:.]+)", &["src_ip"], &[]),
    row("Srcip", r"Srcip: ([0-9a-fA-F:.]+)", &["src_ip"], &[]),
    row("Dstip", r"Dstip: ([0-9a-fA-F:.]+)", &["dst_ip"], &[]),
    row("at", r"Nat_?(?:ip|IP) ([0-9a-fA-F.]+)", &["src_nat_ip"], &[]),
    row("Denied_by_policy", r#"Denied_by_policy "+([^"]+)"#, &["rule"], &[]),
    row("Browser ", r"Browser (.*)$", &["cs-user-agent"], &[]),
    row("Failure_reason", r#"Failure_reason "([^"]*)""#, &["reason"], &[("outcome", "failure")]),
    row("Command ", r#"Command "([^"]*)""#, &["CommandLine"], &[]),
    row("SSO is", r": ([A-Z]+) (\S+) - -", &["cs-method", "@target"], &[]),
    row(" -> ", r#"^([0-9a-fA-F:.]+) -> ([0-9a-fA-F:.]+) \S+ \S+ \[[^\]]+\] \[\d+\] "([^"]*)" (\d{3}) (\d+)"#, &["src_ip", "dst_ip", "@request", "sc-status", "sc-bytes"], &[]),
    row("Total_bytes_send", r"Total_bytes_send (\d+)", &["bytes_out"], &[]),
    row("Total_bytes_recv", r"Total_bytes_recv (\d+)", &["bytes_in"], &[]),
);

table!(F5_LINES:
    row(" -> ", r"(\w+) ACL: ([^:\s]+)\S* packet: (\w+) ([0-9a-fA-F:.]+:\d+) -> ([0-9a-fA-F:.]+:\d+)", &["action", "rule", "@proto", "@src", "@dst"], &[]),
    row(" -> ", r"([0-9a-fA-F:.]+:\d+) -> ([0-9a-fA-F:.]+:\d+): (\w+)", &["@src", "@dst", "action"], &[]),
    row("ollowing rule", r"Following rule '([^']+)'", &["rule"], &[]),
    row("Rule /", r"Rule (/\S+) <(\w+)>", &["rule", "event"], &[]),
    row(":Common:", r"(/[^\s:]+):Common:", &["rule"], &[]),
    row("Username '", r"Username '([^']*)'", &["user"], &[]),
    row("authenticate with '", r"authenticate with '([^']*)' success", &["user"], &[("outcome", "success")]),
    row("authenticate with '", r"authenticate with '([^']*)' fail", &["user"], &[("outcome", "failure")]),
    row("bytes in: ", r"bytes in: (\d+), bytes out: (\d+)", &["bytes_out", "bytes_in"], &[]),
    row("clientip is", r"session\.user\.clientip is ([0-9a-fA-F:.]+)", &["src_ip"], &[]),
    row("New session", r"New session from client IP ([0-9a-fA-F:.]+)", &["src_ip"], &[]),
    row("User-Agent header", r"User-Agent header: (.*)$", &["cs-user-agent"], &[]),
    row("AUDIT", r"AUDIT - .*user=(\S+)", &["user"], &[]),
    row("cmd_data=", r"cmd_data=(.*)$", &["CommandLine"], &[]),
    row("client_ip=", r"client_ip=(\S+) client_port=(\d+)", &["src_ip", "src_port"], &[]),
    row("lb_server=", r"lb_server=(\S+)", &["@dst"], &[]),
    row(" host=", r" host=(\S+)", &["cs-host"], &[]),
    row("request=", r#"request="([^"]*)""#, &["@request"], &[]),
    row("server_status=", r"server_status=(\d+)", &["sc-status"], &[]),
    row("user_agent=", r#"user_agent="([^"]*)""#, &["cs-user-agent"], &[]),
    row("HTTP: ", r">: ([0-9a-fA-F:.]+:\d+): HTTP: (\d+) response to from ([0-9a-fA-F:.]+:\d+) URL: ([^/\s]+)(\S*)", &["@dst", "sc-status", "@src", "cs-host", "@target"], &[]),
    row("[ssl_acc]", r#"\[ssl_acc\] (\S+) - ([^\s-]\S*|-) \[[^\]]+\] "?(\S+?)"? (\d{3}) (\d+)"#, &["src_ip", "user", "@target", "sc-status", "sc-bytes"], &[]),
    row("[ssl_req]", r#"\[ssl_req\]\[[^\]]+\] (\S+) (\S+) (\S+) "([^"]*)" (\d+)"#, &["src_ip", "tls_version", "tls_cipher", "@target", "sc-bytes"], &[]),
);

table!(BARRACUDA_LINES:
    row("", r"^(\w+)\s+(\S+) ", &["level", "host"], &[]),
    row("Login ", r"Login (\S+?)(?:_\S+)? from ([0-9a-fA-F:.]+) : (\w+)", &["user", "src_ip", "action"], &[]),
    row("peer=", r"peer=([0-9a-fA-F:.]+)", &["src_ip"], &[]),
    row("user=", r"user=(\S+)", &["user"], &[]),
    row("Session from", r"Session from ([0-9a-fA-F:.]+:\d+)", &["@src"], &[]),
    row("GCSID_", r"_((?:\d{1,3}\.){3}\d{1,3})_(\d+)_\d+$", &["src_ip", "src_port"], &[]),
    row("@", r"\[(\w+)@((?:\d{1,3}\.){3}\d{1,3})_(\d+)\]", &["user", "src_ip", "src_port"], &[]),
    row(" -> ", r"\|(TCP|UDP|ICMP) ([0-9a-fA-F:.]+:\d+)(?: \([^)]*\))? -> ([0-9a-fA-F:.]+:\d+)", &["@proto", "@src", "@dst"], &[]),
    // action: type|protocol|interface|source|port|mac|destination|port|service|…|rule|…|bind|address translated
    row("|", r" (Allow|Block|Deny|Remove|Drop|Fail): \w+\|(\w+)\|([^|]*)\|([^|]*)\|(\d*)\|([^|]*)\|([^|]*)\|(\d*)\|([^|]*)\|[^|]*\|([^|]*)\|[^|]*\|([^|]*)\|([^|]*)\|", &["action", "proto", "in_if", "src_ip", "src_port", "src_mac", "dst_ip", "dst_port", "app", "rule", "src_nat_ip", "dst_nat_ip"], &[]),
    row(" -> ", r" ([0-9a-fA-F:.]+) -> ([0-9a-fA-F.]+):\d+ \|\[(.*?)\]", &["src_ip", "dst_ip", "threat"], &[]),
    row("update|", r"update\|(?:[^|]*\|){8}(\d+)\|(\d+)\|", &["bytes_in", "bytes_out"], &[]),
    row("Insert Event from", r"Insert Event from ([0-9a-fA-F:.]+:\d+)", &["reporter"], &[]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn each_is_found_and_read() {
        for (parser, line) in [
            (
                "citrix-adc",
                "01/24/2026:12:06:37 GMT adc 0-PPE-0 : default SSLVPN TCPCONNSTAT 408 0 : Context an@10.0.0.7 - User an - Client_ip 10.0.0.9 - Source 10.0.0.7:59549 - Destination 203.0.113.9:443",
            ),
            (
                "f5-bigip",
                "01580002:5: /VPN/P:Common:870db929: discard ACL: /VPN/DENY:0 packet: tcp 10.0.0.7:59407 -> 203.0.113.9:443",
            ),
            (
                "barracuda-fw",
                "Info     fw Allow: LOUT|UDP|bond0|10.0.0.7|61988|00:11:22:33:44:55|203.0.113.9|53|domain||R|0|10.0.0.2|203.0.113.9|0|1|0",
            ),
            (
                "checkpoint",
                r#"syslog[action:"Drop"; loguid:"{0x0}"; dst:"203.0.113.9"; proto:"6"; service:"443"; src:"10.0.0.7"; ]"#,
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, parser, "{line}");
            assert_eq!(event.fields.text("src_ip"), Some("10.0.0.7"), "{line}");
            assert_eq!(event.fields.text("dst_ip"), Some("203.0.113.9"), "{line}");
        }
        let ise = event(
            "Nov 22 07:30:00 ise CISE_Failed_Attempts 0001 1 0 2026-11-22 07:30:00.301 +07:00 001 5400 NOTICE Failed-Attempt: Authentication failed, ConfigVersionId=11, Device IP Address=10.0.0.7, UserName=an",
        );
        assert_eq!(
            (
                ise.parser,
                ise.fields.text("user"),
                ise.fields.text("src_ip"),
                ise.fields.text("outcome")
            ),
            ("cisco-ise", Some("an"), Some("10.0.0.7"), Some("failure"))
        );
        assert_eq!(ise.time.to_string(), "2026-11-22T00:30:00.301000Z");
    }
}
