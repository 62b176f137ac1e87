//! A full disk: nothing is acknowledged, reading goes on, and with room it goes on.

use std::path::Path;
use std::process::Command;

use saola::journal::{FileJournal, Journal as _, JournalConfig, verify};

use super::{draft, seqs};

/// A small file system in memory, unmounted when dropped. `None` where this user may not mount.
struct Small(tempfile::TempDir);

impl Small {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k", "saola-test"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).output());
    }
}

#[test]
fn a_full_disk_is_an_error_and_room_lets_it_go_on() {
    let Some(disk) = Small::new() else {
        // Mounting needs root: said, not passed over in silence.
        eprintln!("skipped: this user may not mount a small file system");
        return;
    };
    let journal_folder = disk.path().join("journal");
    let config = JournalConfig {
        segment_bytes: 64 * 1024,
        ..JournalConfig::new(&journal_folder)
    };
    let (mut journal, _) = FileJournal::open(config.clone()).unwrap();
    let mut acknowledged = 0;
    let error = loop {
        match journal.append(&[draft(acknowledged + 1), draft(acknowledged + 2)]) {
            Ok(head) => acknowledged = head.seq,
            Err(error) => break error,
        }
        assert!(acknowledged < 10_000, "the disk never fills");
    };
    assert!(error.to_string().contains("No space left"), "{error}");
    assert_eq!(journal.head().seq, acknowledged);
    assert_eq!(seqs(&journal, 1).len() as u64, acknowledged, "reading goes on");
    for _ in 0..3 {
        assert!(
            journal.append(&[draft(acknowledged + 1)]).is_err() || journal.head().seq == acknowledged + 1
        );
    }
    acknowledged = journal.head().seq;
    let grown = Command::new("mount")
        .args(["-o", "remount,size=1m"])
        .arg(disk.path())
        .status()
        .unwrap();
    assert!(grown.success());
    journal.append(&[draft(acknowledged + 1)]).unwrap();
    drop(journal);
    let report = verify(&journal_folder, false).unwrap();
    assert!(report.intact, "{report:?}");
    let (journal, _) = FileJournal::open(config).unwrap();
    assert_eq!(seqs(&journal, 1), (1..=acknowledged + 1).collect::<Vec<_>>());
}
