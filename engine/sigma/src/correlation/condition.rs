//! Conditions over which members were seen: `rule_a and (rule_b or not rule_c)`.

use super::Member;
use crate::detection::{Block, Condition, Selection};
use crate::{Fault, Position};

/// A boolean expression over a correlation's members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemporalCondition {
    written: String,
    condition: Condition,
}

impl TemporalCondition {
    /// Reads an expression whose names are the members' references; the grammar is that of rules.
    pub(crate) fn parse(text: &str, at: Position, members: &[Member]) -> Result<Self, Fault> {
        let names: Vec<Selection> = members
            .iter()
            .map(|member| Selection {
                name: member.reference.clone(),
                at,
                block: Block::All(Vec::new()),
            })
            .collect();
        Ok(Self {
            written: text.to_owned(),
            condition: Condition::parse(text, at, &names)?,
        })
    }

    /// As the author wrote it.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it has a `not`, so that a member seen later can make it false.
    pub fn denies(&self) -> bool {
        denies(&self.condition)
    }

    /// Whether it holds when `seen` tells of each member whether it was seen.
    pub(crate) fn holds(&self, seen: &dyn Fn(usize) -> bool) -> bool {
        holds(&self.condition, seen)
    }
}

fn denies(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(denies),
        Condition::Not(_) => true,
        Condition::Selection(_) | Condition::AtLeast(..) => false,
    }
}

fn holds(condition: &Condition, seen: &dyn Fn(usize) -> bool) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(part, seen)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, seen)),
        Condition::Not(inner) => !holds(inner, seen),
        Condition::Selection(index) => seen(*index),
        Condition::AtLeast(least, chosen) => chosen.iter().filter(|index| seen(**index)).count() >= *least,
    }
}
