//! ModSecurity's verdicts within the error logs of nginx and Apache.

use super::{Input, Text, apache, nginx};
use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};

pub(crate) static SOURCE: Text = Text {
    name: "modsecurity",
    programs: &["modsec", "modsecurity"],
    probe: |input| memchr::memmem::find(input.body.as_bytes(), b"ModSecurity: ").is_some(),
    parse,
};

table!(PARTS:
    row("[id ", r#"\[id "([^"]*)"\]"#, &["rule_id"], &[]),
    row("[msg ", r#"\[msg "([^"]*)"\]"#, &["rule"], &[]),
    row("[severity ", r#"\[severity "([^"]*)"\]"#, &["severity"], &[]),
    row("[data ", r#"\[data "([^"]*)"\]"#, &["matched"], &[]),
    row("[hostname ", r#"\[hostname "([^"]*)"\]"#, &["cs-host"], &[]),
    row("[uri ", r#"\[uri "([^"]*)"\]"#, &["@target"], &[]),
    row("[unique_id ", r#"\[unique_id "([^"]*)"\]"#, &["unique_id"], &[]),
    row("Access denied", r"Access (denied) with code (\d+)", &["action", "sc-status"], &[]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let body = input.body.trim_start();
    nginx::error(body, draft).or_else(|| apache::error(body, draft));
    PARTS.all(body, draft);
    for (from, to) in [("c-ip", "src_ip"), ("c-port", "src_port")] {
        super::json::copy(&mut draft.fields, from, to);
    }
    draft.sources = kinds::webserver();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn a_denied_request() {
        let event = event(
            r#"[Sun Nov 22 07:30:00 2026] [:error] [pid 7] [client 10.0.0.7:500] ModSecurity: Access denied with code 403 (phase 2). [id "949110"] [msg "Score"] [uri "/.git/config"]"#,
        );
        assert_eq!(event.parser, "modsecurity");
        for (name, value) in [
            ("rule_id", "949110"),
            ("action", "denied"),
            ("cs-uri", "/.git/config"),
            ("src_ip", "10.0.0.7"),
        ] {
            assert_eq!(event.fields.text(name), Some(value), "{name}");
        }
    }
}
