//! Where work is handed in: a bounded queue in front of the writer.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use saola_event::{Alert, Timestamp};
use tokio::sync::oneshot;

use crate::triage::{Command, CommandError, Made};

/// What the writer answers when it is done.
pub type Answer<T> = Result<T, SubmitError>;

/// Called once the alerts are safe, or will never be.
pub type Receipt = Box<dyn FnOnce(Answer<()>) + Send>;

/// Why something handed in was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// It may not be.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// The journal could not be written: nothing was changed.
    #[error("the journal cannot be written: {0}")]
    Unavailable(Arc<str>),
    /// Too much is waiting.
    #[error("too much work is waiting, try again")]
    Full,
    /// The writer has ended.
    #[error("the writer has stopped")]
    Stopped,
}

/// A piece of work for the writer.
pub enum Job {
    /// Alerts of the engine, with who waits for them to be safe.
    Alerts {
        /// In the order in which they were raised.
        alerts: Vec<Alert>,
        /// Called when they are safe.
        receipt: Option<Receipt>,
    },
    /// What a person asks for.
    Command {
        /// Account name, `system` for Saola itself.
        actor: Arc<str>,
        /// When it was asked.
        at: Timestamp,
        /// What.
        command: Box<Command>,
        /// Who waits.
        answer: oneshot::Sender<Answer<Made>>,
    },
    /// Records beside the journal: sessions. Put or, without a value, deleted.
    Aside {
        /// Key within the aside space.
        key: Vec<u8>,
        /// The record.
        value: Option<Vec<u8>>,
    },
    /// Finish what was handed in before, then end.
    Stop,
}

/// Hands work to the writer. Cheap to clone; when the last one is gone the writer finishes and ends.
#[derive(Clone, Debug)]
pub struct Desk {
    jobs: Sender<Job>,
}

/// A desk and the writer's end of it, with room for `capacity` pieces of work.
pub fn desk(capacity: usize) -> (Desk, Receiver<Job>) {
    let (jobs, work) = bounded(capacity);
    (Desk { jobs }, work)
}

impl Desk {
    /// Hands alerts in and waits for room in the queue. For threads of the engine, not for async tasks.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`] when there is no writer any more; the receipt is then not called.
    pub fn alerts(&self, alerts: Vec<Alert>, receipt: Option<Receipt>) -> Result<(), SubmitError> {
        self.jobs
            .send(Job::Alerts { alerts, receipt })
            .map_err(|_| SubmitError::Stopped)
    }

    /// Hands alerts in unless the queue is full; then they come back for the caller to count or try again.
    ///
    /// # Errors
    /// The alerts with the reason.
    pub fn try_alerts(&self, alerts: Vec<Alert>) -> Result<(), (SubmitError, Vec<Alert>)> {
        let taken = |job| match job {
            Job::Alerts { alerts, .. } => alerts,
            Job::Command { .. } | Job::Aside { .. } | Job::Stop => Vec::new(),
        };
        self.jobs
            .try_send(Job::Alerts {
                alerts,
                receipt: None,
            })
            .map_err(|error| match error {
                TrySendError::Full(job) => (SubmitError::Full, taken(job)),
                TrySendError::Disconnected(job) => (SubmitError::Stopped, taken(job)),
            })
    }

    /// Asks for a change and waits until it is safe.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn command(&self, actor: &str, at: Timestamp, command: Command) -> Answer<Made> {
        let (answer, done) = oneshot::channel();
        let job = Job::Command {
            actor: actor.into(),
            at,
            command: Box::new(command),
            answer,
        };
        self.hand_in(job)?;
        done.await.unwrap_or(Err(SubmitError::Stopped))
    }

    /// The same for callers outside tokio, waiting for room and for the answer.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub fn command_blocking(&self, actor: &str, at: Timestamp, command: Command) -> Answer<Made> {
        let (answer, done) = oneshot::channel();
        let job = Job::Command {
            actor: actor.into(),
            at,
            command: Box::new(command),
            answer,
        };
        self.jobs.send(job).map_err(|_| SubmitError::Stopped)?;
        done.blocking_recv().unwrap_or(Err(SubmitError::Stopped))
    }

    /// Keeps a record beside the journal (a session), or removes it. Not acknowledged: it may be lost in a crash.
    ///
    /// # Errors
    /// When the queue is full or the writer gone.
    pub fn aside(&self, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), SubmitError> {
        self.hand_in(Job::Aside { key, value })
    }

    /// Tells the writer to finish what was handed in before and to end. Waits for room in the queue.
    pub fn stop(&self) {
        // A writer that has ended already needs no telling.
        drop(self.jobs.send(Job::Stop));
    }

    /// Work that waits now.
    pub fn waiting(&self) -> usize {
        self.jobs.len()
    }

    fn hand_in(&self, job: Job) -> Result<(), SubmitError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => SubmitError::Full,
            TrySendError::Disconnected(_) => SubmitError::Stopped,
        })
    }
}
