//! The writer's thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use saola_event::{Alert, Timestamp};
use tokio::sync::oneshot;

use super::board::{Board, News};
use super::desk::{Answer, Job, Receipt, SubmitError};
use super::open::batch;
use super::record::draft;
use crate::agency::AssetTable;
use crate::journal::Journal;
use crate::store::{Store, Write};
use crate::triage::{Change, Effect, Made, Outcome, Recorded, State, Triage};

/// Figures of the writer, for health and metrics.
#[derive(Debug, Default)]
pub struct WriterCounters {
    /// Batches acknowledged.
    pub batches: AtomicU64,
    /// Entries acknowledged.
    pub entries: AtomicU64,
    /// Alerts grouped.
    pub alerts: AtomicU64,
    /// Batches that the journal could not take.
    pub journal_failures: AtomicU64,
    /// Batches that the store could not take; they are tried again.
    pub store_failures: AtomicU64,
    /// Whether the last attempt to write the journal failed: 1 while nothing can be acknowledged.
    pub failing: AtomicU64,
    /// Alerts that wait for the journal.
    pub alerts_held: AtomicU64,
}

/// Most jobs taken into one batch.
const MAX_JOBS: usize = 1024;
/// Most alerts taken into one batch.
const MAX_ALERTS: usize = 10_000;
/// Most batches of alerts held while the journal cannot be written; then the queue fills and its senders wait.
const MAX_HELD: usize = 256;
/// How long to wait before the journal is tried again.
const RETRY: Duration = Duration::from_millis(250);
/// The store is flushed when this much time passed without work, or this many batches with.
const IDLE_FLUSH: Duration = Duration::from_secs(1);
const FLUSH_EVERY: u64 = 200;
/// Most writes kept for a store that fails; beyond it the store is left behind until the next start.
const MAX_STORE_BACKLOG: usize = 200_000;

/// Owns triage, journal and the writing side of the store.
pub struct Committer<J> {
    journal: J,
    triage: Triage,
    store: Arc<dyn Store>,
    board: Board,
    counters: Arc<WriterCounters>,
    clock: fn() -> Timestamp,
    /// Alerts that the journal has not taken yet.
    held: Vec<Job>,
    backlog: Vec<Write>,
    store_left_behind: bool,
    batches_since_flush: u64,
}

/// Who waits for a batch.
enum Waiting {
    Command(oneshot::Sender<Answer<Made>>, Answer<Made>),
    Alerts(Receipt),
}

impl<J: Journal> Committer<J> {
    /// A writer that goes on from `state`, and the board that shows what it did.
    pub fn new(
        journal: J,
        store: Arc<dyn Store>,
        state: State,
        assets: Arc<AssetTable>,
        clock: fn() -> Timestamp,
    ) -> (Self, Board) {
        let board = Board::new(state.records().clone());
        let committer = Self {
            journal,
            triage: Triage::new(state, assets),
            store,
            board: board.clone(),
            counters: Arc::default(),
            clock,
            held: Vec::new(),
            backlog: Vec::new(),
            store_left_behind: false,
            batches_since_flush: 0,
        };
        (committer, board)
    }

    /// The figures, shared.
    pub fn counters(&self) -> Arc<WriterCounters> {
        Arc::clone(&self.counters)
    }

    /// Works until a stop is handed in or every desk is gone, then leaves everything on the disk.
    pub fn run(mut self, work: &Receiver<Job>) {
        loop {
            let (jobs, stop) = self.take(work);
            if !jobs.is_empty() {
                self.work_off(jobs);
            }
            if stop {
                self.end();
                return;
            }
        }
    }

