//! A journal that cannot be written: people are told, alerts wait, reading goes on, and nothing is half done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use saola::agency::AssetTable;
use saola::commit::{Committer, SubmitError, desk};
use saola::journal::{Draft, Entries, FileJournal, Head, Journal, JournalConfig, JournalError};
use saola::store::MemoryStore;
use saola::triage::{Command, State, Verdict};
use saola_event::Timestamp;

use crate::alerts::alert;

/// A journal whose disk is full while the flag is up.
struct Full(FileJournal, Arc<AtomicBool>);

impl Journal for Full {
    fn append(&mut self, drafts: &[Draft]) -> Result<Head, JournalError> {
        if self.1.load(Ordering::SeqCst) {
            let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(JournalError::Io {
                action: "write to",
                path: "journal".into(),
                source,
            });
        }
        self.0.append(drafts)
    }
    fn head(&self) -> Head {
        self.0.head()
    }
    fn read_from(&self, seq: u64) -> Result<Entries<'_>, JournalError> {
        self.0.read_from(seq)
    }
}

fn now() -> Timestamp {
    Timestamp::from_secs_micros(1_795_348_800, 0)
}

#[test]
fn a_full_disk_refuses_people_keeps_alerts_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = FileJournal::open(JournalConfig::new(folder.path())).unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let (committer, board) = Committer::new(
        Full(journal, Arc::clone(&full)),
        Arc::new(MemoryStore::default()),
        State::default(),
        Arc::new(AssetTable::default()),
        now,
    );
    let counters = committer.counters();
    let (desk, jobs) = desk(64);
    std::thread::scope(|scope| {
        scope.spawn(move || committer.run(&jobs));
        let (safe, told) = std::sync::mpsc::sync_channel(8);
        let hand_in = |rule: &str| {
            let safe = safe.clone();
            desk.alerts(
                vec![alert(rule, "203.0.113.1")],
                Some(Box::new(move |answer| safe.send(answer).unwrap())),
            )
            .unwrap();
        };
        hand_in("before");
        told.recv().unwrap().unwrap();
        let group = *board.read().groups.keys().next().unwrap();
        let verdict = || Command::GiveVerdict {
            group,
            verdict: Verdict::TruePositive,
            reason: String::new(),
        };

        full.store(true, Ordering::SeqCst);
        hand_in("during");
        let refused = desk.command_blocking("an", now(), verdict());
        assert!(matches!(refused, Err(SubmitError::Unavailable(_))), "{refused:?}");
        assert!(told.try_recv().is_err(), "not acknowledged");
        assert!(board.read().groups[&group].verdict.is_none() && board.read().groups.len() == 1);
        assert_eq!(counters.failing.load(Ordering::SeqCst), 1);
        assert_eq!(counters.alerts_held.load(Ordering::SeqCst), 1);

        full.store(false, Ordering::SeqCst);
        told.recv().unwrap().unwrap();
        desk.command_blocking("an", now(), verdict()).unwrap();
        assert_eq!(board.read().groups.len(), 2);
        assert!(board.read().groups[&group].verdict.is_some());
        assert_eq!(counters.failing.load(Ordering::SeqCst), 0);
        desk.stop();
    });
}
