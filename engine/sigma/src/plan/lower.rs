//! Rules to conditions over atoms.
//!
//! An *atom* is one yes-or-no question about one field ("does `CommandLine` contain any of these?"), shared by all
//! rules that ask it. A whole line of a rule, however long its list, is one atom, so that conditions stay short.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::detection::text::Shape;
use crate::detection::{
    Block, Cidr, Condition, Detection, FieldRef, Item, Number, NumberTest, RegexTest, Test, TestKind,
    TextPattern,
};
use crate::rule::Rule;

/// Index of an atom, in the whole plan or in a view.
pub(super) type AtomId = u32;
/// Index of a test in the whole plan.
pub(super) type TestId = u32;

/// Where an atom looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    /// A field, by index.
    Field(u32),
    /// Every value and the raw text.
    Event,
}

/// What an atom asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// Any of these tests, each found by a text that it needs.
    Indexed(Vec<TestId>),
    /// Any of these tests, run only when a candidate rule asks.
    OnDemand(Vec<TestId>),
    /// The field is there.
    Present,
    /// The field is there and not null.
    NonNull,
    /// The field has a single value (text, number, boolean), itself or in a list.
    Single,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Atom {
    pub(super) place: Place,
    pub(super) question: Question,
}

/// A rule's condition over atoms.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Known(bool),
    Atom(AtomId),
    Not(Box<Self>),
    All(Box<[Self]>),
    Any(Box<[Self]>),
    AtLeast(usize, Box<[Self]>),
}

/// A test as the plan keeps it.
#[derive(Clone, Debug)]
pub(super) enum PlanTest {
    Text(TextPattern),
    Regex(Arc<RegexTest>),
    Cidr(Cidr),
    Number(NumberTest),
    FieldRef(FieldRef),
}

/// What makes two tests the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum TestKey {
    Text(TextPattern),
    Regex(String),
    Cidr(Cidr),
    Number(String),
    FieldRef(FieldRef),
}

/// Collects fields, tests and atoms while rules are lowered.
#[derive(Default)]
pub(super) struct Lowering {
    pub(super) fields: Vec<String>,
    pub(super) tests: Vec<PlanTest>,
    pub(super) atoms: Vec<Atom>,
    field_ids: FxHashMap<String, u32>,
    test_ids: FxHashMap<TestKey, TestId>,
    atom_ids: FxHashMap<Atom, AtomId>,
}

impl Lowering {
    /// A rule with its filters: it fires when it holds and none of them does.
    pub(super) fn rule(&mut self, rule: &Rule) -> Expr {
        let mut parts = vec![self.detection(&rule.detection)];
        for filter in &rule.filters {
            parts.push(negate(self.detection(&filter.detection)));
        }
        all(parts)
    }

    fn detection(&mut self, detection: &Detection) -> Expr {
        let selections: Vec<Expr> = detection
            .selections
            .iter()
            .map(|s| self.block(&s.block))
            .collect();
        any(detection
            .conditions
            .iter()
            .map(|c| condition(c, &selections))
            .collect())
    }

    fn block(&mut self, block: &Block) -> Expr {
        match block {
            Block::All(parts) => all(parts.iter().map(|part| self.block(part)).collect()),
            Block::Any(parts) => any(parts.iter().map(|part| self.block(part)).collect()),
            Block::Item(item) => self.item(item),
        }
    }

    fn item(&mut self, item: &Item) -> Expr {
        let place = match &item.field {
            Some(name) => Place::Field(self.field(name)),
            None => Place::Event,
        };
        let positive = if item.all {
            all(item
                .values
                .iter()
                .map(|tests| self.any_of(place, tests.iter()))
                .collect())
        } else {
            self.any_of(place, item.values.iter().flatten())
        };
        if !item.negated {
            return positive;
        }
        let exists = item
            .values
            .iter()
            .flatten()
            .all(|test| matches!(test.kind, TestKind::Present));
        match place {
            Place::Field(_) if !exists => all(vec![self.atom(place, Question::NonNull), negate(positive)]),
            _ => negate(positive),
        }
    }

