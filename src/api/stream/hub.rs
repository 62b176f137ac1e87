//! The buffer between the writer's news and the open streams.
//!
//! Every piece of news gets a number. A stream asks for what came after the number that it has seen, so a slow one
//! costs nothing but its own lateness, and a client that comes back with `Last-Event-ID` goes on where it was.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::commit::{Board, News};

/// News kept for resuming.
const KEPT: usize = 4096;
/// Streams open at once.
const MAX_STREAMS: usize = 500;

/// Numbers news and keeps the newest.
#[derive(Debug)]
pub struct Hub {
    /// Differs with every start: a number of an earlier start means nothing now.
    boot: u32,
    kept: Mutex<Kept>,
    newest: watch::Sender<u64>,
    pub(super) places: Semaphore,
}

#[derive(Debug, Default)]
struct Kept {
    /// Number of the first piece of news in `news`.
    first: u64,
    news: VecDeque<News>,
}

/// What came after a number.
#[derive(Debug)]
pub enum Since {
    /// These, and the number to ask with next.
    News(Vec<News>, u64),
    /// More than is kept: load everything anew, then ask with this number.
    TooOld(u64),
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            boot: rand::random(),
            kept: Mutex::default(),
            newest: watch::channel(0).0,
            places: Semaphore::new(MAX_STREAMS),
        }
    }
}

impl Hub {
    /// Takes news from the board until told to stop. One task of the node runs this.
    pub async fn run(&self, board: Board, stop: CancellationToken) {
        let mut news = board.listen();
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return,
                next = news.recv() => next,
            };
            match next {
                Ok(item) => self.push(item),
                // Readers must load anew: what was missed is not known.
                Err(RecvError::Lagged(_)) => self.forget(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Adds a piece of news.
    pub fn push(&self, item: News) {
        let newest = {
            let mut kept = self.kept.lock();
            kept.news.push_back(item);
            while kept.news.len() > KEPT {
                kept.news.pop_front();
                kept.first += 1;
            }
            kept.end()
        };
        self.newest.send_replace(newest);
    }

    fn forget(&self) {
        let newest = {
            let mut kept = self.kept.lock();
            kept.first = kept.end() + 1;
            kept.news.clear();
            kept.first
        };
        self.newest.send_replace(newest);
    }

    /// The number that the next piece of news will have, and a way to wait for it.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// What came from number `from` on.
    pub fn since(&self, from: u64) -> Since {
        let kept = self.kept.lock();
        if from < kept.first || from > kept.end() {
            return Since::TooOld(kept.end());
        }
        let skip = usize::try_from(from - kept.first).unwrap_or(usize::MAX);
        Since::News(kept.news.iter().skip(skip).cloned().collect(), kept.end())
    }

    /// An event id that names this number of this start.
    pub fn event_id(&self, number: u64) -> String {
        format!("{:08x}-{number}", self.boot)
    }

    /// The number in an event id of this start; `None` for any other text.
    pub fn number_in(&self, event_id: &str) -> Option<u64> {
        let (boot, number) = event_id.split_once('-')?;
        (u32::from_str_radix(boot, 16).ok()? == self.boot).then(|| number.parse().ok())?
    }
}

impl Kept {
    fn end(&self) -> u64 {
        self.first + self.news.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::GroupId;

    #[test]
    fn a_reader_gets_what_it_missed_or_is_told_that_it_is_too_late() {
        let hub = Hub::default();
        for n in 0..10 {
            hub.push(News::GroupGone(GroupId(n)));
        }
        let Since::News(news, next) = hub.since(7) else {
            panic!("kept")
        };
        assert_eq!((news.len(), next), (3, 10));
        for n in 0..KEPT as u64 {
            hub.push(News::GroupGone(GroupId(n)));
        }
        assert!(matches!(hub.since(9), Since::TooOld(_)));
        assert!(matches!(hub.since(10), Since::News(_, _)));
        assert!(
            matches!(hub.since(1 << 40), Since::TooOld(_)),
            "a number from the future"
        );
    }

    #[test]
    fn ids_of_another_start_are_not_taken() {
        let (hub, mut other) = (Hub::default(), Hub::default());
        other.boot = hub.boot.wrapping_add(1);
        assert_eq!(hub.number_in(&hub.event_id(5)), Some(5));
        assert_eq!(other.number_in(&hub.event_id(5)), None);
        assert_eq!(hub.number_in("nonsense"), None);
    }
}
