//! YAML texts to trees with positions: the only place that knows the YAML library.
//!
//! Rule authors are not trusted with memory: depth, nodes (aliases counted as often as they are used) and scalar
//! bytes are bounded, so an alias bomb is a diagnostic. A scalar keeps its text as written and whether it was
//! quoted, because `4104` and `'4104'`, `null` and `'null'` differ in Sigma.
//!
//! The event parser `granit-parser` (beneath serde-saphyr) is used directly: serde would turn `0x1410` into a number and
//! lose what the author wrote.

mod build;

use crate::Position;

/// Deepest nesting of a rule file.
pub(crate) const MAX_DEPTH: usize = 48;
/// Most nodes of one file, aliases expanded.
pub(crate) const MAX_NODES: usize = 200_000;
/// Most bytes of one file.
pub(crate) const MAX_BYTES: usize = 8 << 20;

/// One node with where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) data: Data,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A mapping's key with where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) at: Position,
    pub(crate) text: String,
}

/// A scalar as written.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Neither quoted nor a block scalar nor tagged as text: may be null, a boolean or a number.
    pub(crate) plain: bool,
}

/// What a scalar means by YAML 1.2's core schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text,
}

/// Why a text is no YAML that is accepted here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct YamlError {
    pub(crate) at: Position,
    pub(crate) reason: String,
}

/// The documents of a text, and the error that ended reading, if any: the documents before it are kept.
pub(crate) fn documents(text: &str) -> (Vec<Node>, Option<YamlError>) {
    if text.len() > MAX_BYTES {
        let reason = format!("the file is larger than {MAX_BYTES} bytes: split it");
        let at = Position::START;
        return (Vec::new(), Some(YamlError { at, reason }));
    }
    build::documents(text)
}

impl Scalar {
    pub(crate) fn meaning(&self) -> Meaning {
        if !self.plain {
            return Meaning::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
            "true" | "True" | "TRUE" => Meaning::Bool(true),
            "false" | "False" | "FALSE" => Meaning::Bool(false),
            text => number(text).unwrap_or(Meaning::Text),
        }
    }
}

fn number(text: &str) -> Option<Meaning> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return None;
    }
    let radix = |prefix: &str, radix| {
        text.strip_prefix(prefix)
            .and_then(|digits| i64::from_str_radix(digits, radix).ok())
    };
    if let Some(int) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Some(Meaning::Int(int));
    }
    if let Ok(int) = text.parse() {
        return Some(Meaning::Int(int));
    }
    let numeric = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let float = numeric.then(|| text.parse().ok()).flatten()?;
    Some(Meaning::Float(float))
}

impl Node {
    /// The value at a key of a mapping.
    pub(crate) fn at_key(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The key and the value at a key of a mapping.
    pub(crate) fn entry(&self, key: &str) -> Option<&(Key, Self)> {
        self.as_map()?.iter().find(|(name, _)| name.text == key)
    }

    pub(crate) fn as_map(&self) -> Option<&[(Key, Self)]> {
        match &self.data {
            Data::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_scalar(&self) -> Option<&Scalar> {
        match &self.data {
            Data::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is not null.
    pub(crate) fn as_text(&self) -> Option<&str> {
        self.as_scalar()
            .filter(|scalar| scalar.meaning() != Meaning::Null)
            .map(|scalar| scalar.text.as_str())
    }

    /// Whether this is a null scalar.
    pub(crate) fn is_null(&self) -> bool {
        self.as_scalar()
            .is_some_and(|scalar| scalar.meaning() == Meaning::Null)
    }

    /// A list's items, or the node itself as the only one: Sigma allows both in most places.
    pub(crate) fn items(&self) -> &[Self] {
        self.as_list().unwrap_or(std::slice::from_ref(self))
    }

    /// What stands here, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.data {
            Data::Scalar(scalar) if scalar.meaning() == Meaning::Null => "nothing",
            Data::Scalar(_) => "a single value",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }

    /// The same as JSON, for metadata that is kept as it is.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.data {
            Data::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => Value::Null,
                Meaning::Bool(value) => value.into(),
                Meaning::Int(value) => value.into(),
                Meaning::Float(value) => value.into(),
                Meaning::Text => scalar.text.as_str().into(),
            },
            Data::List(items) => items.iter().map(Self::to_json).collect(),
            Data::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.text.clone(), node.to_json()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        let (mut documents, error) = documents(text);
        assert_eq!(error, None, "{text}");
        documents.remove(0)
    }

    fn error(text: &str) -> YamlError {
        documents(text).1.unwrap()
    }

    #[test]
    fn keeps_positions_text_and_quoting() {
        let node = one("a: 1\nb:\n  - '0x10'\n  - 0x10\n");
        let (key, list) = node.entry("b").unwrap();
        assert_eq!((key.at.line, key.at.column), (2, 1));
        let [quoted, plain] = list.as_list().unwrap() else {
            panic!("two items")
        };
        assert_eq!((plain.at.line, plain.at.column), (4, 5));
        assert_eq!(quoted.as_scalar().unwrap().meaning(), Meaning::Text);
        assert_eq!(plain.as_scalar().unwrap().meaning(), Meaning::Int(16));
        assert_eq!(plain.as_text(), Some("0x10"));
    }

    #[test]
    fn scalars_by_the_core_schema() {
        let meaning = |text: &str| {
            one(&format!("- {text}")).items()[0]
                .as_scalar()
                .unwrap()
                .meaning()
        };
        for (text, wanted) in [
            ("~", Meaning::Null),
            ("", Meaning::Null),
            ("true", Meaning::Bool(true)),
            ("-5", Meaning::Int(-5)),
            ("1.5", Meaning::Float(1.5)),
            ("1.2.3", Meaning::Text),
            ("'~'", Meaning::Text),
            ("yes", Meaning::Text),
            ("!!str 5", Meaning::Text),
            (".", Meaning::Text),
        ] {
            assert_eq!(meaning(text), wanted, "{text}");
        }
    }

    #[test]
    fn aliases_and_merge_keys_expand() {
        let node = one("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nagain: *b\n");
        assert_eq!(node.to_json()["use"], serde_json::json!({"y": 3, "x": 1}));
        assert_eq!(node.to_json()["again"]["y"], 2);
    }

    #[test]
    fn hostile_texts_end_in_an_error() {
        let level = |level: usize| {
            let uses = vec![format!("*a{}", level - 1); 10].join(", ");
            format!("a{level}: &a{level} [{uses}]\n")
        };
        let levels: Vec<String> = (1..9).map(level).collect();
        let bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n") + &levels.concat();
        assert!(error(&bomb).reason.contains("nodes"), "{}", error(&bomb).reason);
        let deep = "[".repeat(5_000);
        assert!(!error(&deep).reason.is_empty());
        let nested: Vec<String> = (0..100).map(|level| " ".repeat(level) + "a:\n").collect();
        let nested = nested.concat();
        assert!(
            error(&nested).reason.contains("deep"),
            "{}",
            error(&nested).reason
        );
        assert!(error("a: 1\na: 2\n").reason.contains("twice"));
        assert!(error("a: *none\n").at.line == 1);
        assert!(error("? [a]\n: b\n").reason.contains("key"));
        assert!(error("a: [1, 2\nb: 3").at.line >= 1);
    }

    #[test]
    fn documents_before_an_error_are_kept() {
        let (documents, error) = documents("a: 1\n---\nb: [\n");
        assert_eq!(documents.len(), 1);
        assert!(error.is_some());
    }
}
