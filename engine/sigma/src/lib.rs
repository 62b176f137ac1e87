//! Sigma rules, compiled into shared tables and run over events.
//!
//! Rule texts become a [`RuleSet`] (a bad rule is a [`Diagnostic`], the others load), the rule set becomes a [`Plan`],
//! and each thread asks the plan which rules an event makes true. Correlations watch those matches over time. No
//! files, no clock, no threads: texts are handed in, time comes with the event.

mod alert;
mod correlation;
pub mod detection;
mod diagnostic;
mod explain;
mod lint;
mod load;
mod plan;
mod rule;
mod yaml;

pub use alert::{alert, entities};
pub use correlation::{
    Bound, CorrelationCounts, CorrelationKind, CorrelationRule, Correlator, CorrelatorLimits, Member,
    Snapshot, Target, TemporalCondition,
};
pub(crate) use diagnostic::Fault;
pub use diagnostic::{Diagnostic, DiagnosticLevel, Position};
pub use explain::Explanation;
pub use load::{LoadOptions, RuleSet, RuleText};
pub use plan::{Counts, Plan, Scratch};
pub use rule::{Filter, Metadata, Related, Rule};
