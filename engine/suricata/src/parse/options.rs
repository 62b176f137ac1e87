//! The options between the parentheses: `name;` or `name:value;`.
//!
//! A semicolon ends the option unless a backslash stands before it, inside quotes as well: that is how the language
//! is documented and how rule writers know it (`\;` or `|3B|`).

use crate::diagnostic::Reason;

/// One option as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OptionText<'a> {
    pub(crate) name: &'a str,
    /// What follows the colon, blanks cut off at both ends; `None` when there is no colon.
    pub(crate) value: Option<&'a str>,
    /// Where the name begins within the options text.
    pub(crate) offset: usize,
}

impl<'a> OptionText<'a> {
    /// The value, or a reason that asks for one.
    pub(crate) fn required(&self) -> Result<&'a str, Reason> {
        self.value
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Reason::value(self.name, "needs a value"))
    }

    /// An error about this option's value.
    pub(crate) fn bad(&self, why: impl Into<String>) -> Reason {
        Reason::value(self.name, why)
    }

    /// The value in quotes and whether `!` stood before it.
    pub(crate) fn quoted(&self) -> Result<(bool, &'a str), Reason> {
        let value = self.required()?;
        let (negated, value) = match value.strip_prefix('!') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, value),
        };
        value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .map(|value| (negated, value))
            .ok_or_else(|| self.bad("the value must stand in double quotes; write `;` as `\\;` or `|3B|`"))
    }

    /// The value, quotes cut off if there are any.
    pub(crate) fn unquoted(&self) -> Result<&'a str, Reason> {
        let value = self.required()?;
        Ok(value
            .strip_prefix('"')
            .and_then(|inner| inner.strip_suffix('"'))
            .unwrap_or(value))
    }

    /// Refuses a value.
    pub(crate) fn bare(&self) -> Result<(), Reason> {
        match self.value {
            None | Some("") => Ok(()),
            Some(_) => Err(self.bad("takes no value")),
        }
    }
}

/// The options in order; the last may lack its semicolon.
pub(crate) fn options(text: &str) -> impl Iterator<Item = OptionText<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let length = option_length(rest);
            let body = rest.get(..length)?;
            let begins = at + (body.len() - body.trim_start().len());
            at += length + 1;
            let body = body.trim();
            if body.is_empty() {
                if at >= text.len() {
                    return None;
                }
                continue;
            }
            let (name, value) = match body.split_once(':') {
                Some((name, value)) => (name.trim_end(), Some(value.trim())),
                None => (body, None),
            };
            return Some(OptionText {
                name,
                value,
                offset: begins,
            });
        }
    })
}

/// Bytes until the semicolon that ends the option, or all.
fn option_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr::memchr(b';', rest)) {
        let at = from + found;
        let backslashes = bytes
            .get(..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if backslashes % 2 == 0 {
            return at;
        }
        from = at + 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(&str, Option<&str>, usize)> {
        options(text)
            .map(|option| (option.name, option.value, option.offset))
            .collect()
    }

    #[test]
    fn splits_at_unescaped_semicolons() {
        assert_eq!(
            all(r#"msg:"a\; b"; nocase; content : "x\\";;pcre:"/a:b/""#),
            [
                ("msg", Some(r#""a\; b""#), 0),
                ("nocase", None, 13),
                ("content", Some(r#""x\\""#), 21),
                ("pcre", Some(r#""/a:b/""#), 38),
            ]
        );
        assert!(all(" ; ;").is_empty() && all("").is_empty());
    }

    #[test]
    fn quotes_are_asked_for() {
        let option = options("content:!\"ab\"").next().unwrap();
        assert_eq!(option.quoted().unwrap(), (true, "ab"));
        let option = options("content:ab").next().unwrap();
        assert!(option.quoted().unwrap_err().to_string().contains("double quotes"));
    }
}
