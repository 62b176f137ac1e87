//! Cuts a body into records: lines, or the elements of a JSON array.
//!
//! The elements are found by their brackets and quotes alone and handed on as they came, for the parser to read once.

/// Why a body cannot be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SplitError {
    /// An array that ends early or holds something that is no value.
    #[error("the array is not well formed at byte {0}")]
    Array(usize),
    /// A line of `_bulk` that should say what to do with the next.
    #[error("line {0} is no action of _bulk: index, create, update or delete")]
    Action(usize),
    /// A row of JSON values that holds something that is no value.
    #[error("value {0} is not well-formed JSON")]
    Value(usize),
    /// A body that does not follow its protocol.
    #[error("the body is no {0}")]
    Format(&'static str),
}

/// The records of a body, in order. Empty lines are none.
pub(crate) fn records(body: &[u8]) -> Result<Vec<&[u8]>, SplitError> {
    let start = body
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .unwrap_or(body.len());
    match body.get(start) {
        Some(b'[') => elements(body, start),
        _ => Ok(lines(body)),
    }
}

/// The lines of a body. Empty lines are none.
pub(crate) fn lines(body: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', body).chain([body.len()]) {
        let line = body.get(from..end).unwrap_or_default().trim_ascii();
        if !line.is_empty() {
            lines.push(line);
        }
        from = end + 1;
    }
    lines
}

fn elements(body: &[u8], open: usize) -> Result<Vec<&[u8]>, SplitError> {
    let mut elements = Vec::new();
    let (mut depth, mut from, mut at) = (0_usize, open + 1, open);
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => at = end_of_text(body, at).ok_or(SplitError::Array(at))?,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    let last = body.get(from..at).unwrap_or_default().trim_ascii();
                    if !last.is_empty() {
                        elements.push(last);
                    }
                    let rest = body.get(at + 1..).unwrap_or_default().trim_ascii();
                    return if rest.is_empty() {
                        Ok(elements)
                    } else {
                        Err(SplitError::Array(at + 1))
                    };
                }
            }
            b',' if depth == 1 => {
                let element = body.get(from..at).unwrap_or_default().trim_ascii();
                if element.is_empty() {
                    return Err(SplitError::Array(at));
                }
                elements.push(element);
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    Err(SplitError::Array(body.len()))
}

/// The closing quote of the text that opens at `open`.
fn end_of_text(body: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', body.get(at..)?)?;
        if body.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<String>, SplitError> {
        let texts = |parts: Vec<&[u8]>| {
            parts
                .iter()
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect()
        };
        records(body.as_bytes()).map(texts)
    }

    #[test]
    fn lines_and_arrays() {
        for (body, expected) in [
            (
                "{\"a\":1}\r\n\n {\"b\":2} \nplain text",
                &["{\"a\":1}", "{\"b\":2}", "plain text"][..],
            ),
            (
                r#" [ {"a":"],[\""}, [1,2] ,"x,y", 3 ] "#,
                &[r#"{"a":"],[\""}"#, "[1,2]", "\"x,y\"", "3"],
            ),
            ("[]", &[]),
            ("", &[]),
            (" \n", &[]),
        ] {
            assert_eq!(read(body).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn arrays_that_are_none() {
        for body in ["[", "[1", "[1,", "[{\"a\":\"]", "[1] 2", "[,1]", "[1}}", "[\"\\"] {
            assert!(read(body).is_err(), "{body}");
        }
    }
}
