//! Any JSON object: fields stay as they are; the time, and the log source where the object names its own
//! (`product`, `category`, `service`), are taken from the usual names.

use std::borrow::Cow;
use std::sync::{LazyLock, RwLock};

use saola_event::{Fields, LogSource, LogSources, Value};

use super::Json;
use crate::draft::Draft;
use crate::time::{self, Anchor, Stamp};

pub(crate) static SOURCE: Json = Json {
    name: "json",
    probe: |_| true,
    parse,
};

fn parse<'r>(fields: Fields<'r>, draft: &mut Draft<'r>, _: Anchor) {
    draft.stamp(time_of(&fields));
    draft.sources = tagged(&fields).unwrap_or_default();
    draft.fields = fields;
}

/// A line of text within an object, and the program that the object names for it.
pub(crate) struct Wrapped<'r> {
    pub(crate) line: Cow<'r, str>,
    pub(crate) program: Option<Cow<'r, str>>,
}

/// The line that a shipper wrapped, under the names that rsyslog, Beats, the journal and Docker use.
pub(crate) fn wrapped<'r>(fields: &Fields<'r>) -> Option<Wrapped<'r>> {
    let text = |names: &[&str]| {
        names.iter().find_map(|name| match fields.find_path(name) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        })
    };
    Some(Wrapped {
        line: text(&["message", "MESSAGE", "log", "msg"])?,
        program: text(&[
            "SYSLOG_IDENTIFIER",
            "programname",
            "program",
            "syslog.appname",
            "app-name",
            "ident",
        ]),
    })
}

/// Names under which records carry their time, the surest first.
const TIMES: &[&str] = &[
    "@timestamp",
    "TimeCreated",
    "timestamp",
    "EventTime",
    "UtcTime",
    "time",
    "ts",
    "eventTime",
    "Timestamp",
    "datetime",
    "date",
    "_time",
    "event_time",
    "time_iso8601",
    "time_local",
    "StartUTC",
    "createdDateTime",
    "creationTime",
    "CreationTime",
    "published",
    "start_time",
    "__REALTIME_TIMESTAMP",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "logtime",
    "EventReceivedTime",
    "event.created",
];

/// The time that an object gives itself.
pub(crate) fn time_of(fields: &Fields<'_>) -> Option<Stamp> {
    TIMES.iter().find_map(|name| fields.find(name).and_then(stamp_of))
}

/// A time in a field: text, or a number counted from the epoch.
pub(crate) fn stamp_of(value: &Value<'_>) -> Option<Stamp> {
    match value {
        Value::Text(text) => time::bare(text),
        Value::Int(number) => time::bare(&number.to_string()),
        Value::Float(number) => time::bare(&format!("{number:.6}")),
        _ => None,
    }
}

/// Adds a value under a second name, when the first is there and the second is not.
pub(crate) fn copy(fields: &mut Fields<'_>, from: &str, to: &'static str) {
    if fields.find(to).is_none()
        && let Some(value) = fields.find_path(from).filter(|value| !is_empty(value)).cloned()
    {
        fields.push(to, value);
    }
}

/// Takes an object's fields as they are and adds the wanted ones under our names, the first that is there.
pub(crate) fn mapped<'r>(mut fields: Fields<'r>, draft: &mut Draft<'r>, names: &[(&str, &'static str)]) {
    for (own, ours) in names {
        copy(&mut fields, own, ours);
    }
    draft.fields = fields;
}

fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// Tag sets seen before. Tags come from outside, so the table is bounded; sets beyond it are made anew each time.
static SEEN: LazyLock<RwLock<Vec<(LogSource, LogSources)>>> = LazyLock::new(|| RwLock::new(Vec::new()));
const MAX_SEEN: usize = 256;

/// The log source that an object names for itself.
pub(crate) fn tagged(fields: &Fields<'_>) -> Option<LogSources> {
    let [product, category, service] =
        ["product", "category", "service"].map(|name| fields.text(name).unwrap_or(""));
    if product.is_empty() && category.is_empty() && service.is_empty() {
        return None;
    }
    let same = |source: &LogSource| {
        source.product == product && source.category == category && source.service == service
    };
    let find =
        |seen: &[(LogSource, LogSources)]| seen.iter().find(|(key, _)| same(key)).map(|(_, set)| set.clone());
    // A poisoned table is only a cache: its content is whole, because pushes do not panic half-way.
    let seen = SEEN.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(set) = find(&seen) {
        return Some(set);
    }
    drop(seen);
    let lower = |text: &str| Cow::Owned(text.to_lowercase());
    let set = LogSources::new([LogSource {
        product: lower(product),
        category: lower(category),
        service: lower(service),
    }]);
    let mut seen = SEEN.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(set) = find(&seen) {
        return Some(set);
    }
    if seen.len() < MAX_SEEN {
        let key = LogSource {
            product: product.to_owned().into(),
            category: category.to_owned().into(),
            service: service.to_owned().into(),
        };
        seen.push((key, set.clone()));
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::event;

    #[test]
    fn tags_name_the_log_source_once() {
        let line =
            r#"{"timestamp":1795307400.25,"product":"Linux","service":"auditd","type":"EXECVE","a0":"id"}"#;
        let (first, second) = (event(line), event(line));
        assert_eq!(first.parser, "json");
        assert_eq!(first.time.to_string(), "2026-11-22T00:30:00.250000Z");
        assert!(first.sources.admit(&LogSource::new("linux", "", "auditd")));
        assert_eq!(first.sources.address(), second.sources.address());
    }

    #[test]
    fn a_line_within_an_object_is_read_too() {
        for line in [
            r#"{"product":"linux","service":"sshd","message":"sshd[22783]: Accepted publickey for an from 10.0.0.7 port 33574 ssh2"}"#,
            r#"{"__REALTIME_TIMESTAMP":"1795307400250000","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Accepted publickey for an from 10.0.0.7 port 33574 ssh2"}"#,
        ] {
            let event = event(line);
            assert_eq!(event.parser, "sshd", "{line}");
            assert_eq!(
                (event.fields.text("user"), event.fields.text("src_ip")),
                (Some("an"), Some("10.0.0.7")),
                "{line}"
            );
            assert!(
                event.sources.admit(&LogSource::new("linux", "", "auth")),
                "{line}"
            );
        }
        assert_eq!(event(r#"{"message":"no known sentence"}"#).parser, "json");
    }

    #[test]
    fn a_cut_object_keeps_what_was_whole_and_says_so() {
        let cut = event(r#"{"a":1,"b":"x"#);
        assert_eq!(
            serde_json::to_string(&cut.fields).unwrap(),
            r#"{"a":1,"parse_anomaly":"json ends early"}"#
        );
        assert_eq!(cut.raw, r#"{"a":1,"b":"x"#);
    }
}
