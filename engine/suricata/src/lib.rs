//! The Suricata rule language: load, compile, inspect.
//!
//! [`RuleSet::load`] reads rule texts into [`rule::Rule`]s and [`Diagnostic`]s. [`CompiledRules::compile`] sorts the rules
//! into groups with one multi-pattern automaton for each buffer. [`Detector`] is the observer of `saola-net` that holds
//! packets, streams and transactions against them and raises [`NetAlert`]s; [`Thresholds`] decides, where the alerts of
//! all shards come together, which of them go on.
//!
//! The crate reads no files and asks no clock: what it raises depends on rules and packets alone.

#![deny(clippy::indexing_slicing)]

pub mod alert;
mod compile;
mod config;
mod detect;
mod diagnostic;
mod inspect;
mod keyword;
mod lists;
mod live_sets;
mod load;
mod parse;
mod pcre;
pub mod rule;
mod thresholds;

pub use alert::{AlertOrigin, NetAlert};
pub use compile::{CompileFigures, CompiledRules, RuleStatistics};
pub use config::{
    ClassInfo, Classification, GlobalThresholds, References, Suppression, ThresholdOverride, Variables,
};
pub use detect::{AlertFields, AlertSink, DetectConfig, DetectCounters, Detector, FlowState};
pub use diagnostic::{Diagnostic, Reason};
pub use inspect::{Found, Limits, Outcome, match_steps, transform};
pub use keyword::keyword_names;
pub use lists::{ListError, ReadList};
pub use load::{RuleConfig, RuleSet, RuleText};
pub use pcre::Pcre;
pub use thresholds::{ThresholdCounters, Thresholds, Verdict};
