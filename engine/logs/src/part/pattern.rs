//! Tables of regular expressions: which sentences a source writes, and what stands in them.
//!
//! A row is tried only when its `needle` occurs in the text, which keeps the expressions off nearly all lines they do
//! not match. The expressions run in linear time (`regex` has no back-references), so no line can make them explode.

use memchr::memmem::Finder;
use regex::Regex;

use crate::draft::Draft;

/// One sentence that a source writes.
pub(crate) struct Row {
    /// A text that must occur; empty for none.
    pub(crate) needle: &'static str,
    /// The sentence; groups are the values.
    pub(crate) sentence: &'static str,
    /// Names of the groups, in order. Groups may share a name when one sentence has alternatives.
    pub(crate) fields: &'static [&'static str],
    /// What the sentence itself says: `("outcome", "failure")`.
    pub(crate) means: &'static [(&'static str, &'static str)],
}

/// Short form for tables.
pub(crate) const fn row(
    needle: &'static str,
    sentence: &'static str,
    fields: &'static [&'static str],
    means: &'static [(&'static str, &'static str)],
) -> Row {
    Row {
        needle,
        sentence,
        fields,
        means,
    }
}

/// A source's rows, compiled once.
pub(crate) struct Table(Vec<Compiled>);

struct Compiled {
    needle: Finder<'static>,
    sentence: Regex,
    row: Row,
}

impl Table {
    /// Compiles rows. A row that is no expression would be a fault of this program; the test below compiles them all.
    pub(crate) fn new<const N: usize>(rows: [Row; N]) -> Self {
        let compiled = rows.into_iter().map(|row| Compiled {
            needle: Finder::new(row.needle),
            sentence: Regex::new(row.sentence).expect("the expression is part of the program"),
            row,
        });
        Self(compiled.collect())
    }

    /// Takes the values of the first row that matches.
    pub(crate) fn first<'r>(&self, text: &'r str, draft: &mut Draft<'r>) -> bool {
        self.0.iter().any(|row| row.read(text, draft))
    }

    /// Whether any row matches, without taking anything.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.0
            .iter()
            .any(|row| row.needle.find(text.as_bytes()).is_some() && row.sentence.is_match(text))
    }

    /// Takes the values of every row that matches; fields found by an earlier one stay.
    pub(crate) fn all<'r>(&self, text: &'r str, draft: &mut Draft<'r>) -> bool {
        let mut found = false;
        for row in &self.0 {
            found |= row.read(text, draft);
        }
        found
    }
}

impl Compiled {
    fn read<'r>(&self, text: &'r str, draft: &mut Draft<'r>) -> bool {
        if self.needle.find(text.as_bytes()).is_none() {
            return false;
        }
        let Some(found) = self.sentence.captures(text) else {
            return false;
        };
        let values = found.iter().skip(1);
        for (name, value) in self.row.fields.iter().zip(values) {
            if let Some(value) = value {
                draft.set(name, value.as_str());
            }
        }
        for (name, value) in self.row.means {
            draft.set(name, value);
        }
        true
    }
}

/// Declares a table that is compiled at first use.
macro_rules! table {
    ($name:ident: $($row:expr),* $(,)?) => {
        static $name: std::sync::LazyLock<$crate::part::pattern::Table> =
            std::sync::LazyLock::new(|| $crate::part::pattern::Table::new([$($row),*]));
    };
}
pub(crate) use table;

#[cfg(test)]
mod tests {
    use super::*;

    table!(SENTENCES:
        row("opened", r"^door (\w+) opened by (\S+)", &["door", "user"], &[("outcome", "success")]),
        row("", r"^door (\w+)(?: at (\d+))?", &["door", "dst_port"], &[]),
    );

    #[test]
    fn the_first_row_wins_and_says_what_it_means() {
        let mut draft = Draft::default();
        assert!(SENTENCES.first("door front opened by an", &mut draft));
        assert_eq!(
            serde_json::to_string(&draft.fields).unwrap(),
            r#"{"door":"front","user":"an","outcome":"success"}"#
        );
    }

    #[test]
    fn a_group_that_took_no_part_gives_no_field() {
        let mut draft = Draft::default();
        assert!(SENTENCES.first("door back", &mut draft));
        assert_eq!(
            serde_json::to_string(&draft.fields).unwrap(),
            r#"{"door":"back"}"#
        );
        assert!(!SENTENCES.first("window", &mut draft));
    }
}
