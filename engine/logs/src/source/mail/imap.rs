//! Mailbox servers: Dovecot, Courier, Cyrus.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pam;
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};

pub(crate) static DOVECOT: Text = Text {
    name: "dovecot",
    programs: &[
        "dovecot",
        "dovecot-auth",
        "auth-worker",
        "imap-login",
        "pop3-login",
        "managesieve-login",
        "submission-login",
        "lmtp",
    ],
    probe: |input| {
        let text = input.text;
        text.contains("auth-worker(")
            || text.contains("imap-login: ")
            || text.contains("pop3-login: ")
            || text.contains(" dovecot-auth: ")
    },
    parse: |input, draft| {
        let text = if input.header.program.is_some() {
            input.body
        } else {
            input.text
        };
        if !pam::read(text, draft) {
            DOVECOT_PARTS.all(text, draft);
        }
        if let Some(at) = text.find("rhost=").filter(|_| !draft.has("src_ip")) {
            draft.set_some(
                "src_ip",
                text.get(at + 6..)
                    .and_then(|rest| rest.split_ascii_whitespace().next()),
            );
        }
        finish(input, draft)
    },
};

pub(crate) static COURIER: Text = Text {
    name: "courier",
    programs: &[
        "imapd",
        "imapd-ssl",
        "pop3d",
        "pop3d-ssl",
        "courierpop3login",
        "courieresmtpd",
        "courierd",
        "authdaemond",
        "webmaild",
    ],
    probe: super::super::never,
    parse: |input, draft| {
        COURIER_PARTS.all(input.body, draft);
        finish(input, draft)
    },
};

pub(crate) static CYRUS: Text = Text {
    name: "cyrus-imap",
    programs: &[
        "cyrus",
        "imap",
        "imaps",
        "pop3",
        "pop3s",
        "lmtpunix",
        "cyr_expire",
    ],
    probe: |input| input.body.starts_with("badlogin: "),
    parse: |input, draft| {
        CYRUS_PARTS.all(input.body, draft);
        finish(input, draft)
    },
};

table!(DOVECOT_PARTS:
    row("user=", r"user=<([^>]*)>", &["user"], &[]),
    row("rip=", r"rip=([^,\s]+)", &["src_ip"], &[]),
    row("lip=", r"lip=([^,\s]+)", &["dst_ip"], &[]),
    row("rport=", r"rport=(\d+)", &["src_port"], &[]),
    row("lport=", r"lport=(\d+)", &["dst_port"], &[]),
    row("method=", r"method=([^,\s]+)", &["auth_method"], &[]),
    row("session=", r"session=<([^>]*)>", &["session_id"], &[]),
    // A database and what it was asked about: sql(user,address,<session>).
    row("(", r"\b(?:pam|sql|ldap|passwd-file|passwd|shadow|static|dict|lua|oauth2|checkpassword)\(([^,()]*),([0-9a-fA-F:.]+)(?:,<[^>]*>)?\)", &["user", "src_ip"], &[]),
    row("auth failed", r"auth failed", &[], &[("outcome", "failure")]),
    row("nown user", r"[Uu]nknown user", &[], &[("outcome", "failure")]),
    row("ismatch", r"[Pp]assword mismatch", &[], &[("outcome", "failure")]),
    row("pam_authenticate() failed", r"pam_authenticate\(\) failed", &[], &[("outcome", "failure")]),
    row("Login: ", r"-login: (?:Info: )?Login: ", &[], &[("outcome", "success")]),
    row("rip=", r"\(tried to use |(?:Aborted login|Disconnected).*\(.*?(?:auth failed|disallowed)", &[], &[("outcome", "failure")]),
);

table!(COURIER_PARTS:
    row("user=", r"user=([^,\s]+)", &["user"], &[]),
    row("ip=[", r"ip=\[([^\]]+)\]", &["src_ip"], &[]),
    row("relay=", r"relay=([0-9a-fA-F:.]+)", &["src_ip"], &[]),
    row("port=", r"port=(\d+)", &["src_port"], &[]),
    row("FAILED", r"LOGIN FAILED", &[], &[("outcome", "failure")]),
    row("535 ", r"535 Authentication failed", &[], &[("outcome", "failure")]),
    row("LOGIN,", r"^LOGIN, ", &[], &[("outcome", "success")]),
    row("from=", r"from=<([^>]*)>", &["mail_from"], &[]),
    row("to=", r"\bto=<([^>]*)>", &["mail_to"], &[]),
);

table!(CYRUS_PARTS:
    row("badlogin", r"^badlogin: (?:([^\s\[]+) )?\[([0-9a-fA-F:.]+)\] (\S+)(?: ([^\s\[]\S*))?", &["src_host", "src_ip", "auth_method", "user"], &[("outcome", "failure")]),
    row("login: ", r"^login: (?:([^\s\[]+) )?\[([0-9a-fA-F:.]+)\] (\S+) (\S+)", &["src_host", "src_ip", "user", "auth_method"], &[("outcome", "success")]),
);

fn finish<'r>(_: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    draft.sources = kinds::mail();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn refused_logins() {
        for (parser, line, expected) in [
            (
                "dovecot",
                "Nov 22 07:30:00 mx dovecot: imap-login: Disconnected (auth failed, 1 attempts): user=<an@tinh.vn>, method=PLAIN, rip=203.0.113.9, lip=10.0.0.2, TLS",
                r#"{"user":"an@tinh.vn","src_ip":"203.0.113.9","dst_ip":"10.0.0.2","auth_method":"PLAIN","outcome":"failure","host":"mx","program":"dovecot"}"#,
            ),
            (
                "courier",
                "Nov 22 07:30:00 mx imapd-ssl: LOGIN FAILED, user=an@tinh.vn, ip=[::ffff:203.0.113.9]",
                r#"{"user":"an@tinh.vn","src_ip":"::ffff:203.0.113.9","outcome":"failure","host":"mx","program":"imapd-ssl"}"#,
            ),
            (
                "cyrus-imap",
                "Nov 22 07:30:00 mx cyrus/imaps[9]: badlogin: x.example [203.0.113.9] plaintext an SASL(-13): authentication failure: checkpass failed",
                r#"{"src_host":"x.example","src_ip":"203.0.113.9","auth_method":"plaintext","user":"an","outcome":"failure","host":"mx","program":"cyrus/imaps","pid":9}"#,
            ),
        ] {
            assert_eq!(fields(parser, line), expected, "{line}");
        }
    }
}
