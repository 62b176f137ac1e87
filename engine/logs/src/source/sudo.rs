//! sudo, and its refusals.

use super::{Input, Text};
use crate::draft::Draft;
use crate::kinds;
use crate::part::pam;
use crate::part::pattern::{row, table};

pub(crate) static SOURCE: Text = Text {
    name: "sudo",
    programs: &["sudo", "sudo-i", "doas"],
    probe: |input| {
        input.header.program.is_none() && input.body.contains(" ; PWD=") && input.body.contains("COMMAND=")
    },
    parse,
};

table!(SENTENCES:
    row("conversation failed", r"^\s*(\S+) : conversation failed", &["user"], &[("outcome", "failure")]),
    row("auth could not identify password", r"for \[([^\]]+)\]", &["user"], &[("outcome", "failure")]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    draft.sources = kinds::linux_sudo();
    let body = input.body;
    if !command(body, draft) && !pam::read(body, draft) {
        SENTENCES.first(body, draft);
    }
    draft.set("program", input.header.program.unwrap_or("sudo"));
    Some(())
}

/// `an : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/bin/sh -c 'a ; b'`.
///
/// The command comes last and may hold anything, separators included, so it is taken first.
fn command<'r>(body: &'r str, draft: &mut Draft<'r>) -> bool {
    let Some((user, rest)) = body.split_once(" : ") else {
        return false;
    };
    let (rest, line) = match rest.split_once("COMMAND=") {
        Some((before, line)) => (before, Some(line)),
        None => (rest, None),
    };
    let mut known = line.is_some();
    let mut remark = None;
    for part in rest
        .split(" ; ")
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != ";")
    {
        match part.trim_end_matches(" ;").split_once('=') {
            Some(("TTY", value)) => draft.set("tty", value),
            Some(("PWD", value)) => draft.set("pwd", value),
            Some(("USER", value)) => draft.set("target_user", value),
            Some(("GROUP", value)) => draft.set("target_group", value),
            Some(("ENV", value)) => draft.set("environment", value),
            Some(("TSID", value)) => draft.set("session_id", value),
            _ => {
                remark = Some(part);
                continue;
            }
        }
        known = true;
    }
    if !known {
        return false;
    }
    draft.set("user", user.trim());
    draft.set_some("CommandLine", line);
    draft.set_some("reason", remark);
    if remark.is_some_and(|remark| {
        remark.contains("incorrect password") || remark.contains("NOT ") || remark.contains("not allowed")
    }) {
        draft.set("outcome", "failure");
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn commands_and_refusals() {
        for (line, expected) in [
            (
                "Nov 22 07:30:00 dvc sudo:       an : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/bin/sh -c 'id ; USER=x'",
                r#"{"tty":"pts/0","pwd":"/home/an","target_user":"root","user":"an","CommandLine":"/bin/sh -c 'id ; USER=x'","program":"sudo","host":"dvc"}"#,
            ),
            (
                "Nov 22 07:30:00 dvc sudo: an : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
                r#"{"tty":"pts/0","pwd":"/","target_user":"root","user":"an","CommandLine":"/bin/ls","reason":"user NOT in sudoers","outcome":"failure","program":"sudo","host":"dvc"}"#,
            ),
            (
                "Nov 22 07:30:00 dvc sudo: pam_unix(sudo:session): session opened for user root(uid=0) by an(uid=1000)",
                r#"{"target_user":"root","user":"an","program":"sudo","host":"dvc"}"#,
            ),
            (
                "Nov 22 07:30:00 dvc sudo: a : b",
                r#"{"program":"sudo","host":"dvc"}"#,
            ),
        ] {
            assert_eq!(fields("sudo", line), expected, "{line}");
        }
    }
}
