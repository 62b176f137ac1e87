//! Cisco ASA, PIX and Firepower: `%ASA-severity-number: sentence`.
//!
//! An end is `interface:address/port`, often followed by its translation `(address/port)` and an identity
//! `(LOCAL\user)`. An outbound connection names its destination first.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{Table, row, table};
use crate::source::{Input, Text, json};
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "cisco-asa",
    programs: &["CiscoASA"],
    probe: |input| {
        ["%ASA-", "%FTD-", "%PIX-", "%FWSM-", "%NGIPS-"]
            .iter()
            .any(|mark| input.text.contains(mark))
    },
    parse,
};

table!(HEAD:
    row("%", r"(?s)%(?:ASA|FTD|PIX|FWSM|NGIPS)-(?:\w+-)?(\d)-(\d+):? (.*)$", &["severity", "event_id", "sentence"], &[]),
);

/// `interface:address/port (translated/port)(identity)`, each part but the address optional.
macro_rules! end {
    () => {
        r"(?:([^\s:]+):)?([^\s/()]+)(?:/(\w+))?(?:\([^()\s]*\\[^()]*\))?(?: ?\(([^\s()/\\]+)(?:/(\d+))?\))?(?: ?\(([^()]*)\))?"
    };
}

static SENTENCES: std::sync::LazyLock<Table> = std::sync::LazyLock::new(|| {
    const OUTBOUND: &[&str] = &[
        "action",
        "direction",
        "@proto",
        "out_if",
        "@dst",
        "dst_port",
        "dst_nat_ip",
        "dst_nat_port",
        "target_user",
        "in_if",
        "@src",
        "src_port",
        "src_nat_ip",
        "src_nat_port",
        "user",
    ];
    const INBOUND: &[&str] = &[
        "action",
        "direction",
        "@proto",
        "in_if",
        "@src",
        "src_port",
        "src_nat_ip",
        "src_nat_port",
        "user",
        "out_if",
        "@dst",
        "dst_port",
        "dst_nat_ip",
        "dst_nat_port",
        "user",
    ];
    const BOTH: &[&str] = &[
        "in_if",
        "@src",
        "src_port",
        "src_nat_ip",
        "src_nat_port",
        "user",
        "out_if",
        "@dst",
        "dst_port",
        "dst_nat_ip",
        "dst_nat_port",
        "target_user",
    ];
    const PROTO_BOTH: &[&str] = &[
        "@proto",
        "in_if",
        "@src",
        "src_port",
        "src_nat_ip",
        "src_nat_port",
        "user",
        "out_if",
        "@dst",
        "dst_port",
        "dst_nat_ip",
        "dst_nat_port",
        "target_user",
    ];
    const TEARDOWN: &[&str] = &[
        "@proto",
        "in_if",
        "@src",
        "src_port",
        "src_nat_ip",
        "src_nat_port",
        "user",
        "out_if",
        "@dst",
        "dst_port",
        "dst_nat_ip",
        "dst_nat_port",
        "target_user",
        "user",
        "duration",
        "bytes",
    ];
    Table::new([
        row(
            "outbound",
            concat!(
                r"^(Built) (outbound) (\w+) .*?connection \d+ for ",
                end!(),
                r" to ",
                end!()
            ),
            OUTBOUND,
            &[],
        ),
        row(
            "inbound",
            concat!(
                r"^(Built) (inbound) (\w+) .*?connection \d+ for ",
                end!(),
                r" to ",
                end!()
            ),
            INBOUND,
            &[],
        ),
        row(
            "faddr",
            r"(Built|Teardown)(?: (inbound|outbound))? (ICMP) connection for faddr ([^\s/(]+)\S* gaddr ([^\s/]+)\S* laddr ([^\s/]+)(?:/\d+)?(?: \(([^)]*)\))?",
            &[
                "action",
                "direction",
                "@proto",
                "@dst",
                "src_nat_ip",
                "@src",
                "user",
            ],
            &[],
        ),
        row(
            "connection",
            concat!(
                r"^Teardown (?:stub |local )?(\w+) .*?connection \d+ (?:for|from) ",
                end!(),
                r"(?: [^\s:]+)? to ",
                end!(),
                r"(?: ([^\s(]\S*))? duration (\S+)(?:.*? bytes (\d+))?"
            ),
            TEARDOWN,
            &[("action", "Teardown")],
        ),
        row(
            "connection",
            concat!(
                r"^(?:Built|Teardown) (?:\w+ +)?stub (\w+) connection (?:\d+ )?for ",
                end!(),
                r" to ",
                end!()
            ),
            PROTO_BOTH,
            &[],
        ),
        row(
            "offload",
            concat!(r"^(\w+) Flow is .* connection \d+ from ", end!(), r" to ", end!()),
            PROTO_BOTH,
            &[],
        ),
        row(
            "translation from",
            concat!(
                r"^(?:Built|Teardown) \w+ (\w+) translation from ",
                end!(),
                r" to ",
                end!()
            ),
            PROTO_BOTH,
            &[],
        ),
        row(
            "access-group",
            concat!(
                r"^(Deny) (?:protocol )?([\w-]+) src ",
                end!(),
                r" dst ",
                end!(),
                r#".*by access-group "([^"]*)""#
            ),
            &[
                "action",
                "@proto",
                "in_if",
                "@src",
                "src_port",
                "src_nat_ip",
                "src_nat_port",
                "user",
                "out_if",
                "@dst",
                "dst_port",
                "dst_nat_ip",
                "dst_nat_port",
                "target_user",
                "rule",
            ],
            &[],
        ),
        row(
            "access-list",
            r"^access-list (\S+) (\S+) (\w+) (?:for user '?([^'\s]+)'? )?([^\s/]+)/([^\s(]+)\((\d+)\)(?:\(([^)]*)\))? -> ([^\s/]+)/([^\s(]+)\((\d+)\)",
            &[
                "rule", "action", "@proto", "user", "in_if", "@src", "src_port", "user", "out_if", "@dst",
                "dst_port",
            ],
            &[],
        ),
        row(
            "icmp src",
            concat!(r"(icmp) src ", end!(), r" dst ", r"(?:([^\s:]+):)?([^\s/()]+)"),
            &[
                "@proto",
                "in_if",
                "@src",
                "src_port",
                "src_nat_ip",
                "src_nat_port",
                "user",
                "out_if",
                "@dst",
            ],
            &[],
        ),
        row(
            " src ",
            concat!(r"^(Deny) (?:inbound )?(\w+) src ", end!(), r" dst ", end!()),
            &[
                "action",
                "@proto",
                "in_if",
                "@src",
                "src_port",
                "src_nat_ip",
                "src_nat_port",
                "user",
                "out_if",
                "@dst",
                "dst_port",
            ],
            &[],
        ),
        row(
            "spoof",
            r"^(Deny) (\w+) spoof from \(([^)]+)\) to (\S+) on interface (\S+)",
            &["action", "@proto", "@src", "@dst", "in_if"],
            &[],
        ),
        row(
            "Deny",
            r"^(Deny) (?:inbound )?(\w+) .*?from ([^\s/]+)(?:/(\d+))? to ([^\s/]+)(?:/(\d+))?(?:.* on interface (\S+))?",
            &[
                "action", "@proto", "@src", "src_port", "@dst", "dst_port", "in_if",
            ],
            &[],
        ),
        row(
            "Denied",
            r"^(Denied) ([\w-]+) .*from (?:laddr )?(\S+) on interface ([^\s:]+)(?: to ([^\s:]+))?",
            &["action", "@proto", "@src", "in_if", "@dst"],
            &[],
        ),
        row(
            " from ",
            r"^(\w+) (?:access|request) (\w+)[^:]* from ([^\s/]+)(?:/(\d+))? to (?:([^\s:]+):)?([^\s/]+)(?:/(\d+))?",
            &[
                "@proto", "action", "@src", "src_port", "out_if", "@dst", "dst_port",
            ],
            &[],
        ),
        row(
            "local-host",
            r"local-host ([^\s:]+):(\S+)",
            &["in_if", "@src"],
            &[],
        ),
        row(
            "Accessed",
            r"^(?:\S+@)?([^\s(@]+)(?:\([^)]*\))? Accessed (?:JAVA )?URL (?:\S+@)?([^\s:]+):(\w+://([^/\s:]+)\S*)",
            &["@src", "@dst", "url", "cs-host"],
            &[],
        ),
        row(
            "Access denied URL",
            r"URL (\w+://([^/\s:]+)\S*) SRC (\S+) DEST (\S+)(?: on interface (\S+))?",
            &["url", "cs-host", "@src", "@dst", "in_if"],
            &[],
        ),
        row(
            "ynamic",
            concat!(
                r"^(?:Dynamic [Ff]ilter) (\w+) .*?(\w+) traffic from ",
                end!(),
                r" to ",
                end!(),
                r".*from (dynamic|static) list"
            ),
            &[
                "action",
                "@proto",
                "in_if",
                "@src",
                "src_port",
                "src_nat_ip",
                "src_nat_port",
                "user",
                "out_if",
                "@dst",
                "dst_port",
                "dst_nat_ip",
                "dst_nat_port",
                "target_user",
                "rule",
            ],
            &[],
        ),
        row(
            "FTP connection",
            concat!(
                r"^(FTP) connection from ",
                end!(),
                r" to ",
                r"(?:([^\s:]+):)?([^\s/()]+)/(\d+), user (\S+)"
            ),
            &[
                "app",
                "in_if",
                "@src",
                "src_port",
                "src_nat_ip",
                "src_nat_port",
                "user",
                "out_if",
                "@dst",
                "dst_port",
                "user",
            ],
            &[],
        ),
        row(
            "secondary channel",
            r"Via (\w+) secondary channel for ([^\s:]+):([^\s/]+)/(\d+) to ([^\s:]+):([^\s/]+)",
            &["@proto", "out_if", "@dst", "dst_port", "in_if", "@src"],
            &[],
        ),
        row(
            "flow from",
            concat!(r"^(\w+) flow from ", end!(), r" to ", end!()),
            PROTO_BOTH,
            &[],
        ),
        row(
            "from",
            concat!(r"(TCP|UDP) (?:packet|flow|SYN) from ", end!(), r" to ", end!()),
            PROTO_BOTH,
            &[],
        ),
        row(
            "Login ",
            r#"^Login (\w+) from ([^\s/]+)(?:/(\d+))? to ([^\s:]+):([^\s/]+)/(\S+) for user "?([^"\s]+)"?"#,
            &["action", "@src", "src_port", "out_if", "@dst", "app", "user"],
            &[],
        ),
        row(
            "between",
            r"between (\S+) and (\S+) \(user= ?([^)]*)\)",
            &["@src", "@dst", "user"],
            &[],
        ),
        row(
            "Local:",
            r"Local:([^:\s]+):(\d+) Remote:([^:\s]+):(\d+) Username:(\S+)",
            &["@src", "src_port", "@dst", "dst_port", "user"],
            &[],
        ),
        row(
            "Group",
            r"Group <([^>]*)> User <([^>]*)> IP <([^>]*)>",
            &["group", "user", "@src"],
            &[],
        ),
        row(
            "Group",
            r"^Group (\S+) User (\S+) IP (\S+)",
            &["group", "user", "@src"],
            &[],
        ),
        row(
            "Group =",
            r"Group = ([^,]*), (?:Username = ([^,]*), )?IP = ([^,]*)",
            &["group", "user", "@src"],
            &[],
        ),
        row(
            "User '",
            r"User '([^']*)'(?:.*from IP (\S+?),)?",
            &["user", "@src"],
            &[],
        ),
        row("Uname:", r"Uname: (\S+)", &["user"], &[]),
        row("from", concat!(r"from ", end!(), r" to ", end!()), BOTH, &[]),
    ])
});