    /// Held alerts first, then what waits; waits for work when there is none. The flag says to stop.
    fn take(&mut self, work: &Receiver<Job>) -> (Vec<Job>, bool) {
        let mut jobs = std::mem::take(&mut self.held);
        let mut alerts: usize = jobs.iter().map(alerts_in).sum();
        let retry = !jobs.is_empty();
        let wait = if retry { RETRY } else { IDLE_FLUSH };
        if jobs.len() >= MAX_HELD {
            std::thread::sleep(RETRY);
            return (jobs, false);
        }
        match work.recv_timeout(wait) {
            Ok(Job::Stop) | Err(RecvTimeoutError::Disconnected) => return (jobs, true),
            Ok(job) => {
                alerts += alerts_in(&job);
                jobs.push(job);
            }
            Err(RecvTimeoutError::Timeout) if retry => return (jobs, false),
            Err(RecvTimeoutError::Timeout) => self.flush(),
        }
        while jobs.len() < MAX_JOBS && alerts < MAX_ALERTS {
            match work.try_recv() {
                Ok(Job::Stop) => return (jobs, true),
                Ok(job) => {
                    alerts += alerts_in(&job);
                    jobs.push(job);
                }
                Err(_) => break,
            }
        }
        (jobs, false)
    }

    /// One batch: decide, write, apply, acknowledge.
    fn work_off(&mut self, jobs: Vec<Job>) {
        let (mut outcome, mut waiting, mut aside) = (Outcome::default(), Vec::new(), Vec::new());
        let mut taken = Vec::new();
        for job in jobs {
            match job {
                Job::Alerts { alerts, receipt } => {
                    self.triage.alerts(alerts.clone(), (self.clock)(), &mut outcome);
                    taken.push((alerts, receipt));
                }
                Job::Command {
                    actor,
                    at,
                    command,
                    answer,
                } => {
                    let made = self.triage.command(&actor, at, *command, &mut outcome);
                    waiting.push(Waiting::Command(answer, made.map_err(SubmitError::Refused)));
                }
                Job::Aside { key, value } => aside.push(match value {
                    Some(value) => Write::Put(key, value),
                    None => Write::Delete(key),
                }),
                Job::Stop => {}
            }
        }
        match self.write(&outcome) {
            Ok(()) => {
                let alerts: usize = taken.iter().map(|(alerts, _)| alerts.len()).sum();
                self.counters.alerts.fetch_add(alerts as u64, Ordering::Relaxed);
                waiting.extend(
                    taken
                        .into_iter()
                        .filter_map(|(_, receipt)| receipt.map(Waiting::Alerts)),
                );
                self.accept(&outcome, aside, waiting);
            }
            Err(cause) => self.put_back(&cause, taken, waiting),
        }
    }

    fn write(&mut self, outcome: &Outcome) -> Result<(), Arc<str>> {
        if outcome.entries.is_empty() {
            return Ok(());
        }
        let drafts: Result<Vec<_>, _> = outcome.entries.iter().map(draft).collect();
        let drafts = drafts.map_err(|error| Arc::from(error.to_string()))?;
        self.journal
            .append(&drafts)
            .map_err(|error| Arc::from(error.to_string()))?;
        Ok(())
    }

    /// The batch is safe: the store and the readers get it, then who waits is told.
    fn accept(&mut self, outcome: &Outcome, aside: Vec<Write>, waiting: Vec<Waiting>) {
        self.counters.failing.store(0, Ordering::Relaxed);
        self.counters.alerts_held.store(0, Ordering::Relaxed);
        let mut writes = aside;
        if !outcome.entries.is_empty() {
            let hash = self.journal.head().hash.to_string();
            writes.extend(batch(&outcome.effects, self.triage.state(), Some(&hash)));
        }
        self.apply(writes);
        if !outcome.entries.is_empty() {
            self.counters.batches.fetch_add(1, Ordering::Relaxed);
            self.counters
                .entries
                .fetch_add(outcome.entries.len() as u64, Ordering::Relaxed);
            let records = self.triage.records();
            self.board
                .publish(records.applied, records.let_go, news(outcome, records));
        }
        for waiting in waiting {
            match waiting {
                // Who asked may have gone meanwhile: the change stands all the same.
                Waiting::Command(answer, made) => drop(answer.send(made)),
                Waiting::Alerts(receipt) => receipt(Ok(())),
            }
        }
    }

