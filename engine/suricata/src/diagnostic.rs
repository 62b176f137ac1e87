//! What is wrong with a rule, and where.
//!
//! A rule that cannot be loaded never stops the others: it becomes a [`Diagnostic`] that names the keyword and says
//! why. Positions count from 1 and point at the option, so that an editor can jump to it.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// Why a rule does not load. Texts are lower-case and say what to do where there is something to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The line is not `action protocol address port direction address port (options)`.
    #[error("not a rule: {0}")]
    Shape(String),
    /// The protocol of the header is unknown to the language.
    #[error("unknown protocol `{0}`")]
    Protocol(String),
    /// An address or port list cannot be read.
    #[error("{what} `{text}`: {why}")]
    Group {
        /// `address` or `port`.
        what: &'static str,
        /// The part that cannot be read.
        text: String,
        /// Why.
        why: String,
    },
    /// `$NAME` is not set.
    #[error("variable `${0}` is not set; set vars.address-groups.{0} or vars.port-groups.{0}")]
    Variable(String),
    /// The language has no such keyword, or this version does not know it.
    #[error("unknown keyword `{0}`")]
    UnknownKeyword(String),
    /// The keyword is known, and this version does not do it.
    #[error("keyword `{keyword}` is not supported: {why}")]
    Unsupported {
        /// The keyword.
        keyword: String,
        /// What is missing.
        why: String,
    },
    /// The keyword's value cannot be used.
    #[error("`{keyword}`: {why}")]
    Value {
        /// The keyword.
        keyword: String,
        /// What is wrong with the value.
        why: String,
    },
    /// The keyword stands where it means nothing (a modifier without its content).
    #[error("`{keyword}` out of place: {why}")]
    Place {
        /// The keyword.
        keyword: String,
        /// What it needs.
        why: String,
    },
    /// `requires` asks for a feature that is not there; the rule is left out as its author wished.
    #[error("left out by its own `requires`: {0}")]
    Requires(String),
    /// No `sid`.
    #[error("rule has no sid")]
    NoSid,
    /// Two rules with the same gid and sid; the one with the higher rev stays.
    #[error("sid {0} is defined twice; the higher rev is kept")]
    Duplicate(u32),
    /// The rule asks for more than the engine grants (options, length, nesting).
    #[error("limit: {0}")]
    Limit(String),
}

impl Reason {
    /// The keyword's value is wrong.
    pub(crate) fn value(keyword: &str, why: impl Into<String>) -> Self {
        Self::Value {
            keyword: keyword.to_owned(),
            why: why.into(),
        }
    }

    /// The keyword is known but not done.
    pub(crate) fn unsupported(keyword: &str, why: impl Into<String>) -> Self {
        Self::Unsupported {
            keyword: keyword.to_owned(),
            why: why.into(),
        }
    }

    /// The keyword stands in the wrong place.
    pub(crate) fn place(keyword: &str, why: impl Into<String>) -> Self {
        Self::Place {
            keyword: keyword.to_owned(),
            why: why.into(),
        }
    }

    /// A short stable word for counting: `unknown-keyword:foo`, `value:pcre`, `protocol`.
    pub fn kind(&self) -> String {
        match self {
            Self::Shape(_) => "shape".to_owned(),
            Self::Protocol(name) => format!("protocol:{name}"),
            Self::Group { what, .. } => format!("group:{what}"),
            Self::Variable(name) => format!("variable:{name}"),
            Self::UnknownKeyword(name) => format!("unknown-keyword:{name}"),
            Self::Unsupported { keyword, .. } => format!("unsupported:{keyword}"),
            Self::Value { keyword, .. } => format!("value:{keyword}"),
            Self::Place { keyword, .. } => format!("place:{keyword}"),
            Self::Requires(_) => "requires".to_owned(),
            Self::NoSid => "no-sid".to_owned(),
            Self::Duplicate(_) => "duplicate".to_owned(),
            Self::Limit(_) => "limit".to_owned(),
        }
    }
}

/// A rule that did not load, or a configuration line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The text's name as the caller gave it.
    pub path: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
    /// The rule's sid where it could be read.
    pub sid: Option<u32>,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.path, self.line, self.column)?;
        if let Some(sid) = self.sid {
            write!(f, "sid {sid}: ")?;
        }
        self.reason.fmt(f)
    }
}

impl Serialize for Diagnostic {
    /// `{path, line, column, sid, kind, reason}`: what the rules page and `saola rules check --json` show.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Diagnostic", 6)?;
        out.serialize_field("path", &*self.path)?;
        out.serialize_field("line", &self.line)?;
        out.serialize_field("column", &self.column)?;
        out.serialize_field("sid", &self.sid)?;
        out.serialize_field("kind", &self.reason.kind())?;
        out.serialize_field("reason", &self.reason.to_string())?;
        out.end()
    }
}
