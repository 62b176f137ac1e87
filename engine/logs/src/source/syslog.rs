//! Any program that speaks through syslog and has no parser of its own, and the small ones of every Linux machine: su,
//! cron, useradd, systemd, logind.

use super::{Input, Text};
use crate::draft::Draft;
use crate::kinds;
use crate::part::pam;
use crate::part::pattern::{row, table};

pub(crate) static SOURCE: Text = Text {
    name: "syslog",
    programs: &[],
    probe: |input| {
        input.header.stamp.is_some() || input.header.program.is_some() || input.header.priority.is_some()
    },
    parse,
};

/// Programs whose lines are Sigma's `auth` service.
pub(crate) static AUTH: Text = Text {
    name: "auth",
    programs: &[
        "su",
        "su-l",
        "login",
        "passwd",
        "chpasswd",
        "useradd",
        "usermod",
        "userdel",
        "groupadd",
        "groupmod",
        "groupdel",
        "chage",
        "gpasswd",
        "newusers",
        "systemd-logind",
        "polkitd",
        "pkexec",
        "gdm",
        "gdm-password",
        "sddm",
        "lightdm",
        "pam",
        "unix_chkpwd",
        "rlogind",
        "rshd",
        "klogind",
        "telnetd",
        "in.telnetd",
        "remote",
        "runuser",
        "newgrp",
        "fprintd",
        "sssd",
        "winbindd",
    ],
    probe: super::never,
    parse: parse_auth,
};

/// cron's own word is the command it runs.
pub(crate) static CRON: Text = Text {
    name: "cron",
    programs: &[
        "CRON",
        "cron",
        "crond",
        "crontab",
        "anacron",
        "atd",
        "/usr/sbin/cron",
    ],
    probe: super::never,
    parse: parse_cron,
};

table!(ACCOUNTS:
    row("new user", r"new user: name=([^,]+), UID=(\d+), GID=(\d+), home=([^,]*), shell=([^,]*)", &["user", "uid", "gid", "home", "shell"], &[("action", "user_created")]),
    row("new user", r"new user: name=([^,]+)", &["user"], &[("action", "user_created")]),
    row("new group", r"new group: name=([^,]+), GID=(\d+)", &["group", "gid"], &[("action", "group_created")]),
    row("delete user", r"delete user '([^']+)'", &["user"], &[("action", "user_deleted")]),
    row("add '", r"add '([^']+)' to (?:shadow )?group '([^']+)'", &["user", "group"], &[("action", "group_member_added")]),
    row("change user", r"change user '([^']+)'", &["user"], &[("action", "user_changed")]),
    row("password changed", r"password (?:for '?)?changed for '?([^\s']+)", &["target_user"], &[("action", "password_change")]),
    row("FAILED su", r"^FAILED su for (\S+) by (\S+)", &["target_user", "user"], &[("outcome", "failure")]),
    row("uccessful su", r"^Successful su for (\S+) by (\S+)", &["target_user", "user"], &[("outcome", "success")]),
    row("(to ", r"^\(to ([^)]+)\) (\S+) on (\S+)", &["target_user", "user", "tty"], &[]),
    row("'su ", r"^'su (\S+)' (?:failed|succeeded) for (\S+)(?: on (\S+))?", &["target_user", "user", "tty"], &[]),
    row("FAILED LOGIN", r"FAILED LOGIN.* (?:on '?([^\s']+)'? )?(?:from '?([^\s']+)'? )?FOR '?([^\s',]+)", &["tty", "@src", "user"], &[("outcome", "failure")]),
    row("LOGIN ON", r"LOGIN ON (\S+) BY (\S+)(?: FROM (\S+))?", &["tty", "user", "@src"], &[("outcome", "success")]),
    row("New session", r"^New session (\S+) of user (\S+?)\.?$", &["session_id", "user"], &[]),
    row("Removed session", r"^Removed session (\S+?)\.?$", &["session_id"], &[]),
    row("user", r"^user (\S+) logged (?:in|out)", &["user"], &[]),
);

table!(CRON_LINES:
    row("CMD", r"^\s*\(([^)]*)\) CMD \((.*)\)$", &["user", "CommandLine"], &[]),
    row("(", r"^\s*\(([^)]*)\) ([A-Z][A-Z ]+) \((.*)\)$", &["user", "action", "detail"], &[]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    if pam::read(input.body, draft) {
        draft.sources = kinds::linux_auth();
    } else {
        draft.sources = kinds::linux_syslog();
    }
    Some(())
}

fn parse_auth<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    if !pam::read(input.body, draft) {
        ACCOUNTS.first(input.body, draft);
    }
    draft.sources = kinds::linux_auth();
    Some(())
}

fn parse_cron<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    if !pam::read(input.body, draft) {
        CRON_LINES.first(input.body, draft);
    }
    draft.sources = kinds::linux_cron();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn small_programs() {
        for (parser, line, expected) in [
            (
                "auth",
                "Nov 22 07:30:00 dvc useradd[7]: new user: name=an, UID=1001, GID=1001, home=/home/an, shell=/bin/bash",
                r#"{"user":"an","uid":1001,"gid":"1001","home":"/home/an","shell":"/bin/bash","action":"user_created","host":"dvc","program":"useradd","pid":7}"#,
            ),
            (
                "auth",
                "Nov 22 07:30:00 dvc su[7]: FAILED su for root by an",
                r#"{"target_user":"root","user":"an","outcome":"failure","host":"dvc","program":"su","pid":7}"#,
            ),
            (
                "auth",
                "Nov 22 07:30:00 dvc login(pam_unix)[7]: authentication failure; logname=LOGIN uid=0 euid=0 tty=tty1 ruser= rhost= user=an",
                r#"{"logname":"LOGIN","uid":0,"tty":"tty1","user":"an","outcome":"failure","host":"dvc","program":"login(pam_unix)","pid":7}"#,
            ),
            (
                "cron",
                "Nov 22 07:30:00 dvc CRON[7]: (root) CMD (cd / && run-parts /etc/cron.hourly)",
                r#"{"user":"root","CommandLine":"cd / && run-parts /etc/cron.hourly","host":"dvc","program":"CRON","pid":7}"#,
            ),
            (
                "syslog",
                "<30>1 2026-11-22T07:30:00Z dvc systemd 1 - - Started x.service",
                r#"{"host":"dvc","program":"systemd","pid":1,"facility":3,"severity":6}"#,
            ),
        ] {
            assert_eq!(fields(parser, line), expected, "{line}");
        }
    }
}
