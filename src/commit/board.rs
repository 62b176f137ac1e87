//! What readers see: the records as of the last acknowledged batch, and the news about what changed.

use std::sync::Arc;

use parking_lot::{RwLock, RwLockReadGuard};
use tokio::sync::broadcast;

use crate::triage::{Account, Group, GroupId, Incident, Records};

/// What changed, for live views and for mail.
#[derive(Clone, Debug)]
pub enum News {
    /// A group was made or changed.
    Group(Arc<Group>),
    /// A group was let go from the view.
    GroupGone(GroupId),
    /// An incident was made or changed.
    Incident(Arc<Incident>),
    /// An incident was opened.
    Opened(Arc<Incident>),
    /// An incident became worse, or came further.
    Escalated(Arc<Incident>),
    /// An account changed.
    Account(Arc<Account>),
}

/// News kept for a listener that is slow; one that falls further behind starts over.
const NEWS_KEPT: usize = 4096;

/// The records as readers see them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Board {
    records: Arc<RwLock<Records>>,
    news: broadcast::Sender<News>,
}

impl Board {
    /// A board that shows these records.
    pub fn new(records: Records) -> Self {
        Self {
            records: Arc::new(RwLock::new(records)),
            news: broadcast::channel(NEWS_KEPT).0,
        }
    }

    /// The records now. Do not hold the guard across an await or any slow work: the writer waits for it.
    pub fn read(&self) -> RwLockReadGuard<'_, Records> {
        self.records.read()
    }

    /// All news from here on.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Shows a batch that is safe, then tells the listeners.
    pub(crate) fn publish(&self, applied: u64, let_go: u64, news: Vec<News>) {
        {
            let mut records = self.records.write();
            records.applied = applied;
            records.let_go = let_go;
            for item in &news {
                show(&mut records, item);
            }
        }
        for item in news {
            // Nobody listening is no error.
            drop(self.news.send(item));
        }
    }
}

fn show(records: &mut Records, item: &News) {
    match item {
        News::Group(group) => {
            records.groups.insert(group.id, Arc::clone(group));
        }
        News::GroupGone(id) => {
            records.groups.remove(id);
        }
        News::Incident(incident) => {
            records.incidents.insert(incident.number, Arc::clone(incident));
        }
        News::Account(account) => {
            records
                .accounts
                .insert(Arc::clone(&account.user.name), Arc::clone(account));
        }
        // Said besides `Incident`, which carries the record.
        News::Opened(_) | News::Escalated(_) => {}
    }
}
