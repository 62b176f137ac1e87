//! The journal: what a crash leaves, what tampering leaves, what a full disk does.

mod crash;
mod full;
mod tamper;

use std::fs;
use std::path::Path;

use saola::journal::{Draft, FileJournal, Journal as _, JournalConfig};
use saola_event::Timestamp;
use serde_json::value::RawValue;

/// An entry that says its number.
fn draft(n: u64) -> Draft {
    let body = format!(r#"{{"n":{n},"text":"Một dòng đủ dài để có nhiều bit mà lật"}}"#);
    Draft {
        time: Timestamp::from_secs_micros(1_795_348_800 + n as i64 * 600, 0),
        actor: "an".into(),
        kind: "noted".to_owned(),
        body: RawValue::from_string(body).unwrap(),
    }
}

/// A journal of `entries` in small segments, closed.
fn written(folder: &Path, entries: u64) {
    let (mut journal, _) = FileJournal::open(config(folder)).unwrap();
    for n in 1..=entries {
        journal.append(&[draft(n)]).unwrap();
    }
}

fn config(folder: &Path) -> JournalConfig {
    JournalConfig {
        segment_bytes: 4096,
        ..JournalConfig::new(folder)
    }
}

fn seqs(journal: &FileJournal, from: u64) -> Vec<u64> {
    journal
        .read_from(from)
        .unwrap()
        .map(|entry| entry.unwrap().seq)
        .collect()
}

/// The segment files in order.
fn segments(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut segments: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "journal"))
        .collect();
    segments.sort();
    segments
}

fn put(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn entries_come_back_across_segments_days_and_restarts() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 300);
    let (mut journal, notice) = FileJournal::open(config(folder.path())).unwrap();
    assert_eq!(notice, saola::journal::Notice::default());
    assert_eq!(seqs(&journal, 1), (1..=300).collect::<Vec<_>>());
    assert_eq!(seqs(&journal, 299), [299, 300]);
    assert!(seqs(&journal, 301).is_empty());
    assert_eq!(journal.append(&[draft(301), draft(302)]).unwrap().seq, 302);
    assert_eq!(seqs(&journal, 300), [300, 301, 302]);
    assert!(segments(folder.path()).len() > 10);
}

#[test]
fn only_one_program_at_a_time_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let (_first, _) = FileJournal::open(config(folder.path())).unwrap();
    let second = FileJournal::open(config(folder.path())).unwrap_err();
    assert!(second.to_string().contains("in use by another saola"), "{second}");
}

#[test]
fn others_may_not_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("journal");
    written(&inner, 3);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    for file in fs::read_dir(&inner).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}
