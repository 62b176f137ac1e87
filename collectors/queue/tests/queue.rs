//! The queue with a pipeline behind it: order, restarts, damage, a full disk's worth.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use saola_collect::{Batch, Origin, RawRecord, Sink, Timestamp, channel};
use saola_queue::{Queue, QueueConfig};
use tokio::sync::mpsc::Receiver;

fn config(folder: &Path) -> QueueConfig {
    QueueConfig {
        folder: folder.to_owned(),
        max_bytes: 64 << 20,
        segment_bytes: 4096,
    }
}

struct Running {
    sink: Sink,
    engine: Receiver<Batch>,
    threads: Vec<std::thread::JoinHandle<()>>,
    figures: std::sync::Arc<saola_queue::Figures>,
}

fn start(config: QueueConfig) -> Running {
    let (sink, from) = channel(16);
    let (to, engine) = channel(16);
    let queue = Queue::open(config).unwrap();
    let figures = queue.figures();
    let threads = queue.start(from, to).unwrap();
    Running {
        sink,
        engine,
        threads,
        figures,
    }
}

fn records(origin: &Origin, texts: &[&str]) -> Vec<RawRecord> {
    texts
        .iter()
        .map(|text| origin.record(text.as_bytes().to_vec(), None, Timestamp::EPOCH))
        .collect()
}

fn texts(batch: &Batch) -> Vec<String> {
    batch
        .records
        .iter()
        .map(|record| String::from_utf8_lossy(&record.bytes).into_owned())
        .collect()
}

fn origin() -> Origin {
    Origin::new("s", "a", Some("sshd"))
}

#[test]
fn settled_when_written_and_given_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(config(folder.path()));
    let origin = origin();
    let receipt = running
        .sink
        .blocking_send_for_receipt(records(&origin, &["one", "two"]))
        .unwrap();
    // Nobody has looked at the records, and yet they are safe.
    receipt.blocking_settled().unwrap();
    let batch = running.engine.blocking_recv().unwrap();
    assert_eq!(texts(&batch), ["one", "two"]);
    assert_eq!(
        (batch.records[1].seq, batch.records[1].parser.as_deref()),
        (1, Some("sshd"))
    );
    batch.settle();
    drop(running.sink);
    assert!(running.engine.blocking_recv().is_none());
    running
        .threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(running.figures.records(), 2);
}

#[test]
fn what_was_not_settled_comes_again_after_a_restart_and_what_was_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let origin = origin();
    let mut running = start(config(folder.path()));
    for text in ["one", "two", "three"] {
        let receipt = running
            .sink
            .blocking_send_for_receipt(records(&origin, &[text]))
            .unwrap();
        receipt.blocking_settled().unwrap();
    }
    running.engine.blocking_recv().unwrap().settle();
    let second = running.engine.blocking_recv().unwrap();
    assert_eq!(texts(&second), ["two"]);
    // The engine goes away without having settled: as in a stop that takes too long.
    drop((second, running.engine, running.sink));
    running
        .threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());

    let mut again = start(config(folder.path()));
    for text in ["two", "three"] {
        let batch = again.engine.blocking_recv().unwrap();
        assert_eq!(texts(&batch), [text]);
        batch.settle();
    }
    drop(again.sink);
    assert!(again.engine.blocking_recv().is_none());
}

#[test]
fn a_batch_that_the_engine_drops_is_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(config(folder.path()));
    let origin = origin();
    running
        .sink
        .blocking_send_for_receipt(records(&origin, &["one"]))
        .unwrap()
        .blocking_settled()
        .unwrap();
    drop(running.engine.blocking_recv().unwrap());
    let batch = running.engine.blocking_recv().unwrap();
    assert_eq!(texts(&batch), ["one"]);
    batch.settle();
    assert_eq!(running.figures.repeated(), 1);
}

#[test]
fn many_files_come_in_order_and_are_deleted_when_settled() {
    const COUNT: usize = 500;
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(config(folder.path()));
    let sink = running.sink.clone();
    let sender = std::thread::spawn(move || {
        let origin = origin();
        for number in 0..COUNT {
            let text = format!("{number} {}", "x".repeat(100));
            sink.blocking_send_for_receipt(records(&origin, &[&text]))
                .unwrap()
                .blocking_settled()
                .unwrap();
        }
    });
    let mut seen = Vec::new();
    while seen.len() < COUNT {
        let batch = running.engine.blocking_recv().unwrap();
        seen.extend(
            texts(&batch)
                .into_iter()
                .map(|text| text.split(' ').next().unwrap().parse::<usize>().unwrap()),
        );
        batch.settle();
    }
    sender.join().unwrap();
    assert_eq!(seen, (0..COUNT).collect::<Vec<_>>());
    drop(running.sink);
    assert!(running.engine.blocking_recv().is_none());
    running
        .threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(
        left <= 3,
        "{left} files: the newest, perhaps the one before, and the cursor"
    );
}

fn left_behind(folder: &Path) {
    let running = start(config(folder));
    let origin = origin();
    for text in ["one", "two"] {
        running
            .sink
            .blocking_send_for_receipt(records(&origin, &[text]))
            .unwrap()
            .blocking_settled()
            .unwrap();
    }
    drop((running.engine, running.sink));
    running
        .threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_half_written_end_is_taken_off() {
    let folder = tempfile::tempdir().unwrap();
    left_behind(folder.path());
    let newest = folder.path().join(format!("{:020}.queue", 0));
    OpenOptions::new()
        .append(true)
        .open(newest)
        .unwrap()
        .write_all(&[7, 0, 0, 0, 1])
        .unwrap();
    let mut again = start(config(folder.path()));
    again
        .sink
        .blocking_send_for_receipt(records(&origin(), &["three"]))
        .unwrap()
        .blocking_settled()
        .unwrap();
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let batch = again.engine.blocking_recv().unwrap();
        seen.extend(texts(&batch));
        batch.settle();
    }
    assert_eq!(seen, ["one", "two", "three"]);
    assert_eq!(again.figures.damaged(), 0);
}

#[test]
fn a_full_queue_makes_senders_wait_and_loses_nothing() {
    const COUNT: usize = 300;
    let folder = tempfile::tempdir().unwrap();
    let small = QueueConfig {
        max_bytes: 20_000,
        ..config(folder.path())
    };
    let mut running = start(small);
    let sink = running.sink.clone();
    let sender = std::thread::spawn(move || {
        let origin = origin();
        for number in 0..COUNT {
            let text = format!("{number} {}", "x".repeat(200));
            sink.blocking_send_for_receipt(records(&origin, &[&text]))
                .unwrap()
                .blocking_settled()
                .unwrap();
        }
    });
    let mut count = 0;
    while count < COUNT {
        let batch = running.engine.blocking_recv().unwrap();
        count += batch.records.len();
        let on_disk = running.figures.waiting_bytes();
        assert!(on_disk < 40_000, "{on_disk} bytes waiting");
        batch.settle();
    }
    sender.join().unwrap();
}
