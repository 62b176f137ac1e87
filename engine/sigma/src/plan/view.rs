//! Views: the part of the plan that events of one set of log sources can see.
//!
//! Only the rules that the log sources admit are in it, with their own small tables, so an event pays nothing for rules
//! that may not look at it. Views are made when the first event of their kind comes and are shared between threads.

use rustc_hash::FxHashMap;

use super::field::{FieldBuilder, FieldMatcher};
use super::lower::{Atom, AtomId, Expr, Place, PlanTest, Question, TestId};
use super::witness;

/// One field as a view's rules see it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) name: Box<str>,
    pub(super) matcher: FieldMatcher,
    pub(super) present: Option<AtomId>,
    pub(super) non_null: Option<AtomId>,
    pub(super) single: Option<AtomId>,
}

/// Tests that run only when a candidate rule asks.
#[derive(Debug)]
pub(super) struct OnDemand {
    /// The slot; `None` asks the whole event.
    pub(super) slot: Option<u32>,
    pub(super) tests: Vec<TestId>,
}

/// A rule within a view.
#[derive(Debug)]
pub(super) struct ViewRule {
    /// Its index in the rule set.
    pub(super) index: usize,
    pub(super) expr: Expr,
}

/// The rules and tables for one set of log sources.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) rules: Vec<ViewRule>,
    pub(super) slots: Vec<Slot>,
    pub(super) slot_of: FxHashMap<Box<str>, u32>,
    /// Slots whose names have dots: they may address nested values.
    pub(super) dotted: Vec<u32>,
    /// What keywords ask of every value and the raw text.
    pub(super) keywords: FieldMatcher,
    /// Atoms in this view; those asked on demand come after the others.
    pub(super) atoms: usize,
    pub(super) found_atoms: usize,
    pub(super) on_demand: Vec<OnDemand>,
    /// Expected share of events in which an atom is true.
    pub(super) guesses: Vec<f64>,
}

/// What views are made from.
pub(super) struct Parts<'p> {
    pub(super) fields: &'p [String],
    pub(super) tests: &'p [PlanTest],
    pub(super) atoms: &'p [Atom],
    pub(super) exprs: &'p [Expr],
}

impl View {
    /// The view of the given rules.
    pub(super) fn new(rules: &[usize], parts: &Parts<'_>) -> Self {
        let mut builder = Builder {
            parts,
            view: Self::default(),
            number: FxHashMap::default(),
            fields: Vec::new(),
            keywords: FieldBuilder::default(),
        };
        let used = builder.used_atoms(rules);
        builder.number_atoms(&used);
        for global in used {
            builder.atom(global);
        }
        builder.finish(rules)
    }
}

struct Builder<'p> {
    parts: &'p Parts<'p>,
    view: View,
    number: FxHashMap<AtomId, AtomId>,
    fields: Vec<FieldBuilder>,
    keywords: FieldBuilder,
}

impl Builder<'_> {
    fn used_atoms(&self, rules: &[usize]) -> Vec<AtomId> {
        let mut used = Vec::new();
        for expr in rules.iter().filter_map(|rule| self.parts.exprs.get(*rule)) {
            expr.atoms(&mut |atom| used.push(atom));
        }
        used.sort_unstable();
        used.dedup();
        used
    }

    /// Numbers the atoms that are found while values are read first, those asked on demand after them.
    fn number_atoms(&mut self, used: &[AtomId]) {
        let on_demand = |id: &AtomId| {
            let atom = self.parts.atoms.get(*id as usize);
            matches!(
                atom,
                Some(Atom {
                    question: Question::OnDemand(_),
                    ..
                })
            )
        };
        let (later, first): (Vec<AtomId>, Vec<AtomId>) = used.iter().partition(|id| on_demand(id));
        self.view.found_atoms = first.len();
        self.view.atoms = used.len();
        for (local, global) in first.into_iter().chain(later).enumerate() {
            self.number.insert(global, local as AtomId);
        }
        self.view.guesses = vec![1.0; used.len()];
        self.view.on_demand = (self.view.found_atoms..used.len())
            .map(|_| OnDemand {
                slot: None,
                tests: Vec::new(),
            })
            .collect();
    }

    fn atom(&mut self, global: AtomId) {
        let (Some(atom), Some(&local)) = (self.parts.atoms.get(global as usize), self.number.get(&global))
        else {
            return;
        };
        if let Some(guess) = self.view.guesses.get_mut(local as usize) {
            *guess = witness::guess(&atom.question, self.parts.tests);
        }
        let slot = match atom.place {
            Place::Field(field) => Some(self.slot(field)),
            Place::Event => None,
        };
        let own = slot.and_then(|slot| self.view.slots.get_mut(slot as usize));
        match (&atom.question, own) {
            (Question::Indexed(tests), _) => self.index(slot, local, tests),
            (Question::OnDemand(tests), _) => {
                let position = (local as usize).saturating_sub(self.view.found_atoms);
                if let Some(entry) = self.view.on_demand.get_mut(position) {
                    *entry = OnDemand {
                        slot,
                        tests: tests.clone(),
                    };
                }
            }
            (Question::Present, Some(own)) => own.present = Some(local),
            (Question::NonNull, Some(own)) => own.non_null = Some(local),
            (Question::Single, Some(own)) => own.single = Some(local),
            (_, None) => {}
        }
    }

    fn index(&mut self, slot: Option<u32>, local: AtomId, tests: &[TestId]) {
        let builder = match slot {
            Some(slot) => match self.fields.get_mut(slot as usize) {
                Some(builder) => builder,
                None => return,
            },
            None => &mut self.keywords,
        };
        for id in tests {
            if let Some(test) = self.parts.tests.get(*id as usize) {
                builder.add(local, *id, test);
            }
        }
    }

    fn slot(&mut self, field: u32) -> u32 {
        let name = self.parts.fields.get(field as usize).map_or("", String::as_str);
        if let Some(slot) = self.view.slot_of.get(name) {
            return *slot;
        }
        let slot = self.view.slots.len() as u32;
        if name.contains('.') {
            self.view.dotted.push(slot);
        }
        self.view.slot_of.insert(name.into(), slot);
        self.view.slots.push(Slot {
            name: name.into(),
            ..Slot::default()
        });
        self.fields.push(FieldBuilder::default());
        slot
    }

    fn finish(mut self, rules: &[usize]) -> View {
        for (slot, builder) in self.view.slots.iter_mut().zip(self.fields) {
            slot.matcher = builder.build();
        }
        self.view.keywords = self.keywords.build();
        let number = |global: AtomId| self.number.get(&global).copied().unwrap_or(0);
        let found_atoms = self.view.found_atoms;
        let costs = |atom: AtomId| atom as usize >= found_atoms;
        self.view.rules = rules
            .iter()
            .filter_map(|index| {
                let expr = self
                    .parts
                    .exprs
                    .get(*index)?
                    .renumbered(&number)
                    .cheap_first(&costs);
                Some(ViewRule { index: *index, expr })
            })
            .collect();
        self.view
    }
}
