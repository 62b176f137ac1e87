//! What a request is answered.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use saola_collect::{Health, Loss, Origin, RawRecord, Sink};
use serde::Serialize;
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;

use crate::body::{self, BodyError};
use crate::gzip::{self, UnpackError};
use crate::split::{self, SplitError};
use crate::{HttpConfig, SourceConfig};

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Ingest {
    config: HttpConfig,
    sources: BTreeMap<String, Source>,
    health: Health,
    sink: Sink,
    stop: CancellationToken,
}

#[derive(Debug)]
struct Source {
    origin: Origin,
    token: Option<String>,
}

/// The address of a connection, for its requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

#[derive(Serialize)]
struct Accepted {
    accepted: usize,
}

#[derive(Serialize)]
struct Refusal {
    error: String,
}

/// Why a request's records were not taken, or are not known to be safe.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no such source, or not with this token")]
    Unknown,
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    #[error(transparent)]
    Split(#[from] SplitError),
    #[error("content encoding {0} is not known here: use gzip or none")]
    Encoding(String),
    #[error("too busy: send it again later")]
    Busy,
    #[error("stopping: send it again later")]
    Stopping,
    #[error("the records are not known to be safe: send them again")]
    NotDurable,
}

impl Ingest {
    pub(crate) fn new(config: HttpConfig, health: Health, sink: Sink, stop: CancellationToken) -> Self {
        let source = |(name, source): (&String, &SourceConfig)| {
            let origin = Origin::new(name, &source.agency, source.parser.as_deref());
            (
                name.clone(),
                Source {
                    origin,
                    token: source.token.clone(),
                },
            )
        };
        let sources = config.sources.iter().map(source).collect();
        Self {
            config,
            sources,
            health,
            sink,
            stop,
        }
    }

    async fn take(
        &self,
        name: &str,
        peer: IpAddr,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<usize, Refused> {
        if self.stop.is_cancelled() {
            return Err(Refused::Stopping);
        }
        let source = self.source(name, headers)?;
        let config = &self.config;
        let bytes = body::read(
            body,
            config.max_body_bytes,
            Duration::from_secs(config.body_timeout_secs),
        )
        .await?;
        let bytes = self.unpacked(bytes, headers).await?;
        let records = self.records(&bytes, source, peer)?;
        let count = records.len();
        if count > 0 {
            self.hand_on(records).await?;
        }
        Ok(count)
    }

    /// The source of a path, when the token is its own. Both faults give the same answer.
    fn source(&self, name: &str, headers: &HeaderMap) -> Result<&Source, Refused> {
        let source = self.sources.get(name).ok_or(Refused::Unknown)?;
        let Some(wanted) = &source.token else {
            return Ok(source);
        };
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let shown = shown
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        if bool::from(shown.as_bytes().ct_eq(wanted.as_bytes())) {
            Ok(source)
        } else {
            Err(Refused::Unknown)
        }
    }

    async fn unpacked(&self, bytes: Vec<u8>, headers: &HeaderMap) -> Result<Vec<u8>, Refused> {
        let encoding = headers
            .get(header::CONTENT_ENCODING)
            .map_or("identity", |value| value.to_str().unwrap_or("?"));
        match encoding {
            "identity" | "" => Ok(bytes),
            "gzip" | "x-gzip" => {
                let (max_bytes, max_ratio) = (self.config.max_unpacked_bytes, self.config.max_ratio);
                let work = tokio::task::spawn_blocking(move || gzip::unpacked(&bytes, max_bytes, max_ratio));
                Ok(work
                    .await
                    .map_err(|error| UnpackError::Damaged(std::io::Error::other(error)))??)
            }
            other => Err(Refused::Encoding(other.to_owned())),
        }
    }

    fn records(&self, body: &[u8], source: &Source, peer: IpAddr) -> Result<Vec<RawRecord>, Refused> {
        let parts = split::records(body)?;
        let now = saola_collect::now();
        let limit = self.config.max_record_bytes;
        let long = parts.iter().filter(|part| part.len() > limit).count() as u64;
        if long > 0 {
            self.health.lost(Loss::TooLong, long);
        }
        let kept = parts.iter().map(|part| part.get(..limit).unwrap_or(part));
        Ok(kept
            .map(|part| source.origin.record(part.to_vec(), Some(peer), now))
            .collect())
    }

    /// Hands on, and waits until it is durable.
    async fn hand_on(&self, records: Vec<RawRecord>) -> Result<(), Refused> {
        let (count, bytes) = (
            records.len() as u64,
            records.iter().map(|record| record.bytes.len() as u64).sum(),
        );
        let room = Duration::from_secs(self.config.queue_timeout_secs);
        let receipt = match tokio::time::timeout(room, self.sink.send_for_receipt(records)).await {
            Ok(Ok(receipt)) => receipt,
            Ok(Err(_)) => return Err(Refused::Stopping),
            Err(_) => return Err(Refused::Busy),
        };
        self.health.received_many(count, bytes, saola_collect::now());
        let patience = Duration::from_secs(self.config.durable_timeout_secs);
        match tokio::time::timeout(patience, receipt.settled()).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Refused::NotDurable),
        }
    }

    fn count(&self, refused: &Refused) {
        let reason = match refused {
            Refused::Unknown => Loss::Refused,
            Refused::Body(BodyError::TooSlow) => Loss::TimedOut,
            Refused::Body(_) | Refused::Unpack(_) | Refused::Split(_) | Refused::Encoding(_) => {
                Loss::BadFrame
            }
            Refused::Busy | Refused::Stopping | Refused::NotDurable => Loss::Rejected,
        };
        self.health.lost(reason, 1);
    }
}

/// `POST /ingest/{source}`.
pub(crate) async fn post(
    State(ingest): State<Arc<Ingest>>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match ingest.take(&name, peer, &headers, body).await {
        Ok(accepted) => Json(Accepted { accepted }).into_response(),
        Err(refused) => {
            ingest.count(&refused);
            refused.into_response()
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Body(BodyError::TooLarge(_)) | Self::Unpack(UnpackError::TooLarge(_)) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Body(BodyError::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyError::Broken) | Self::Unpack(_) | Self::Split(_) => StatusCode::BAD_REQUEST,
            Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Stopping | Self::NotDurable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let again = matches!(self, Self::Busy | Self::Stopping | Self::NotDurable);
        let mut response = (
            status,
            Json(Refusal {
                error: self.to_string(),
            }),
        )
            .into_response();
        if again {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        }
        response
    }
}
