//! Telephone exchanges: Asterisk and FreeSWITCH.

use super::{Text, told};
use crate::kinds;
use crate::part::pattern::{row, table};

pub(crate) static ASTERISK: Text = Text {
    name: "asterisk",
    programs: &["asterisk"],
    probe: |input| {
        let body = input.body;
        body.contains("SecurityEvent=\"")
            || body.contains(" chan_sip.c:")
            || body.contains(" chan_iax2.c:")
            || body.contains("res_pjsip")
            || body.contains(" manager.c: ")
            || body.contains("] Ext. s: ")
    },
    parse: |input, draft| {
        let known = told(&ASTERISK_LINES, input.body, draft);
        draft.sources = kinds::application();
        (known || draft.stamp.is_some() || input.header.program.is_some()).then_some(())
    },
};

pub(crate) static FREESWITCH: Text = Text {
    name: "freeswitch",
    programs: &["freeswitch"],
    probe: |input| input.body.contains("sofia_reg.c:"),
    parse: |input, draft| {
        let text = input.body.trim_start();
        // Newer versions leave the year out: 08-03 07:56:53.026292.
        let stamp = crate::time::prefix(text)
            .map(|(stamp, _)| stamp)
            .or_else(|| month_day(text));
        draft.stamp(stamp);
        FREESWITCH_LINES.all(text, draft);
        draft.sources = kinds::application();
        Some(())
    },
};

table!(ASTERISK_LINES:
    row("SecurityEvent", r#"SecurityEvent="(InvalidAccountID|FailedACL|InvalidPassword|ChallengeResponseFailed|InvalidTransport|AuthMethodNotAllowed)""#, &["action"], &[("outcome", "failure")]),
    row("SecurityEvent", r#"SecurityEvent="(SuccessfulAuth)""#, &["action"], &[("outcome", "success")]),
    row("AccountID", r#"AccountID="([^"]+)""#, &["user"], &[]),
    row("RemoteAddress", r#".*RemoteAddress="IPV[46]/(\w+)/([^/"]+)/(\d+)""#, &["transport", "src_ip", "src_port"], &[]),
    row("LocalAddress", r#"LocalAddress="IPV[46]/\w+/([^/"]+)/(\d+)""#, &["dst_ip", "dst_port"], &[]),
    row("failed for '", r".*failed for '(\[?[0-9a-fA-F:.]+\]?(?::\d+)?)'", &["@src"], &[]),
    row("hacking attempt", r"hacking attempt detected '([^']+)'", &["@src"], &[]),
    row("Host ", r"Host (\S+) (?:failed|denied)", &["@src"], &[("outcome", "failure")]),
    row("(from ", r"for peer '([^']*)' \(from ([^)]+)\)", &["user", "@src"], &[("outcome", "failure")]),
    row("Call", r"Call (?:from '.*' )?\((?:(?:TCP|UDP|TLS|WS|WSS):)?(\[?[0-9a-fA-F:.]+\]?(?::\d+)?)\) to extension", &["@src"], &[]),
    row("tried to authenticate", r": (\S+) tried to authenticate with nonexistent user '([^']*)'", &["@src", "user"], &[]),
    row("failed to authenticate", r": (\S+) failed to authenticate as '([^']*)'", &["@src", "user"], &[]),
    row("failed to pass IP ACL", r": (\S+) failed to pass IP ACL", &["@src"], &[]),
    row("SIP/", r#"Host '?([0-9a-fA-F:.]+)'? failed"#, &["@src"], &[]),
    row("from ", r#"(?i)(?:ip|from) '?((?:\d{1,3}\.){3}\d{1,3})'?"#, &["@src"], &[]),
    row("Registration from", r"Registration from .* failed", &[], &[("outcome", "failure")]),
    row("ailed to authenticate", r"[Ff]ailed to authenticate", &[], &[("outcome", "failure")]),
    row("rong password", r"[Ww]rong password", &[], &[("outcome", "failure")]),
);

table!(FREESWITCH_LINES:
    row("] from", r"\[([^\]]*)\] from (?:ip )?(\S+)$", &["user", "@src"], &[]),
    row("IP ", r"IP (\S+) Rejected by", &["@src"], &[]),
    row("auth failure", r"(auth failure) \((\w+)\)", &["action", "method"], &[]),
);

/// `08-03 07:56:53`.
fn month_day(text: &str) -> Option<crate::time::Stamp> {
    let (month, rest) = text.split_at_checked(2)?;
    let rest = rest.strip_prefix('-')?;
    let with_leap_year = format!("2024-{month}-{rest}");
    match crate::time::prefix(&with_leap_year)?.0 {
        crate::time::Stamp::Local(time) => {
            let (_, month, day, hour, minute, second) = time.civil();
            let clock = crate::time::Clock {
                hms: (hour, minute, second),
                micros: time.subsec_micros(),
            };
            Some(crate::time::Stamp::NoYear((month, day), clock))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn sentences() {
        assert_eq!(
            fields(
                "asterisk",
                "[2026-11-22 07:30:00] NOTICE[1638] chan_sip.c: Registration from '<sip:301@x>' failed for '203.0.113.9:500' - Wrong password"
            ),
            r#"{"outcome":"failure","time_local":"2026-11-22T07:30:00"}"#
                .replace('{', r#"{"src_ip":"203.0.113.9","src_port":500,"#)
        );
        assert_eq!(
            fields(
                "freeswitch",
                "08-03 07:56:53.026292 [WARN] [SOFIA] [sofia_reg.c:4130] Can't find user [101@10.0.0.2] from 203.0.113.9"
            ),
            r#"{"user":"101@10.0.0.2","src_ip":"203.0.113.9","time_noyear":"08-03T07:56:53"}"#
        );
    }
}
