//! Files followed through all that is done to log files.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use saola_collect::{Batch, CollectError, Collector, Health, Loss, RawRecord, channel};
use saola_file::{FileCollector, FileConfig};
use tempfile::TempDir;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);

struct Following {
    pipeline: Receiver<Batch>,
    waiting: Vec<RawRecord>,
    health: Health,
    stop: CancellationToken,
    task: JoinHandle<Result<(), CollectError>>,
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path(name))
            .unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    fn config(&self, pattern: &str, more: &str) -> FileConfig {
        let (paths, checkpoint) = (self.path(pattern), self.path("checkpoint"));
        toml::from_str(&format!(
            "name = 'file'\nagency = 'a'\npoll_ms = 5\npaths = ['{}']\ncheckpoint = '{}'\n{more}",
            paths.display(),
            checkpoint.display()
        ))
        .unwrap()
    }

    fn follow(&self, pattern: &str, more: &str) -> Following {
        Following::start(FileCollector::bind(&self.config(pattern, more)).unwrap())
    }
}

impl Following {
    fn start(collector: FileCollector) -> Self {
        let (sink, pipeline) = channel(4);
        let (health, stop) = (collector.health(), CancellationToken::new());
        let task = tokio::spawn(Box::new(collector).run(sink, stop.clone()));
        Self {
            pipeline,
            waiting: Vec::new(),
            health,
            stop,
            task,
        }
    }

    /// The next lines, each called durable.
    async fn lines(&mut self, count: usize) -> Vec<String> {
        while self.waiting.len() < count {
            let mut batch = tokio::time::timeout(PATIENCE, self.pipeline.recv())
                .await
                .expect("a batch in time")
                .unwrap();
            self.waiting.append(&mut batch.records);
            batch.settle();
        }
        self.waiting
            .drain(..count)
            .map(|record| String::from_utf8_lossy(&record.bytes).into_owned())
            .collect()
    }

    async fn stop(mut self) -> Vec<String> {
        self.stop.cancel();
        let drain = async {
            let mut left = Vec::new();
            while let Some(mut batch) = self.pipeline.recv().await {
                left.append(&mut batch.records);
                batch.settle();
            }
            left
        };
        let (left, ended) = tokio::join!(drain, self.task);
        ended.unwrap().unwrap();
        self.waiting.extend(left);
        self.waiting
            .into_iter()
            .map(|record| String::from_utf8_lossy(&record.bytes).into_owned())
            .collect()
    }
}

