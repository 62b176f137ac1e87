//! OpenTelemetry logs over HTTP, JSON and protobuf.
//!
//! Each log record goes on as one JSON object under the names that the parsers know: `message`, `host`, `program`,
//! `@timestamp`; its attributes and its resource's stand beside them.

mod json;
mod protobuf;
mod record;

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use crate::ingest::{Ingest, Peer, Refused};
use crate::split::SplitError;

const PROTOBUF: &str = "application/x-protobuf";

/// `POST /v1/logs`.
pub(crate) async fn logs(
    State(ingest): State<Arc<Ingest>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let is_protobuf = kind.is_some_and(|kind| kind.starts_with(PROTOBUF));
    let taken = async {
        let source = ingest.of_token(&headers)?;
        let body = ingest.body(&headers, body).await?;
        let export = if is_protobuf {
            protobuf::export(&body).map_err(|_| SplitError::Format("OTLP protobuf"))?
        } else {
            json::export(&body).map_err(|_| SplitError::Format("OTLP JSON"))?
        };
        let records = export.records().map(Cow::Owned).collect();
        ingest.take(source, peer, records).await
    };
    match taken.await {
        // An empty message says that nothing was refused.
        Ok(()) if is_protobuf => ([(header::CONTENT_TYPE, PROTOBUF)], Vec::new()).into_response(),
        Ok(()) => ([(header::CONTENT_TYPE, "application/json")], "{}").into_response(),
        Err(refused) => {
            ingest.count(&refused);
            refused_in_words(&refused)
        }
    }
}

/// Senders try again after 429 and 503; what they are told is for people.
fn refused_in_words(refused: &Refused) -> Response {
    refused.response(refused.to_string())
}
