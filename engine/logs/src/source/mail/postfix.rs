//! Postfix, and what usually runs beside it: postgrey, SPF policy, spamd.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};

pub(crate) static SOURCE: Text = Text {
    name: "postfix",
    programs: &[
        "postfix",
        "postfix-nospam",
        "postfix-smo",
        "postfix-incoming",
        "postfix-outgoing",
        "postgrey",
        "policyd-spf",
        "spamd",
        "postscreen",
        "postlogd",
        "amavis",
        "opendkim",
        "opendmarc",
    ],
    probe,
    parse,
};

table!(PARTS:
    row(": ", r"^(NOQUEUE|[0-9A-F]{6,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{12,20}): ", &["queue_id"], &[]),
    row("reject: ", r"(?:NOQUEUE|[0-9A-Za-z]{6,20}): ((?:milter-|proxy-)?reject(?:_warning)?): (\w+) from ([^\[\s]*)\[([^\]]+)\](?::(\d+))?: (\d{3}) (?:(\d\.\d+\.\d+) )?(?:<[^>]*>: )?([^;]+)",
        &["action", "stage", "src_host", "src_ip", "src_port", "smtp_code", "smtp_code_enhanced", "reason"], &[]),
    row("client=", r"client=([^\[\s]+)\[([^\]]+)\](?::(\d+))?", &["src_host", "src_ip", "src_port"], &[]),
    row("SASL", r"warning: ([^\[\s]+)\[([^\]]+)\](?::(\d+))?: SASL (\S+) authentication failed(?:: ([^,]*))?", &["src_host", "src_ip", "src_port", "auth_method", "reason"], &[("outcome", "failure")]),
    row(" from ", r"(?:^|\s)from ([^\[\s;=<]*)\[(?:IPv6:)?([0-9a-fA-F:.]+)(?:/\d+)?\](?::(\d+))?", &["src_host", "src_ip", "src_port"], &[]),
    row("[", r"^(?:CONNECT|DISCONNECT|HANGUP|PASS (?:NEW|OLD)|(?:ALLOW|WHITE|DENY|BLACK)LISTED|PREGREET|COMMAND|NON-SMTP|BARE|DNSBL)\b.*?\[([0-9a-fA-F:.]+)\](?::(\d+))?", &["src_ip", "src_port"], &[]),
    row("whitelisted: ", r"^whitelisted: ([^\[\s]+)\[([^\]/]+)(?:/\d+)?\]", &["src_host", "src_ip"], &[]),
    row("relay=", r"relay=([^\[,\s]+)\[([^\]]+)\](?::(\d+))?", &["dst_host", "dst_ip", "dst_port"], &[]),
    row("relay=", r"relay=([\d.]+):(\d+)", &["dst_ip", "dst_port"], &[]),
    row("]", r"(?: to| for|[Hh]ost|server|conversation with|connection with) ([^\[\s(]+)\[([^\]]+)\](?::(\d+))?", &["dst_host", "dst_ip", "dst_port"], &[]),
    row("from=", r"\bfrom=<([^>]*)>", &["mail_from"], &[]),
    row("from=", r"\bfrom=([^\s<>,;]+)", &["mail_from"], &[]),
    row("to=", r"\bto=<([^>]*)>", &["mail_to"], &[]),
    row("to=", r"(?:^|[\s:])to=([^\s<>,;]+)", &["mail_to"], &[]),
    row("orig_to=", r"orig_to=<?([^\s<>,]+)", &["orig_to"], &[]),
    row("message-id=", r"message-id=<?([^\s<>]+)>?", &["message_id"], &[]),
    row("status=", r"status=([\w-]+)(?: \((.*)\)\s*\d*)?", &["status", "reason"], &[]),
    row("said: ", r"said: (\d{3})[ -](\d\.\d+\.\d+)?", &["smtp_code", "smtp_code_enhanced"], &[]),
    row("dsn=", r"dsn=(\d\.\d+\.\d+)", &["smtp_code_enhanced"], &[]),
    row("cipher", r"(TLSv[\d.]+) with cipher (\S+)", &["tls_version", "tls_cipher"], &[]),
    row("sasl_method=", r"sasl_method=([^,\s]+)", &["auth_method"], &[]),
    row("sasl_username=", r"sasl_username=([^,\s]+)", &["user"], &[]),
    row("helo=", r"helo=<?([^\s<>;]+)", &["helo"], &[]),
    row("size=", r"\bsize=(\d+)", &["size"], &[]),
    row("header From:", r"header From: .*?[<\[(]+([^\s<>\[\]()]+@[^\s<>\[\]()]+)", &["mail_from"], &[]),
    // postgrey and the SPF policy server
    row("action=", r"^action=([^,]+)", &["action"], &[]),
    row("reason=", r"reason=([^,]+)", &["reason"], &[]),
    row("client_name=", r"client_name=([^,]+)", &["src_host"], &[]),
    row("client_address=", r"client_address=([^,/\s]+)", &["src_ip"], &[]),
    row("sender=", r"\bsender=<?([^,\s<>]+)", &["mail_from"], &[]),
    row("recipient=", r"\brecipient=<?([^,\s<>]+)", &["mail_to"], &[]),
    row("client-ip=", r"client-ip=([^;\s]+)", &["src_ip"], &[]),
    row("envelope-from=", r"envelope-from=<?([^;\s<>]+)", &["mail_from"], &[]),
    row("does not resolve", r"hostname (\S+) does not resolve to address ([0-9a-fA-F:.]+?):", &["src_host", "src_ip"], &[]),
    // anvil, dnsblog
    row("statistics: ", r"for \((?:[\w.-]+:)*?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:]+:[0-9a-fA-F]+)\)", &["src_ip"], &[]),
    row(" listed by ", r"^addr (\S+) listed by", &["src_ip"], &[]),
    // spamd
    row("raddr=", r"raddr=([^,]+)", &["src_ip"], &[]),
    row("rport=", r"rport=(\d+)", &["src_port"], &[]),
    row("spamd", r"[,\s]user=([^,]+)", &["user"], &[]),
    row("mid=", r"\bmid=([^,\s]+)", &["message_id"], &[]),
    row("connection from", r"connection from ([^\[\s]+) \[([^\]]+)\]:(\d+) to port (\d+)", &["src_host", "src_ip", "src_port", "dst_port"], &[]),
);

