//! Sendmail: the relay in brackets is the client.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};

pub(crate) static SOURCE: Text = Text {
    name: "sendmail",
    programs: &[
        "sendmail",
        "sm-mta",
        "sm-acceptingconnections",
        "sm-msp-queue",
        "sm-mta-in",
        "sendmail-in",
    ],
    probe: super::super::never,
    parse,
};

table!(PARTS:
    row(": ", r"^([A-Za-z0-9]{14}): ", &["queue_id"], &[]),
    // The last relay: a user name may hold one too.
    row("relay=", r".*relay=(?:[^,\[]*)\[(?:IPv6:)?([^\]]+)\]", &["src_ip"], &[]),
    row("[", r"^(?:[A-Za-z0-9]{14}: )?(?:[^\s\[]+ )?\[(?:IPv6:)?([0-9a-fA-F:.]+)\]", &["src_ip"], &[]),
    row(" from ", r" from\s+(?:[^\s\[]+ )?\[(?:IPv6:)?([0-9a-fA-F:.]+)\]", &["src_ip"], &[]),
    row("from=", r"\bfrom=<?([^>,\s]+)>?", &["mail_from"], &[]),
    row("to=", r"\bto=<?([^>,\s]+)>?", &["mail_to"], &[]),
    row("user=", r"user=([^,\s]+)", &["user"], &[]),
    row("AUTH failure", r"AUTH failure \(([^)]+)\)", &["auth_method"], &[("outcome", "failure")]),
    row("reject=", r"(reject)=(\d{3}) (\d\.\d\.\d+)?", &["action", "smtp_code", "smtp_code_enhanced"], &[]),
    row("stat=", r"stat=(\w+)", &["status"], &[]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    PARTS.all(input.body.trim_start(), draft);
    draft.sources = kinds::mail();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn a_refused_sender() {
        assert_eq!(
            fields(
                "sendmail",
                "Nov 22 07:30:00 mx sm-mta[9]: s1O7XtZJ021134: ruleset=check_rcpt, arg1=<a@b.c>, relay=x.example [203.0.113.9], reject=550 5.7.1 <a@b.c>... Relaying denied"
            ),
            r#"{"queue_id":"s1O7XtZJ021134","src_ip":"203.0.113.9","action":"reject","smtp_code":550,"smtp_code_enhanced":"5.7.1","host":"mx","program":"sm-mta","pid":9}"#
        );
    }
}
