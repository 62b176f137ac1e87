//! MikroTik RouterOS: `topics message`.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};

pub(crate) static SOURCE: Text = Text {
    name: "mikrotik",
    programs: &["mikrotik", "MikroTik"],
    probe: |input| topics(input.body).is_some(),
    parse,
};

table!(SENTENCES:
    row("proto ", r"\bin:(\S+) out:(\([^)]*\)|[^\s,]+),? .*?(?:src-mac ([0-9a-fA-F:]{17}),? )?proto (\w+)(?: \([^)]*\))?, (\S+?)->(\S+?), ",
        &["in_if", "out_if", "src_mac", "proto", "@src", "@dst"], &[]),
    row("login failure", r"login failure for user (\S+) from (\S+) via (\S+)", &["user", "@src", "app"], &[("outcome", "failure")]),
    row("logged in", r"user (\S+) logged in from (\S+) via (\S+)", &["user", "@src", "app"], &[("outcome", "success"), ("action", "login")]),
    row("logged out", r"user (\S+) logged out from (\S+) via (\S+)", &["user", "@src", "app"], &[("action", "logout")]),
);

/// The comma-separated topics before the message.
fn topics(body: &str) -> Option<(&str, &str)> {
    const FIRST: &[&str] = &[
        "firewall",
        "system",
        "dhcp",
        "wireless",
        "interface",
        "ppp",
        "pptp",
        "l2tp",
        "ovpn",
        "ipsec",
        "dns",
        "hotspot",
        "account",
    ];
    let (topics, rest) = body.trim_start().split_once(' ')?;
    let (first, others) = topics.split_once(',')?;
    (FIRST.contains(&first)
        && others
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b',' || b == b'!'))
    .then_some((topics, rest))
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let message = match topics(input.body) {
        Some((topics, message)) => {
            draft.set("topics", topics);
            message
        }
        None => input.body,
    };
    let known = SENTENCES.first(message, draft);
    draft.sources = kinds::firewall();
    (known || draft.has("topics") || input.header.program.is_some()).then_some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn sentences() {
        for (line, expected) in [
            (
                "firewall,info drop-in input: in:ether1 out:(unknown 0), connection-state:new src-mac 00:17:10:88:bc:02, proto UDP, 203.0.113.9:44355->10.0.0.7:53, len 65",
                r#"{"topics":"firewall,info","in_if":"ether1","out_if":"(unknown 0)","src_mac":"00:17:10:88:bc:02","proto":"UDP","src_ip":"203.0.113.9","src_port":44355,"dst_ip":"10.0.0.7","dst_port":53}"#,
            ),
            (
                "system,error,critical login failure for user admin from 10.0.0.7 via winbox",
                r#"{"topics":"system,error,critical","user":"admin","src_ip":"10.0.0.7","app":"winbox","outcome":"failure"}"#,
            ),
        ] {
            assert_eq!(fields("mikrotik", line), expected, "{line}");
        }
    }
}
