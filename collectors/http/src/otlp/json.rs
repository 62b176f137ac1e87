//! OTLP's JSON: 64-bit numbers as text or figures, ids in hexadecimal.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::record::{Attribute, Export, LogRecord, ResourceLogs, ScopeLogs};

/// Reads a request.
pub(super) fn export(body: &[u8]) -> Result<Export, serde_json::Error> {
    serde_json::from_slice::<Request>(body).map(|request| Export {
        resources: request.resource_logs.into_iter().map(resource).collect(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(default)]
    resource_logs: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(default)]
    resource: Attributes,
    #[serde(default)]
    scope_logs: Vec<Scope>,
}

#[derive(Default, Deserialize)]
struct Attributes {
    #[serde(default)]
    attributes: Vec<KeyValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scope {
    #[serde(default)]
    scope: Named,
    #[serde(default)]
    log_records: Vec<Record>,
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Record {
    time_unix_nano: Value,
    observed_time_unix_nano: Value,
    severity_number: Value,
    severity_text: String,
    event_name: String,
    body: Value,
    attributes: Vec<KeyValue>,
    trace_id: String,
    span_id: String,
}

#[derive(Deserialize)]
struct KeyValue {
    key: String,
    #[serde(default)]
    value: Value,
}

fn resource(resource: Resource) -> ResourceLogs {
    ResourceLogs {
        attributes: attributes(resource.resource.attributes),
        scopes: resource.scope_logs.into_iter().map(scope).collect(),
    }
}

fn scope(scope: Scope) -> ScopeLogs {
    ScopeLogs {
        name: scope.scope.name,
        records: scope.log_records.into_iter().map(record).collect(),
    }
}

fn record(record: Record) -> LogRecord {
    LogRecord {
        time: number(&record.time_unix_nano),
        observed: number(&record.observed_time_unix_nano),
        severity_number: number(&record.severity_number),
        severity_text: record.severity_text,
        event_name: record.event_name,
        body: any(record.body),
        attributes: attributes(record.attributes),
        trace_id: record.trace_id,
        span_id: record.span_id,
    }
}

fn attributes(given: Vec<KeyValue>) -> Vec<Attribute> {
    given.into_iter().map(|one| (one.key, any(one.value))).collect()
}

/// Text or figure; 0 for anything else.
fn number(value: &Value) -> u64 {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or(text).unwrap_or(0)
}

/// `{"stringValue":"x"}` and its like as plain JSON. The reader's own limit keeps the nesting small.
fn any(value: Value) -> Value {
    let Value::Object(object) = value else {
        return Value::Null;
    };
    let Some((kind, value)) = object.into_iter().next() else {
        return Value::Null;
    };
    match kind.as_str() {
        "intValue" => match value.as_str().and_then(|text| text.parse::<i64>().ok()) {
            Some(number) => Value::from(number),
            None => value,
        },
        "arrayValue" => Value::Array(values(value).map(any).collect()),
        "kvlistValue" => {
            let pairs = values(value).filter_map(|pair| serde_json::from_value::<KeyValue>(pair).ok());
            Value::Object(
                pairs
                    .map(|pair| (pair.key, any(pair.value)))
                    .collect::<Map<_, _>>(),
            )
        }
        _ => value,
    }
}

fn values(value: Value) -> impl Iterator<Item = Value> {
    let list = match value {
        Value::Object(mut object) => object.remove("values"),
        _ => None,
    };
    let list = match list {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    list.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_as_the_specification_shows_it() {
        let body = br#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"portal"}},
            {"key":"host.name","value":{"stringValue":"web01"}}]},"scopeLogs":[{"scope":{"name":"lib"},"logRecords":[
            {"timeUnixNano":"1795307400250000000","severityNumber":10,"severityText":"Info","body":{"stringValue":"xin ch\u00e0o"},
             "attributes":[{"key":"n","value":{"intValue":"7"}},{"key":"list","value":{"arrayValue":{"values":[{"boolValue":true}]}}}]},
            {"body":{"kvlistValue":{"values":[{"key":"user","value":{"stringValue":"an"}}]}}}]}]}]}"#;
        let records: Vec<_> = export(body)
            .unwrap()
            .records()
            .map(|record| String::from_utf8(record).unwrap())
            .collect();
        assert_eq!(
            records,
            [
                r#"{"@timestamp":"1795307400.250000","host":"web01","program":"portal","message":"xin chào","severity_text":"Info","otel.scope":"lib","severity_number":10,"n":7,"list":[true],"service.name":"portal","host.name":"web01"}"#,
                r#"{"host":"web01","program":"portal","user":"an","otel.scope":"lib","service.name":"portal","host.name":"web01"}"#,
            ]
        );
        assert!(export(b"[]").is_err() || export(b"[]").unwrap().resources.is_empty());
        assert!(export(b"{\"resourceLogs\":3}").is_err());
    }
}
