//! From text to the raw parts of a rule: logical lines, header words, options with their positions.
//!
//! Nothing here knows what a keyword means; `crate::keyword` gives the options their meaning.

mod group;
mod lines;
mod options;
pub(crate) mod pattern;
mod words;

pub(crate) use group::Groups;
pub(crate) use lines::logical_lines;
pub(crate) use options::{OptionText, options};
pub(crate) use words::{RawRule, split_rule};
