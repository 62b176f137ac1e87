//! What PAM modules say, whichever program they speak through.

use super::kv::Pairs;
use super::pattern::{row, table};
use super::place;
use crate::draft::Draft;

table!(SENTENCES:
    row("session", r"session (?:opened|closed) for user ([^\s(]+)(?:\(uid=\d+\))?(?: by ([^\s(]+)?\(uid=\d+\))?", &["target_user", "user"], &[]),
    row("login failures for user", r"[Cc]onsecutive login failures for user (\S+)", &["user"], &[("outcome", "failure")]),
    row("User unknown", r"User unknown", &[], &[("outcome", "failure")]),
    row("user unknown", r"check pass; user (unknown)", &["user"], &[("outcome", "failure")]),
    row("tally", r"user (\S+) \(\d+\) (?:tally|has)", &["user"], &[]),
    row("password changed for", r"password changed for (\S+)", &["target_user"], &[("action", "password_change")]),
    row("account", r"account (\S+) has (?:password )?expired", &["user"], &[("outcome", "failure")]),
);

/// Reads `pam_unix(sshd:auth): …` and the older `(pam_unix) …`. False when PAM does not speak here.
pub(crate) fn read<'r>(body: &'r str, draft: &mut Draft<'r>) -> bool {
    let Some(at) =
        memchr::memmem::find(body.as_bytes(), b"pam_").or_else(|| body.starts_with("PAM").then_some(0))
    else {
        return memchr::memmem::find(body.as_bytes(), b"authentication failure;").is_some()
            && failure(body, draft);
    };
    if at > 48 {
        return false;
    }
    failure(body, draft) || session(body, draft)
}

fn session<'r>(body: &'r str, draft: &mut Draft<'r>) -> bool {
    let found = SENTENCES.first(body, draft);
    // Nobody stands behind "by (uid=0)": the session's own user is then the one who acts.
    if found
        && !draft.has("user")
        && let Some(user) = draft.fields.find("target_user").cloned()
    {
        draft.fields.push("user", user);
    }
    found
}

/// `authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root`.
fn failure<'r>(body: &'r str, draft: &mut Draft<'r>) -> bool {
    let Some((before, pairs)) = body.split_once("; ") else {
        return false;
    };
    if !before.contains("authentication failure") {
        return false;
    }
    let mut remote_user = None;
    for (key, value) in Pairs::with(pairs, b'=', None) {
        let std::borrow::Cow::Borrowed(value) = value else {
            continue;
        };
        match key {
            "user" => draft.set("user", value),
            "ruser" => remote_user = Some(value).filter(|value| !value.is_empty()),
            "tty" => draft.set("tty", value),
            "rhost" if place::is_ip(value) => draft.set("src_ip", value),
            "rhost" => draft.set("src_host", value),
            "logname" => draft.set("logname", value),
            "uid" => draft.set("uid", value),
            _ => {}
        }
    }
    draft.set_some("user", remote_user);
    draft.set("outcome", "failure");
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> String {
        let mut draft = Draft::default();
        let found = read(body, &mut draft);
        format!("{found} {}", serde_json::to_string(&draft.fields).unwrap())
    }

    #[test]
    fn sentences() {
        for (body, expected) in [
            (
                "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root",
                r#"true {"uid":0,"tty":"ssh","src_ip":"203.0.113.7","user":"root","outcome":"failure"}"#,
            ),
            (
                "pam_unix(sudo:session): session opened for user root(uid=0) by an(uid=1000)",
                r#"true {"target_user":"root","user":"an"}"#,
            ),
            (
                "pam_unix(cron:session): session closed for user root",
                r#"true {"target_user":"root","user":"root"}"#,
            ),
            (
                "pam_unix(login:auth): check pass; user unknown",
                r#"true {"user":"unknown","outcome":"failure"}"#,
            ),
            ("Accepted password for pam_x", "false {}"),
            ("", "false {}"),
        ] {
            assert_eq!(said(body), expected, "{body}");
        }
    }
}
