//! What the system asks of a daemon: signals, readiness, watchdog, figures, a health answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use super::rules::RuleBook;
use crate::commit::WriterCounters;
use crate::telemetry::{Metrics, ScrapeLabels, SourceCounters};

/// How often the watchdog is fed; the unit's limit is a multiple of this.
const WATCHDOG_EVERY: Duration = Duration::from_secs(15);

/// Tells the system that everything is up. Without a system that asks, nothing happens.
pub(super) fn ready() {
    notify(&[NotifyState::Ready]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager was not told");
    }
}

/// Returns when a stop is asked for. Meanwhile reloads rules on SIGHUP, and feeds the watchdog as long as the writer is
/// alive. A full disk is no reason to starve it: alerts wait in memory for room, and a restart would lose them.
pub(super) async fn until_stop(rules: &Arc<RuleBook>, writer: &JoinHandle<()>) -> anyhow::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hangup = signal(SignalKind::hangup())?;
    let mut feed = tokio::time::interval(WATCHDOG_EVERY);
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = int.recv() => break,
            _ = hangup.recv() => {
                let rules = Arc::clone(rules);
                // The outcome is told by the reload itself.
                tokio::task::spawn_blocking(move || rules.reload().is_ok()).await?;
            }
            _ = feed.tick() => if !writer.is_finished() {
                notify(&[NotifyState::Watchdog]);
            }
        }
    }
    notify(&[NotifyState::Stopping]);
    Ok(())
}

/// `/metrics` and `/healthz`.
pub(super) fn routes(metrics: &Metrics, writer: &Arc<WriterCounters>) -> Router {
    metrics.add_source(WriterFigures(Arc::clone(writer)));
    let (metrics, writer) = (metrics.clone(), Arc::clone(writer));
    Router::new()
        .route("/metrics", get(async move || page(&metrics)))
        .route("/healthz", get(async move || health(&writer)))
}

fn page(metrics: &Metrics) -> impl IntoResponse + use<> {
    let kind = [(
        CONTENT_TYPE,
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )];
    match metrics.encode() {
        Ok(text) => (StatusCode::OK, kind, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, kind, error.to_string()),
    }
}

/// 200 while alerts and verdicts can be acknowledged, 503 with the reason otherwise.
fn health(writer: &WriterCounters) -> impl IntoResponse + use<> {
    match writer.failing.load(Ordering::Relaxed) {
        0 => (StatusCode::OK, "ok\n"),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the journal cannot be written: is the disk full?\n",
        ),
    }
}

/// The writer's figures for `/metrics`.
struct WriterFigures(Arc<WriterCounters>);

impl SourceCounters for WriterFigures {
    fn read(&self) -> Vec<(&'static str, ScrapeLabels, u64)> {
        let figure = |name, counter: &std::sync::atomic::AtomicU64| {
            (name, Vec::new(), counter.load(Ordering::Relaxed))
        };
        vec![
            figure("journal_batches", &self.0.batches),
            figure("journal_entries", &self.0.entries),
            figure("journal_failures", &self.0.journal_failures),
            figure("store_failures", &self.0.store_failures),
            figure("alerts_grouped", &self.0.alerts),
        ]
    }
}
