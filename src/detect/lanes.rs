//! Work spread over threads, results taken back in the order the work was given.
//!
//! A batch is cut into one part for each lane. Every lane keeps its own state and sees its parts in order; the yields
//! of a batch come back together, in lane order, oldest batch first. With one lane everything runs on the caller's
//! thread: nothing to hand over, the same result.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

/// What runs on a lane: it owns its state and turns parts of batches into yields.
pub trait Lane: Send + 'static {
    /// A lane's part of a batch.
    type Part: Send + 'static;
    /// What it makes of a part.
    type Yield: Default + Send + 'static;

    /// Does the work.
    fn run(&mut self, part: Self::Part) -> Self::Yield;

    /// Called after `run` panicked: brings the state back to one that holds, and yields what tells of the fault. The
    /// alternative, letting the whole program die, would blind every other lane as well.
    fn recover(&mut self) -> Self::Yield;
}

/// Batches that may be under way before the caller has to take results.
const MOST_IN_FLIGHT: usize = 4;

/// The lanes, and the results not yet taken.
pub struct Lanes<L: Lane>(Inner<L>);

enum Inner<L: Lane> {
    Here {
        lane: Box<L>,
        done: VecDeque<Vec<L::Yield>>,
    },
    Threads {
        threads: Vec<Worker<L>>,
        in_flight: usize,
    },
}

struct Worker<L: Lane> {
    parts: Option<Sender<L::Part>>,
    yields: Receiver<L::Yield>,
    thread: Option<JoinHandle<()>>,
}

impl<L: Lane> Lanes<L> {
    /// Starts one thread for each lane; none for a single one.
    pub fn start(name: &str, mut lanes: Vec<L>) -> std::io::Result<Self> {
        if lanes.len() == 1
            && let Some(lane) = lanes.pop()
        {
            return Ok(Self(Inner::Here {
                lane: Box::new(lane),
                done: VecDeque::new(),
            }));
        }
        let threads = lanes
            .into_iter()
            .enumerate()
            .map(|(index, lane)| Worker::start(name, index, lane));
        Ok(Self(Inner::Threads {
            threads: threads.collect::<Result<_, _>>()?,
            in_flight: 0,
        }))
    }

    /// How many lanes there are: parts that a batch is cut into.
    pub fn count(&self) -> usize {
        match &self.0 {
            Inner::Here { .. } => 1,
            Inner::Threads { threads, .. } => threads.len(),
        }
    }

    /// Whether results must be taken before more work is given.
    pub fn is_full(&self) -> bool {
        self.in_flight() >= MOST_IN_FLIGHT
    }

    /// Batches given and not yet taken back.
    pub fn in_flight(&self) -> usize {
        match &self.0 {
            Inner::Here { done, .. } => done.len(),
            Inner::Threads { in_flight, .. } => *in_flight,
        }
    }

    /// Gives a batch, one part for each lane; waits while a lane is behind.
    pub fn give(&mut self, parts: Vec<L::Part>) {
        match &mut self.0 {
            Inner::Here { lane, done } => done.push_back(
                parts
                    .into_iter()
                    .map(|part| guarded(lane.as_mut(), part))
                    .collect(),
            ),
            Inner::Threads { threads, in_flight } => {
                for (worker, part) in threads.iter().zip(parts) {
                    // A worker ends only when its sender is dropped, which happens in `drop` alone.
                    worker.parts.as_ref().map(|parts| parts.send(part).ok());
                }
                *in_flight += 1;
            }
        }
    }

    /// Takes the oldest batch's yields, in lane order; waits for them. `None` when nothing is under way.
    pub fn take(&mut self) -> Option<Vec<L::Yield>> {
        match &mut self.0 {
            Inner::Here { done, .. } => done.pop_front(),
            Inner::Threads { in_flight: 0, .. } => None,
            Inner::Threads { threads, in_flight } => {
                *in_flight -= 1;
                Some(
                    threads
                        .iter()
                        .map(|worker| worker.yields.recv().unwrap_or_default())
                        .collect(),
                )
            }
        }
    }
}

impl<L: Lane> Worker<L> {
    fn start(name: &str, index: usize, mut lane: L) -> std::io::Result<Self> {
        let (parts, work) = bounded::<L::Part>(MOST_IN_FLIGHT);
        let (done, yields) = bounded::<L::Yield>(MOST_IN_FLIGHT + 1);
        let run = move || {
            for part in work {
                if done.send(guarded(&mut lane, part)).is_err() {
                    return;
                }
            }
        };
        let thread = Builder::new().name(format!("{name}-{index}")).spawn(run)?;
        Ok(Self {
            parts: Some(parts),
            yields,
            thread: Some(thread),
        })
    }
}

impl<L: Lane> Drop for Worker<L> {
    fn drop(&mut self) {
        self.parts = None;
        while self.yields.recv().is_ok() {}
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn guarded<L: Lane>(lane: &mut L, part: L::Part) -> L::Yield {
    catch_unwind(AssertUnwindSafe(|| lane.run(part))).unwrap_or_else(|_| lane.recover())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds up what it sees; 1313 is bad luck.
    #[derive(Default)]
    struct Sum(u64);

    impl Lane for Sum {
        type Part = u64;
        type Yield = Vec<u64>;
        fn run(&mut self, part: u64) -> Vec<u64> {
            assert_ne!(part, 1313, "bad luck");
            self.0 += part;
            vec![self.0]
        }
        fn recover(&mut self) -> Vec<u64> {
            self.0 = 0;
            vec![u64::MAX]
        }
    }

    fn run(lanes: usize, batches: &[u64]) -> Vec<Vec<Vec<u64>>> {
        let mut lanes = Lanes::start("test", (0..lanes).map(|_| Sum::default()).collect()).unwrap();
        let mut taken = Vec::new();
        for &value in batches {
            if lanes.is_full() {
                taken.extend(lanes.take());
            }
            lanes.give(vec![value; lanes.count()]);
        }
        while let Some(yields) = lanes.take() {
            taken.push(yields);
        }
        taken
    }

    #[test]
    fn results_come_in_the_order_of_the_work_for_any_number_of_lanes() {
        let batches: Vec<u64> = (1..=50).collect();
        for lanes in [1, 2, 4] {
            let expected: Vec<_> = batches
                .iter()
                .map(|n| vec![vec![n * (n + 1) / 2]; lanes])
                .collect();
            assert_eq!(run(lanes, &batches), expected);
        }
    }

    #[test]
    fn a_panic_costs_one_part_and_the_lane_goes_on() {
        for lanes in [1, 2] {
            let taken = run(lanes, &[1, 1313, 5]);
            let first: Vec<_> = taken.iter().map(|yields| yields[0][0]).collect();
            assert_eq!(first, [1, u64::MAX, 5]);
        }
    }
}
