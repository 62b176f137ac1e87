//! Why a rule fired, or did not: the rule's tree with true and false, and the values that made it so.
//!
//! This walks the tree as written and compares value by value; it is for alerts and for people, not for every event.

mod item;

use saola_event::{Event, Evidence};
use serde::Serialize;

use crate::detection::{Block, Condition, Detection};
use crate::{Plan, Rule};

/// Most pieces of evidence an alert carries.
const MAX_EVIDENCE: usize = 32;

/// A node of the tree of true and false.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What is asked: `all of`, `not`, `selection cli`, `CommandLine|contains: whoami`.
    pub text: String,
    /// Whether it is so.
    pub holds: bool,
    /// The value that made it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Its parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Self>,
}

impl Explanation {
    fn new(text: impl Into<String>, holds: bool, children: Vec<Self>) -> Self {
        Self {
            text: text.into(),
            holds,
            evidence: None,
            children,
        }
    }
}

impl Plan {
    /// What in the event made a rule fire: one piece of evidence for each line of the rule that contributed.
    pub fn explain(&self, rule: usize, event: &Event<'_>) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        if let Some(rule) = self.rule_set().rules().get(rule) {
            for condition in &rule.detection.conditions {
                collect(&rule.detection, condition, event, &mut evidence);
            }
        }
        evidence.truncate(MAX_EVIDENCE);
        evidence
    }

    /// The rule as a tree of true and false, log source and filters included; `None` when there is no such rule.
    pub fn explain_tree(&self, rule: usize, event: &Event<'_>) -> Option<Explanation> {
        self.rule_set().rules().get(rule).map(|rule| tree(rule, event))
    }
}

fn tree(rule: &Rule, event: &Event<'_>) -> Explanation {
    let asked = &rule.logsource;
    let parts: Vec<String> = [
        ("product", &asked.product),
        ("category", &asked.category),
        ("service", &asked.service),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| format!("{name} {value}"))
    .collect();
    let mut children = vec![
        Explanation::new(
            format!("logsource {}", parts.join(", ")),
            event.sources.admit(asked),
            Vec::new(),
        ),
        detection_tree(&rule.detection, event),
    ];
    for filter in &rule.filters {
        let inner = detection_tree(&filter.detection, event);
        let text = format!("not filter {}", filter.metadata.title);
        children.push(Explanation::new(text, !inner.holds, vec![inner]));
    }
    let holds = children.iter().all(|child| child.holds);
    Explanation::new(&*rule.metadata.title, holds, children)
}

fn detection_tree(detection: &Detection, event: &Event<'_>) -> Explanation {
    let written = detection.written.join(" | ");
    let children: Vec<Explanation> = detection
        .conditions
        .iter()
        .map(|condition| condition_tree(detection, condition, event))
        .collect();
    let holds = children.iter().any(|child| child.holds);
    Explanation::new(format!("condition: {written}"), holds, children)
}

fn condition_tree(detection: &Detection, condition: &Condition, event: &Event<'_>) -> Explanation {
    let each = |parts: &[Condition]| -> Vec<Explanation> {
        parts
            .iter()
            .map(|part| condition_tree(detection, part, event))
            .collect()
    };
    match condition {
        Condition::All(parts) => all_of(each(parts)),
        Condition::Any(parts) => any_of(each(parts)),
        Condition::Not(inner) => {
            let inner = condition_tree(detection, inner, event);
            Explanation::new("not", !inner.holds, vec![inner])
        }
        Condition::Selection(index) => selection_tree(detection, *index, event),
        Condition::AtLeast(least, chosen) => {
            let children: Vec<Explanation> = chosen
                .iter()
                .map(|index| selection_tree(detection, *index, event))
                .collect();
            let holds = children.iter().filter(|child| child.holds).count() >= *least;
            Explanation::new(format!("at least {least} of"), holds, children)
        }
    }
}

fn selection_tree(detection: &Detection, index: usize, event: &Event<'_>) -> Explanation {
    let Some(selection) = detection.selections.get(index) else {
        return Explanation::new("no such selection", false, Vec::new());
    };
    let inner = block_tree(&selection.block, event);
    Explanation::new(format!("selection {}", selection.name), inner.holds, vec![inner])
}

fn block_tree(block: &Block, event: &Event<'_>) -> Explanation {
    match block {
        Block::All(parts) => all_of(parts.iter().map(|part| block_tree(part, event)).collect()),
        Block::Any(parts) => any_of(parts.iter().map(|part| block_tree(part, event)).collect()),
        Block::Item(item) => item::tree(item, event),
    }
}

fn all_of(mut children: Vec<Explanation>) -> Explanation {
    if children.len() == 1 {
        return children.remove(0);
    }
    let holds = children.iter().all(|child| child.holds);
    Explanation::new("all of", holds, children)
}

fn any_of(mut children: Vec<Explanation>) -> Explanation {
    if children.len() == 1 {
        return children.remove(0);
    }
    let holds = children.iter().any(|child| child.holds);
    Explanation::new("any of", holds, children)
}

/// Gathers the evidence of what holds and is not under a `not`; tells whether the condition holds.
fn collect(
    detection: &Detection,
    condition: &Condition,
    event: &Event<'_>,
    evidence: &mut Vec<Evidence>,
) -> bool {
    let from = evidence.len();
    let holds = match condition {
        Condition::All(parts) => {
            let each: Vec<bool> = parts
                .iter()
                .map(|part| collect(detection, part, event, evidence))
                .collect();
            !each.contains(&false)
        }
        Condition::Any(parts) => {
            let each: Vec<bool> = parts
                .iter()
                .map(|part| collect(detection, part, event, evidence))
                .collect();
            each.contains(&true)
        }
        Condition::Not(inner) => !collect(detection, inner, event, &mut Vec::new()),
        Condition::Selection(index) => collect_selection(detection, *index, event, evidence),
        Condition::AtLeast(least, chosen) => {
            let each = chosen
                .iter()
                .map(|index| collect_selection(detection, *index, event, evidence));
            each.filter(|holds| *holds).count() >= *least
        }
    };
    if !holds {
        evidence.truncate(from);
    }
    holds
}

fn collect_selection(
    detection: &Detection,
    index: usize,
    event: &Event<'_>,
    evidence: &mut Vec<Evidence>,
) -> bool {
    let block = detection.selections.get(index).map(|selection| &selection.block);
    block.is_some_and(|block| collect_block(block, event, evidence))
}

fn collect_block(block: &Block, event: &Event<'_>, evidence: &mut Vec<Evidence>) -> bool {
    let from = evidence.len();
    let holds = match block {
        Block::All(parts) => {
            let each: Vec<bool> = parts
                .iter()
                .map(|part| collect_block(part, event, evidence))
                .collect();
            !each.contains(&false)
        }
        Block::Any(parts) => {
            let each: Vec<bool> = parts
                .iter()
                .map(|part| collect_block(part, event, evidence))
                .collect();
            each.contains(&true)
        }
        Block::Item(item) => item::collect(item, event, evidence),
    };
    if !holds {
        evidence.truncate(from);
    }
    holds
}
