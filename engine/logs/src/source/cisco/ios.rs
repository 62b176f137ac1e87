//! Cisco IOS, IOS XE and NX-OS: `%FACILITY-SEVERITY-MNEMONIC: text`.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "cisco-ios",
    programs: &[],
    probe: |input| HEAD_MARK.is_match(input.text),
    parse,
};

static HEAD_MARK: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
    regex::Regex::new(r"%[A-Z][A-Z0-9_]+-(?:[A-Z0-9_]+-)*[0-7]-[A-Z0-9_]+: ")
        .expect("the expression is part of the program")
});

table!(HEAD:
    row("%", r"%([A-Z][A-Z0-9_]*(?:-[A-Z][A-Z0-9_]*)*)-([0-7])-([A-Z0-9_]+): (.*)$", &["facility", "severity", "event_id", "sentence"], &[]),
);

table!(SENTENCES:
    row("[user:", r"\[user: ?([^\]]*)\]", &["user"], &[]),
    row("[Source:", r"\[Source: ?([^\]]*)\]", &["@src"], &[]),
    row("[localport:", r"\[localport: ?(\d+)\]", &["dst_port"], &[]),
    row("list ", r"list (\S+) (permitted|denied) (?:(\w+) )?([\d.a-fA-F:]+)(?:\((\d+)\))?(?: -> ([\d.a-fA-F:]+)(?:\((\d+)\))?)?", &["rule", "action", "@proto", "@src", "src_port", "@dst", "dst_port"], &[]),
    row(" by ", r" by (\S+) on \S+ \(([\d.a-fA-F:]+)\)", &["user", "@src"], &[]),
    row(" as ", r" as (\S+) on \S+ \(([\d.a-fA-F:]+)\)", &["user", "@src"], &[]),
    row(" by ", r"(?:from \S+|failed) by (\S+) on (\S+)", &["user", "tty"], &[]),
    row("User ", r"User ['\x22]?([^\s'\x22:]+)['\x22]? (?:authenticated|has exited|has|logged)", &["user"], &[]),
    row("User:", r"User: ?(\S+)", &["user"], &[]),
    row("executed the command:", r"executed the command: ?(.*)$", &["CommandLine"], &[]),
    row("session ", r"session \d+\(([^)]+)\)", &["@src"], &[]),
    row(" from ", r" from ([\d.]+|[0-9a-fA-F]*:[0-9a-fA-F:]+)(?::(\d+))?(?:[\s,]|$|\.\s|\.$)", &["@src", "src_port"], &[]),
    row("host ", r"host ([\d.]+) port (\d+)", &["@dst", "dst_port"], &[]),
    row("uplicate address", r"address (\S+) on Vlan(\d+)", &["@src", "vlan"], &[]),
    row("duplicate of local", r"duplicate of local, ([\d.]+)", &["@src"], &[]),
    row("on Vlan", r"on Vlan(\d+)", &["vlan"], &[]),
    row("VLAN", r"(?i)\bvlan ?(\d+)\b", &["vlan"], &[]),
    row("uccess", r"(?i)(?:login success|authenticated successfully)", &[], &[("outcome", "success")]),
    row("ailed", r"(?i)(?:login failed|authentication (?:to .* )?failed|authentication failure)", &[], &[("outcome", "failure")]),
    row("failure", r"(?i)authentication failure", &[], &[("outcome", "failure")]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let mark = HEAD_MARK.find(input.text)?.start();
    let (before, message) = input.text.split_at_checked(mark)?;
    if !HEAD.first(message, draft) {
        return None;
    }
    let sentence = draft.fields.take("sentence")?.as_borrowed()?;
    SENTENCES.all(sentence, draft);
    device(before, draft);
    draft.sources = if matches!(
        draft.fields.text("facility"),
        Some("BGP" | "LDP" | "AAA" | "AAAA" | "SYS" | "PARSER")
    ) || sentence.contains("command")
    {
        kinds::cisco_ios()
    } else {
        kinds::cisco()
    };
    Some(())
}

/// What the device writes before its message: sequence number, name, and its own time, marked `*` when it is not set
/// by NTP.
fn device<'r>(before: &'r str, draft: &mut Draft<'r>) {
    let mut rest = before.rsplit_once('>').map_or(before, |(_, rest)| rest);
    for _ in 0..5 {
        rest = rest.trim_start_matches([' ', '*', '.', ':']);
        if let Some((stamp, _)) = time::prefix(rest) {
            draft.stamp(Some(stamp));
            return;
        }
        let Some((word, after)) = rest.split_once(": ") else {
            return;
        };
        if !word.is_empty() && !word.bytes().all(|b| b.is_ascii_digit()) && !word.contains(' ') {
            draft.set("host", word);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn messages() {
        for (line, expected) in [
            (
                "<189>45: sw1: Nov 22 2026 07:30:00.33: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: an] [Source: 10.0.0.7] [localport: 22]",
                &[
                    ("facility", "SEC_LOGIN"),
                    ("event_id", "LOGIN_SUCCESS"),
                    ("user", "an"),
                    ("src_ip", "10.0.0.7"),
                    ("host", "sw1"),
                    ("time_local", "2026-11-22T07:30:00"),
                ][..],
            ),
            (
                "%SEC-6-IPACCESSLOGP: list SSH denied tcp 203.0.113.9(23553) -> 10.0.0.7(22), 1 packet",
                &[
                    ("action", "denied"),
                    ("src_ip", "203.0.113.9"),
                    ("dst_ip", "10.0.0.7"),
                    ("rule", "SSH"),
                ],
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, "cisco-ios", "{line}");
            for (name, value) in expected {
                assert_eq!(event.fields.text(name), Some(*value), "{name} of {line}");
            }
        }
    }
}
