//! Splunk's HTTP event collector.
//!
//! Events come one behind the other, each in an envelope (`time`, `host`, `source`, `sourcetype`, `event`), which goes on
//! with it: host and time are the sender's word on the event. Raw bodies are lines.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::ingest::{Ingest, Peer, Refused};
use crate::split::{self, SplitError};

#[derive(Deserialize)]
struct Envelope<'b> {
    #[serde(borrow)]
    event: Option<&'b RawValue>,
}

/// `POST /services/collector` and `/event`.
pub(crate) async fn event(
    State(ingest): State<Arc<Ingest>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = async {
        let source = ingest.of_token(&headers)?;
        let body = ingest.body(&headers, body).await?;
        let events = events(&body)?.into_iter().map(Cow::Borrowed).collect();
        ingest.take(source, peer, events).await
    };
    answered(&ingest, &headers, taken.await)
}

/// `POST /services/collector/raw`.
pub(crate) async fn raw(
    State(ingest): State<Arc<Ingest>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = async {
        let source = ingest.of_token(&headers)?;
        let body = ingest.body(&headers, body).await?;
        let lines = split::lines(&body).into_iter().map(Cow::Borrowed).collect();
        ingest.take(source, peer, lines).await
    };
    answered(&ingest, &headers, taken.await)
}

/// The envelopes of a body; each must have an event.
fn events(body: &[u8]) -> Result<Vec<&[u8]>, SplitError> {
    let values = serde_json::Deserializer::from_slice(body).into_iter::<&RawValue>();
    let mut events = Vec::new();
    for (number, value) in values.enumerate() {
        let bad = SplitError::Value(number);
        let value = value.map_err(|_| bad)?;
        let envelope: Envelope<'_> = serde_json::from_str(value.get()).map_err(|_| bad)?;
        // A list of values would do for a structure too.
        let object = value.get().starts_with('{');
        if !object
            || envelope
                .event
                .is_none_or(|event| event.get() == "null" || event.get() == "\"\"")
        {
            return Err(bad);
        }
        events.push(value.get().as_bytes());
    }
    if events.is_empty() {
        return Err(SplitError::Value(0));
    }
    Ok(events)
}

fn answered(ingest: &Ingest, headers: &HeaderMap, taken: Result<(), Refused>) -> Response {
    match taken {
        // A channel is asked for acknowledgements: what is answered here is durable already, under whichever number.
        Ok(()) if headers.contains_key("x-splunk-request-channel") => {
            Json(json!({ "text": "Success", "code": 0, "ackId": 0 })).into_response()
        }
        Ok(()) => Json(json!({ "text": "Success", "code": 0 })).into_response(),
        Err(refused) => {
            ingest.count(&refused);
            let code = match &refused {
                Refused::Unknown => 4,
                Refused::Split(SplitError::Value(_)) => 6,
                Refused::Busy | Refused::Stopping | Refused::NotDurable => 9,
                _ => 6,
            };
            refused.response(Json(json!({ "text": refused.to_string(), "code": code })))
        }
    }
}

/// `POST /services/collector/ack`: everything that was answered is durable.
pub(crate) async fn ack(Json(asked): Json<Value>) -> Response {
    let numbers = asked.get("acks").and_then(Value::as_array).into_iter().flatten();
    let acks: Map<String, Value> = numbers
        .map(|number| (number.to_string(), Value::Bool(true)))
        .collect();
    Json(json!({ "acks": acks })).into_response()
}

/// `GET /services/collector/health`.
pub(crate) async fn health(State(ingest): State<Arc<Ingest>>) -> Response {
    if ingest.stop().is_cancelled() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "text": "HEC is unhealthy, queues are full", "code": 18 })),
        )
            .into_response();
    }
    Json(json!({ "text": "HEC is healthy", "code": 17 })).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_stand_one_behind_the_other() {
        let body = br#"{"event":"a \"b\"","host":"h"}{"event":{"c":[1,2]}}
            {"time":1.5,"event":3}"#;
        let events = events(body).unwrap();
        assert_eq!(events.len(), 3);
        assert_eq!(events[1], br#"{"event":{"c":[1,2]}}"#);
    }

    #[test]
    fn bodies_that_are_none() {
        for body in [
            "",
            "{}",
            "[1]",
            "{\"event\":\"\"}",
            "{\"event\":1}{",
            "{\"event\":null}",
        ] {
            assert!(events(body.as_bytes()).is_err(), "{body}");
        }
    }
}