fn set(path: &Path, text: &str) {
    File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

const FROM_THE_BEGINNING: &str = "start_at = 'beginning'";

#[tokio::test]
async fn lines_as_they_are_written() {
    let folder = Folder::new();
    folder.append("x.log", b"one\r\ntwo \xff\npart");
    let mut following = folder.follow("x.log", FROM_THE_BEGINNING);
    assert_eq!(following.lines(2).await, ["one", "two \u{fffd}"]);
    folder.append("x.log", "ial\n\nthree\n");
    assert_eq!(following.lines(2).await, ["partial", "three"]);
    assert!(following.stop().await.is_empty());
}

#[tokio::test]
async fn from_the_end_only_what_is_new_but_all_of_new_files() {
    let folder = Folder::new();
    folder.append("a.log", "old\n");
    let mut following = folder.follow("*.log", "");
    // The file was met when its place is in the checkpoint.
    while !fs::read_to_string(folder.path("checkpoint"))
        .unwrap()
        .contains("a.log")
    {
        tokio::task::yield_now().await;
    }
    folder.append("a.log", "new\n");
    assert_eq!(following.lines(1).await, ["new"]);
    folder.append("b.log", "all of it\n");
    assert_eq!(following.lines(1).await, ["all of it"]);
}

#[tokio::test]
async fn rotation_by_rename_loses_and_repeats_nothing() {
    let folder = Folder::new();
    folder.append("x.log", "one\n");
    let mut following = folder.follow("x.log*", FROM_THE_BEGINNING);
    assert_eq!(following.lines(1).await, ["one"]);
    fs::rename(folder.path("x.log"), folder.path("x.log.1")).unwrap();
    folder.append("x.log.1", "late to the old\n");
    folder.append("x.log", "first of the new\n");
    let mut lines = following.lines(2).await;
    lines.sort();
    assert_eq!(lines, ["first of the new", "late to the old"]);
    assert!(following.stop().await.is_empty());
}

#[tokio::test]
async fn a_file_renamed_out_of_sight_is_read_to_its_end() {
    let folder = Folder::new();
    folder.append("x.log", "one\n");
    let mut following = folder.follow("x.log", FROM_THE_BEGINNING);
    assert_eq!(following.lines(1).await, ["one"]);
    let mut writer = OpenOptions::new()
        .append(true)
        .open(folder.path("x.log"))
        .unwrap();
    fs::rename(folder.path("x.log"), folder.path("gone")).unwrap();
    writer.write_all(b"late\n").unwrap();
    assert_eq!(following.lines(1).await, ["late"]);
}

#[tokio::test]
async fn copytruncate_and_truncation() {
    let folder = Folder::new();
    folder.append("x.log", "first line\nsecond, unfinish");
    let mut following = folder.follow("x.log", FROM_THE_BEGINNING);
    assert_eq!(following.lines(1).await, ["first line"]);
    fs::copy(folder.path("x.log"), folder.path("x.log.1.gz")).unwrap();
    File::options()
        .write(true)
        .open(folder.path("x.log"))
        .unwrap()
        .set_len(0)
        .unwrap();
    // Either the looks saw the unfinished line, or it was gone before: what comes next is whole in both cases.
    folder.append("x.log", "third\n");
    let mut lines = following.lines(1).await;
    if lines == ["second, unfinish"] {
        lines = following.lines(1).await;
    }
    assert_eq!(lines, ["third"]);
    // Emptied and filled beyond the old place between two looks.
    set(
        &folder.path("x.log"),
        "another beginning, longer than before\nfifth\n",
    );
    assert_eq!(
        following.lines(2).await,
        ["another beginning, longer than before", "fifth"]
    );
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was_durable() {
    let folder = Folder::new();
    folder.append("x.log", "one\ntwo\n");
    let mut following = folder.follow("x.log", FROM_THE_BEGINNING);
    assert_eq!(following.lines(2).await, ["one", "two"]);
    assert!(following.stop().await.is_empty());
    folder.append("x.log", "three\n");
    let mut following = folder.follow("x.log", "");
    assert_eq!(following.lines(1).await, ["three"]);
    assert!(following.stop().await.is_empty());
    // Rotated while nobody looked.
    folder.append("x.log", "four\n");
    fs::rename(folder.path("x.log"), folder.path("x.log.1")).unwrap();
    folder.append("x.log", "five\n");
    let mut following = folder.follow("x.log*", "");
    let mut lines = following.lines(2).await;
    lines.sort();
    assert_eq!(lines, ["five", "four"]);
}

#[tokio::test]
async fn what_was_not_durable_comes_again() {
    let folder = Folder::new();
    folder.append("x.log", "one\n");
    let collector = FileCollector::bind(&folder.config("x.log", FROM_THE_BEGINNING)).unwrap();
    let (sink, mut pipeline) = channel(4);
    let task = tokio::spawn(Box::new(collector).run(sink, CancellationToken::new()));
    drop(pipeline.recv().await.unwrap());
    assert!(matches!(
        task.await.unwrap(),
        Err(CollectError::SinkClosed { .. })
    ));
    let mut following = folder.follow("x.log", "");
    assert_eq!(following.lines(1).await, ["one"]);
}

#[tokio::test]
async fn another_file_with_the_same_inode_is_read_from_its_beginning() {
    let folder = Folder::new();
    folder.append("x.log", "one\ntwo\n");
    let mut following = folder.follow("x.log", FROM_THE_BEGINNING);
    following.lines(2).await;
    following.stop().await;
    set(&folder.path("x.log"), "other content\n");
    let mut following = folder.follow("x.log", "");
    assert_eq!(following.lines(1).await, ["other content"]);
}

#[tokio::test]
async fn a_last_line_without_an_end_is_handed_on_after_a_while() {
    let folder = Folder::new();
    folder.append("x.log", "no end");
    let mut following = folder.follow("x.log", "start_at = 'beginning'\nidle_flush_secs = 1");
    assert_eq!(following.lines(1).await, ["no end"]);
    folder.append("x.log", "\nnext\n");
    assert_eq!(following.lines(1).await, ["next"]);
}

#[tokio::test]
async fn two_megabytes_on_a_line_are_cut_and_counted() {
    let folder = Folder::new();
    folder.append("x.log", vec![b'x'; 2_000_000]);
    folder.append("x.log", "\nnext\n");
    let mut following = folder.follow("x.log", "start_at = 'beginning'\nmax_line_bytes = 100");
    let lines = following.lines(2).await;
    assert_eq!((lines[0].len(), lines[1].as_str()), (100, "next"));
    assert_eq!(following.health.snapshot().lost, [(Loss::TooLong, 1)]);
}

#[tokio::test]
async fn many_lines_in_order() {
    let folder = Folder::new();
    let text: Vec<String> = (0..50_000).map(|number| format!("line {number}\n")).collect();
    folder.append("x.log", text.concat());
    let mut following = folder.follow("x.log", FROM_THE_BEGINNING);
    let lines = following.lines(50_000).await;
    assert!(
        lines
            .iter()
            .enumerate()
            .all(|(number, line)| *line == format!("line {number}"))
    );
}

#[test]
fn what_cannot_work_is_said_at_once() {
    let folder = Folder::new();
    let error = |config: &FileConfig| FileCollector::bind(config).unwrap_err().to_string();
    let missing = error(&folder.config("none/x.log", ""));
    assert!(
        missing.starts_with("file: cannot open folder ") && missing.contains("none"),
        "{missing}"
    );
    set(&folder.path("checkpoint"), "{");
    let damaged = error(&folder.config("x.log", ""));
    assert!(
        damaged.contains("checkpoint is damaged") || damaged.contains("is damaged"),
        "{damaged}"
    );
    let config = FileConfig {
        checkpoint: folder.path("no/checkpoint"),
        ..folder.config("x.log", "")
    };
    assert!(
        error(&config).starts_with("file: checkpoint: "),
        "{}",
        error(&config)
    );
    let empty = FileConfig {
        paths: Vec::new(),
        ..config
    };
    assert_eq!(error(&empty), "file: paths: name at least one file");
}