/// Sentences that only these programs begin with, for relays that take the tag off.
fn probe(input: &Input<'_>) -> bool {
    const OPENINGS: &[&str] = &[
        "connect from ",
        "disconnect from ",
        "lost connection after ",
        "timeout after ",
        "too many errors after ",
        "NOQUEUE: ",
        "CONNECT from [",
        "DISCONNECT [",
        "PASS NEW [",
        "PASS OLD [",
        "HANGUP after ",
        "PREGREET ",
        "WHITELISTED [",
        "ALLOWLISTED [",
        "DENYLISTED [",
        "BLACKLISTED [",
        "COMMAND TIME LIMIT from [",
        "COMMAND COUNT LIMIT from [",
        "COMMAND LENGTH LIMIT from [",
        "COMMAND PIPELINING from [",
        "NON-SMTP COMMAND from [",
        "BARE NEWLINE from [",
        "DNSBL rank ",
        "SSL_accept error from ",
        "SSL_connect error to ",
        "Untrusted TLS connection established ",
        "Trusted TLS connection established ",
        "Anonymous TLS connection established ",
        "Verified TLS connection established ",
        "certificate verification failed for ",
        "setting up TLS connection ",
        "statistics: max ",
        "proxy-accept: ",
        "proxy-reject: ",
        "bare <LF> received after ",
        "bare <CR> received after ",
        "spamd: ",
        "Received-SPF: ",
        "prepend Received-SPF: ",
        "Action: prepend: Text: Received-SPF",
    ];
    if input.header.program.is_some() {
        return false;
    }
    let body = input.body.trim_start();
    let body = body.strip_prefix("warning: ").unwrap_or(body);
    OPENINGS.iter().any(|opening| body.starts_with(opening))
        || (body.starts_with("connect to ") && body.contains("]:"))
        || (body.starts_with("action=") && body.contains("client_address="))
        || body.contains("client-ip=") && body.contains("envelope-from=")
        || (body.starts_with("whitelisted: ") && body.ends_with(']'))
        || (body.starts_with("addr ") && body.contains(" listed by domain "))
        || body.contains("]: SASL ")
        || is_queued(body)
}

/// `0A1B2C3D4E: key=value` and the like.
fn is_queued(body: &str) -> bool {
    let Some((id, rest)) = body.split_once(": ") else {
        return false;
    };
    let plausible = (6..=20).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
        && id.bytes().any(|b| b.is_ascii_digit());
    const GOES_ON: &[&str] = &[
        "to=",
        "from=",
        "client=",
        "message-id=",
        "removed",
        "host ",
        "warning: header ",
        "replace: header ",
        "prepend: header ",
        "reject: ",
        "Used TLS for ",
        "milter-",
        "conversation with ",
        "lost connection ",
        "uid=",
        "filter: ",
        "hold: ",
        "sender non-delivery",
        "SASL authentication failed; ",
        "milter-reject: ",
        "skipped, ",
        "redirect: ",
        "discard: ",
        "enabling PIX",
        "strip: header ",
    ];
    plausible && GOES_ON.iter().any(|opening| rest.starts_with(opening))
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    PARTS.all(input.body.trim_start(), draft);
    draft.sources = kinds::mail();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn sentences() {
        for (line, expected) in [
            (
                "Nov 22 07:30:00 mx postfix/smtpd[9]: NOQUEUE: reject: RCPT from x.example[203.0.113.9]: 554 5.7.1 <an@tinh.vn>: Relay access denied; from=<a@b.c> to=<an@tinh.vn> proto=ESMTP helo=<x>",
                r#"{"queue_id":"NOQUEUE","action":"reject","stage":"RCPT","src_host":"x.example","src_ip":"203.0.113.9","smtp_code":554,"smtp_code_enhanced":"5.7.1","reason":"Relay access denied","mail_from":"a@b.c","mail_to":"an@tinh.vn","helo":"x","host":"mx","program":"postfix/smtpd","pid":9}"#,
            ),
            (
                "0A1B2C3D4E: to=<an@tinh.vn>, relay=mx.tinh.vn[10.0.0.2]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
                r#"{"queue_id":"0A1B2C3D4E","dst_host":"mx.tinh.vn","dst_ip":"10.0.0.2","dst_port":25,"mail_to":"an@tinh.vn","status":"sent","reason":"250 2.0.0 Ok","smtp_code_enhanced":"2.0.0"}"#,
            ),
            (
                "Nov 22 07:30:00 mx postfix/smtpd[9]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
                r#"{"src_host":"unknown","src_ip":"203.0.113.9","auth_method":"LOGIN","reason":"UGFzc3dvcmQ6","outcome":"failure","host":"mx","program":"postfix/smtpd","pid":9}"#,
            ),
        ] {
            assert_eq!(fields("postfix", line), expected, "{line}");
        }
    }
}
