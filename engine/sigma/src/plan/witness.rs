//! Witnesses: for each rule the cheapest set of atoms of which at least one is true whenever the rule holds.
//!
//! A rule is looked at only when one of its witnesses is seen. Which set is cheapest is first guessed from the tests
//! and then measured on the events themselves, because a rule set cannot know what is common at a site. The choice
//! never changes what fires.

use super::lower::{AtomId, Expr, PlanTest, Question};
use crate::detection::text::Shape;

/// How many events a guess weighs against measured ones.
const PRIOR_EVENTS: f64 = 16.0;

/// Expected share of events in which an atom is true.
pub(super) fn guess(question: &Question, tests: &[PlanTest]) -> f64 {
    match question {
        Question::Present | Question::NonNull | Question::Single => 0.95,
        Question::OnDemand(_) => 1.0,
        Question::Indexed(ids) => {
            let sum: f64 = ids
                .iter()
                .filter_map(|id| tests.get(*id as usize))
                .map(guess_test)
                .sum();
            sum.min(1.0)
        }
    }
}

fn guess_test(test: &PlanTest) -> f64 {
    let PlanTest::Text(pattern) = test else {
        return 0.02;
    };
    let by_length = |text: &str| match text.len() {
        0 | 1 => 0.8,
        2 => 0.3,
        3 => 0.1,
        4..=6 => 0.03,
        _ => 0.005,
    };
    match pattern.shape() {
        Shape::Any => 0.95,
        Shape::Whole(_) => 0.01,
        Shape::Start(text) | Shape::End(text) => by_length(text) / 2.0,
        Shape::Anywhere(text) => by_length(text),
        Shape::Mixed => by_length(pattern.longest_text()),
    }
}

/// The share by guess and measurement together.
pub(super) fn share(guess: f64, seen: u32, events: u32) -> f64 {
    (f64::from(seen) + guess * PRIOR_EVENTS) / (f64::from(events) + PRIOR_EVENTS)
}

/// The cheapest witnesses of a condition; `None` when it can hold with no atom true.
pub(super) fn choose(expr: &Expr, cost: &dyn Fn(AtomId) -> Option<f64>) -> Option<Vec<AtomId>> {
    best(expr, cost).map(|(_, atoms)| atoms)
}

fn best(expr: &Expr, cost: &dyn Fn(AtomId) -> Option<f64>) -> Option<(f64, Vec<AtomId>)> {
    match expr {
        Expr::Known(false) => Some((0.0, Vec::new())),
        Expr::Known(true) | Expr::Not(_) => None,
        Expr::Atom(atom) => cost(*atom).map(|cost| (cost, vec![*atom])),
        Expr::All(parts) => parts
            .iter()
            .filter_map(|part| best(part, cost))
            .min_by(|a, b| a.0.total_cmp(&b.0)),
        Expr::Any(parts) => Some(joined(
            parts.iter().map(|part| best(part, cost)).collect::<Option<_>>()?,
        )),
        Expr::AtLeast(least, parts) => {
            // Were all of some n - least + 1 parts false, fewer than `least` could be true.
            let mut each: Vec<_> = parts.iter().filter_map(|part| best(part, cost)).collect();
            each.sort_by(|a, b| a.0.total_cmp(&b.0));
            let needed = (parts.len() + 1).saturating_sub(*least);
            (each.len() >= needed).then(|| each.truncate(needed))?;
            Some(joined(each))
        }
    }
}

fn joined(parts: Vec<(f64, Vec<AtomId>)>) -> (f64, Vec<AtomId>) {
    let cost = parts.iter().map(|(cost, _)| cost).sum();
    (cost, parts.into_iter().flat_map(|(_, atoms)| atoms).collect())
}
