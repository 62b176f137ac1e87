//! Gateways that write key=value lines and differ in the names alone: Sophos, SonicWall, Stormshield.

use std::borrow::Cow;

use crate::draft::Draft;
use crate::kinds;
use crate::part::kv::{self, Pairs};
use crate::source::{Input, Text};
use crate::time::{self, Stamp};

pub(crate) static SOPHOS: Text = Text {
    name: "sophos-xg",
    programs: &[],
    probe: |input| {
        let body = input.body;
        (body.contains("log_type=") && body.contains("log_component="))
            || (body.contains(" sys=\"") && body.contains(" sub=\""))
    },
    parse: |input, draft| {
        parse(
            input,
            draft,
            &[
                ("time", "clock"),
                ("src_ip", "@src"),
                ("dst_ip", "@dst"),
                ("srcip", "@src"),
                ("dstip", "@dst"),
                ("srcport", "src_port"),
                ("dstport", "dst_port"),
                ("protocol", "@proto"),
                ("proto", "@proto"),
                ("user_name", "user"),
                ("application", "app"),
                ("app_name", "app"),
                ("caller", "app"),
                ("sent_bytes", "bytes_out"),
                ("recv_bytes", "bytes_in"),
                ("tran_src_ip", "src_nat_ip"),
                ("tran_src_port", "src_nat_port"),
                ("tran_dst_ip", "dst_nat_ip"),
                ("tran_dst_port", "dst_nat_port"),
                ("in_interface", "in_if"),
                ("out_interface", "out_if"),
                ("initf", "in_if"),
                ("outitf", "out_if"),
                ("srcmac", "src_mac"),
                ("dstmac", "dst_mac"),
                ("fw_rule_name", "rule"),
                ("rule_name", "rule"),
                ("device_name", "host"),
                ("user_agent", "cs-user-agent"),
                ("status_code", "sc-status"),
                ("domain", "cs-host"),
                ("status", "action"),
                ("log_id", "event_id"),
            ],
        )?;
        if !draft.has("action") {
            let verdict = draft
                .fields
                .text("log_subtype")
                .and_then(|subtype| match subtype {
                    "Allowed" => Some("Allow"),
                    "Denied" => Some("Deny"),
                    _ => None,
                });
            if let Some(verdict) = verdict.filter(|_| draft.fields.find("src_country").is_none()) {
                draft.set("action", verdict);
            }
        }
        Some(())
    },
};

pub(crate) static SONICWALL: Text = Text {
    name: "sonicwall",
    programs: &[],
    probe: |input| input.body.contains(" sn=") && input.body.contains(" m=") && input.body.contains(" fw="),
    parse: |input, draft| {
        parse(
            input,
            draft,
            &[
                ("time", "clock"),
                ("m", "event_id"),
                ("rcvd", "bytes_in"),
                ("sent", "bytes_out"),
                ("in", "bytes_in"),
                ("out", "bytes_out"),
                ("appName", "app"),
                ("app", "app_id"),
                ("usr", "user"),
                ("user", "user"),
                ("susr", "user"),
                ("rule", "rule"),
                ("dstname", "cs-host"),
                ("fw_action", "action"),
                ("fw", "host"),
                ("srcMac", "src_mac"),
                ("dstMac", "dst_mac"),
            ],
        )
    },
};

