//! OpenSSH's server.
//!
//! A user name is whatever the client sent, so the address is always the *last* one of a sentence: a user called
//! `x from 192.0.2.1 port 1` must not choose the address that gets blocked.

use super::{Input, Text};
use crate::draft::Draft;
use crate::kinds;
use crate::part::pam;
use crate::part::pattern::{row, table};

pub(crate) static SOURCE: Text = Text {
    name: "sshd",
    programs: &["sshd", "sshd-session", "sshd-auth", "sshd[priv]"],
    probe,
    parse,
};

const FAILURE: &[(&str, &str)] = &[("outcome", "failure")];
const SUCCESS: &[(&str, &str)] = &[("outcome", "success")];

table!(SENTENCES:
    row("Accepted", r"^Accepted (\S+) for (.*) from (\S+) port (\d+)", &["auth_method", "user", "@src", "src_port"], SUCCESS),
    row("Accepted", r"^Accepted (\S+) for (\S+)", &["auth_method", "user"], SUCCESS),
    row("Postponed", r"^Postponed (\S+) for (?:invalid user )?(.*) from (\S+) port (\d+)", &["auth_method", "user", "@src", "src_port"], &[]),
    row("Failed", r"^Failed (\S+) for (?:(?:invalid|illegal) user )?(.*?)\s*from (\S+) port (\d+)(?: ssh\d)?$", &["auth_method", "user", "@src", "src_port"], FAILURE),
    row("Failed", r"^Failed (\S+) for (?:(?:invalid|illegal) user )?(.*) from (\S+) port (\d+)(?: ssh\d)?(?:: .*)?$", &["auth_method", "user", "@src", "src_port"], FAILURE),
    row("Failed", r"^Failed (\S+) for (?:(?:invalid|illegal) user )?(.*) from (\S+)$", &["auth_method", "user", "@src"], FAILURE),
    row("nvalid user", r"^(?:Invalid|Illegal) user (.*?) ?from (\S+)(?: port (\d+))?$", &["user", "@src", "src_port"], FAILURE),
    row("llegal user", r"^(?:Invalid|Illegal) user (.*?) ?from (\S+)(?: port (\d+))?$", &["user", "@src", "src_port"], FAILURE),
    row("input_userauth_request", r"input_userauth_request: (?:invalid|illegal) user (\S*)", &["user"], FAILURE),
    row("maximum authentication attempts", r"attempts exceeded for (?:(?:invalid|illegal) user )?(.*) from (\S+) port (\d+)", &["user", "@src", "src_port"], FAILURE),
    row("not allowed", r"^User (.*) from (\S+) not allowed because", &["user", "@src"], FAILURE),
    row("not allowed", r"^User (\S+) not allowed because", &["user"], FAILURE),
    row("ROOT LOGIN REFUSED", r"^ROOT LOGIN REFUSED FROM (\S+)(?: port (\d+))?", &["@src", "src_port"], &[("outcome", "failure"), ("user", "root")]),
    row("PAM: ", r"PAM: (?:[Aa]uthentication failure|[Aa]uthentication error|User (?:not known|account).*?|.*?) for (?:(?:illegal|invalid) user )?(.*) from (\S+?)(?: via (\S+))?$", &["user", "@src", "dst_ip"], FAILURE),
    row("Too many authentication failures", r"^Disconnecting(?: (?:(?:invalid|authenticating|illegal) )?user (.*) (\S+) port (\d+))?: Too many authentication failures(?: for (\S+))?", &["user", "@src", "src_port", "user"], FAILURE),
    row("Change of username", r"^Disconnecting (?:(?:invalid|authenticating) )?user (.*) (\S+) port (\d+): Change of username", &["user", "@src", "src_port"], FAILURE),
    row("user", r"^(?:Disconnected from|Connection (?:closed|reset) by) (?:invalid|illegal) user ?(.*?) ?(\S+) port (\d+)", &["user", "@src", "src_port"], FAILURE),
    row("authenticating user", r"^(?:Disconnected from|Disconnecting|Connection (?:closed|reset) by) authenticating user (.*) (\S+) port (\d+)", &["user", "@src", "src_port"], &[]),
    row("user", r"^(?:Disconnected from|Disconnecting|Connection (?:closed|reset) by) user (.*) (\S+) port (\d+)", &["user", "@src", "src_port"], &[]),
    row("Auth fail", r"Received disconnect from (\S+?):? ?(?:port (\d+))?:? ?\d+: .*Auth fail", &["@src", "src_port"], FAILURE),
    row("Received disconnect", r"Received disconnect from (\S+) port (\d+):", &["@src", "src_port"], &[]),
    row("Received disconnect", r"Received disconnect from (\S+): ", &["@src"], &[]),
    row("Disconnected from", r"^Disconnected from (\S+) port (\d+)", &["@src", "src_port"], &[]),
    row("Connection", r"^Connection (?:closed|reset) by (\S+)(?: port (\d+))?", &["@src", "src_port"], &[]),
    row("message authentication code incorrect", r"Connection from (\S+) port (\d+)", &["@src", "src_port"], FAILURE),
    row("Connection from", r"Connection from (\S+?)(?: port (\d+))?(?: on (\S+) port (\d+).*|:.*)?$", &["@src", "src_port", "dst_ip", "dst_port"], &[]),
    row("connection from", r"connection from (\S+) to (\S+?)(?:,|$)", &["@src", "dst_ip"], &[]),
    row("Timeout before", r"Timeout before authentication for (\S+)(?: port (\d+))?", &["@src", "src_port"], &[]),
    row("Magic value", r" from (\S+)(?: port (\d+))?$", &["@src", "src_port"], FAILURE),
    row("refused connect", r"refused connect from \S+ \(([^)]+)\)", &["@src"], FAILURE),
    row("BREAK-IN", r"(?:^Address (\S+) maps to| \[([^\]]+)\] failed)", &["@src", "@src"], &[]),
    row("Starting session", r"Starting session: (\S+)(?: on \S+)? for (\S+) from (\S+) port (\d+)", &["action", "user", "@src", "src_port"], &[]),
    row(" from ", r" from (\S+?)(?: port (\d+))?(?:[:,]? .*)?$", &["@src", "src_port"], &[]),
    row(" with ", r" with (\S+) port (\d+)", &["@src", "src_port"], &[]),
);

