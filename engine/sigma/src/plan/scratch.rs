//! What a thread keeps between events: views it has met with their measured witnesses, the memo, buffers.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use saola_event::LogSources;

use super::lower::AtomId;
use super::memo::Memo;
use super::view::View;
use super::witness;

/// Marks "no slot" in a shape.
pub(super) const NO_SLOT: u32 = u32::MAX;
/// Log source sets remembered before the table is emptied: sets are few unless someone makes them up.
const MAX_SETS: usize = 4096;
/// Places of the table of sets by address.
const ADDRESSES: usize = 256;
/// How many events of a view are counted before its witnesses are chosen anew.
const FIRST_LESSON: u32 = 1024;
const LESSON: u32 = 8192;
/// Events between lessons.
const BETWEEN_LESSONS: u64 = 1 << 20;

/// State of one thread for [`crate::Plan::evaluate`]. Belongs to the plan it was first used with; another plan empties it.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) plan: u64,
    pub(super) views: Vec<ViewState>,
    by_sources: FxHashMap<LogSources, u32>,
    /// Sets by their address; the table keeps the sets, so that no address is given to another meanwhile.
    by_address: Vec<Option<(LogSources, u32)>>,
    pub(super) memo: Memo,
    pub(super) buffers: Buffers,
    pub(super) matches: Vec<usize>,
    /// What was done, for `--stats` and metrics.
    pub counts: Counts,
}

/// What a thread did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events evaluated.
    pub events: u64,
    /// Rule conditions evaluated.
    pub candidates: u64,
    /// Matches.
    pub matches: u64,
    /// Values answered from memory.
    pub remembered_values: u64,
    /// Values scanned from end to end.
    pub scanned_values: u64,
    /// Values looked up whole or by their ends.
    pub looked_up_values: u64,
}

/// Buffers used again for every event.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// Atoms true in this event, with repeats.
    pub(super) atoms: Vec<AtomId>,
    /// A bit per atom; all clear between uses.
    pub(super) bits: Vec<u64>,
    /// Candidate rules by position in the view, each once.
    pub(super) candidates: Vec<u32>,
    /// A bit per rule of the view; all clear between events.
    pub(super) rule_bits: Vec<u64>,
    /// Slots seen in this event.
    pub(super) slot_seen: Vec<u32>,
    pub(super) slot_stamp: u32,
    pub(super) number: String,
    pub(super) folded: String,
}

/// A view as one thread uses it.
#[derive(Debug)]
pub(super) struct ViewState {
    pub(super) view: Arc<View>,
    /// Changes when witnesses are chosen anew, which makes remembered candidates worthless.
    pub(super) epoch: u32,
    /// For each atom the rules it is a witness of.
    pub(super) witnessed: Vec<Vec<u32>>,
    /// Rules without a witness: always candidates.
    pub(super) always: Vec<u32>,
    /// Field names of the last event in order, with their slots.
    pub(super) shape: Vec<(String, u32)>,
    pub(super) lesson: Lesson,
}

/// Measuring how often atoms are true.
#[derive(Debug, Default)]
pub(super) struct Lesson {
    pub(super) on: bool,
    seen: Vec<u32>,
    events: u32,
    length: u32,
    next: u64,
    total: u64,
}

impl ViewState {
    pub(super) fn new(view: Arc<View>) -> Self {
        let lesson = Lesson {
            on: true,
            seen: vec![0; view.atoms],
            length: FIRST_LESSON,
            ..Lesson::default()
        };
        let mut state = Self {
            view,
            epoch: 0,
            witnessed: Vec::new(),
            always: Vec::new(),
            shape: Vec::new(),
            lesson,
        };
        state.choose_witnesses();
        state
    }

    fn choose_witnesses(&mut self) {
        self.epoch += 1;
        self.always.clear();
        self.witnessed = vec![Vec::new(); self.view.found_atoms];
        let lesson = &self.lesson;
        let cost = |atom: AtomId| {
            let found = (atom as usize) < self.view.found_atoms;
            let guess = self.view.guesses.get(atom as usize).copied().unwrap_or(1.0);
            let seen = lesson.seen.get(atom as usize).copied().unwrap_or(0);
            found.then(|| witness::share(guess, seen, lesson.events))
        };
        for (position, rule) in self.view.rules.iter().enumerate() {
            match witness::choose(&rule.expr, &cost) {
                None => self.always.push(position as u32),
                Some(atoms) => {
                    for atom in atoms {
                        if let Some(rules) = self.witnessed.get_mut(atom as usize) {
                            rules.push(position as u32);
                        }
                    }
                }
            }
        }
    }

    /// Counts an event's atoms while a lesson lasts.
    pub(super) fn learn(&mut self, atoms: &[AtomId]) {
        let lesson = &mut self.lesson;
        for atom in atoms {
            if let Some(seen) = lesson.seen.get_mut(*atom as usize) {
                *seen += 1;
            }
        }
        lesson.events += 1;
        if lesson.events >= lesson.length {
            lesson.on = false;
            lesson.next = lesson.total
                + if lesson.length == LESSON {
                    BETWEEN_LESSONS
                } else {
                    u64::from(LESSON)
                };
            self.choose_witnesses();
        }
    }

    /// Counts an event and begins a lesson when one is due.
    pub(super) fn attend(&mut self) {
        let lesson = &mut self.lesson;
        lesson.total += 1;
        if !lesson.on && lesson.total == lesson.next {
            lesson.on = true;
            lesson.events = 0;
            lesson.length = LESSON;
            lesson.seen.fill(0);
        }
    }
}

impl Scratch {
    /// An empty state.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties everything that belongs to another plan.
    pub(super) fn belong_to(&mut self, plan: u64) {
        if self.plan != plan {
            let counts = self.counts;
            *self = Self {
                plan,
                counts,
                ..Self::default()
            };
        }
    }

    /// The view of a set of log sources, made by `make` when this thread has not met it.
    pub(super) fn view(&mut self, sources: &LogSources, make: impl FnOnce() -> Arc<View>) -> u32 {
        if self.by_address.is_empty() {
            self.by_address = vec![None; ADDRESSES];
        }
        let place = (sources.address() >> 4) % ADDRESSES;
        if let Some(Some((known, view))) = self.by_address.get(place)
            && known.address() == sources.address()
        {
            return *view;
        }
        let view = match self.by_sources.get(sources) {
            Some(view) => *view,
            None => self.meet(sources, make()),
        };
        if let Some(known) = self.by_address.get_mut(place) {
            *known = Some((sources.clone(), view));
        }
        view
    }

    fn meet(&mut self, sources: &LogSources, view: Arc<View>) -> u32 {
        if self.by_sources.len() >= MAX_SETS {
            self.by_sources.clear();
        }
        let known = self
            .views
            .iter()
            .position(|state| Arc::ptr_eq(&state.view, &view));
        let position = known.unwrap_or_else(|| {
            self.views.push(ViewState::new(view));
            self.views.len() - 1
        });
        self.by_sources.insert(sources.clone(), position as u32);
        position as u32
    }
}
