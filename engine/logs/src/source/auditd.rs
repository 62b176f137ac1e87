//! The Linux audit daemon: one event for each record of a type, as Sigma's `auditd` rules expect.
//!
//! Values that a program could have chosen are written in hex without quotes when they hold blanks or worse; they are
//! decoded, so that rules see what was run and not its encoding. In the ENRICHED format the words behind the group
//! separator give names for the numbers before it (`SYSCALL=execve`).

use std::borrow::Cow;

use super::{Input, Text};
use crate::draft::Draft;
use crate::kinds;
use crate::part::kv::Pairs;
use crate::part::place;
use crate::time;

pub(crate) static SOURCE: Text = Text {
    name: "auditd",
    programs: &["audispd", "auditd", "audisp-syslog"],
    probe: |input| input.body.contains("msg=audit(") && input.body.contains("type="),
    parse,
};

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let (head, rest) = input.body.split_once("msg=audit(")?;
    let (serial, rest) = rest.split_once("):")?;
    for (key, value) in Pairs::with(head, b'=', None) {
        draft.keep(key, value);
    }
    if let Some((when, number)) = serial.rsplit_once(':') {
        draft.stamp(time::bare(when));
        draft.set("serial", number);
    }
    // What the user space says stands in quotes: msg='op=login acct="an" …'.
    let (kernel, user) = rest
        .split_once("msg='")
        .map_or((rest, None), |(kernel, user)| (kernel, Some(user)));
    values(kernel, draft);
    if let Some(user) = user {
        let (said, enriched) = user.rsplit_once('\'').unwrap_or((user, ""));
        values(said, draft);
        values(enriched, draft);
    }
    meaning(draft);
    draft.sources = kinds::linux_auditd();
    Some(())
}

fn values<'r>(text: &'r str, draft: &mut Draft<'r>) {
    // The group separator stands before what the daemon adds in the ENRICHED format, without a blank.
    for (key, value) in text
        .split('\u{1d}')
        .flat_map(|part| Pairs::with(part, b'=', None))
    {
        let quoted = matches!(value, Cow::Borrowed(value) if is_quoted(text, value));
        let value = match value {
            Cow::Borrowed(value) if !quoted && may_be_hex(key) => {
                decoded(value).map_or(Cow::Borrowed(value), Cow::Owned)
            }
            value => value,
        };
        draft.keep(key, value);
    }
}

/// Whether a value was cut out of quotes, which hex never is.
fn is_quoted(text: &str, value: &str) -> bool {
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    start
        .checked_sub(1)
        .and_then(|before| text.as_bytes().get(before))
        == Some(&b'"')
}

/// Fields that hold what a program chose.
fn may_be_hex(key: &str) -> bool {
    matches!(
        key,
        "proctitle"
            | "cmd"
            | "comm"
            | "exe"
            | "name"
            | "cwd"
            | "data"
            | "acct"
            | "path"
            | "dir"
            | "vm"
            | "unit"
    ) || key
        .strip_prefix('a')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Bytes written in upper-case hex; arguments are divided by NUL, shown as blanks.
fn decoded(value: &str) -> Option<String> {
    let hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
    if value.len() < 2 || !value.len().is_multiple_of(2) || !value.bytes().all(hex) {
        return None;
    }
    let pairs = value.as_bytes().chunks_exact(2).map(|pair| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    });
    let bytes: Vec<u8> = pairs
        .map(|byte| byte.map(|byte| if byte == 0 { b' ' } else { byte }))
        .collect::<Option<_>>()?;
    // A short figure is a number and no text: a0=20 is the argument "20".
    let is_text = bytes
        .iter()
        .all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r'));
    (is_text && value.len() > 2)
        .then(|| String::from_utf8(bytes).ok())
        .flatten()
}

/// The usual names for who, from where and whether.
fn meaning(draft: &mut Draft<'_>) {
    let text = |draft: &Draft<'_>, name: &str| draft.fields.text(name).map(str::to_owned);
    if let Some(address) = text(draft, "addr").filter(|address| place::is_ip(address)) {
        draft.fields.push("src_ip", address);
    }
    if let Some(account) = text(draft, "acct").filter(|account| account != "?") {
        draft.set_cow("user", Cow::Owned(account));
    }
    let outcome = match draft.fields.text("res").or_else(|| draft.fields.text("success")) {
        Some("success" | "yes" | "1") => Some("success"),
        Some("failed" | "no" | "0") => Some("failure"),
        _ => None,
    };
    draft.set_some("outcome", outcome);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::{event, fields};

    #[test]
    fn records() {
        for (line, expected) in [
            (
                r#"type=EXECVE msg=audit(1795307400.123:77): argc=3 a0="sh" a1="-c" a2=6964203E202F746D702F78"#,
                r#"{"type":"EXECVE","serial":"77","argc":"3","a0":"sh","a1":"-c","a2":"id > /tmp/x"}"#,
            ),
            (
                r#"node=dvc type=USER_AUTH msg=audit(1795307400.000:9): pid=7 uid=0 msg='op=PAM:authentication acct="an" exe="/usr/sbin/sshd" hostname=? addr=10.0.0.7 terminal=ssh res=failed'"#,
                r#"{"node":"dvc","type":"USER_AUTH","serial":"9","pid":7,"uid":0,"op":"PAM:authentication","acct":"an","exe":"/usr/sbin/sshd","hostname":"?","addr":"10.0.0.7","terminal":"ssh","res":"failed","src_ip":"10.0.0.7","user":"an","outcome":"failure"}"#,
            ),
            (
                "type=SYSCALL msg=audit(1795307400.000:9): arch=c000003e syscall=59 success=yes comm=\"id\" key=exec\u{1d}ARCH=x86_64 SYSCALL=execve",
                r#"{"type":"SYSCALL","serial":"9","arch":"c000003e","syscall":"59","success":"yes","comm":"id","key":"exec","ARCH":"x86_64","SYSCALL":"execve","outcome":"success"}"#,
            ),
        ] {
            assert_eq!(fields("auditd", line), expected, "{line}");
        }
        assert_eq!(
            event("type=X msg=audit(1795307400.123:77): a=b").time.to_string(),
            "2026-11-22T00:30:00.123000Z"
        );
    }

    #[test]
    fn what_is_no_hex_stays() {
        for value in ["20", "ABC", "ffff", "C0DE00FF", "", "E1BB87"] {
            assert!(decoded(value).is_none_or(|text| text == "ệ"), "{value}");
        }
    }
}
