//! Which kinds of log an event stands for.
//!
//! A Sigma rule names a log source by product, category and service, any of which may be absent. An event belongs to a
//! *set* of such triples: Sysmon's event 13 is `registry_set`, `registry_event` and service `sysmon` at once. The parser
//! that knows the record decides the set once; rules never guess.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One (product, category, service) triple; an empty text means "not given". Lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogSource {
    /// `windows`, `linux`, `zeek`, …
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub product: Cow<'static, str>,
    /// `process_creation`, `webserver`, `dns`, …
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub category: Cow<'static, str>,
    /// `sysmon`, `sshd`, `auditd`, …
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub service: Cow<'static, str>,
}

impl LogSource {
    /// A triple known at compile time.
    pub const fn new(product: &'static str, category: &'static str, service: &'static str) -> Self {
        Self {
            product: Cow::Borrowed(product),
            category: Cow::Borrowed(category),
            service: Cow::Borrowed(service),
        }
    }

    /// Whether a rule that asks for `self` may look at an event of `event`: every part that the rule gives is the
    /// event's.
    pub fn admits(&self, event: &Self) -> bool {
        let part = |asked: &str, has: &str| asked.is_empty() || asked == has;
        part(&self.product, &event.product)
            && part(&self.category, &event.category)
            && part(&self.service, &event.service)
    }
}

/// The set of log sources of an event: shared, cheap to copy, equal sets share one allocation where the parser keeps
/// them so (the rule engine memoises by content).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogSources(Arc<[LogSource]>);

impl LogSources {
    /// A set of the given triples.
    pub fn new(sources: impl IntoIterator<Item = LogSource>) -> Self {
        Self(sources.into_iter().collect())
    }

    /// The triples.
    pub fn iter(&self) -> std::slice::Iter<'_, LogSource> {
        self.0.iter()
    }

    /// Whether nothing is known about the event's kind.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a rule for `asked` may look at events of this set.
    pub fn admit(&self, asked: &LogSource) -> bool {
        self.0.iter().any(|source| asked.admits(source))
    }

    /// Address of the shared set: equal addresses are equal sets (the opposite need not hold). A key for memo tables
    /// that also keep a clone, so that the address cannot be given to another set meanwhile.
    pub fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }
}

impl<'a> IntoIterator for &'a LogSources {
    type Item = &'a LogSource;
    type IntoIter = std::slice::Iter<'a, LogSource>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_sees_an_event_when_one_triple_has_all_it_asks_for() {
        let registry = LogSources::new([
            LogSource::new("windows", "registry_set", ""),
            LogSource::new("windows", "registry_event", ""),
            LogSource::new("windows", "", "sysmon"),
        ]);
        assert!(registry.admit(&LogSource::new("windows", "registry_event", "")));
        assert!(registry.admit(&LogSource::new("windows", "", "")));
        assert!(registry.admit(&LogSource::new("", "", "sysmon")));
        assert!(!registry.admit(&LogSource::new("windows", "registry_set", "sysmon")));
        assert!(!registry.admit(&LogSource::new("linux", "", "")));
    }
}