    /// The batch is not safe: nothing of it happened. People are told, alerts are kept to be tried again.
    fn put_back(
        &mut self,
        cause: &Arc<str>,
        taken: Vec<(Vec<Alert>, Option<Receipt>)>,
        waiting: Vec<Waiting>,
    ) {
        if self.counters.failing.swap(1, Ordering::Relaxed) == 0 {
            tracing::error!(%cause, "journal cannot be written, nothing is acknowledged until it can");
        }
        self.counters.journal_failures.fetch_add(1, Ordering::Relaxed);
        let safe = self.board.read().clone();
        self.triage.reset(safe);
        self.held = taken
            .into_iter()
            .map(|(alerts, receipt)| Job::Alerts { alerts, receipt })
            .collect();
        let held: usize = self.held.iter().map(alerts_in).sum();
        self.counters.alerts_held.store(held as u64, Ordering::Relaxed);
        for waiting in waiting {
            if let Waiting::Command(answer, made) = waiting {
                let refused = made.is_err_and(|error| matches!(error, SubmitError::Refused(_)));
                let error = SubmitError::Unavailable(Arc::clone(cause));
                tracing::debug!(refused, "command not carried out");
                drop(answer.send(Err(error)));
            }
        }
    }

    /// Writes to the store what it should have, with what it could not take before. A store that fails stops nobody:
    /// the journal has everything, and the next start brings the store up to it.
    fn apply(&mut self, writes: Vec<Write>) {
        if self.store_left_behind || (writes.is_empty() && self.backlog.is_empty()) {
            return;
        }
        self.backlog.extend(writes);
        match self.store.apply(&self.backlog) {
            Ok(()) => {
                self.backlog.clear();
                self.batches_since_flush += 1;
                if self.batches_since_flush >= FLUSH_EVERY {
                    self.flush();
                }
            }
            Err(error) => {
                tracing::error!(%error, waiting = self.backlog.len(), "store cannot be written, tried again with the next batch");
                self.counters.store_failures.fetch_add(1, Ordering::Relaxed);
                if self.backlog.len() > MAX_STORE_BACKLOG {
                    tracing::error!("store left behind until the next start");
                    (self.store_left_behind, self.backlog) = (true, Vec::new());
                }
            }
        }
    }

    fn flush(&mut self) {
        if self.batches_since_flush == 0 {
            return;
        }
        self.batches_since_flush = 0;
        if let Err(error) = self.store.flush() {
            tracing::warn!(%error, "store not flushed");
            self.counters.store_failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The last words: what is held is tried once more, then given up with an answer.
    fn end(&mut self) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.work_off(held);
        }
        for job in std::mem::take(&mut self.held) {
            if let Job::Alerts {
                receipt: Some(receipt),
                ..
            } = job
            {
                receipt(Err(SubmitError::Stopped));
            }
        }
        self.apply(Vec::new());
        self.flush();
    }
}

fn alerts_in(job: &Job) -> usize {
    match job {
        Job::Alerts { alerts, .. } => alerts.len(),
        Job::Command { .. } | Job::Aside { .. } | Job::Stop => 0,
    }
}

/// What readers are told: each record once as it is now, then what was opened or became worse.
fn news(outcome: &Outcome, records: &crate::triage::Records) -> Vec<News> {
    let mut news: Vec<News> = outcome.effects.iter().filter_map(told).collect();
    let happened = outcome.entries.iter().filter_map(|Recorded { change, .. }| {
        let (number, tell): (_, fn(_) -> News) = match change {
            Change::IncidentOpened { number, .. } => (number, News::Opened),
            Change::IncidentEscalated { number, .. } => (number, News::Escalated),
            _ => return None,
        };
        records
            .incidents
            .get(number)
            .map(|incident| tell(Arc::clone(incident)))
    });
    news.extend(happened);
    news
}

fn told(effect: &Effect) -> Option<News> {
    match effect {
        Effect::Group(group) => Some(News::Group(Arc::clone(group))),
        Effect::GroupGone(id) => Some(News::GroupGone(*id)),
        Effect::Incident(incident) => Some(News::Incident(Arc::clone(incident))),
        Effect::Account(account) => Some(News::Account(Arc::clone(account))),
        _ => None,
    }
}
