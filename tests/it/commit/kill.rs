//! A child process that runs the writer is killed at random moments; the parent remembers what was acknowledged.
//!
//! The child is this test binary itself, told by its environment to be one. It prints a line for each thing that was
//! acknowledged; a line that reached the pipe is an obligation. `SAOLA_KILLS` sets the number of kills (default 8).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::Duration;

use saola::agency::AssetTable;
use saola::commit::{Committer, Places, check, desk, open};
use saola::journal::verify;
use saola::store::Backend;
use saola::triage::{Command, GroupId, Verdict};
use saola_event::Timestamp;

use crate::alerts::alert;

const FOLDER: &str = "SAOLA_KILL_FOLDER";
const ROUND: &str = "SAOLA_KILL_ROUND";

fn now() -> Timestamp {
    Timestamp::from_secs_micros(1_795_348_800, 0)
}

fn places(folder: &Path) -> Places {
    Places::within(folder, Backend::Sled)
}

/// Not a test by itself: what the child runs. Ends only by being killed, or when the parent is gone.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let round: u64 = std::env::var(ROUND).unwrap().parse().unwrap();
    let opened = open(&places(Path::new(&folder))).unwrap();
    let (committer, board) = Committer::new(
        opened.journal,
        opened.store,
        opened.state,
        Arc::new(AssetTable::default()),
        now,
    );
    let (desk, jobs) = desk(64);
    std::thread::spawn(move || committer.run(&jobs));
    let mut out = std::io::stdout();
    for n in 0.. {
        let (safe, told) = std::sync::mpsc::sync_channel(1);
        let rule = format!("r{}", n % 40);
        let alerts = vec![alert(&rule, &format!("203.0.{}.{}", round % 250, n % 250)); 3];
        desk.alerts(alerts, Some(Box::new(move |answer| safe.send(answer).unwrap())))
            .unwrap();
        told.recv().unwrap().unwrap();
        writeln!(out, "\nacknowledged alerts 3").unwrap();
        let ids: Vec<GroupId> = board.read().groups.keys().copied().collect();
        let group = ids[usize::try_from(n).unwrap() % ids.len()];
        let reason = format!("vòng {round} lần {n}");
        let verdict = Command::GiveVerdict {
            group,
            verdict: Verdict::Undetermined,
            reason: reason.clone(),
        };
        desk.command_blocking("an", now(), verdict).unwrap();
        writeln!(out, "\nacknowledged verdict {group} {reason}").unwrap();
    }
}

/// Runs the child, kills it after `wait`, gives the lines that it managed to say.
fn run_and_kill(folder: &Path, round: u64, wait: Duration) -> Vec<String> {
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args([
            "commit::kill::child",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let said = lines
            .map_while(Result::ok)
            .filter(|line| line.starts_with("acknowledged "));
        said.collect::<Vec<_>>()
    });
    // The moment of the kill is what varies; nothing waits for something to have happened by then.
    std::thread::sleep(wait);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn nothing_acknowledged_is_lost_or_changed_over_kills() {
    let kills: u64 = std::env::var("SAOLA_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(8);
    let folder = tempfile::tempdir().unwrap();
    let (mut alerts, mut verdicts): (u64, BTreeMap<GroupId, String>) = (0, BTreeMap::new());
    let mut acknowledged = 0;
    for round in 0..kills {
        let wait = Duration::from_millis(150 + round * 7919 % 700);
        for line in run_and_kill(folder.path(), round, wait) {
            acknowledged += 1;
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match words[..] {
                [_, "alerts", count] => alerts += count.parse::<u64>().unwrap(),
                [_, "verdict", group, reason] => {
                    drop(verdicts.insert(group.parse().unwrap(), reason.to_owned()));
                }
                _ => panic!("{line}"),
            }
        }
        // The quiet phase: opens by itself, and everything that was promised is there.
        let opened = open(&places(folder.path())).unwrap();
        assert_eq!(
            opened.report.rebuilt, None,
            "round {round}: the store was not usable"
        );
        let records = opened.state.records();
        let counted: u64 = records.groups.values().map(|group| group.count).sum();
        assert!(
            counted >= alerts,
            "round {round}: {alerts} alerts acknowledged, {counted} there"
        );
        // What was written and not acknowledged may be there as well: the batch that the kill cut short.
        assert!(
            counted <= alerts + 3,
            "round {round}: {counted} alerts, {alerts} acknowledged"
        );
        for (group, reason) in &verdicts {
            let verdict = records.groups[group].verdict.as_ref().unwrap();
            let newer = verdict.reason.starts_with(&format!("vòng {round} "));
            assert!(
                verdict.reason == *reason || newer,
                "{group}: {} instead of {reason}",
                verdict.reason
            );
        }
        alerts = counted;
        for (group, record) in &records.groups {
            if let Some(verdict) = &record.verdict {
                verdicts.insert(*group, verdict.reason.clone());
            }
        }
    }
    assert!(acknowledged > kills, "the children did nothing: {acknowledged}");
    assert!(check(&places(folder.path())).unwrap().is_equal());
    let report = verify(&places(folder.path()).journal, false).unwrap();
    assert!(report.intact, "{report:?}");
    println!(
        "{kills} kills, {acknowledged} acknowledgements, {} entries",
        report.entries
    );
}
