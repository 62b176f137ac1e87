//! OpenTelemetry's log data, and the JSON object that a log record becomes.

use serde_json::{Map, Value, json};

/// Key and value.
pub(super) type Attribute = (String, Value);

/// A request.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub(super) resources: Vec<ResourceLogs>,
}

/// The records of one resource: a process on a machine.
#[derive(Debug, Default)]
pub(super) struct ResourceLogs {
    pub(super) attributes: Vec<Attribute>,
    pub(super) scopes: Vec<ScopeLogs>,
}

/// The records of one instrumented library.
#[derive(Debug, Default)]
pub(super) struct ScopeLogs {
    pub(super) name: String,
    pub(super) records: Vec<LogRecord>,
}

#[derive(Debug, Default)]
pub(super) struct LogRecord {
    /// Nanoseconds since the epoch; 0 when unknown.
    pub(super) time: u64,
    pub(super) observed: u64,
    pub(super) severity_number: u64,
    pub(super) severity_text: String,
    pub(super) event_name: String,
    pub(super) body: Value,
    pub(super) attributes: Vec<Attribute>,
    /// Hexadecimal, as in OTLP's JSON.
    pub(super) trace_id: String,
    pub(super) span_id: String,
}

impl Export {
    /// Every log record as one JSON object.
    pub(super) fn records(self) -> impl Iterator<Item = Vec<u8>> {
        self.resources.into_iter().flat_map(|resource| {
            let ResourceLogs { attributes, scopes } = resource;
            scopes.into_iter().flat_map(move |scope| {
                let attributes = attributes.clone();
                let name = scope.name;
                let made = scope
                    .records
                    .into_iter()
                    .map(move |record| record.object(&name, &attributes).to_string().into_bytes());
                made.collect::<Vec<_>>()
            })
        })
    }
}

impl LogRecord {
    fn object(self, scope: &str, resource: &[Attribute]) -> Value {
        let mut object = Map::new();
        let time = if self.time == 0 { self.observed } else { self.time };
        if time != 0 {
            // Microseconds hold whole in the parsers' numbers.
            object.insert("@timestamp".to_owned(), json!(seconds(time)));
        }
        let of = |name: &str| {
            resource
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        for (ours, value) in [("host", of("host.name")), ("program", of("service.name"))] {
            object.extend(value.map(|value| (ours.to_owned(), value)));
        }
        match self.body {
            // A structured body is the event itself: its fields are what rules look for.
            Value::Object(fields) => object.extend(fields),
            Value::Null => {}
            Value::String(text) => drop(object.insert("message".to_owned(), Value::String(text))),
            other => drop(object.insert("message".to_owned(), Value::String(other.to_string()))),
        }
        for (name, text) in [
            ("severity_text", self.severity_text),
            ("event_name", self.event_name),
            ("trace_id", self.trace_id),
            ("span_id", self.span_id),
            ("otel.scope", scope.to_owned()),
        ] {
            if !text.is_empty() {
                object.entry(name).or_insert(Value::String(text));
            }
        }
        if self.severity_number != 0 {
            object
                .entry("severity_number")
                .or_insert(json!(self.severity_number));
        }
        for (key, value) in self.attributes.into_iter().chain(resource.iter().cloned()) {
            object.entry(key).or_insert(value);
        }
        Value::Object(object)
    }
}

/// Seconds and micros as text: `1795307400.250000`.
fn seconds(nanos: u64) -> String {
    format!("{}.{:06}", nanos / 1_000_000_000, nanos % 1_000_000_000 / 1000)
}
