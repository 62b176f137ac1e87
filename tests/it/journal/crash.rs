//! What a crash may leave is put right; what it cannot leave is refused.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use saola::journal::{FileJournal, Journal as _, JournalError, verify};

use super::{config, draft, put, segments, seqs, written};

#[test]
fn a_torn_line_beyond_the_head_is_cut_off_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 5);
    let last = segments(folder.path()).pop().unwrap();
    let whole = fs::read(&last).unwrap();
    // The first bytes of what could have been the next line, of every length.
    let line = {
        let other = tempfile::tempdir().unwrap();
        written(other.path(), 6);
        let bytes = fs::read(segments(other.path()).pop().unwrap()).unwrap();
        bytes[whole.len()..].to_vec()
    };
    for cut in 1..line.len() {
        put(&last, &[&whole[..], &line[..cut]].concat());
        let (journal, notice) = FileJournal::open(config(folder.path())).unwrap();
        assert_eq!(
            (journal.head().seq, notice.torn_bytes, notice.unacknowledged),
            (5, cut as u64, 0)
        );
        drop(journal);
        assert_eq!(fs::read(&last).unwrap(), whole, "cut back");
        assert!(verify(folder.path(), false).unwrap().intact);
    }
}

#[test]
fn a_whole_entry_that_was_not_yet_acknowledged_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 5);
    let head = fs::read(folder.path().join("head")).unwrap();
    let (mut journal, _) = FileJournal::open(config(folder.path())).unwrap();
    journal.append(&[draft(6)]).unwrap();
    drop(journal);
    // As if the program had been killed between the segment's sync and the head's.
    put(&folder.path().join("head"), &head);
    let (journal, notice) = FileJournal::open(config(folder.path())).unwrap();
    assert_eq!((journal.head().seq, notice.unacknowledged), (6, 1));
    assert_eq!(seqs(&journal, 6), [6]);
}

#[test]
fn acknowledged_entries_that_are_missing_at_the_end_keep_it_from_opening() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 50);
    let last = segments(folder.path()).pop().unwrap();
    let whole = fs::read(&last).unwrap();
    for end in [whole.len() - 1, whole.len() / 2, 0] {
        put(&last, &whole[..end]);
        let error = FileJournal::open(config(folder.path())).unwrap_err();
        assert!(
            matches!(error, JournalError::TailMissing { sealed: 50, .. }),
            "{end}: {error}"
        );
        assert!(!verify(folder.path(), false).unwrap().intact);
    }
    fs::remove_file(&last).unwrap();
    assert!(matches!(
        FileJournal::open(config(folder.path())),
        Err(JournalError::TailMissing { .. })
    ));
}

#[test]
fn a_damaged_acknowledged_entry_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 50);
    let last = segments(folder.path()).pop().unwrap();
    let mut bytes = fs::read(&last).unwrap();
    bytes[40] ^= 4;
    put(&last, &bytes);
    let error = FileJournal::open(config(folder.path())).unwrap_err();
    assert!(
        matches!(error, JournalError::Damaged { offset: 0, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("saola audit verify"), "{error}");
}

#[test]
fn one_damaged_head_slot_is_put_right_and_both_are_not_guessed() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 5);
    let head = folder.path().join("head");
    let whole = fs::read(&head).unwrap();
    let newest = usize::from(whole[..95] < whole[95..]);
    let mut bytes = whole.clone();
    bytes[newest * 95 + 3] ^= 1;
    put(&head, &bytes);
    let (journal, _) = FileJournal::open(config(folder.path())).unwrap();
    assert_eq!(journal.head().seq, 5);
    drop(journal);
    assert!(verify(folder.path(), false).unwrap().intact);
    fs::remove_file(&head).unwrap();
    assert!(matches!(
        FileJournal::open(config(folder.path())),
        Err(JournalError::HeadMissing { .. })
    ));
}

#[test]
fn a_segment_that_was_begun_and_not_written_to_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 5);
    let empty = folder.path().join(format!("{:020}.journal", 6));
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&empty)
        .unwrap()
        .flush()
        .unwrap();
    let (mut journal, _) = FileJournal::open(config(folder.path())).unwrap();
    journal.append(&[draft(6)]).unwrap();
    assert_eq!(seqs(&journal, 1), (1..=6).collect::<Vec<_>>());
    assert!(fs::metadata(&empty).unwrap().len() > 0);
}
