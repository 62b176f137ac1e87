//! The durable queue: one file a mail, written beside and renamed, synced before it counts.
//!
//! Files rather than the store because the outbox must work while the store is being rebuilt, and because an
//! administrator can read it without Saola. Finished mail is kept for the console and pruned by number.

mod folder;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use saola_event::Timestamp;

use super::mail::{Mail, MailId, MailState};
use folder::Folder;

/// Finished mails that are kept.
const MOST_FINISHED: usize = 2000;

/// Why the outbox cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The folder cannot be used.
    #[error("outbox {path}: {source}; check that the folder is there, writable and not full")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// All mail, waiting and finished.
pub struct Outbox {
    folder: Folder,
    mails: Mutex<BTreeMap<MailId, Mail>>,
    unreadable: Vec<PathBuf>,
}

impl Outbox {
    /// Opens the folder, making it where it is missing. Files that are no mail are left alone and listed.
    pub fn open(path: &Path) -> Result<Self, OutboxError> {
        let folder = Folder::open(path)?;
        let (mails, unreadable) = folder.load()?;
        let mails = mails.into_iter().map(|mail| (mail.id.clone(), mail)).collect();
        Ok(Self {
            folder,
            mails: Mutex::new(mails),
            unreadable,
        })
    }

    /// Files that could not be read as mail.
    pub fn unreadable(&self) -> &[PathBuf] {
        &self.unreadable
    }

    /// Takes a mail in; it is on disk when this returns. `false` when a mail of the same cause is there already.
    pub fn add(&self, mail: Mail) -> Result<bool, OutboxError> {
        let mut mails = self.mails.lock();
        if mails.contains_key(&mail.id) {
            return Ok(false);
        }
        self.folder.write(&mail)?;
        mails.insert(mail.id.clone(), mail);
        self.prune(&mut mails)?;
        Ok(true)
    }

    /// Mail to be tried now, oldest first.
    pub fn due(&self, now: Timestamp) -> Vec<Mail> {
        let mails = self.mails.lock();
        let mut due: Vec<Mail> = mails
            .values()
            .filter(|mail| mail.state == MailState::Queued && mail.due_at <= now)
            .cloned()
            .collect();
        due.sort_by_key(|mail| mail.created_at);
        due
    }

    /// When the next mail has to be tried; `None` when none waits.
    pub fn next_due(&self) -> Option<Timestamp> {
        let mails = self.mails.lock();
        mails
            .values()
            .filter(|mail| mail.state == MailState::Queued)
            .map(|mail| mail.due_at)
            .min()
    }

    /// Writes down what became of a mail.
    pub fn update(&self, mail: Mail) -> Result<(), OutboxError> {
        self.folder.write(&mail)?;
        self.mails.lock().insert(mail.id.clone(), mail);
        Ok(())
    }

    /// One mail.
    pub fn find(&self, id: &MailId) -> Option<Mail> {
        self.mails.lock().get(id).cloned()
    }

    /// All mail, newest first.
    pub fn list(&self) -> Vec<Mail> {
        let mut all: Vec<Mail> = self.mails.lock().values().cloned().collect();
        all.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        all
    }

    fn prune(&self, mails: &mut BTreeMap<MailId, Mail>) -> Result<(), OutboxError> {
        let finished = |mail: &Mail| mail.state != MailState::Queued;
        let mut done: Vec<_> = mails
            .values()
            .filter(|mail| finished(mail))
            .map(|mail| (mail.created_at, mail.id.clone()))
            .collect();
        if done.len() <= MOST_FINISHED {
            return Ok(());
        }
        done.sort();
        for (_, id) in done.iter().take(done.len() - MOST_FINISHED) {
            self.folder.remove(id)?;
            mails.remove(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
