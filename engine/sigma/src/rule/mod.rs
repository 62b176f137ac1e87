//! Rules as loaded: everything the author wrote, and the detection as a tree.

mod metadata;

use saola_event::LogSource;

use crate::detection::Detection;
pub use metadata::{Metadata, Related};
pub(crate) use metadata::{log_source, metadata};

/// A detection rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Title, id, level, tags and all the rest, custom keys included.
    pub metadata: Metadata,
    /// Which events it may look at. Enforced by the event's set of log sources, never by a condition.
    pub logsource: LogSource,
    /// What it asks for.
    pub detection: Detection,
    /// Filters that name this rule: it fires only when none of them holds.
    pub filters: Vec<Filter>,
    /// Whether a match is an alert by itself; `false` for rules that only feed correlations without `generate`.
    pub reports: bool,
}

/// A filter document: what is not to be reported by the rules it names.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The filter's own title, id and so on.
    pub metadata: Metadata,
    /// Which rules it may touch.
    pub logsource: LogSource,
    /// Ids or names of the rules; empty means any rule.
    pub rules: Vec<String>,
    /// What it takes out.
    pub detection: Detection,
}

impl Filter {
    /// Whether it applies to a rule.
    pub fn names(&self, rule: &Rule) -> bool {
        let named = self.rules.is_empty()
            || self
                .rules
                .iter()
                .any(|reference| rule.metadata.is_called(reference));
        named && self.logsource.admits(&rule.logsource)
    }
}
