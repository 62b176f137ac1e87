//! lighttpd and LiteSpeed: the little that their error logs say of their own.

use super::Text;
use crate::kinds;
use crate::part::clf;
use crate::part::pattern::{row, table};
use crate::time;

pub(crate) static LIGHTTPD: Text = Text {
    name: "lighttpd",
    programs: &["lighttpd"],
    probe: |input| input.body.get(19..22) == Some(": (") && input.body.contains(".c."),
    parse: |input, draft| {
        draft.sources = kinds::webserver();
        draft.stamp(time::prefix(input.body).map(|(stamp, _)| stamp));
        if LIGHTTPD_LINES.all(input.body, draft) || draft.stamp.is_some() {
            Some(())
        } else {
            clf::access(input.body, draft)
        }
    },
};

pub(crate) static LITESPEED: Text = Text {
    name: "litespeed",
    programs: &["litespeed", "lshttpd"],
    probe: |input| {
        let after = input.body.get(26..).unwrap_or_default();
        after.starts_with(" [") && after.contains("] [") && input.body.starts_with("20")
    },
    parse: |input, draft| {
        draft.sources = kinds::webserver();
        draft.stamp(time::prefix(input.body).map(|(stamp, _)| stamp));
        if LITESPEED_LINES.all(input.body, draft) {
            Some(())
        } else {
            clf::access(input.body, draft)
        }
    },
};

table!(LIGHTTPD_LINES:
    row("IP: ", r"IP: (\S+)", &["@client"], &[]),
    row("username: ", r"username: ([^,\s]+)", &["cs-username"], &[("outcome", "failure")]),
    row("for /", r"doesn't match for (\S+)", &["@target"], &[]),
);

table!(LITESPEED_LINES:
    row("[", r"^\S+ \S+ \[([A-Z]+)\] \[(\d+)\](?: \[T0\])? \[([^\]\s]+?):(\d+)(?:[:#][^\]]*)?\]", &["level", "pid", "@client", "c-port"], &[]),
    row("username:", r"username:(\S+)", &["cs-username"], &[]),
    row("Failed Login", r"Failed Login", &[], &[("outcome", "failure")]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn lines() {
        assert_eq!(
            fields(
                "lighttpd",
                "2026-11-22 07:30:00: (mod_auth.c.525) password doesn't match for /quan-tri username: an, IP: 10.0.0.7"
            ),
            r#"{"c-ip":"10.0.0.7","cs-username":"an","outcome":"failure","cs-uri":"/quan-tri","cs-uri-stem":"/quan-tri","time_local":"2026-11-22T07:30:00"}"#
        );
        assert_eq!(
            fields(
                "litespeed",
                "2026-11-22 07:30:00.774649 [NOTICE] [12] [10.0.0.7:451:HTTP2-4#_AdminVHost] [STDERR] Failed Login Attempt - username:an"
            ),
            r#"{"level":"NOTICE","pid":12,"c-ip":"10.0.0.7","c-port":451,"cs-username":"an","outcome":"failure","time_local":"2026-11-22T07:30:00"}"#
        );
    }
}
