//! What matches have added to data sets and taken out of them: over what their lists held.
//!
//! One memory for all shards, kept where alerts are merged, so that the order of packets decides and not that of threads.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::detect::working::Deferred;
use crate::rule::{SetOp, dataset};

/// Changes that are remembered over all sets; the oldest are forgotten first.
const MAX_CHANGES: usize = 524_288;

type Change = (Arc<str>, Box<[u8]>);

/// Changes by set and value.
#[derive(Debug, Default)]
pub(crate) struct LiveSets {
    /// Whether the value is there now.
    present: FxHashMap<Change, bool>,
    order: VecDeque<Change>,
    /// Changes that were forgotten.
    pub(crate) forgotten: u64,
}

impl LiveSets {
    /// Does what a rule asks and says whether the rule's test holds.
    pub(crate) fn decide(&mut self, question: &Deferred) -> bool {
        let there = if question.subdomain && matches!(question.op, SetOp::IsSet | SetOp::IsNotSet) {
            dataset::parents(&question.key).any(|name| self.contains(question, name))
        } else {
            self.contains(question, &question.key)
        };
        match question.op {
            SetOp::IsSet => there,
            SetOp::IsNotSet => !there,
            SetOp::Set => {
                if !there {
                    self.change(question, true);
                }
                !there
            }
            SetOp::Unset => {
                if there {
                    self.change(question, false);
                }
                there
            }
        }
    }

    fn contains(&self, question: &Deferred, key: &[u8]) -> bool {
        let change: Change = (Arc::clone(&question.set.name), key.into());
        let changed = self.present.get(&change).copied();
        changed.unwrap_or_else(|| question.set.entry(key).is_some())
    }

    fn change(&mut self, question: &Deferred, present: bool) {
        let change: Change = (Arc::clone(&question.set.name), question.key.clone());
        if self.present.insert(change.clone(), present).is_none() {
            self.order.push_back(change);
        }
        while self.order.len() > MAX_CHANGES {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            self.present.remove(&oldest);
            self.forgotten += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Dataset, SetKind};

    #[test]
    fn what_was_set_is_set_until_it_is_unset() {
        let set = Arc::new(Dataset::new("seen", SetKind::Text));
        let ask = |op| Deferred {
            set: Arc::clone(&set),
            op,
            key: Box::from(&b"a.example"[..]),
            subdomain: false,
        };
        let mut sets = LiveSets::default();
        assert!(sets.decide(&ask(SetOp::IsNotSet)));
        assert!(sets.decide(&ask(SetOp::Set)) && !sets.decide(&ask(SetOp::Set)));
        assert!(sets.decide(&ask(SetOp::IsSet)));
        assert!(sets.decide(&ask(SetOp::Unset)) && !sets.decide(&ask(SetOp::Unset)));
        assert!(!sets.decide(&ask(SetOp::IsSet)));
    }
}