fn probe(input: &Input<'_>) -> bool {
    input.header.program.is_none()
        && (input.body.starts_with("[sshd] ") || opens_like_sshd(input.body.trim_start()))
}

/// Sentences that only sshd begins with, for relays that take the tag off.
fn opens_like_sshd(body: &str) -> bool {
    const OPENINGS: &[&str] = &[
        "Accepted password for ",
        "Accepted publickey for ",
        "Accepted keyboard-interactive",
        "Failed password for ",
        "Failed publickey for ",
        "Failed none for ",
        "Failed keyboard-interactive",
        "Invalid user ",
        "Connection closed by ",
        "Connection reset by ",
        "Received disconnect from ",
        "Disconnected from ",
        "Disconnecting ",
        "Did not receive identification",
        "Bad protocol version identification",
        "Unable to negotiate with ",
        "ssh_dispatch_run_fatal",
        "input_userauth_request",
        "error: maximum authentication attempts",
        "pam_unix(sshd:",
        "pam_faillock(sshd:",
        "pam_sss(sshd:",
        "Postponed publickey",
        "Accepted google_authenticator",
        "User child is on pid",
        "fatal: Timeout before authentication",
        "PAM 1 more auth",
        "PAM 2 more auth",
    ];
    OPENINGS.iter().any(|opening| body.starts_with(opening))
        || (body.starts_with("User ") && body.contains(" not allowed because "))
        || (body.starts_with("Accepted ") && body.contains(" for "))
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let body = sentence(input.body);
    if !pam::read(body, draft) {
        SENTENCES.first(body, draft);
    }
    draft.sources = kinds::linux_sshd();
    draft.set("program", input.header.program.unwrap_or("sshd"));
    Some(())
}

/// The sentence without the parts around it: Solaris' message id, sshd's own level, the `[preauth]` mark.
fn sentence(body: &str) -> &str {
    let body = body.trim();
    let body = body.strip_prefix("[sshd] ").unwrap_or(body);
    let body = match body.strip_prefix("[ID ") {
        Some(rest) => rest.split_once("] ").map_or(body, |(_, rest)| rest),
        None => body,
    };
    let body = body.strip_suffix(" [preauth]").unwrap_or(body);
    body.trim_end()
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn sentences() {
        for (line, expected) in [
            (
                "Nov 22 07:30:00 dvc sshd[9]: Accepted publickey for an from 10.0.0.7 port 5022 ssh2: ED25519 SHA256:x",
                r#"{"auth_method":"publickey","user":"an","src_ip":"10.0.0.7","src_port":5022,"outcome":"success","program":"sshd","host":"dvc","pid":9}"#,
            ),
            (
                "Nov 22 07:30:00 dvc sshd[9]: Failed password for invalid user x from 192.0.2.1 port 1 ssh2 from 10.0.0.7 port 5022 ssh2",
                r#"{"auth_method":"password","user":"x from 192.0.2.1 port 1 ssh2","src_ip":"10.0.0.7","src_port":5022,"outcome":"failure","program":"sshd","host":"dvc","pid":9}"#,
            ),
            (
                "sshd[9]: Invalid user  from 10.0.0.7 port 5022",
                r#"{"src_ip":"10.0.0.7","src_port":5022,"outcome":"failure","program":"sshd","pid":9}"#,
            ),
            (
                "sshd[9]: Connection closed by authenticating user root 10.0.0.7 port 5022 [preauth]",
                r#"{"user":"root","src_ip":"10.0.0.7","src_port":5022,"program":"sshd","pid":9}"#,
            ),
            (
                "sshd[9]: User an from may.example.vn not allowed because not listed in AllowUsers",
                r#"{"user":"an","src_host":"may.example.vn","outcome":"failure","program":"sshd","pid":9}"#,
            ),
            (
                "sshd[9]: Server listening on 0.0.0.0 port 22.",
                r#"{"program":"sshd","pid":9}"#,
            ),
        ] {
            assert_eq!(fields("sshd", line), expected, "{line}");
        }
    }
}
