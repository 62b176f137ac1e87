//! FTP servers (ProFTPD, Pure-FTPd, vsftpd, wu-ftpd) and Dropbear.

use super::{Text, told};
use crate::kinds;
use crate::part::pam;
use crate::part::pattern::{row, table};

pub(crate) static FTP: Text = Text {
    name: "ftpd",
    programs: &["proftpd", "pure-ftpd", "vsftpd", "wu-ftpd", "ftpd", "in.ftpd"],
    probe: |input| input.text.contains(" proftpd[") || input.body.contains(" FAIL LOGIN: Client \""),
    parse: |input, draft| {
        if !pam::read(input.body, draft) {
            told(&FTP_LINES, input.text, draft);
        }
        if input.text.contains("proftpd[") {
            draft.set("program", "proftpd");
        }
        draft.sources = kinds::linux_vsftpd();
        Some(())
    },
};

pub(crate) static DROPBEAR: Text = Text {
    name: "dropbear",
    programs: &["dropbear"],
    probe: super::never,
    parse: |input, draft| {
        DROPBEAR_LINES.all(input.body, draft);
        draft.sources = kinds::linux_auth();
        Some(())
    },
};

table!(FTP_LINES:
    row("proftpd", r"proftpd\[(\d+)\]", &["pid"], &[]),
    row("[", r"\(([^\s\[(]*)\[([0-9a-fA-F:.]+)\]\)", &["src_host", "src_ip"], &[]),
    row("USER ", r"USER (.+?)(?: \(Login failed\)|: (?:no such user|Login successful))", &["user"], &[]),
    row("no such user", r"no such user", &[], &[("outcome", "failure")]),
    row("Login failed", r"Login failed", &[], &[("outcome", "failure")]),
    row("Login successful", r"Login successful", &[], &[("outcome", "success")]),
    row("login attempted", r"(\S+) login attempted", &["user"], &[]),
    row("(?@", r"\(\?@([0-9a-fA-F:.]+)\)", &["@src"], &[]),
    row("@", r"\(([^\s?@()]+)@([0-9a-fA-F:.]+)\)", &["user", "@src"], &[]),
    row("Authentication failed for user", r"Authentication failed for user \[([^\]]*)\]", &["user"], &[("outcome", "failure")]),
    row("is now logged in", r"\[INFO\] (\S+) is now logged in", &["user"], &[("outcome", "success")]),
    row("LOGIN: Client", r#"\[([^\]]*)\] (?:FAIL|OK) LOGIN: Client "(?:::ffff:)?([^"]+)""#, &["user", "@src"], &[]),
    row("FAIL LOGIN", r"FAIL LOGIN", &[], &[("outcome", "failure")]),
    row("OK LOGIN", r"OK LOGIN", &[], &[("outcome", "success")]),
    row("ailed login from", r"failed login from (\S+) \[([^\]]+)\]", &["src_host", "src_ip"], &[("outcome", "failure")]),
    row("login failures from", r"login failures from ([0-9a-fA-F:.]+)(?: \(([^)]+)\))?", &["src_ip", "src_host"], &[("outcome", "failure")]),
    row("onnection from", r"connection from ([0-9a-fA-F:.]+) \(([^)]*)\)", &["src_ip", "src_host"], &[]),
);

table!(DROPBEAR_LINES:
    row(" from ", r".* from <?((?:\d{1,3}\.){3}\d{1,3}|\[?[0-9a-fA-F:]+\]?):(\d+)>?", &["src_ip", "src_port"], &[]),
    row("user '", r"user '([^']*)'", &["user"], &[]),
    row("attempt for '", r"attempt for '([^']*)'", &["user"], &[]),
    row("assword attempt", r"[Bb]ad (?:PAM )?password attempt", &[], &[("outcome", "failure")]),
    row("Exit before auth", r"Exit before auth", &[], &[("outcome", "failure")]),
    row("nonexistent user", r"nonexistent user", &[], &[("outcome", "failure")]),
    row("auth succeeded", r"(?:auth|Pubkey auth) succeeded for '([^']*)'", &["user"], &[("outcome", "success")]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn refused_logins() {
        for (parser, line, expected) in [
            (
                "ftpd",
                "Nov 22 07:30:00 ftp pure-ftpd: (?@203.0.113.9) [WARNING] Authentication failed for user [an]",
                r#"{"src_ip":"203.0.113.9","user":"an","outcome":"failure","host":"ftp","program":"pure-ftpd"}"#,
            ),
            (
                "dropbear",
                "Nov 22 07:30:00 cam dropbear[7]: bad password attempt for 'root' from 203.0.113.9:5543",
                r#"{"src_ip":"203.0.113.9","src_port":5543,"user":"root","outcome":"failure","host":"cam","program":"dropbear","pid":7}"#,
            ),
        ] {
            assert_eq!(fields(parser, line), expected, "{line}");
        }
    }
}
