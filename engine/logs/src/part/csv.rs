//! One line of comma-separated values: quoted values may hold commas and doubled quotes.

use std::borrow::Cow;

/// Values of a line, one after another.
pub(crate) struct Values<'r>(Option<&'r str>);

/// More columns than any device writes.
const MAX_VALUES: usize = 512;

/// Reads a line.
pub(crate) fn values(line: &str) -> Vec<Cow<'_, str>> {
    Values(Some(line)).take(MAX_VALUES).collect()
}

impl<'r> Iterator for Values<'r> {
    type Item = Cow<'r, str>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0?;
        let Some(inner) = text.strip_prefix('"').or_else(|| text.strip_prefix("\\\"")) else {
            let (value, rest) = text
                .split_once(',')
                .map_or((text, None), |(value, rest)| (value, Some(rest)));
            self.0 = rest;
            return Some(Cow::Borrowed(value));
        };
        let mut from = 0;
        let mut doubled = false;
        while let Some(at) =
            memchr::memchr(b'"', inner.as_bytes().get(from..).unwrap_or_default()).map(|at| at + from)
        {
            match inner.as_bytes().get(at + 1) {
                Some(b'"') => {
                    doubled = true;
                    from = at + 2;
                }
                next => {
                    self.0 = next
                        .is_some()
                        .then(|| inner.get(at + 1..))
                        .flatten()
                        .map(|rest| rest.strip_prefix(',').unwrap_or(rest));
                    let value = inner.get(..at).unwrap_or_default().trim_end_matches('\\');
                    return Some(if doubled {
                        Cow::Owned(value.replace("\"\"", "\""))
                    } else {
                        Cow::Borrowed(value)
                    });
                }
            }
        }
        // Never closed: the rest is one value.
        self.0 = None;
        Some(Cow::Borrowed(inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (line, expected) in [
            ("a,b,,c", &["a", "b", "", "c"][..]),
            (
                r#"1,"two, words","say ""hi""",4"#,
                &["1", "two, words", "say \"hi\"", "4"],
            ),
            (r#"1,"never closed,2"#, &["1", "never closed,2"]),
            ("", &[""]),
            (r#""a""#, &["a"]),
        ] {
            assert_eq!(values(line), expected, "{line}");
        }
    }
}
