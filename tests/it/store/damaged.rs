//! A store that is lost, damaged or foreign is made anew from the journal, equal to what it was.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use saola::agency::AssetTable;
use saola::commit::{Committer, Desk, Places, check, desk, open, rebuild};
use saola::store::Backend;
use saola::triage::{Command, Records, Role, User};
use saola_event::Timestamp;

use crate::alerts::alert;

fn now() -> Timestamp {
    Timestamp::from_secs_micros(1_795_348_800, 0)
}

/// Runs a writer over the places, does `work` at its desk, ends it orderly. Gives what was then known.
fn with_writer(places: &Places, work: impl FnOnce(&Desk)) -> Records {
    let opened = open(places).unwrap();
    let (committer, board) = Committer::new(
        opened.journal,
        opened.store,
        opened.state,
        Arc::new(AssetTable::default()),
        now,
    );
    let (desk, jobs) = desk(64);
    std::thread::scope(|scope| {
        scope.spawn(move || committer.run(&jobs));
        work(&desk);
        desk.stop();
    });
    board.read().clone()
}

fn some_work(desk: &Desk) {
    let user = User {
        name: "an".into(),
        display_name: "An".into(),
        role: Role::Responder,
        language: "vi".into(),
        agencies: vec![],
        disabled: false,
    };
    desk.command_blocking("system", now(), Command::PutUser(user))
        .unwrap();
    for n in 0..40 {
        desk.alerts(
            (0..30)
                .map(|k| alert(&format!("rule-{}", (n + k) % 25), &format!("203.0.113.{}", k % 7)))
                .collect(),
            None,
        )
        .unwrap();
    }
}

fn places(folder: &Path, backend: Backend) -> Places {
    Places::within(folder, backend)
}

fn for_both(run: impl Fn(&Places)) {
    for backend in [Backend::Sled, Backend::Redb] {
        let folder = tempfile::tempdir().unwrap();
        run(&places(folder.path(), backend));
    }
}

#[test]
fn a_restart_goes_on_where_it_was() {
    for_both(|places| {
        let before = with_writer(places, some_work);
        assert!(before.groups.len() > 10 && !before.incidents.is_empty() && before.accounts.len() == 1);
        let after = with_writer(places, |_| {});
        assert_eq!(after, before);
        assert!(check(places).unwrap().is_equal());
    });
}

#[test]
fn a_deleted_store_is_rebuilt_equal() {
    for_both(|places| {
        let before = with_writer(places, some_work);
        fs::remove_dir_all(&places.store).unwrap();
        let after = with_writer(places, |_| {});
        assert_eq!(after, before);
        let report = check(places).unwrap();
        assert!(report.is_equal() && report.records > 100, "{report:?}");
        let (entries, aside) = rebuild(places).unwrap();
        assert_eq!(entries, before.applied);
        assert!(aside.unwrap().exists());
        assert!(check(places).unwrap().is_equal());
    });
}

#[test]
fn a_store_that_does_not_open_is_moved_aside_and_said() {
    for_both(|places| {
        let before = with_writer(places, some_work);
        for file in files_in(&places.store) {
            let bytes = fs::read(&file).unwrap();
            crate::alerts::put(&file, &bytes.iter().map(|byte| byte ^ 0x5a).collect::<Vec<_>>());
        }
        let opened = open(places).unwrap();
        let (why, aside) = opened.report.rebuilt.clone().expect("rebuilt");
        assert!(!why.is_empty() && aside.exists());
        assert_eq!(opened.state.records(), &before);
    });
}

#[test]
fn a_store_of_another_journal_is_not_used() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (
        places(one.path(), Backend::Sled),
        places(other.path(), Backend::Sled),
    );
    let before = with_writer(&one, some_work);
    with_writer(&other, |desk| {
        desk.alerts(vec![alert("other", "203.0.113.9")], None).unwrap();
    });
    fs::remove_dir_all(&one.store).unwrap();
    fs::rename(&other.store, &one.store).unwrap();
    let opened = open(&one).unwrap();
    assert!(opened.report.rebuilt.is_some());
    assert_eq!(opened.state.records(), &before);
}

#[test]
fn a_changed_record_is_found_by_check() {
    for_both(|places| {
        with_writer(places, some_work);
        let store = saola::store::open(places.backend, &places.store).unwrap();
        let (key, _) = store.scan(b"g/").next().unwrap().unwrap();
        store.apply(&[saola::store::Write::Delete(key.clone())]).unwrap();
        store.flush().unwrap();
        drop(store);
        let report = check(places).unwrap();
        assert_eq!(report.differing, [String::from_utf8(key).unwrap()]);
    });
}

fn files_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files
}
