//! One event through a view.

use saola_event::{Event, Fields, Value};

use super::Plan;
use super::field::{FieldMatcher, Hits};
use super::lower::{AtomId, PlanTest, TestId};
use super::memo::{MAX_VALUE, Memo, Owner};
use super::scratch::{Buffers, Counts, NO_SLOT, Scratch, ViewState};
use super::view::{OnDemand, View};
use crate::detection::test::{any_leaf, any_single, text_of, visit_path};
use crate::detection::text::fold_into;

impl Plan {
    /// The rules that an event makes true, as indexes into [`crate::RuleSet::rules`], in rising order.
    ///
    /// Nothing is allocated for an event that no rule is interested in, once the buffers have grown.
    pub fn evaluate<'s>(&self, event: &Event<'_>, scratch: &'s mut Scratch) -> &'s [usize] {
        scratch.belong_to(self.id);
        scratch.matches.clear();
        scratch.counts.events += 1;
        let number = scratch.view(&event.sources, || self.view(&event.sources));
        let Some(state) = scratch.views.get_mut(number as usize) else {
            return &[];
        };
        if state.view.rules.is_empty() {
            return &[];
        }
        state.attend();
        scratch.buffers.prepare(&state.view);
        let mut reading = Reading {
            plan: self,
            number,
            state,
            memo: &mut scratch.memo,
            buffers: &mut scratch.buffers,
            counts: &mut scratch.counts,
        };
        reading.event(event);
        reading.conditions(event, &mut scratch.matches);
        scratch.matches.sort_unstable();
        &scratch.matches
    }
}

impl Buffers {
    fn prepare(&mut self, view: &View) {
        let grow = |bits: &mut Vec<u64>, wanted: usize| {
            if bits.len() * 64 < wanted {
                bits.resize(wanted.div_ceil(64), 0);
            }
        };
        grow(&mut self.bits, view.atoms);
        grow(&mut self.rule_bits, view.rules.len());
        self.atoms.clear();
        self.candidates.clear();
        if self.slot_seen.len() < view.slots.len() {
            self.slot_seen.resize(view.slots.len(), 0);
        }
        self.slot_stamp = self.slot_stamp.wrapping_add(1);
        if self.slot_stamp == 0 {
            self.slot_seen.fill(0);
            self.slot_stamp = 1;
        }
    }

    /// Marks a slot as seen; whether it had been.
    fn see(&mut self, slot: u32) -> bool {
        match self.slot_seen.get_mut(slot as usize) {
            Some(stamp) if *stamp != self.slot_stamp => {
                *stamp = self.slot_stamp;
                false
            }
            _ => true,
        }
    }

    fn candidate(&mut self, rule: u32) {
        if let Some(word) = self.rule_bits.get_mut(rule as usize / 64)
            && *word >> (rule % 64) & 1 == 0
        {
            *word |= 1 << (rule % 64);
            self.candidates.push(rule);
        }
    }
}

/// An event being read.
struct Reading<'r> {
    plan: &'r Plan,
    number: u32,
    state: &'r mut ViewState,
    memo: &'r mut Memo,
    buffers: &'r mut Buffers,
    counts: &'r mut Counts,
}

