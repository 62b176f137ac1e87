//! The writing side: gathers what waits, writes it, synchronises once, settles all of it.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use saola_collect::Batch;
use tokio::sync::mpsc::Receiver;

use crate::codec;
use crate::segment::{self, Place};
use crate::shared::Shared;
use crate::{Figures, QueueConfig};

/// Bytes gathered for one synchronisation.
const GROUP_BYTES: usize = 4 << 20;
/// Between two tries on a disk that refuses.
const TRY_AGAIN: Duration = Duration::from_millis(500);

pub(crate) struct Writer {
    folder: PathBuf,
    max_bytes: u64,
    segment_bytes: u64,
    file: File,
    place: Place,
    shared: Arc<Shared>,
    figures: Arc<Figures>,
}

impl Writer {
    pub(crate) fn open(
        config: &QueueConfig,
        place: Place,
        shared: Arc<Shared>,
        figures: Arc<Figures>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            file: opened(config, place.segment)?,
            folder: config.folder.clone(),
            max_bytes: config.max_bytes,
            segment_bytes: config.segment_bytes,
            place,
            shared,
            figures,
        })
    }

    /// Runs until every sender is gone.
    pub(crate) fn run(mut self, mut from: Receiver<Batch>) {
        let mut group = Vec::new();
        while let Some(first) = from.blocking_recv() {
            group.clear();
            codec::encode(&first.records, &mut group);
            let mut batches = vec![first];
            while group.len() < GROUP_BYTES
                && let Ok(next) = from.try_recv()
            {
                codec::encode(&next.records, &mut group);
                batches.push(next);
            }
            if !self.shared.wait_for_room(self.max_bytes) || !self.kept(&group, &from) {
                // Not settled is not acknowledged: those who wait for a receipt send it again.
                break;
            }
            self.figures
                .count_records(batches.iter().map(|batch| batch.records.len() as u64).sum());
            batches.into_iter().for_each(Batch::settle);
        }
        self.shared.close();
    }

    /// Writes and synchronises, however often the disk refuses; false when the program stops meanwhile.
    fn kept(&mut self, group: &[u8], from: &Receiver<Batch>) -> bool {
        loop {
            match self.write(group) {
                Ok(()) => {
                    self.figures.set_failing(false);
                    return true;
                }
                Err(_) => {
                    self.figures.set_failing(true);
                    if from.is_closed() || from.sender_strong_count() == 0 {
                        return false;
                    }
                    std::thread::sleep(TRY_AGAIN);
                }
            }
        }
    }

    fn write(&mut self, group: &[u8]) -> std::io::Result<()> {
        if self.place.offset >= self.segment_bytes {
            let next = self.place.segment + 1;
            let config = QueueConfig {
                folder: self.folder.clone(),
                max_bytes: self.max_bytes,
                segment_bytes: self.segment_bytes,
            };
            self.file = opened(&config, next)?;
            self.place = Place {
                segment: next,
                offset: 0,
            };
        }
        // A try before may have left a part behind.
        self.file.set_len(self.place.offset)?;
        self.file.seek(SeekFrom::Start(self.place.offset))?;
        self.file.write_all(group)?;
        self.file.sync_data()?;
        self.place.offset += group.len() as u64;
        let bytes = self.shared.publish(self.place, group.len() as u64);
        self.figures.set_waiting(bytes);
        Ok(())
    }
}

/// Opens a file for writing, and makes its name durable.
fn opened(config: &QueueConfig, number: u64) -> std::io::Result<File> {
    let path = segment::path(&config.folder, number);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    File::open(&config.folder)?.sync_all()?;
    Ok(file)
}
