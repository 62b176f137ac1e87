//! `systemd-journal-upload`: entries in the journal's export format, in one long request.
//!
//! Entries are handed on while they come, since a request may go on for days. It is answered when all are durable; the
//! uploader then notes how far it came, and begins again from there after any other answer.

mod export;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use saola_collect::Receipt;

use crate::body::BodyError;
use crate::ingest::{Ingest, Peer, Refused, Source};
use crate::split::SplitError;
use export::Entries;

/// Batches handed on that are not yet known to be durable.
const MOST_UNSETTLED: usize = 16;
/// An uploader that follows the journal is silent as long as the journal is.
const MOST_SILENCE: Duration = Duration::from_hours(1);

/// `POST /upload`.
pub(crate) async fn upload(
    State(ingest): State<Arc<Ingest>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = async {
        let source = ingest.of_token(&headers)?;
        stream(&ingest, source, peer, body).await
    };
    match taken.await {
        Ok(()) => (StatusCode::ACCEPTED, "OK.\n").into_response(),
        Err(refused) => {
            ingest.count(&refused);
            refused.into_response()
        }
    }
}

async fn stream(ingest: &Ingest, source: &Source, peer: IpAddr, mut body: Body) -> Result<(), Refused> {
    let mut entries = Entries::new(ingest.config.max_record_bytes);
    let mut unsettled: VecDeque<Receipt> = VecDeque::new();
    loop {
        let frame = tokio::select! {
            () = ingest.stop().cancelled() => return Err(Refused::Stopping),
            frame = tokio::time::timeout(MOST_SILENCE, body.frame()) => frame,
        };
        let Some(frame) = frame.map_err(|_| BodyError::TooSlow)? else {
            break;
        };
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else {
            continue;
        };
        let mut records = Vec::new();
        let cut = entries
            .push(&data, &mut records)
            .map_err(|_| SplitError::Format("journal export"))?;
        (0..cut).for_each(|_| ingest.too_long());
        if !records.is_empty() {
            unsettled.push_back(ingest.hand_on(source, peer, records).await?);
        }
        while unsettled.len() > MOST_UNSETTLED
            && let Some(oldest) = unsettled.pop_front()
        {
            ingest.durable(oldest).await?;
        }
    }
    let last: Vec<_> = entries.finish().into_iter().collect();
    if !last.is_empty() {
        unsettled.push_back(ingest.hand_on(source, peer, last).await?);
    }
    for receipt in unsettled {
        ingest.durable(receipt).await?;
    }
    Ok(())
}
