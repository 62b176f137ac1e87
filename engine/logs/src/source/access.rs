//! Access lines of any web server: the common and combined formats, when nothing says which server wrote them.

use super::Text;
use crate::kinds;
use crate::part::clf;

pub(crate) static SOURCE: Text = Text {
    name: "access",
    programs: &["web", "access", "httpd-access", "nginx-access", "access_log"],
    probe: |input| {
        let body = input.body;
        // `… [22/Nov/2026:07:30:00` before the request's quote.
        memchr::memchr(b'[', body.as_bytes())
            .filter(|at| *at < 512)
            .is_some_and(|at| {
                body.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit)
                    && body.get(at..).is_some_and(|rest| rest.contains("] \""))
            })
    },
    parse: |input, draft| {
        draft.sources = kinds::webserver();
        clf::access(input.body.trim_start(), draft)
    },
};

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn a_line_without_a_server() {
        assert_eq!(
            fields(
                "access",
                r#"10.0.0.7 - - [22/Nov/2026:07:30:00 +0700] "GET / HTTP/1.1" 200 5"#
            ),
            r#"{"c-ip":"10.0.0.7","sc-status":200,"sc-bytes":5,"cs-method":"GET","cs-uri":"/","cs-uri-stem":"/","cs-version":"HTTP/1.1"}"#
        );
    }
}
