//! The Suricata rule language: load, compile, inspect.
//!
//! [`RuleSet::load`] reads rule texts ([`parse`], [`keyword`]) into [`rule::Rule`]s and diagnostics.

#![deny(clippy::indexing_slicing)]

mod config;
mod diagnostic;
mod inspect;
mod keyword;
mod load;
mod parse;
mod pcre;
pub mod rule;

pub use config::{
    ClassInfo, Classification, GlobalThresholds, References, Suppression, ThresholdOverride, Variables,
};
pub use diagnostic::{Diagnostic, Reason};
pub use inspect::{Found, Limits, Outcome, match_steps, transform};
pub use keyword::keyword_names;
pub use load::{RuleConfig, RuleSet, RuleText};
pub use pcre::Pcre;
