//! IIS in the W3C extended format.
//!
//! The format names its fields in a `#Fields:` line at the head of the file, which a relay does not repeat; records are
//! read without state, so the layout is told by the number of fields and where the method stands. Times are UTC.

use std::borrow::Cow;

use super::{Input, Text, json};
use crate::draft::Draft;
use crate::kinds;
use crate::part::place;
use crate::time::{self, Stamp};

pub(crate) static SOURCE: Text = Text {
    name: "iis",
    programs: &["iis"],
    probe: |input| layout(input.body).is_some(),
    parse,
};

/// IIS' default selection.
const DEFAULT: &[&str] = &[
    "s-ip",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "s-port",
    "cs-username",
    "c-ip",
    "cs-user-agent",
    "cs-referer",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "time-taken",
];
/// The default of IIS 7 and before, without the referrer.
const OLD: &[&str] = &[
    "s-ip",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "s-port",
    "cs-username",
    "c-ip",
    "cs-user-agent",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "time-taken",
];
/// Everything ticked.
const FULL: &[&str] = &[
    "s-sitename",
    "s-computername",
    "s-ip",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "s-port",
    "cs-username",
    "c-ip",
    "cs-version",
    "cs-user-agent",
    "cs-cookie",
    "cs-referer",
    "cs-host",
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "sc-bytes",
    "cs-bytes",
    "time-taken",
];

/// The fields behind date and time.
fn layout(body: &str) -> Option<&'static [&'static str]> {
    if !matches!(
        body.as_bytes(),
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b' ', _, _, b':', ..]
    ) {
        return None;
    }
    let words: Vec<&str> = body.split(' ').skip(2).take(24).collect();
    [DEFAULT, OLD, FULL].into_iter().find(|names| {
        let holds = |name: &str, test: fn(&str) -> bool| {
            let at = names.iter().position(|n| *n == name);
            at.and_then(|at| words.get(at)).is_some_and(|word| test(word))
        };
        names.len() == words.len()
            && holds("s-ip", place::is_ip)
            && holds("cs-method", |word| {
                word.bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'-' || b == b'_')
            })
            && holds("c-ip", place::is_ip)
    })
}

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let names = layout(input.body)?;
    let (stamp, rest) = time::prefix(input.body)?;
    draft.stamp(Some(match stamp {
        Stamp::Local(utc) => Stamp::Instant(utc),
        other => other,
    }));
    for (name, word) in names.iter().copied().zip(rest.trim_start().split(' ')) {
        let shown = word != "-" || matches!(name, "cs-user-agent" | "cs-referer");
        if shown && matches!(name, "cs-user-agent" | "cs-cookie") && word.contains('+') {
            draft.set_cow(name, Cow::Owned(word.replace('+', " ")));
        } else if shown {
            draft.set(name, word);
        }
    }
    // Readers of both spellings exist.
    json::copy(&mut draft.fields, "sc-win32-status", "c-win32-status");
    let stem = draft
        .fields
        .find("cs-uri-stem")
        .and_then(saola_event::Value::as_borrowed)?;
    let query = draft
        .fields
        .find("cs-uri-query")
        .and_then(saola_event::Value::as_borrowed);
    let target = query.map_or(Cow::Borrowed(stem), |query| Cow::Owned(format!("{stem}?{query}")));
    draft.set_cow("cs-uri", target);
    draft.sources = kinds::iis();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::{event, fields};

    #[test]
    fn the_default_layout() {
        assert_eq!(
            fields(
                "iis",
                "2026-11-22 00:30:00 10.0.0.2 GET /tim.aspx q=1 443 - 10.0.0.7 Mozilla/5.0+(X11) - 200 0 0 15"
            ),
            r#"{"s-ip":"10.0.0.2","cs-method":"GET","cs-uri-stem":"/tim.aspx","cs-uri-query":"q=1","s-port":443,"c-ip":"10.0.0.7","cs-user-agent":"Mozilla/5.0 (X11)","cs-referer":"-","sc-status":200,"sc-substatus":"0","sc-win32-status":"0","time-taken":15,"c-win32-status":"0","cs-uri":"/tim.aspx?q=1"}"#
        );
    }

    #[test]
    fn times_are_utc_and_other_lines_are_not_taken() {
        let line = "2026-11-22 00:30:00 10.0.0.2 GET / - 80 - 10.0.0.7 - 200 0 0 15";
        assert_eq!(event(line).time.to_string(), "2026-11-22T00:30:00.000000Z");
        for line in [
            "2026-11-22 00:30:00 one two three",
            "#Fields: date time",
            "2026-11-22 00:30:00 10.0.0.2 GET / - 80 - x - 200 0 0 15",
        ] {
            assert_ne!(event(line).parser, "iis", "{line}");
        }
    }
}
