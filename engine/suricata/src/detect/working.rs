//! What the tests of one rule work with and leave behind: variables, contexts for the alert, questions for the merge.

use std::sync::Arc;

use serde_json::Value;

use crate::inspect::Found;
use crate::rule::{BufferTest, Dataset, DatasetTest, SetOp, Step, dataset};

/// A question about a set that rules change: it is decided where alerts are merged.
#[derive(Clone, Debug)]
pub(crate) struct Deferred {
    pub(crate) set: Arc<Dataset>,
    pub(crate) op: SetOp,
    pub(crate) key: Box<[u8]>,
    pub(crate) subdomain: bool,
}

/// Text that a pattern's group has caught, under a name: for the flow or for the packet.
#[derive(Clone, Debug)]
pub(crate) struct Caught {
    pub(crate) of_flow: bool,
    pub(crate) name: Arc<str>,
    pub(crate) text: String,
}

/// What comes out of a rule's tests beside yes or no.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    /// JSON objects of values found in sets, by the name the rule gives them.
    pub(crate) contexts: Vec<(Arc<str>, Arc<Value>)>,
    pub(crate) deferred: Vec<Deferred>,
    pub(crate) caught: Vec<Caught>,
}

/// Bytes of a caught text that are kept.
const MAX_CAUGHT_BYTES: usize = 4096;

/// Memory for the tests of one rule; used again for the next.
#[derive(Debug, Default)]
pub(super) struct Working {
    pub(super) slots: Vec<u64>,
    pub(super) extras: Extras,
}

impl Working {
    /// Clean, with room for a rule's variables.
    pub(super) fn begin(&mut self, slots: u8) {
        self.slots.clear();
        self.slots.resize(usize::from(slots), 0);
        self.extras = Extras::default();
    }

    /// What the tests left behind.
    pub(super) fn take(&mut self) -> Extras {
        std::mem::take(&mut self.extras)
    }

    /// The steps that look at the whole buffer, once the others hold.
    pub(super) fn whole_steps(&mut self, test: &BufferTest, bytes: &[u8], found: &[Found]) -> bool {
        let holds = test.steps.iter().all(|step| match step {
            Step::Dataset(test) => self.dataset(test, bytes),
            Step::Reputation(test) => test
                .set
                .key(bytes)
                .and_then(|key| test.set.entry(&key))
                .is_some_and(|entry| test.test.holds(entry.reputation.into())),
            _ => true,
        });
        if holds {
            self.catch(test, bytes, found);
        }
        holds
    }

    fn dataset(&mut self, test: &DatasetTest, bytes: &[u8]) -> bool {
        let Some(key) = test.set.key(bytes) else {
            return false;
        };
        if test.set.is_changing() {
            self.extras.deferred.push(Deferred {
                set: Arc::clone(&test.set),
                op: test.op,
                key: key.into(),
                subdomain: test.subdomain,
            });
            return true;
        }
        let entry = if test.subdomain {
            dataset::parents(&key).find_map(|name| test.set.entry(name))
        } else {
            test.set.entry(&key)
        };
        let context = entry.and_then(|entry| entry.context.clone());
        if let (Some(name), Some(context)) = (&test.context, context) {
            self.extras.contexts.push((Arc::clone(name), context));
        }
        entry.is_some() == (test.op == SetOp::IsSet)
    }

    fn catch(&mut self, test: &BufferTest, bytes: &[u8], found: &[Found]) {
        for found in found {
            let Some(Step::Pcre(pcre)) = test.steps.get(found.step) else {
                continue;
            };
            for (of_flow, name, text) in pcre.caught(bytes.get(found.start..).unwrap_or_default()) {
                let text = text.get(..MAX_CAUGHT_BYTES).unwrap_or(text);
                self.extras.caught.push(Caught {
                    of_flow,
                    name: Arc::clone(name),
                    text: String::from_utf8_lossy(text).into_owned(),
                });
            }
        }
    }
}
