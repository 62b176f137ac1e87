//! What every request goes through, whatever protocol it speaks: token, size, unpacking, hand-over, durability.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use saola_collect::{Health, Intake, Loss, Origin, Receipt, Sink};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::body::{self, BodyError};
use crate::gzip::{self, Packing, UnpackError};
use crate::split::SplitError;
use crate::token::Shown;
use crate::{HttpConfig, SourceConfig};

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Ingest {
    pub(crate) config: HttpConfig,
    sources: BTreeMap<String, Source>,
    health: Health,
    stop: CancellationToken,
}

/// A source and the token that its senders show.
#[derive(Debug)]
pub(crate) struct Source {
    intake: Intake,
    token: Option<String>,
}

/// The address of a connection, for its requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

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
    #[error("content encoding {0} is not known here: use gzip, deflate or none")]
    Encoding(String),
    #[error("too busy: send it again later")]
    Busy,
    #[error("stopping: send it again later")]
    Stopping,
    #[error("the records are not known to be safe: send them again")]
    NotDurable,
}

impl Ingest {
    pub(crate) fn new(config: HttpConfig, health: Health, sink: &Sink, stop: CancellationToken) -> Self {
        let source = |(name, source): (&String, &SourceConfig)| {
            let origin = Origin::new(name, &source.agency, source.parser.as_deref());
            let intake = Intake::new(origin, health.clone(), sink.clone()).limited(config.max_rate);
            let token = source.token.clone();
            (name.clone(), Source { intake, token })
        };
        let sources = config.sources.iter().map(source).collect();
        Self {
            config,
            sources,
            health,
            stop,
        }
    }

    /// The source of a path, when the token is its own. Both faults give the same answer.
    pub(crate) fn named(&self, name: &str, headers: &HeaderMap) -> Result<&Source, Refused> {
        let source = self.sources.get(name).filter(|source| source.admits(headers));
        source.ok_or(Refused::Unknown)
    }

    /// The source that a token belongs to, for protocols whose paths are fixed.
    pub(crate) fn of_token(&self, headers: &HeaderMap) -> Result<&Source, Refused> {
        let source = self.sources.values().find(|source| source.admits(headers));
        source.ok_or(Refused::Unknown)
    }

    /// The whole body, unpacked, within the limits.
    pub(crate) async fn body(&self, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refused> {
        if self.stop.is_cancelled() {
            return Err(Refused::Stopping);
        }
        let config = &self.config;
        let within = Duration::from_secs(config.body_timeout_secs);
        let bytes = body::read(body, config.max_body_bytes, within).await?;
        let encoding = headers
            .get(header::CONTENT_ENCODING)
            .map_or("identity", |value| value.to_str().unwrap_or("?"));
        let packing = match encoding {
            "identity" | "" => return Ok(bytes),
            "gzip" | "x-gzip" => Packing::Gzip,
            "deflate" => Packing::Zlib,
            other => return Err(Refused::Encoding(other.to_owned())),
        };
        let (max_bytes, max_ratio) = (config.max_unpacked_bytes, config.max_ratio);
        let work = tokio::task::spawn_blocking(move || gzip::unpacked(packing, &bytes, max_bytes, max_ratio));
        let unpacked = work.await;
        Ok(unpacked.map_err(|error| UnpackError::Damaged(std::io::Error::other(error)))??)
    }

    /// Hands records on and waits until they are durable. Long ones keep their beginning.
    pub(crate) async fn take(
        &self,
        source: &Source,
        peer: IpAddr,
        records: Vec<Cow<'_, [u8]>>,
    ) -> Result<(), Refused> {
        if records.is_empty() {
            return Ok(());
        }
        let records = records.into_iter().map(|record| self.kept(record)).collect();
        let receipt = self.hand_on(source, peer, records).await?;
        self.durable(receipt).await
    }

    /// Hands whole records on, waiting for room within the time for that.
    pub(crate) async fn hand_on(
        &self,
        source: &Source,
        peer: IpAddr,
        records: Vec<Vec<u8>>,
    ) -> Result<Receipt, Refused> {
        let room = Duration::from_secs(self.config.queue_timeout_secs);
        match tokio::time::timeout(room, source.intake.send_for_receipt(records, peer)).await {
            Ok(Ok(receipt)) => Ok(receipt),
            Ok(Err(_)) => Err(Refused::Stopping),
            Err(_) => Err(Refused::Busy),
        }
    }

    /// Waits until records are durable.
    pub(crate) async fn durable(&self, receipt: Receipt) -> Result<(), Refused> {
        let patience = Duration::from_secs(self.config.durable_timeout_secs);
        match tokio::time::timeout(patience, receipt.settled()).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Refused::NotDurable),
        }
    }

    fn kept(&self, record: Cow<'_, [u8]>) -> Vec<u8> {
        let mut record = record.into_owned();
        if record.len() > self.config.max_record_bytes {
            self.too_long();
            record.truncate(self.config.max_record_bytes);
        }
        record
    }

    /// Counts a record that was cut.
    pub(crate) fn too_long(&self) {
        self.health.lost(Loss::TooLong, 1);
    }

    /// Counts a refusal.
    pub(crate) fn count(&self, refused: &Refused) {
        let reason = match refused {
            Refused::Unknown => Loss::Refused,
            Refused::Body(BodyError::TooSlow) => Loss::TimedOut,
            Refused::Unpack(_) => Loss::Unpack,
            Refused::Body(_) | Refused::Split(_) | Refused::Encoding(_) => Loss::BadFrame,
            Refused::Busy | Refused::Stopping | Refused::NotDurable => Loss::Rejected,
        };
        self.health.lost(reason, 1);
    }

    /// Whether the program is stopping.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}

impl Source {
    fn admits(&self, headers: &HeaderMap) -> bool {
        self.token
            .as_ref()
            .is_none_or(|token| Shown::by(headers).is(token))
    }
}

impl Refused {
    /// The status that tells a sender whether to send again.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Body(BodyError::TooLarge(_)) | Self::Unpack(UnpackError::TooLarge(_)) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Body(BodyError::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyError::Broken) | Self::Unpack(_) | Self::Split(_) => StatusCode::BAD_REQUEST,
            Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Stopping | Self::NotDurable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer with a body in the words of the protocol.
    pub(crate) fn response(&self, body: impl IntoResponse) -> Response {
        let mut response = (self.status(), body).into_response();
        if matches!(self, Self::Busy | Self::Stopping | Self::NotDurable) {
            let later = header::HeaderValue::from_static("5");
            response.headers_mut().insert(header::RETRY_AFTER, later);
        }
        response
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.response(Json(Refusal {
            error: self.to_string(),
        }))
    }
}
