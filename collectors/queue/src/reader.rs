//! The reading side: gives frames to the engine in order, and forgets what the engine has settled.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saola_collect::{RawRecord, Receipt, Sink};

use crate::codec;
use crate::cursor;
use crate::segment::{self, Frames, Next, Place};
use crate::shared::Shared;
use crate::{Figures, QueueConfig};

/// Batches with the engine that it has not settled.
const MOST_IN_FLIGHT: usize = 128;
/// After the last record was written, how long the engine may take; the rest waits for the next start.
const DRAIN: Duration = Duration::from_secs(10);
/// The cursor is noted no more often.
const NOTE_EVERY: Duration = Duration::from_millis(200);
/// Before what was not settled is given again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

pub(crate) struct Reader {
    folder: PathBuf,
    shared: Arc<Shared>,
    figures: Arc<Figures>,
    place: Place,
    frames: Option<Frames>,
    in_flight: VecDeque<InFlight>,
    /// The oldest file that is still there.
    oldest: u64,
    noted_at: Option<Instant>,
}

struct InFlight {
    receipt: Receipt,
    begin: Place,
    end: Place,
}

/// What can be done next.
enum Step {
    Give(Vec<RawRecord>, Place),
    Wait,
}

impl Reader {
    pub(crate) fn new(
        config: &QueueConfig,
        place: Place,
        shared: Arc<Shared>,
        figures: Arc<Figures>,
    ) -> Self {
        Self {
            folder: config.folder.clone(),
            shared,
            figures,
            oldest: place.segment,
            place,
            frames: None,
            in_flight: VecDeque::new(),
            noted_at: None,
        }
    }

    /// Runs until nothing more will be written and all has been settled, or the engine is gone.
    pub(crate) fn run(mut self, to: &Sink) {
        self.forget_before(self.place.segment);
        let mut deadline = None;
        loop {
            let (written, closed) = self.shared.readable();
            if closed && deadline.is_none() {
                deadline = Some(Instant::now() + DRAIN);
            }
            let late = deadline.is_some_and(|deadline| Instant::now() > deadline);
            let step = if late { Step::Wait } else { self.step(written) };
            match step {
                Step::Give(records, begin) => {
                    let Ok(receipt) = to.blocking_send_for_receipt(records) else {
                        // Read and not taken: the next start reads it again.
                        self.place = begin;
                        break;
                    };
                    let end = self.place;
                    self.in_flight.push_back(InFlight { receipt, begin, end });
                }
                Step::Wait if self.in_flight.is_empty() && (closed || late) => break,
                Step::Wait if self.in_flight.is_empty() => self.shared.wait_for_more(self.place),
                Step::Wait => self.settle_oldest(late),
            }
        }
        self.note();
        self.shared.reader_gone();
    }

    /// The next frame, when there is one and room for it with the engine.
    fn step(&mut self, written: Place) -> Step {
        if self.in_flight.len() >= MOST_IN_FLIGHT {
            return Step::Wait;
        }
        while self.place < written {
            let begin = self.place;
            match self.read() {
                Some(records) => return Step::Give(records, begin),
                None if self.place.segment < written.segment => self.go_to_next_file(),
                // Damage in the file that is being written: what stands behind it cannot be found before the next file.
                None => {
                    self.figures.count_damage();
                    self.place = written;
                    self.frames = None;
                }
            }
        }
        Step::Wait
    }

    /// The records of the next frame of this file; `None` at its end or at damage.
    fn read(&mut self) -> Option<Vec<RawRecord>> {
        if self.frames.is_none() {
            let path = segment::path(&self.folder, self.place.segment);
            self.frames = Frames::open(&path, self.place.offset).ok();
        }
        let frames = self.frames.as_mut()?;
        let mut payload = Vec::new();
        let Ok(Next::Frame { sum }) = frames.next(&mut payload) else {
            return None;
        };
        let records = codec::decode(&payload, sum)?;
        frames.accept(&payload);
        self.place.offset = frames.offset;
        Some(records)
    }

    fn go_to_next_file(&mut self) {
        let path = segment::path(&self.folder, self.place.segment);
        let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if self.place.offset != length {
            self.figures.count_damage();
        }
        self.frames = None;
        self.place = Place {
            segment: self.place.segment + 1,
            offset: 0,
        };
    }

    /// Waits for the oldest batch. One that was dropped is given again, and with it all behind it, in order.
    fn settle_oldest(&mut self, stopping: bool) {
        let Some(oldest) = self.in_flight.pop_front() else {
            return;
        };
        if oldest.receipt.blocking_settled().is_ok() {
            self.forget_before(oldest.end.segment);
            if self.noted_at.is_none_or(|at| at.elapsed() > NOTE_EVERY) {
                self.note_at(oldest.end);
            } else if self.in_flight.is_empty() {
                self.note();
            }
            return;
        }
        self.figures.count_repeat();
        self.in_flight.clear();
        self.place = oldest.begin;
        self.frames = None;
        if !stopping {
            std::thread::sleep(AGAIN_AFTER);
        }
    }

    /// Notes the first place that is not settled.
    fn note(&mut self) {
        let place = self.in_flight.front().map_or(self.place, |oldest| oldest.begin);
        self.note_at(place);
    }

    fn note_at(&mut self, place: Place) {
        // A cursor that cannot be noted costs repetitions after a restart, nothing else.
        cursor::write(&self.folder, place).ok();
        self.noted_at = Some(Instant::now());
    }

    /// Deletes the files before this one: all in them is settled.
    fn forget_before(&mut self, segment: u64) {
        while self.oldest < segment {
            let path = segment::path(&self.folder, self.oldest);
            let length = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            // A file that cannot be deleted now is passed over at the next start by the cursor.
            if std::fs::remove_file(&path).is_ok() {
                self.figures.set_waiting(self.shared.freed(length));
            }
            self.oldest += 1;
        }
    }
}
