//! Paths, and what is answered on each.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use axum::{Json, Router};
use serde::Serialize;

use crate::ingest::{Ingest, Peer, Refused};
use crate::{elastic, journal, otlp, split, splunk};

#[derive(Serialize)]
struct Accepted {
    accepted: usize,
}

/// All paths.
pub(crate) fn router(ingest: Arc<Ingest>) -> Router {
    let bulk = || post(elastic::bulk).put(elastic::bulk);
    Router::new()
        .route("/ingest/{source}", post(lines))
        .route("/", get(elastic::root))
        .route("/_bulk", bulk())
        .route("/{index}/_bulk", bulk())
        .route("/{index}/{kind}/_bulk", bulk())
        .route("/_license", get(elastic::license))
        .route("/_xpack", get(elastic::license))
        .route("/_index_template/{name}", any(elastic::acknowledged))
        .route("/_template/{name}", any(elastic::acknowledged))
        .route("/_ilm/policy/{name}", any(elastic::acknowledged))
        .route("/_data_stream/{name}", put(elastic::acknowledged))
        .route("/services/collector", post(splunk::event))
        .route("/services/collector/event", post(splunk::event))
        .route("/services/collector/event/1.0", post(splunk::event))
        .route("/services/collector/raw", post(splunk::raw))
        .route("/services/collector/raw/1.0", post(splunk::raw))
        .route("/services/collector/ack", post(splunk::ack))
        .route("/services/collector/health", get(splunk::health))
        .route("/services/collector/health/1.0", get(splunk::health))
        .route("/v1/logs", post(otlp::logs))
        .route("/upload", post(journal::upload))
        // The handlers have their own limits, on the packed and on the unpacked size.
        .layer(DefaultBodyLimit::disable())
        .with_state(ingest)
}

/// `POST /ingest/{source}`.
async fn lines(
    State(ingest): State<Arc<Ingest>>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = async {
        let source = ingest.named(&name, &headers)?;
        let body = ingest.body(&headers, body).await?;
        let records: Vec<_> = split::records(&body)?.into_iter().map(Cow::Borrowed).collect();
        let accepted = records.len();
        ingest.take(source, peer, records).await?;
        Ok::<_, Refused>(accepted)
    };
    match taken.await {
        Ok(accepted) => Json(Accepted { accepted }).into_response(),
        Err(refused) => {
            ingest.count(&refused);
            refused.into_response()
        }
    }
}
