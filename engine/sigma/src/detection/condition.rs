//! Conditions: `selection and not 1 of filter_*`.
//!
//! Grammar, loosest first: `or`, `and`, `not`, then a name, a quantified pattern or parentheses. Keywords in any case.

use super::Selection;
use crate::{Fault, Position};

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 64;
/// Longest condition in bytes.
const MAX_BYTES: usize = 64 << 10;

/// A condition over a detection's selections, by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of these.
    All(Vec<Self>),
    /// Any of these.
    Any(Vec<Self>),
    /// The opposite.
    Not(Box<Self>),
    /// A selection.
    Selection(usize),
    /// At least so many of these selections.
    AtLeast(usize, Vec<usize>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token<'t> {
    text: &'t str,
    column: u32,
}

struct Parser<'t, 's> {
    tokens: Vec<Token<'t>>,
    next: usize,
    selections: &'s [Selection],
    at: Position,
    depth: usize,
}

impl Condition {
    /// Reads a condition that begins at `at`.
    pub(crate) fn parse(text: &str, at: Position, selections: &[Selection]) -> Result<Self, Fault> {
        if text.len() > MAX_BYTES {
            return Err(Fault::new(
                at,
                "the condition is longer than 64 KiB: split the rule",
            ));
        }
        if text.contains('|') {
            return Err(Fault::new(at, retired(text)));
        }
        let mut parser = Parser {
            tokens: tokens(text),
            next: 0,
            selections,
            at,
            depth: 0,
        };
        let condition = parser.or()?;
        match parser.peek() {
            None => Ok(condition),
            Some(token) => {
                let reason = format!(
                    "'{}' is not expected here: join it with 'and' or 'or'",
                    token.text
                );
                Err(parser.fault(&token, reason))
            }
        }
    }
}

/// Why a pipe is refused, with the correlation that says the same.
fn retired(text: &str) -> String {
    let after = text.split_once('|').map_or("", |(_, after)| after.trim());
    let Some(rest) = after.strip_prefix("count(") else {
        return format!(
            "'| {after}' is a retired form: write a correlation document \
             (type: temporal for near, value_count, value_sum, value_avg for the others)"
        );
    };
    let (field, rest) = rest.split_once(')').unwrap_or((rest, ""));
    let (by, compare) = match rest.trim().strip_prefix("by ") {
        Some(rest) => rest.trim().split_once(' ').unwrap_or((rest.trim(), "")),
        None => ("", rest.trim()),
    };
    let (operator, number) = compare.trim().split_once(' ').unwrap_or((compare.trim(), ""));
    let operator = match operator {
        ">" => "gt",
        ">=" => "gte",
        "<" => "lt",
        "<=" => "lte",
        _ => "eq",
    };
    let (kind, of) = match field.trim() {
        "" => ("event_count", String::new()),
        field => ("value_count", format!(", field: {field}")),
    };
    let group = if by.is_empty() {
        String::new()
    } else {
        format!("group-by: [{by}], ")
    };
    let number = number.trim();
    format!(
        "'| count()' is a retired form: give the rule a name and add the document correlation: {{type: {kind}, \
         rules: [this rule], {group}timespan: …, condition: {{{operator}: {number}{of}}}}}"
    )
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start: Option<(usize, u32)> = None;
    let mut push = |(from, column): (usize, u32), to: usize| {
        tokens.extend(text.get(from..to).map(|text| Token { text, column }));
    };
    for (column, (at, c)) in (0..).zip(text.char_indices()) {
        let single = matches!(c, '(' | ')');
        if single || c.is_whitespace() {
            if let Some(from) = start.take() {
                push(from, at);
            }
            if single {
                push((at, column), at + 1);
            }
        } else if start.is_none() {
            start = Some((at, column));
        }
    }
    if let Some(from) = start {
        push(from, text.len());
    }
    tokens
}

