//! What a rule asks for, as a tree: the meaning of the language, before anything is made fast.
//!
//! A [`Detection`] is named selections and conditions over them. A selection is a tree of [`Block`]s whose leaves are
//! [`Item`]s (`CommandLine|contains: […]`); an item holds [`Test`]s. `plan` compiles this; `explain` walks it.
//!
//! Choices where the specification is silent:
//!
//! * Case is folded by Unicode's simple rules, one character to one character ([`text::fold_char`]).
//! * `null` is "missing or null"; `''` is "present and empty"; `exists` is "present, whatever the value".
//! * `neq` asks for a field that is there (and not null) and whose values are all different; `not` is plain negation.
//! * A list in an event matches when any element does. `*` alone matches any single value, the empty text included.
//! * A plain number in a rule matches by its text as written and by its value in decimal.
//! * Keywords are looked for inside every value of the event and in its raw text.

pub(crate) mod build;
pub(crate) mod cidr;
pub(crate) mod condition;
pub(crate) mod encode;
mod item;
pub(crate) mod modifier;
pub(crate) mod number;
pub(crate) mod regex;
pub(crate) mod test;
pub mod text;
pub(crate) mod time_part;

pub use cidr::Cidr;
pub use condition::Condition;
pub use number::{Number, NumberTest, Relation};
pub use regex::RegexTest;
pub use text::{Piece, TextPattern};
pub use time_part::TimePart;

use crate::Position;

/// The `detection` section of a rule or filter.
#[derive(Clone, Debug)]
pub struct Detection {
    /// Named selections in the order written.
    pub selections: Vec<Selection>,
    /// Conditions; any of them suffices.
    pub conditions: Vec<Condition>,
    /// Conditions as written.
    pub written: Vec<String>,
}

/// A named selection.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub at: Position,
    /// What it asks.
    pub block: Block,
}

/// A tree of items.
#[derive(Clone, Debug)]
pub enum Block {
    /// All of these (a mapping).
    All(Vec<Self>),
    /// Any of these (a list).
    Any(Vec<Self>),
    /// One line of the rule.
    Item(Item),
}

/// One line of a selection: a field (or the whole event) and what it is compared with.
#[derive(Clone, Debug)]
pub struct Item {
    /// The field; `None` for keywords, which look at the whole event.
    pub field: Option<String>,
    /// The key as written, with modifiers.
    pub key: String,
    /// Where it stands.
    pub at: Position,
    /// One entry per value of the rule: the tests that stand for this value, any of which suffices.
    pub values: Vec<Vec<Test>>,
    /// Whether every value must match (`|all`) instead of any.
    pub all: bool,
    /// `neq`, `exists: false`: the opposite. For `neq` the field must be present.
    pub negated: bool,
}

/// One comparison of a value.
#[derive(Clone, Debug)]
pub struct Test {
    /// The value as the author wrote it.
    pub written: String,
    /// What to compare.
    pub kind: TestKind,
}

/// The kinds of comparison.
#[derive(Clone, Debug)]
pub enum TestKind {
    /// Text with wildcards.
    Text(TextPattern),
    /// A regular expression, anywhere in the value.
    Regex(Box<RegexTest>),
    /// An address within a network.
    Cidr(Cidr),
    /// A number, or a part of a time, compared.
    Number(NumberTest),
    /// Another field of the same event.
    FieldRef(FieldRef),
    /// Missing or null.
    Null,
    /// Present at all.
    Present,
}

/// Comparison with another field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldRef {
    /// The other field.
    pub field: String,
    /// Where the other field's text must stand.
    pub place: Place,
    /// Whether case matters.
    pub cased: bool,
}

/// Where a text must stand in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// It is the whole.
    Whole,
    /// At the start.
    Start,
    /// At the end.
    End,
    /// Anywhere.
    Anywhere,
}
