//! pfSense's and OPNsense's `filterlog`: one comma-separated record per packet, whose layout depends on the IP version
//! and the protocol (as documented with pfSense's raw filter log format).

use crate::draft::Draft;
use crate::kinds;
use crate::part::place;
use crate::source::{Input, Text};

pub(crate) static SOURCE: Text = Text {
    name: "pf-filterlog",
    programs: &["filterlog"],
    probe: |input| {
        let mut parts = input.body.split(',');
        parts.next().is_some_and(|rule| {
            !rule.is_empty() && rule.len() <= 6 && rule.bytes().all(|b| b.is_ascii_digit())
        }) && parts
            .nth(5)
            .is_some_and(|verdict| matches!(verdict, "pass" | "block" | "reject" | "match"))
            && parts
                .next()
                .is_some_and(|direction| matches!(direction, "in" | "out"))
    },
    parse,
};

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let parts: Vec<&str> = input.body.split(',').take(40).collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or("");
    let inward = part(7) == "in";
    draft.set("rule_id", part(0));
    draft.set("tracker", part(3));
    draft.set(if inward { "in_if" } else { "out_if" }, part(4));
    draft.set("reason", part(5));
    draft.set("action", part(6));
    draft.set("direction", part(7));
    draft.set("ip_version", part(8));
    // Where the protocol's name and the addresses stand.
    let (proto, addresses) = match part(8) {
        "4" => (part(16), 18),
        // IPv6 has the name before the number; some senders the other way round.
        "6" => (
            if part(12).bytes().all(|b| b.is_ascii_digit()) {
                part(13)
            } else {
                part(12)
            },
            15,
        ),
        _ => return None,
    };
    draft.set("proto", proto);
    let shifted = addresses + usize::from(!place::is_ip(part(addresses)));
    draft.set("@src", part(shifted));
    draft.set("@dst", part(shifted + 1));
    if matches!(proto.to_ascii_lowercase().as_str(), "tcp" | "udp") {
        draft.set("src_port", part(shifted + 2));
        draft.set("dst_port", part(shifted + 3));
    }
    draft.sources = kinds::firewall();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn records() {
        for (line, expected) in [
            (
                "Nov 22 07:30:00 gw filterlog: 53,,,1000000301,em0,match,block,in,4,0x0,,64,420,0,none,6,tcp,460,10.0.2.2,10.0.2.15,53742,22,420,PA,1:2,3,65535,,",
                r#"{"rule_id":"53","tracker":"1000000301","in_if":"em0","reason":"match","action":"block","direction":"in","ip_version":"4","proto":"tcp","src_ip":"10.0.2.2","dst_ip":"10.0.2.15","src_port":53742,"dst_port":22,"host":"gw","program":"filterlog"}"#,
            ),
            (
                "98,,,881d,re0,match,pass,in,6,0x00,0x0ea87,51,udp,17,73,2001:db8::1,2001:db8::2,6881,51918,73",
                r#"{"rule_id":"98","tracker":"881d","in_if":"re0","reason":"match","action":"pass","direction":"in","ip_version":"6","proto":"udp","src_ip":"2001:db8::1","dst_ip":"2001:db8::2","src_port":6881,"dst_port":51918}"#,
            ),
        ] {
            assert_eq!(fields("pf-filterlog", line), expected, "{line}");
        }
    }
}
