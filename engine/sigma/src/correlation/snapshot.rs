//! The state of correlations, to be kept over a restart or a reload of rules.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Correlator;
use super::correlator::{GroupKey, Held, Origin};
use super::group::{Group, Match};

/// All groups of a [`Correlator`]. A group is known by its correlation's id and text, so that only unchanged
/// correlations get their groups back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    groups: Vec<SavedGroup>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedGroup {
    correlation: Arc<str>,
    fingerprint: u64,
    values: Box<str>,
    matches: Vec<Match>,
    quiet_until: i64,
    opened: Option<i64>,
    origin: Option<Box<Origin>>,
}

impl Snapshot {
    /// How many groups it holds.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl Correlator {
    /// The state as it is now, in an order that depends on nothing else.
    pub fn snapshot(&self) -> Snapshot {
        let mut keys: Vec<(&GroupKey, &Held)> = self.groups.iter().collect();
        keys.sort_by_key(|(key, _)| *key);
        let saved = keys.into_iter().filter_map(|(key, held)| {
            let rule = self.rules.correlations().get(key.correlation as usize)?;
            Some(SavedGroup {
                correlation: Arc::clone(&rule.metadata.id),
                fingerprint: rule.fingerprint,
                values: key.values.clone(),
                matches: held.group.matches.iter().cloned().collect(),
                quiet_until: held.group.quiet_until,
                opened: held.group.opened,
                origin: held.origin.clone(),
            })
        });
        Snapshot {
            groups: saved.collect(),
        }
    }

    /// Takes groups back from a snapshot; tells how many. Groups of correlations that are gone or were changed are left
    /// out.
    pub fn restore(&mut self, snapshot: Snapshot) -> usize {
        let mut restored = 0;
        for saved in snapshot.groups {
            let rules = Arc::clone(&self.rules);
            let found = rules.correlations().iter().position(|rule| {
                rule.metadata.id == saved.correlation && rule.fingerprint == saved.fingerprint
            });
            let Some(at) = found else { continue };
            let Some(rule) = rules.correlations().get(at) else {
                continue;
            };
            let sane = saved
                .matches
                .iter()
                .all(|found| (found.member as usize) < rule.members.len());
            if !sane {
                continue;
            }
            let key = GroupKey {
                correlation: at as u32,
                values: saved.values,
            };
            let held = Held {
                group: Group::of_matches(saved.matches, saved.quiet_until, saved.opened),
                origin: saved.origin,
            };
            self.put_back(key, held, rule.timespan_micros);
            restored += 1;
        }
        restored
    }
}