impl Reading<'_> {
    fn event(&mut self, event: &Event<'_>) {
        let keywords = !self.state.view.keywords.is_empty();
        let mut nested = false;
        for (position, (name, value)) in event.fields.iter().enumerate() {
            nested |= matches!(value, Value::Map(_) | Value::List(_));
            let slot = self.slot(position, name);
            if slot != NO_SLOT && !self.buffers.see(slot) {
                self.value(slot, value);
            }
            match value {
                _ if !keywords => {}
                Value::Text(text) => self.keywords_in_text(text),
                Value::List(_) | Value::Map(_) => {
                    any_leaf(value, &mut |leaf| {
                        self.keywords_in(leaf);
                        false
                    });
                }
                _ if !self.state.view.keywords.reads_numbers() => {}
                other => {
                    any_leaf(other, &mut |leaf| {
                        self.keywords_in(leaf);
                        false
                    });
                }
            }
        }
        if nested {
            self.nested(&event.fields);
        }
        if keywords && !is_structured(&event.raw) {
            self.keywords_in_text(&event.raw);
        }
        if self.state.lesson.on {
            self.state.learn(&self.buffers.atoms);
        }
    }

    /// The slot of a field: where the same field stood in the event before, or by name.
    fn slot(&mut self, position: usize, name: &str) -> u32 {
        if let Some((known, slot)) = self.state.shape.get(position)
            && known == name
        {
            return *slot;
        }
        let slot = self.state.view.slot_of.get(name).copied().unwrap_or(NO_SLOT);
        let shape = &mut self.state.shape;
        if position < 256 && name.len() <= 64 {
            if position >= shape.len() {
                shape.resize(position + 1, (String::new(), NO_SLOT));
            }
            if let Some((known, place)) = shape.get_mut(position) {
                known.clear();
                known.push_str(name);
                *place = slot;
            }
        }
        slot
    }

    /// Values of nested fields, for slots with dots in their names that no flat field answered.
    fn nested(&mut self, fields: &Fields<'_>) {
        let view = std::sync::Arc::clone(&self.state.view);
        for slot in &view.dotted {
            let Some(own) = view.slots.get(*slot as usize) else {
                continue;
            };
            let seen = self.buffers.slot_seen.get(*slot as usize) == Some(&self.buffers.slot_stamp);
            if !seen {
                visit_path(fields, &own.name, &mut |value| self.value(*slot, value));
            }
        }
    }

    fn value(&mut self, slot: u32, value: &Value<'_>) {
        let (present, non_null, single, reads) = match self.state.view.slots.get(slot as usize) {
            Some(own) => (own.present, own.non_null, own.single, !own.matcher.is_empty()),
            None => return,
        };
        if let Some(atom) = present {
            self.found(atom);
        }
        if let (Some(atom), false) = (non_null, matches!(value, Value::Null)) {
            self.found(atom);
        }
        match value {
            Value::Text(text) => {
                if let Some(atom) = single {
                    self.found(atom);
                }
                if reads {
                    self.text(slot, text);
                }
            }
            Value::Null | Value::Map(_) => {}
            Value::List(_) => {
                any_single(value, &mut |element| {
                    self.single(slot, element, single, reads);
                    false
                });
            }
            other => self.single(slot, other, single, reads),
        }
    }

    fn single(&mut self, slot: u32, value: &Value<'_>, single: Option<AtomId>, reads: bool) {
        if let Some(atom) = single {
            self.found(atom);
        }
        if reads {
            let mut number = std::mem::take(&mut self.buffers.number);
            if let Some(text) = text_of(value, &mut number) {
                self.text(slot, text);
            }
            self.buffers.number = number;
        }
    }

    /// An atom that needs no text.
    fn found(&mut self, atom: AtomId) {
        self.buffers.atoms.push(atom);
        for rule in self.state.witnessed.get(atom as usize).into_iter().flatten() {
            self.buffers.candidate(*rule);
        }
    }

    fn text(&mut self, slot: u32, text: &str) {
        let Some(own) = self.state.view.slots.get(slot as usize) else {
            return;
        };
        if text.len() > MAX_VALUE || !own.matcher.scans() {
            let from = self.buffers.atoms.len();
            scan(&own.matcher, text, &self.plan.tests, self.buffers);
            self.counts.looked_up_values += 1;
            self.witnesses_from(from);
            return;
        }
        let owner = Owner {
            view: self.number,
            epoch: self.state.epoch,
            slot,
        };
        let position = Memo::position(owner, text);
        if let Some(entry) = self.memo.find(position, owner, text) {
            self.counts.remembered_values += 1;
            self.buffers.atoms.extend_from_slice(entry.atoms());
            for rule in entry.candidates() {
                self.buffers.candidate(*rule);
            }
            return;
        }
        self.counts.scanned_values += 1;
        let from = self.buffers.atoms.len();
        scan(&own.matcher, text, &self.plan.tests, self.buffers);
        let found = self.buffers.atoms.get(from..).unwrap_or_default();
        if let Some(entry) = self.memo.replace(position, owner, text) {
            let rules = found
                .iter()
                .filter_map(|atom| self.state.witnessed.get(*atom as usize))
                .flatten();
            entry.fill(found, rules.copied());
            for rule in entry.candidates() {
                self.buffers.candidate(*rule);
            }
        }
    }

    fn keywords_in(&mut self, leaf: &Value<'_>) {
        match leaf {
            Value::Text(text) => self.keywords_in_text(text),
            other => {
                let mut number = std::mem::take(&mut self.buffers.number);
                if let Some(text) = text_of(other, &mut number) {
                    self.keywords_in_text(text);
                }
                self.buffers.number = number;
            }
        }
    }

    fn keywords_in_text(&mut self, text: &str) {
        let view = &self.state.view;
        if view.keywords.is_quiet(text) {
            return;
        }
        let from = self.buffers.atoms.len();
        scan(&view.keywords, text, &self.plan.tests, self.buffers);
        self.witnesses_from(from);
    }

    /// Makes candidates of the rules that the atoms from a place on are witnesses of.
    fn witnesses_from(&mut self, from: usize) {
        for at in from..self.buffers.atoms.len() {
            let atom = self.buffers.atoms.get(at).map_or(0, |atom| *atom as usize);
            for rule in self.state.witnessed.get(atom).into_iter().flatten() {
                self.buffers.candidate(*rule);
            }
        }
    }

    /// Evaluates the candidates' conditions.
    fn conditions(&mut self, event: &Event<'_>, matches: &mut Vec<usize>) {
        let buffers = &mut *self.buffers;
        for rule in &self.state.always {
            buffers.candidate(*rule);
        }
        if buffers.candidates.is_empty() {
            return;
        }
        for atom in &buffers.atoms {
            buffers.bits[*atom as usize / 64] |= 1 << (atom % 64);
        }
        let view = &*self.state.view;
        let asking = Asking {
            plan: self.plan,
            view,
            bits: &buffers.bits,
            event,
        };
        for position in &buffers.candidates {
            let Some(rule) = view.rules.get(*position as usize) else {
                continue;
            };
            self.counts.candidates += 1;
            if rule.expr.holds(&mut |atom| asking.atom(atom)) {
                self.counts.matches += 1;
                matches.push(rule.index);
            }
        }
        for atom in &buffers.atoms {
            buffers.bits[*atom as usize / 64] = 0;
        }
        for rule in &buffers.candidates {
            buffers.rule_bits[*rule as usize / 64] = 0;
        }
    }
}