    fn any_of<'t>(&mut self, place: Place, tests: impl Iterator<Item = &'t Test>) -> Expr {
        let (mut indexed, mut on_demand, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for test in tests {
            match &test.kind {
                TestKind::Null => {
                    let there = self.atom(place, Question::NonNull);
                    parts.push(negate(there));
                }
                TestKind::Present => parts.push(self.atom(place, Question::Present)),
                TestKind::Text(pattern) if pattern.shape() == Shape::Any && place != Place::Event => {
                    parts.push(self.atom(place, Question::Single));
                }
                kind => {
                    let list = if can_be_indexed(kind) {
                        &mut indexed
                    } else {
                        &mut on_demand
                    };
                    list.push(self.test(kind));
                }
            }
        }
        if !indexed.is_empty() {
            parts.push(self.atom(place, Question::Indexed(sorted(indexed))));
        }
        if !on_demand.is_empty() {
            let asked = self.atom(place, Question::OnDemand(sorted(on_demand)));
            parts.push(match place {
                Place::Field(_) => all(vec![self.atom(place, Question::Single), asked]),
                Place::Event => asked,
            });
        }
        any(parts)
    }

    fn field(&mut self, name: &str) -> u32 {
        if let Some(id) = self.field_ids.get(name) {
            return *id;
        }
        let id = self.fields.len() as u32;
        self.fields.push(name.to_owned());
        self.field_ids.insert(name.to_owned(), id);
        id
    }

    fn atom(&mut self, place: Place, question: Question) -> Expr {
        let atom = Atom { place, question };
        let next = self.atoms.len() as AtomId;
        let id = *self.atom_ids.entry(atom.clone()).or_insert(next);
        if id == next {
            self.atoms.push(atom);
        }
        Expr::Atom(id)
    }

    fn test(&mut self, kind: &TestKind) -> TestId {
        let Some((key, test)) = plan_test(kind) else {
            return TestId::MAX;
        };
        let next = self.tests.len() as TestId;
        let id = *self.test_ids.entry(key).or_insert(next);
        if id == next {
            self.tests.push(test);
        }
        id
    }
}

fn plan_test(kind: &TestKind) -> Option<(TestKey, PlanTest)> {
    Some(match kind {
        TestKind::Text(pattern) => (TestKey::Text(pattern.clone()), PlanTest::Text(pattern.clone())),
        TestKind::Regex(regex) => (
            TestKey::Regex(regex.source.clone()),
            PlanTest::Regex(Arc::new((**regex).clone())),
        ),
        TestKind::Cidr(cidr) => (TestKey::Cidr(*cidr), PlanTest::Cidr(*cidr)),
        TestKind::Number(test) => (TestKey::Number(number_key(test)), PlanTest::Number(*test)),
        TestKind::FieldRef(other) => (
            TestKey::FieldRef(other.clone()),
            PlanTest::FieldRef(other.clone()),
        ),
        TestKind::Null | TestKind::Present => return None,
    })
}

fn number_key(test: &NumberTest) -> String {
    let number = match test.number {
        Number::Int(int) => int.to_string(),
        Number::Float(float) => format!("{:x}f", float.to_bits()),
    };
    format!(
        "{:?} {:?} {number} {}",
        test.part, test.relation, test.zone_offset_secs
    )
}

fn can_be_indexed(kind: &TestKind) -> bool {
    match kind {
        TestKind::Text(pattern) => {
            !pattern.longest_text().is_empty() || matches!(pattern.shape(), Shape::Whole(_))
        }
        TestKind::Regex(regex) => !regex.required().is_empty(),
        _ => false,
    }
}

fn sorted(mut tests: Vec<TestId>) -> Vec<TestId> {
    tests.sort_unstable();
    tests.dedup();
    tests
}

