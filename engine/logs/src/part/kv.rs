//! `key=value` texts: blanks or commas between, quotes around, backslash escapes within quotes.

use std::borrow::Cow;

use crate::draft::Draft;

/// Reads pairs one after another. Words that are no pair are passed over.
pub(crate) struct Pairs<'r> {
    rest: &'r str,
    /// Separator of keys and values.
    assign: u8,
    /// What stands between pairs, beside blanks.
    divider: Option<u8>,
}

/// More pairs than any device writes; the rest of such a record stays unread in its raw text.
const MAX_PAIRS: usize = 1024;

impl<'r> Pairs<'r> {
    /// `a=1 b="two words" c=3`: `assign` stands between key and value, blanks or `divider` between pairs.
    pub(crate) fn with(
        text: &'r str,
        assign: u8,
        divider: Option<u8>,
    ) -> impl Iterator<Item = (&'r str, Cow<'r, str>)> {
        Self {
            rest: text,
            assign,
            divider,
        }
        .take(MAX_PAIRS)
    }

    fn is_key(byte: u8) -> bool {
        !byte.is_ascii()
            || byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'@' | b'#')
    }

    /// The key before the next separator, and where its value begins.
    fn key(&mut self) -> Option<&'r str> {
        loop {
            let at = memchr::memchr(self.assign, self.rest.as_bytes())?;
            let (before, after) = self.rest.split_at_checked(at)?;
            self.rest = after.get(1..)?;
            let length = before.bytes().rev().take_while(|b| Self::is_key(*b)).count();
            if length > 0 {
                return before.get(before.len() - length..);
            }
        }
    }

    fn value(&mut self) -> Cow<'r, str> {
        if let Some(quote @ (b'"' | b'\'')) = self.rest.bytes().next()
            && let Some(value) = self.quoted(quote)
        {
            return value;
        }
        let divider = self.divider;
        let ends = |b: u8| b == b' ' || b == b'\t' || Some(b) == divider;
        let end = self.rest.bytes().position(ends).unwrap_or(self.rest.len());
        let (value, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        Cow::Borrowed(value)
    }

    /// A quoted value; `None` when the quote is never closed.
    fn quoted(&mut self, quote: u8) -> Option<Cow<'r, str>> {
        let inner = self.rest.get(1..)?;
        let (mut from, mut escaped) = (0, false);
        let end = loop {
            let at = from + memchr::memchr2(quote, b'\\', inner.as_bytes().get(from..)?)?;
            if inner.as_bytes().get(at) == Some(&quote) {
                break at;
            }
            // A backslash escapes a quote or a backslash; before anything else (Windows paths) it is itself. One
            // before a quote that ends the value (`"C:\"`) is itself too.
            let next = inner.as_bytes().get(at + 1).copied();
            let closes =
                next == Some(quote) && matches!(inner.as_bytes().get(at + 2), None | Some(b' ' | b','));
            let escapes = (next == Some(quote) && !closes) || next == Some(b'\\');
            escaped |= escapes;
            from = at + 1 + usize::from(escapes);
        };
        let value = inner.get(..end)?;
        self.rest = inner.get(end + 1..)?;
        Some(if escaped {
            Cow::Owned(unescaped(value, quote))
        } else {
            Cow::Borrowed(value)
        })
    }
}

/// Sets pairs as fields: the wanted ones under our names, the others under their own.
pub(crate) fn mapped<'r>(
    pairs: impl Iterator<Item = (&'r str, Cow<'r, str>)>,
    draft: &mut Draft<'r>,
    names: &[(&str, &'static str)],
) {
    for (key, value) in pairs {
        match names.iter().find(|(own, _)| *own == key) {
            Some((_, ours)) => match value {
                Cow::Borrowed(value) => draft.set(ours, value),
                Cow::Owned(_) => draft.set_cow(ours, value),
            },
            None => draft.keep(key, value),
        }
    }
}

/// The name of an IP protocol that is given by its number.
pub(crate) fn protocol(number: &str) -> Option<&'static str> {
    Some(match number {
        "1" => "icmp",
        "2" => "igmp",
        "6" => "tcp",
        "17" => "udp",
        "41" => "ipv6",
        "47" => "gre",
        "50" => "esp",
        "51" => "ah",
        "58" => "ipv6-icmp",
        "89" => "ospf",
        "112" => "vrrp",
        "132" => "sctp",
        _ => return None,
    })
}

fn unescaped(value: &str, quote: u8) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&next)) if next == '\\' || next == char::from(quote) => {
                text.push(next);
                chars.next();
            }
            _ => text.push(c),
        }
    }
    text
}

impl<'r> Iterator for Pairs<'r> {
    type Item = (&'r str, Cow<'r, str>);
    fn next(&mut self) -> Option<Self::Item> {
        let key = self.key()?;
        let value = self.value();
        Some((key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Pairs::with(text, b'=', Some(b','))
            .map(|(key, value)| format!("{key}<{value}>"))
            .collect::<Vec<_>>()
            .concat()
    }

    #[test]
    fn pairs() {
        for (text, expected) in [
            ("a=1 b=\"two words\" c=", "a<1>b<two words>c<>"),
            (
                "date=2016-02-12,time=14:10:42,msg=\"a, b\"",
                "date<2016-02-12>time<14:10:42>msg<a, b>",
            ),
            (
                r#"q="say \"hi\"" p="C:\Windows\" r=1"#,
                r#"q<say "hi">p<C:\Windows\>r<1>"#,
            ),
            ("prose a=b more =c d= e=f", "a<b>d<>e<f>"),
            ("name=\"never closed x=1", "name<\"never>x<1>"),
            (
                "cfgattr=\"name[a]->b=c\" end='x y'",
                "cfgattr<name[a]->b=c>end<x y>",
            ),
            ("địa=chỉ k=\"tệp tin\"", "địa<chỉ>k<tệp tin>"),
            ("", ""),
            ("====", ""),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        assert_eq!(Pairs::with(&"a=1 ".repeat(5000), b'=', None).count(), MAX_PAIRS);
    }
}
