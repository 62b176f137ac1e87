//! Correlations: several events that mean something together.
//!
//! A [`CorrelationRule`] names rules (or other correlations), a time span and a condition. The [`Correlator`] is told of
//! each match and raises an alert when a group of matches satisfies a correlation.
//!
//! What the specification leaves open is decided so:
//!
//! * Windows are driven by event time, never by arrival, and slide: an alert says that the condition held for the
//!   `timespan` that ends with the event that completed it.
//! * A condition that more events can make false again (`lt`, `lte`, `eq`, `neq`, `not` in a temporal condition) is judged
//!   when its window closes: it opens with a group's first match and closes `timespan` later, by
//!   [`Correlator::advance`] or by the group's next match after that.
//! * After an alert the group's matches are kept, and the same group raises no further alert until a whole `timespan` has
//!   passed. What is held back is counted.
//! * A match older than the newest of its group by more than the `timespan` is late: counted and left out. Less late
//!   matches take their place in time.
//! * Memory is bounded: by groups and by matches per group. The groups seen longest ago go first; evictions are counted.
//! * A match that lacks a `group-by` field belongs to no group and is left out.

mod condition;
mod correlator;
mod group;
mod limits;
mod read;
mod report;
mod resolve;
mod snapshot;

pub(crate) use resolve::resolve;

pub use condition::TemporalCondition;
pub use correlator::{CorrelationCounts, Correlator};
pub use limits::CorrelatorLimits;
pub use snapshot::Snapshot;

use crate::detection::{Number, Relation};
use crate::rule::Metadata;

/// A correlation rule.
#[derive(Clone, Debug)]
pub struct CorrelationRule {
    /// Title, id, level, tags and all the rest.
    pub metadata: Metadata,
    /// What is computed over a group.
    pub kind: CorrelationKind,
    /// The rules it watches, in the order written.
    pub members: Vec<Member>,
    /// Fields whose values together make a group; aliases among them.
    pub group_by: Vec<String>,
    /// Length of the window in microseconds.
    pub timespan_micros: i64,
    /// What must hold of the figure; all of these.
    pub bounds: Vec<Bound>,
    /// For temporal kinds: which members must have been seen; `None` asks the bounds, or all.
    pub temporal: Option<TemporalCondition>,
    /// Whether the members' own matches are alerts too.
    pub generate: bool,
    /// The correlation as written, to know an unchanged one after a reload.
    pub(crate) fingerprint: u64,
}

/// A rule that a correlation watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Id or name as written.
    pub reference: String,
    /// What it means.
    pub target: Target,
    /// For each `group-by` field its name in events of this member.
    pub group_fields: Vec<String>,
}

/// What a reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Not looked up yet, or unknown.
    Unknown,
    /// A rule by index.
    Rule(usize),
    /// A correlation by index.
    Correlation(usize),
}

/// Kinds of correlation.
#[derive(Clone, Debug, PartialEq)]
pub enum CorrelationKind {
    /// How many matches.
    EventCount,
    /// How many different values (of several fields: different combinations).
    ValueCount(Vec<String>),
    /// All members, in any order.
    Temporal,
    /// All members, in the order written.
    TemporalOrdered,
    /// Sum of a numeric field.
    ValueSum(String),
    /// Average of a numeric field.
    ValueAvg(String),
    /// A percentile (0 to 100) of a numeric field; the median is 50.
    ValuePercentile(String, f64),
}

/// One comparison of a correlation's condition.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// How the figure must relate.
    pub relation: Relation,
    /// To what.
    pub number: Number,
}

impl CorrelationRule {
    /// Whether only the close of a window can tell: more matches can make the condition false again.
    pub(crate) fn waits_for_close(&self) -> bool {
        let bounded = self
            .bounds
            .iter()
            .any(|bound| !matches!(bound.relation, Relation::Greater | Relation::GreaterOrEqual));
        bounded || self.temporal.as_ref().is_some_and(TemporalCondition::denies)
    }

    /// The condition as people read it.
    pub(crate) fn written_condition(&self) -> String {
        let bounds: Vec<String> = self
            .bounds
            .iter()
            .map(|bound| {
                let relation = match bound.relation {
                    Relation::Greater => ">",
                    Relation::GreaterOrEqual => "≥",
                    Relation::Less => "<",
                    Relation::LessOrEqual => "≤",
                    Relation::Equal => "=",
                    Relation::NotEqual => "≠",
                };
                match bound.number {
                    Number::Int(int) => format!("{relation} {int}"),
                    Number::Float(float) => format!("{relation} {float}"),
                }
            })
            .collect();
        let what = match &self.kind {
            CorrelationKind::EventCount => "event_count".to_owned(),
            CorrelationKind::ValueCount(fields) => format!("value_count {}", fields.join(", ")),
            CorrelationKind::Temporal => "temporal".to_owned(),
            CorrelationKind::TemporalOrdered => "temporal_ordered".to_owned(),
            CorrelationKind::ValueSum(field) => format!("value_sum {field}"),
            CorrelationKind::ValueAvg(field) => format!("value_avg {field}"),
            CorrelationKind::ValuePercentile(field, percentile) => {
                format!("value_percentile {percentile} {field}")
            }
        };
        let asked = match &self.temporal {
            Some(condition) => condition.written().to_owned(),
            None => bounds.join(" and "),
        };
        format!("{what} {asked}").trim_end().to_owned()
    }
}
