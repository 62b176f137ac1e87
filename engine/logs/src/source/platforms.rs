//! AIX's audit records and Veeam's events.

use super::{Text, told};
use crate::kinds;
use crate::part::kv::{self, Pairs};
use crate::part::pattern::{row, table};
use crate::time;

pub(crate) static AIX: Text = Text {
    name: "ibm-aix",
    programs: &["aixaudit"],
    probe: |input| {
        input.body.contains(" No associated roles") || input.body.contains("The privilege command ")
    },
    parse: |input, draft| {
        told(&AIX_LINES, input.text, draft);
        draft.sources = kinds::linux_auth();
        Some(())
    },
};

pub(crate) static VEEAM: Text = Text {
    name: "veeam",
    programs: &["Veeam_MP"],
    probe: |input| input.text.contains("categoryId=") && input.text.contains("instanceId="),
    parse: |input, draft| {
        kv::mapped(
            Pairs::with(input.text.trim_end_matches(']'), b'=', None),
            draft,
            &[
                ("instanceId", "event_id"),
                ("UserName", "user"),
                ("DateTime", "clock"),
                ("Description", "description"),
            ],
        );
        draft.stamp(draft.fields.text("clock").and_then(time::bare));
        draft.sources = kinds::application();
        Some(())
    },
};

table!(AIX_LINES:
    row("CRON_", r"^(CRON_\w+) (\S+) (\S+) (\S+) (OK|FAIL\w*) .*?pid = (\d+)", &["event_id", "program", "login", "real_user", "status", "pid"], &[]),
    row("pid: ", r"^\s*(\w+_\w+) (\S+) (\S+) (\S+) (OK|FAIL\w*) .*?pid: (\d+)", &["event_id", "program", "login", "real_user", "status", "pid"], &[]),
    row("cmd: ", r"cmd: (\S+)", &["command"], &[]),
    row("No associated roles", r"(?:^|\s)([A-Z]+_\w+) (\S+) (\S+) (\S+) (OK|FAIL\w*) \d", &["event_id", "user", "login", "real_user", "status"], &[]),
    row("TCP_", r"fd\d+ Port ([0-9a-fA-F:.]+) (\d+)", &["src_ip", "src_port"], &[]),
    row("privilege command", r"from (\S+?): .*privilege command (\S+?), is executed by user with id (\d+)", &["host", "command", "uid"], &[]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn records() {
        let aix = event(
            "TCP_kaccept an root root OK 25 sep 2026 23:09:25.544152 No associated roles fd14 Port 10.0.0.7 1022 x y",
        );
        assert_eq!(
            (aix.parser, aix.fields.text("user"), aix.fields.text("src_ip")),
            ("ibm-aix", Some("an"), Some("10.0.0.7"))
        );
        let veeam = event(
            r#"[categoryId=0 instanceId=29100 UserName="TINH\an" Version="1" Description="Group has been added."]"#,
        );
        assert_eq!(
            (
                veeam.parser,
                veeam.fields.text("user"),
                veeam.fields.text("event_id")
            ),
            ("veeam", Some(r"TINH\an"), Some("29100"))
        );
    }
}
