//! Exim's main and reject logs. `H=name (helo) [address]:port`; the last bracket is the connection's own address.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "exim",
    programs: &["exim", "exim4"],
    probe: |input| {
        let body = body(input.body);
        body.contains(" authenticator failed for ")
            || body.contains(" H=")
            || body.starts_with("H=")
            || body.contains("SMTP protocol ")
            || body.contains("SMTP connection from ")
            || body.contains("SMTP call from ")
            || body.contains("no MAIL in SMTP connection from")
            || body.contains("no host name found for IP address")
    },
    parse,
};

table!(PARTS:
    row("authenticator failed", r"^(\S+?)(?:_\w+)? authenticator failed for .*?(?:\(.*\) )?\[([0-9a-fA-F:.]+)\](?::(\d+))?(?: I=\[([^\]]+)\]:(\d+))?(?: \w+=\S+)*: \d{3}", &["auth_method", "src_ip", "src_port", "dst_ip", "dst_port"], &[("outcome", "failure")]),
    row("set_id=", r"set_id=([^)\s]+)", &["user"], &[]),
    row("H=", r"\bH=(?:[^\s\[(]+ )?(?:\(\S*\) )?\[([0-9a-fA-F:.]+)\](?::(\d+))?", &["src_ip", "src_port"], &[]),
    row("ess ", r"(?:from|IP address|in response to .* from|connection from) (?:[^\s\[(]+ )?(?:\([^)]*\) )?\[?([0-9a-fA-F:.]{7,})\]?(?::(\d+))?", &["src_ip", "src_port"], &[]),
    row("[", r"(?:from|for|call from|connection from) (?:[^\s\[(]+ )?(?:\(.*\) )?\[([0-9a-fA-F:.]+)\](?::(\d+))?", &["src_ip", "src_port"], &[]),
    row("I=[", r"I=\[([^\]]+)\]:(\d+)", &["dst_ip", "dst_port"], &[]),
    row(" F=<", r" F=<([^>]*)>", &["mail_from"], &[]),
    row("RCPT <", r"RCPT <([^>]*)>", &["mail_to"], &[]),
    row("sender verify", r"sender verify (?:fail|defer) for <([^>]*)>", &["user"], &[]),
    row("rejected", r"(rejected)", &["action"], &[]),
    row("on port ", r"on port (\d+)$", &["dst_port"], &[]),
);

/// The line without its date and process.
fn body(text: &str) -> &str {
    let text = text.trim_start();
    let rest = match time::prefix(text) {
        Some((_, rest)) => rest.trim_start(),
        None => text,
    };
    match rest.strip_prefix('[').and_then(|inner| inner.split_once("] ")) {
        Some((pid, rest)) if pid.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => rest,
    }
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    draft.stamp(time::prefix(input.body.trim_start()).map(|(stamp, _)| stamp));
    let known = PARTS.all(body(input.body), draft);
    draft.sources = kinds::mail();
    (known || input.header.program.is_some()).then_some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn sentences() {
        for (line, expected) in [
            (
                "2026-11-22 07:30:00 dovecot_login authenticator failed for ([10.9.9.9]) [203.0.113.9]:55379: 535 Incorrect authentication data (set_id=an@tinh.vn)",
                r#"{"auth_method":"dovecot","src_ip":"203.0.113.9","src_port":55379,"outcome":"failure","user":"an@tinh.vn","time_local":"2026-11-22T07:30:00"}"#,
            ),
            (
                "2026-11-22 07:30:00 H=x.example (helo) [203.0.113.9]:5 F=<a@b.c> rejected RCPT <an@tinh.vn>: relay not permitted",
                r#"{"src_ip":"203.0.113.9","src_port":5,"mail_from":"a@b.c","mail_to":"an@tinh.vn","action":"rejected","time_local":"2026-11-22T07:30:00"}"#,
            ),
        ] {
            assert_eq!(fields("exim", line), expected, "{line}");
        }
    }
}
