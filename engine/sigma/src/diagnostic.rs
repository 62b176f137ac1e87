//! What is wrong with a rule text: where, how bad, and what to write instead.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A place in a rule text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// The first character.
    pub const START: Self = Self { line: 1, column: 1 };

    pub(crate) fn new(line: usize, column: usize) -> Self {
        Self {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}

/// Whether the rule was loaded in spite of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DiagnosticLevel {
    /// The rule is loaded; something in it is not as it should be.
    Warning,
    /// The rule (or document) is not loaded.
    Error,
}

/// One fault of one rule text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The path handed in with the text.
    pub path: Arc<str>,
    /// Where in the text.
    #[serde(flatten)]
    pub at: Position,
    /// The rule's id, or its title where it has no id, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<str>>,
    /// Whether the rule is lost.
    pub level: DiagnosticLevel,
    /// What is wrong and what to write instead; lower case, no full stop.
    pub reason: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            DiagnosticLevel::Warning => "warning",
            DiagnosticLevel::Error => "error",
        };
        let Position { line, column } = self.at;
        write!(f, "{}:{line}:{column}: {level}: {}", self.path, self.reason)
    }
}

/// A fault before it is known which file and rule it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct Fault {
    pub(crate) at: Position,
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(at: Position, reason: impl Into<String>) -> Self {
        Self {
            at,
            reason: reason.into(),
        }
    }
}
