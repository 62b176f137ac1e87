//! Juniper's Junos: `EVENT_NAME: sentence`, and structured records `EVENT_NAME [junos@2636… key="value"]`.

use crate::draft::Draft;
use crate::kinds;
use crate::part::kv::{self, Pairs};
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};

pub(crate) static SOURCE: Text = Text {
    name: "juniper",
    programs: &[
        "RT_FLOW", "RT_IDS", "RT_UTM", "RT_IDP", "mgd", "l2ald", "rpd", "chassisd", "dcd", "mib2d", "eswd",
        "jlaunchd",
    ],
    probe: |input| {
        event_name(input.body).is_some_and(|name| {
            [
                "RT_",
                "UI_",
                "L2ALD_",
                "RPD_",
                "SNMP_",
                "CHASSISD_",
                "IDP_",
                "AAMW_",
                "WEBFILTER_",
                "JTASK_",
            ]
            .iter()
            .any(|head| name.starts_with(head))
        })
    },
    parse,
};

const NAMES: &[(&str, &str)] = &[
    ("source-address", "@src"),
    ("source-port", "src_port"),
    ("destination-address", "@dst"),
    ("destination-port", "dst_port"),
    ("protocol-id", "@proto"),
    ("protocol-name", "@proto"),
    ("nat-source-address", "src_nat_ip"),
    ("nat-source-port", "src_nat_port"),
    ("nat-destination-address", "dst_nat_ip"),
    ("nat-destination-port", "dst_nat_port"),
    ("packet-incoming-interface", "in_if"),
    ("interface-name", "in_if"),
    ("policy-name", "rule"),
    ("username", "user"),
    ("bytes-from-client", "bytes_out"),
    ("bytes-from-server", "bytes_in"),
    ("attack-name", "threat"),
    ("action", "action"),
    ("application", "app"),
    ("url", "url"),
    ("obj", "file"),
];

table!(FLOW:
    // session closed reason: client/port->server/port tag service nat->nat tag N/A N/A nat-type rule policy proto …
    row("->", r"session (?:closed .*?|created|denied) ?:? ?([0-9a-fA-F:.]+)/(\d+)->([0-9a-fA-F:.]+)/(\d+) (?:0x\w+ )?(\S+) (?:([0-9a-fA-F:.]+)/(\d+)->([0-9a-fA-F:.]+)/(\d+))?",
        &["src_ip", "src_port", "dst_ip", "dst_port", "app", "src_nat_ip", "src_nat_port", "dst_nat_ip", "dst_nat_port"], &[]),
    row("session closed", r" \d+\((\d+)\) \d+\((\d+)\) \d+ ", &["bytes_out", "bytes_in"], &[]),
    row(".", r" ((?:ge|xe|et|reth|ae|st|lo|irb|fxp|em)-?[\d/]+\.\d+)(?: |$)", &["in_if"], &[]),
    row("ser '", r"[Uu]ser '([^']*)'", &["user"], &[]),
    row("ssh-connection", r"ssh-connection '([0-9a-fA-F:.]+) (\d+) ([0-9a-fA-F:.]+) (\d+)'", &["src_ip", "src_port", "dst_ip", "dst_port"], &[]),
    row("command '", r"command '(.*?)\s*'", &["CommandLine"], &[]),
    row("PEER_FLAP", r"BGP peer ([0-9a-fA-F:.]+)", &["src_ip"], &[]),
);

/// `RT_FLOW_SESSION_CLOSE`: capitals with underlines, then a colon or a bracket.
fn event_name(body: &str) -> Option<&str> {
    let end = body.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))?;
    let (name, rest) = body.split_at_checked(end)?;
    (name.contains('_') && (rest.starts_with(": ") || rest.starts_with(" ["))).then_some(name)
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let name = event_name(input.body).or(input.header.message_id);
    draft.set_some("event_id", name);
    let structured = input
        .header
        .structured
        .filter(|data| data.contains("junos@"))
        .or_else(|| input.body.contains('[').then_some(input.body));
    if let Some(data) = structured.filter(|data| data.contains("=\"")) {
        kv::mapped(
            Pairs::with(data.trim_end_matches(']'), b'=', None).filter(|(_, value)| value != "N/A"),
            draft,
            NAMES,
        );
    }
    FLOW.all(input.body, draft);
    draft.sources = kinds::juniper();
    (name.is_some() || input.header.program.is_some()).then_some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn flows_and_sign_ins() {
        for line in [
            "RT_FLOW_SESSION_CREATE: session created 10.0.0.7/46087->203.0.113.9/25 0x0 junos-smtp 10.0.0.7/46087->203.0.113.9/25 0x0 N/A N/A static rule R 6",
            r#"RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.142 source-address="10.0.0.7" source-port="62224" destination-address="203.0.113.9" destination-port="443" protocol-id="6"]"#,
        ] {
            let event = event(line);
            assert_eq!(event.parser, "juniper", "{line}");
            assert_eq!(event.fields.text("src_ip"), Some("10.0.0.7"), "{line}");
            assert_eq!(event.fields.text("dst_ip"), Some("203.0.113.9"), "{line}");
        }
        let login = event(
            "mgd[54999]: UI_LOGIN_EVENT: User 'an' login, class 'j-ids' [54999], ssh-connection '10.0.0.7 40382 10.0.0.2 22', client-mode 'cli'",
        );
        assert_eq!(
            (login.fields.text("user"), login.fields.text("src_ip")),
            (Some("an"), Some("10.0.0.7"))
        );
    }
}