pub(crate) static STORMSHIELD: Text = Text {
    name: "stormshield-ns",
    programs: &["asqd"],
    probe: |input| input.body.contains("logtype=\"") && input.body.contains(" fw=\""),
    parse: |input, draft| {
        parse(
            input,
            draft,
            &[
                ("time", "clock"),
                ("src", "@src"),
                ("dst", "@dst"),
                ("srcport", "src_port"),
                ("dstport", "dst_port"),
                ("srcif", "in_if"),
                ("dstif", "out_if"),
                ("ipproto", "@proto"),
                ("proto", "app"),
                ("fw", "host"),
                ("ruleid", "rule_id"),
                ("rulename", "rule"),
                ("srcmac", "src_mac"),
                ("dstmac", "dst_mac"),
                ("address", "@src"),
                ("modsrc", "src_nat_ip"),
                ("modsrcport", "src_nat_port"),
                ("origdst", "dst_nat_ip"),
                ("origdstport", "dst_nat_port"),
                ("sent", "bytes_out"),
                ("rcvd", "bytes_in"),
            ],
        )
    },
};

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>, names: &[(&str, &'static str)]) -> Option<()> {
    let pairs = Pairs::with(input.body, b'=', None).filter(|(_, value)| !value.is_empty() && value != "-");
    let mut ends = Vec::new();
    let plain = pairs.filter(|(key, value)| {
        // SonicWall: address:port:interface, protocol/service.
        let compound = matches!(*key, "src" | "dst" | "proto")
            && value.contains([':', '/'])
            && names.iter().all(|(own, _)| own != key);
        if compound {
            ends.push((*key, value.clone()));
        }
        !compound
    });
    kv::mapped(plain, draft, names);
    for (key, value) in ends {
        if let Cow::Borrowed(value) = value {
            compound(key, value, draft);
        }
    }
    for (own, ours) in [("src", "src_ip"), ("dst", "dst_ip")] {
        crate::source::json::copy(&mut draft.fields, own, ours);
    }
    draft.stamp(when(draft));
    draft.sources = kinds::firewall();
    (!draft.fields.is_empty()).then_some(())
}

/// `src=10.0.0.7:52125:X0`, `proto=tcp/https`.
fn compound<'r>(key: &str, value: &'r str, draft: &mut Draft<'r>) {
    if key == "proto" {
        draft.set("@proto", value.split_once('/').map_or(value, |(proto, _)| proto));
        return;
    }
    let mut parts = value.splitn(3, ':');
    let (ip, port, interface) = match key {
        "src" => ("src_ip", "src_port", "in_if"),
        _ => ("dst_ip", "dst_port", "out_if"),
    };
    draft.set_some(ip, parts.next());
    draft.set_some(port, parts.next());
    draft.set_some(
        interface,
        parts.next().map(|rest| rest.split(':').next().unwrap_or(rest)),
    );
}

fn when(draft: &Draft<'_>) -> Option<Stamp> {
    let text = |name| draft.fields.text(name);
    if let Some(stamp) = text("timestamp").and_then(time::bare) {
        return Some(stamp);
    }
    let joined = match (text("date"), text("clock")) {
        (Some(date), Some(time)) => format!("{date} {time} {}", text("timezone").unwrap_or("")),
        (None, Some(time)) => format!("{time} {}", text("tz").unwrap_or("")),
        _ => return None,
    };
    time::bare(&joined)
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn each_is_found_and_read() {
        for (parser, line) in [
            (
                "sophos-xg",
                r#"device="SFW" date=2026-11-22 time=07:30:00 timezone="+07" log_type="Firewall" log_component="Firewall Rule" src_ip=10.0.0.7 dst_ip=203.0.113.9 protocol="TCP" src_port=5 dst_port=443"#,
            ),
            (
                "sonicwall",
                r#"<134> id=firewall sn=00 time="2026-11-22 00:30:00" fw=10.0.0.1 pri=6 m=97 src=10.0.0.7:5:X0 dst=203.0.113.9:443:X1 proto=tcp/https"#,
            ),
            (
                "stormshield-ns",
                r#"id=firewall time="2026-11-22 07:30:00" fw="SN1" tz=+0700 src=10.0.0.7 srcport=5 dst=203.0.113.9 dstport=443 ipproto=tcp logtype="filter""#,
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, parser, "{line}");
            assert_eq!(event.fields.text("src_ip"), Some("10.0.0.7"), "{line}");
            assert_eq!(event.fields.text("dst_ip"), Some("203.0.113.9"), "{line}");
            assert_eq!(
                event.fields.find("dst_port").and_then(saola_event::Value::as_i64),
                Some(443),
                "{line}"
            );
            assert!(
                event
                    .fields
                    .text("proto")
                    .is_some_and(|proto| proto.eq_ignore_ascii_case("tcp")),
                "{line}"
            );
        }
    }
}