/// Scans a value into the list of atoms, each once per value.
fn scan(matcher: &FieldMatcher, text: &str, tests: &[PlanTest], buffers: &mut Buffers) {
    let from = buffers.atoms.len();
    let mut hits = Hits {
        bits: &mut buffers.bits,
        atoms: &mut buffers.atoms,
    };
    matcher.find(text, &mut buffers.folded, tests, &mut hits);
    for atom in buffers.atoms.get(from..).unwrap_or_default() {
        buffers.bits[*atom as usize / 64] = 0;
    }
}

/// Whether a raw text is JSON, whose values are the fields: keywords then look at the values, not at the punctuation.
pub(crate) fn is_structured(raw: &str) -> bool {
    matches!(raw.trim_start().as_bytes().first(), Some(b'{' | b'['))
}

/// Answers conditions' questions.
struct Asking<'a> {
    plan: &'a Plan,
    view: &'a View,
    bits: &'a [u64],
    event: &'a Event<'a>,
}

impl Asking<'_> {
    fn atom(&self, atom: AtomId) -> bool {
        let index = atom as usize;
        if index < self.view.found_atoms {
            return self.bits[index / 64] >> (index % 64) & 1 == 1;
        }
        self.view
            .on_demand
            .get(index - self.view.found_atoms)
            .is_some_and(|asked| self.on_demand(asked))
    }

    fn on_demand(&self, asked: &OnDemand) -> bool {
        let fields = &self.event.fields;
        let mut passes = |value: &Value<'_>| asked.tests.iter().any(|test| self.passes(*test, value));
        match asked.slot.and_then(|slot| self.view.slots.get(slot as usize)) {
            Some(slot) => {
                let mut any = false;
                visit_path(fields, &slot.name, &mut |value| {
                    any = any || any_single(value, &mut passes);
                });
                any
            }
            None => {
                fields.iter().any(|(_, value)| any_leaf(value, &mut passes))
                    || (!is_structured(&self.event.raw) && passes(&Value::from(&*self.event.raw)))
            }
        }
    }

    fn passes(&self, test: TestId, value: &Value<'_>) -> bool {
        let mut buffer = String::new();
        match self.plan.tests.get(test as usize) {
            None => false,
            Some(PlanTest::Number(test)) => test.matches(value),
            Some(PlanTest::FieldRef(other)) => other.matches(value, &self.event.fields),
            Some(test) => text_of(value, &mut buffer).is_some_and(|text| {
                let mut folded = String::new();
                // Expressions and networks look at the value as it is.
                if matches!(test, PlanTest::Text(_)) {
                    fold_into(text, &mut folded);
                }
                test.matches_text(text, &folded)
            }),
        }
    }
}