impl<'t> Parser<'t, '_> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).cloned()
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|token| token.text.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn fault(&self, token: &Token<'_>, reason: String) -> Fault {
        let column = self.at.column.saturating_add(token.column);
        Fault::new(Position { column, ..self.at }, reason)
    }

    fn or(&mut self) -> Result<Condition, Fault> {
        let mut parts = vec![self.and()?];
        while self.keyword("or") {
            parts.push(self.and()?);
        }
        Ok(joined(parts, Condition::Any))
    }

    fn and(&mut self) -> Result<Condition, Fault> {
        let mut parts = vec![self.not()?];
        while self.keyword("and") {
            parts.push(self.not()?);
        }
        Ok(joined(parts, Condition::All))
    }

    fn not(&mut self) -> Result<Condition, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::new(
                self.at,
                "the condition is nested too deep: at most 64 levels",
            ));
        }
        let condition = if self.keyword("not") {
            Condition::Not(Box::new(self.not()?))
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn primary(&mut self) -> Result<Condition, Fault> {
        let Some(token) = self.peek() else {
            return Err(Fault::new(
                self.at,
                "the condition ends where a selection is expected",
            ));
        };
        self.next += 1;
        if token.text == "(" {
            let inner = self.or()?;
            let closed = self.peek().is_some_and(|next| next.text == ")");
            self.next += 1;
            return if closed {
                Ok(inner)
            } else {
                Err(self.fault(&token, "this parenthesis is not closed".into()))
            };
        }
        if let Some(quantified) = self.quantified(&token)? {
            return Ok(quantified);
        }
        self.name(&token)
    }

    /// `1 of X`, `any of X`, `all of X`, `N of X`.
    fn quantified(&mut self, token: &Token<'t>) -> Result<Option<Condition>, Fault> {
        let following = self.tokens.get(self.next);
        if !following.is_some_and(|next| next.text.eq_ignore_ascii_case("of")) {
            return Ok(None);
        }
        let all = token.text.eq_ignore_ascii_case("all");
        let least = match token.text.to_ascii_lowercase().as_str() {
            "any" => 1,
            "all" => 0,
            number => number.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
                self.fault(token, format!("'{number} of' is not known: write 1, any or all"))
            })?,
        };
        self.next += 1;
        let Some(pattern) = self.peek() else {
            return Err(self.fault(
                token,
                "'of' must be followed by 'them', a name or a pattern".into(),
            ));
        };
        self.next += 1;
        let chosen = self.choose(&pattern)?;
        let least = if all { chosen.len() } else { least };
        if least > chosen.len() {
            let reason = format!(
                "'{least} of {}' asks for more than the {} there are",
                pattern.text,
                chosen.len()
            );
            return Err(self.fault(token, reason));
        }
        Ok(Some(Condition::AtLeast(least, chosen)))
    }

    /// The selections a pattern names.
    fn choose(&self, pattern: &Token<'_>) -> Result<Vec<usize>, Fault> {
        let them = pattern.text.eq_ignore_ascii_case("them");
        let matching = |name: &str| {
            if them {
                !name.starts_with('_')
            } else {
                glob(pattern.text, name)
            }
        };
        let chosen: Vec<usize> = (0..self.selections.len())
            .filter(|index| self.selections.get(*index).is_some_and(|s| matching(&s.name)))
            .collect();
        if chosen.is_empty() {
            let reason = format!("'{}' names no selection: {}", pattern.text, self.known());
            return Err(self.fault(pattern, reason));
        }
        Ok(chosen)
    }

    fn name(&self, token: &Token<'_>) -> Result<Condition, Fault> {
        let found = self
            .selections
            .iter()
            .position(|selection| selection.name == token.text);
        if let Some(index) = found {
            return Ok(Condition::Selection(index));
        }
        let reason = match token.text.to_ascii_lowercase().as_str() {
            "and" | "or" | "not" | "of" | ")" => {
                format!("'{}' stands where a selection is expected", token.text)
            }
            "them" => "'them' needs '1 of' or 'all of' before it".into(),
            _ if token.text.contains('*') => {
                format!("the pattern '{}' needs '1 of' or 'all of' before it", token.text)
            }
            _ => format!("no selection is called '{}': {}", token.text, self.known()),
        };
        Err(self.fault(token, reason))
    }

    fn known(&self) -> String {
        let names: Vec<&str> = self.selections.iter().map(|s| s.name.as_str()).take(20).collect();
        format!("there are {}", names.join(", "))
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

/// A pattern with `*` in any place, on names.
fn glob(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match name.find(part) {
            Some(at) => name = name.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::Block;

    fn parse(text: &str) -> Result<Condition, Fault> {
        let selections: Vec<Selection> = ["sel", "sel_a", "sel_b", "filter_x", "_hidden"]
            .into_iter()
            .map(|name| Selection {
                name: name.to_owned(),
                at: Position::START,
                block: Block::All(Vec::new()),
            })
            .collect();
        Condition::parse(text, Position { line: 5, column: 16 }, &selections)
    }

    #[test]
    fn precedence_and_quantifiers() {
        use Condition::{All, Any, AtLeast, Not, Selection};
        let not = |inner| Not(Box::new(inner));
        for (text, wanted) in [
            ("sel", Selection(0)),
            (
                "sel or sel_a and not sel_b",
                Any(vec![Selection(0), All(vec![Selection(1), not(Selection(2))])]),
            ),
            (
                "(sel OR sel_a) AND sel_b",
                All(vec![Any(vec![Selection(0), Selection(1)]), Selection(2)]),
            ),
            ("NOT not sel", not(not(Selection(0)))),
            ("1 of sel_*", AtLeast(1, vec![1, 2])),
            ("all of them", AtLeast(4, vec![0, 1, 2, 3])),
            ("any of sel*", AtLeast(1, vec![0, 1, 2])),
            ("2 of sel*", AtLeast(2, vec![0, 1, 2])),
            ("1 of *_x", AtLeast(1, vec![3])),
            ("1 of _hidden", AtLeast(1, vec![4])),
            ("not 1 of filter_*", not(AtLeast(1, vec![3]))),
            ("(sel)", Selection(0)),
        ] {
            assert_eq!(parse(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn faults_say_where_and_what() {
        for (text, hint, column) in [
            ("", "ends", 16),
            ("sel and", "ends", 16),
            ("sel sel_a", "'and' or 'or'", 20),
            ("nosuch", "no selection is called", 16),
            ("sel and 1 of x*", "names no selection", 29),
            ("sel_*", "1 of", 16),
            ("them", "1 of", 16),
            ("(sel", "not closed", 16),
            ("sel)", "not expected", 19),
            ("9 of them", "more than", 16),
            ("0 of them", "write 1", 16),
            ("some of them", "write 1", 16),
            ("sel | near sel_a", "correlation", 16),
        ] {
            let fault = parse(text).unwrap_err();
            assert!(fault.reason.contains(hint), "{text}: {}", fault.reason);
            assert_eq!((fault.at.line, fault.at.column), (5, column), "{text}");
        }
    }

    #[test]
    fn retired_counts_are_rewritten() {
        let reason = parse("sel | count(user) by src_ip >= 5").unwrap_err().reason;
        assert!(reason.contains("value_count"), "{reason}");
        assert!(reason.contains("group-by: [src_ip]"), "{reason}");
        assert!(reason.contains("gte: 5, field: user"), "{reason}");
        let reason = parse("sel | count() > 3").unwrap_err().reason;
        assert!(
            reason.contains("event_count") && reason.contains("gt: 3"),
            "{reason}"
        );
    }

    #[test]
    fn hostile_conditions_end() {
        assert!(parse(&"(".repeat(50_000)).is_err());
        assert!(parse(&"not ".repeat(10_000)).unwrap_err().reason.contains("deep"));
        assert!(parse(&vec!["sel"; 5_000].join(" or ")).is_ok());
    }
}