table!(LATER:
    row("server =", r"server = +([^\s:,]+)", &["@dst"], &[]),
    row("user IP =", r"user IP = ([^\s,]+)", &["@src"], &[]),
    row("ser =", r"[Uu]ser = ([^\s,:]+)", &["user"], &[]),
    row("payload:", r"payload: (\w+) src [^\s/]+/(\d+) dst [^\s/]+/(\d+?)\.?$", &["payload_proto", "src_port", "dst_port"], &[]),
    row("ejected", r"(?i)authentication:? (rejected)", &["action"], &[("outcome", "failure")]),
    row("uccessful", r"(?i)authentication:? (successful)", &["action"], &[("outcome", "success")]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    if !HEAD.first(input.text, draft) {
        return None;
    }
    let sentence = draft.fields.take("sentence")?.as_borrowed()?;
    draft.sources = kinds::cisco_asa();
    if draft
        .fields
        .text("event_id")
        .is_some_and(|id| id.starts_with("43000"))
    {
        firepower(sentence, draft);
        return Some(());
    }
    SENTENCES.first(sentence, draft);
    LATER.all(sentence, draft);
    Some(())
}

/// Firepower's connection and intrusion events: `Key: value, Key: value`.
fn firepower<'r>(sentence: &'r str, draft: &mut Draft<'r>) {
    const NAMES: &[(&str, &str)] = &[
        ("SrcIP", "@src"),
        ("DstIP", "@dst"),
        ("SrcPort", "src_port"),
        ("DstPort", "dst_port"),
        ("Protocol", "@proto"),
        ("IngressInterface", "in_if"),
        ("EgressInterface", "out_if"),
        ("AccessControlRuleName", "rule"),
        ("AccessControlRuleAction", "action"),
        ("InlineResult", "inline_result"),
        ("InitiatorBytes", "bytes_out"),
        ("ResponderBytes", "bytes_in"),
        ("User", "user"),
        ("ApplicationProtocol", "app"),
        ("URL", "url"),
        ("UserAgent", "cs-user-agent"),
        ("HTTPResponse", "sc-status"),
        ("HTTP_Hostname", "cs-host"),
        ("DNSQuery", "query"),
        ("FileName", "file"),
        ("ThreatName", "threat"),
        ("Message", "threat"),
        ("NAT_InitiatorIP", "src_nat_ip"),
        ("NAT_ResponderIP", "dst_nat_ip"),
        ("NAT_InitiatorPort", "src_nat_port"),
        ("NAT_ResponderPort", "dst_nat_port"),
    ];
    for pair in sentence.split(", ").take(200) {
        let Some((key, value)) = pair.split_once(": ") else {
            continue;
        };
        match NAMES.iter().find(|(own, _)| *own == key) {
            Some((_, ours)) => draft.set(ours, value),
            None if draft.fields.find(key).is_none() => draft.fields.push(key, value),
            None => {}
        }
    }
    draft.stamp(draft.fields.text("FirstPacketSecond").and_then(time::bare));
    let host = draft.fields.text("url").and_then(host_of).map(str::to_owned);
    if let Some(host) = host.filter(|_| !draft.has("cs-host")) {
        draft.fields.push("cs-host", host);
    }
    json::copy(&mut draft.fields, "ReferencedHost", "cs-host");
}

fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', ':', '?']).next()
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn sentences() {
        for (line, expected) in [
            (
                r"Nov 22 2026 07:30:00 fw : %ASA-6-302013: Built outbound TCP connection 9 for outside:203.0.113.9/443 (203.0.113.9/443) to inside:10.0.0.7/5000 (198.51.100.1/6000)",
                &[
                    ("src_ip", "10.0.0.7"),
                    ("dst_ip", "203.0.113.9"),
                    ("in_if", "inside"),
                    ("out_if", "outside"),
                    ("src_nat_ip", "198.51.100.1"),
                    ("proto", "TCP"),
                ][..],
            ),
            (
                r#"%ASA-4-106023: Deny tcp src outside:203.0.113.9/443 dst dmz:10.0.0.7/22 by access-group "acl_out" [0x0, 0x0]"#,
                &[
                    ("action", "Deny"),
                    ("src_ip", "203.0.113.9"),
                    ("dst_ip", "10.0.0.7"),
                    ("rule", "acl_out"),
                    ("event_id", "106023"),
                ],
            ),
            (
                r"%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.0.0.2 : user = an : user IP = 203.0.113.9",
                &[
                    ("user", "an"),
                    ("src_ip", "203.0.113.9"),
                    ("dst_ip", "10.0.0.2"),
                    ("outcome", "failure"),
                ],
            ),
            (
                r"%FTD-1-430002: EventPriority: Low, SrcIP: 10.0.0.7, DstIP: 203.0.113.9, SrcPort: 5, DstPort: 443, Protocol: tcp, AccessControlRuleName: R 1",
                &[("src_ip", "10.0.0.7"), ("rule", "R 1"), ("proto", "tcp")],
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, "cisco-asa", "{line}");
            for (name, value) in expected {
                assert_eq!(event.fields.text(name), Some(*value), "{name} of {line}");
            }
        }
    }

    #[test]
    fn a_mark_without_a_message_is_not_taken() {
        assert_ne!(event("%ASA-what").parser, "cisco-asa");
    }
}