fn condition(condition: &Condition, selections: &[Expr]) -> Expr {
    let of = |index: &usize| selections.get(*index).cloned().unwrap_or(Expr::Known(false));
    match condition {
        Condition::All(parts) => all(parts
            .iter()
            .map(|part| self::condition(part, selections))
            .collect()),
        Condition::Any(parts) => any(parts
            .iter()
            .map(|part| self::condition(part, selections))
            .collect()),
        Condition::Not(inner) => negate(self::condition(inner, selections)),
        Condition::Selection(index) => of(index),
        Condition::AtLeast(1, chosen) => any(chosen.iter().map(of).collect()),
        Condition::AtLeast(least, chosen) if *least == chosen.len() => all(chosen.iter().map(of).collect()),
        Condition::AtLeast(least, chosen) => Expr::AtLeast(*least, chosen.iter().map(of).collect()),
    }
}

fn negate(expr: Expr) -> Expr {
    match expr {
        Expr::Not(inner) => *inner,
        Expr::Known(value) => Expr::Known(!value),
        other => Expr::Not(Box::new(other)),
    }
}

fn all(parts: Vec<Expr>) -> Expr {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Expr::Known(true) => {}
            Expr::Known(false) => return Expr::Known(false),
            Expr::All(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Expr::Known(true),
        1 => kept.remove(0),
        _ => Expr::All(kept.into()),
    }
}

fn any(parts: Vec<Expr>) -> Expr {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Expr::Known(false) => {}
            Expr::Known(true) => return Expr::Known(true),
            Expr::Any(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Expr::Known(false),
        1 => kept.remove(0),
        _ => Expr::Any(kept.into()),
    }
}

impl Expr {
    /// Calls `visit` for every atom, repeats included.
    pub(super) fn atoms(&self, visit: &mut dyn FnMut(AtomId)) {
        match self {
            Self::Known(_) => {}
            Self::Atom(atom) => visit(*atom),
            Self::Not(inner) => inner.atoms(visit),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().for_each(|part| part.atoms(visit));
            }
        }
    }

    /// The same over other atom numbers.
    pub(super) fn renumbered(&self, number: &dyn Fn(AtomId) -> AtomId) -> Self {
        let list = |parts: &[Self]| parts.iter().map(|part| part.renumbered(number)).collect();
        match self {
            Self::Known(value) => Self::Known(*value),
            Self::Atom(atom) => Self::Atom(number(*atom)),
            Self::Not(inner) => Self::Not(Box::new(inner.renumbered(number))),
            Self::All(parts) => Self::All(list(parts)),
            Self::Any(parts) => Self::Any(list(parts)),
            Self::AtLeast(least, parts) => Self::AtLeast(*least, list(parts)),
        }
    }

    /// The same with parts that cost nothing before those that have to run a test, so that most tests are never run.
    pub(super) fn cheap_first(self, costs: &dyn Fn(AtomId) -> bool) -> Self {
        let sorted = |parts: Box<[Self]>| {
            let mut parts: Vec<Self> = parts.into_iter().map(|part| part.cheap_first(costs)).collect();
            parts.sort_by_cached_key(|part| {
                let mut any = false;
                part.atoms(&mut |atom| any |= costs(atom));
                any
            });
            parts.into()
        };
        match self {
            Self::Not(inner) => Self::Not(Box::new(inner.cheap_first(costs))),
            Self::All(parts) => Self::All(sorted(parts)),
            Self::Any(parts) => Self::Any(sorted(parts)),
            Self::AtLeast(least, parts) => Self::AtLeast(least, sorted(parts)),
            other => other,
        }
    }

    /// Its value when `atom` tells each atom's.
    pub(super) fn holds(&self, atom: &mut dyn FnMut(AtomId) -> bool) -> bool {
        match self {
            Self::Known(value) => *value,
            Self::Atom(id) => atom(*id),
            Self::Not(inner) => !inner.holds(atom),
            Self::All(parts) => parts.iter().all(|part| part.holds(atom)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(atom)),
            Self::AtLeast(least, parts) => {
                let mut left = *least;
                parts.iter().any(|part| {
                    left -= usize::from(part.holds(atom));
                    left == 0
                })
            }
        }
    }
}
