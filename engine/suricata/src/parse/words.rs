//! The seven words before the options.

use crate::diagnostic::Reason;

/// A rule cut into its header words and the text between the outer parentheses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RawRule<'a> {
    pub(crate) action: &'a str,
    pub(crate) protocol: &'a str,
    pub(crate) source: &'a str,
    pub(crate) source_ports: &'a str,
    pub(crate) direction: &'a str,
    pub(crate) destination: &'a str,
    pub(crate) destination_ports: &'a str,
    pub(crate) options: &'a str,
    /// Where `options` begins within the rule's text.
    pub(crate) options_at: usize,
}

/// Cuts a rule. Blanks inside brackets do not separate words.
pub(crate) fn split_rule(text: &str) -> Result<RawRule<'_>, Reason> {
    let (head, options, options_at) = parentheses(text)?;
    let mut rest = head;
    let mut word =
        |what: &str| next_word(&mut rest).ok_or_else(|| Reason::Shape(format!("{what} is missing")));
    let raw = RawRule {
        action: word("action")?,
        protocol: word("protocol")?,
        source: word("source address")?,
        source_ports: word("source port")?,
        direction: word("direction")?,
        destination: word("destination address")?,
        destination_ports: word("destination port")?,
        options,
        options_at,
    };
    if !rest.trim().is_empty() {
        return Err(Reason::Shape(format!(
            "unexpected `{}` before the options",
            rest.trim()
        )));
    }
    Ok(raw)
}

fn parentheses(text: &str) -> Result<(&str, &str, usize), Reason> {
    let open = text
        .find('(')
        .ok_or_else(|| Reason::Shape("no options: `(` is missing".into()))?;
    let close = text
        .rfind(')')
        .filter(|close| *close > open)
        .ok_or_else(|| Reason::Shape("options are not closed: `)` is missing".into()))?;
    if !text.get(close + 1..).unwrap_or_default().trim().is_empty() {
        return Err(Reason::Shape("text after the closing `)`".into()));
    }
    let head = text.get(..open).unwrap_or_default();
    Ok((head, text.get(open + 1..close).unwrap_or_default(), open + 1))
}

fn next_word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start();
    let mut depth = 0_i32;
    let end = text
        .char_indices()
        .find(|(_, letter)| {
            match letter {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            depth <= 0 && letter.is_whitespace()
        })
        .map_or(text.len(), |(at, _)| at);
    let (word, tail) = text.split_at_checked(end)?;
    *rest = tail;
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_the_header() {
        let raw =
            split_rule("alert tcp [10.0.0.1, 10.0.0.2] any -> $HOME_NET [80,81] (msg:\"a)b\"; sid:1;) ")
                .unwrap();
        assert_eq!(
            (raw.action, raw.source, raw.destination_ports),
            ("alert", "[10.0.0.1, 10.0.0.2]", "[80,81]")
        );
        assert_eq!(raw.options, "msg:\"a)b\"; sid:1;");
    }

    #[test]
    fn says_what_is_missing() {
        let message = |text| split_rule(text).unwrap_err().to_string();
        assert_eq!(
            message("alert tcp any any -> any (sid:1;)"),
            "not a rule: destination port is missing"
        );
        assert_eq!(
            message("alert tcp any any -> any any"),
            "not a rule: no options: `(` is missing"
        );
        assert_eq!(
            message("alert tcp any any -> any any (sid:1;"),
            "not a rule: options are not closed: `)` is missing"
        );
        assert!(message("alert tcp any any -> any any x (sid:1;)").contains("unexpected `x`"));
    }
}
