//! Finding one pattern: jump from one occurrence of its rarest byte to the next, then compare.
//!
//! A prepared searcher per pattern would cost ~100 bytes times 80,000 patterns; one index of the rarest byte costs two,
//! and `memchr` does the jumping at memory speed.

use crate::rule::Pattern;

/// How common a byte is in what rules look at (text protocols above all); higher is more common.
fn commonness(byte: u8) -> u8 {
    match byte {
        b' ' | b'e' | b't' | b'a' | b'o' | 0 => 255,
        b'i' | b'n' | b's' | b'r' | b'/' | b'.' | b'=' | b'-' => 230,
        b'l' | b'c' | b'd' | b'p' | b'm' | b'u' | b'h' | b':' | b'\r' | b'\n' | b'"' => 200,
        b'a'..=b'z' | b'0' | b'1' | b'2' | b',' | b';' | b'<' | b'>' => 160,
        b'3'..=b'9' | b'%' | b'&' | b'_' => 130,
        b'A'..=b'Z' => 110,
        0xff | 1 => 120,
        0x20..=0x7e => 60,
        _ => 30,
    }
}

/// Index of the pattern's rarest byte.
pub(crate) fn rarest(pattern: &[u8], nocase: bool) -> u16 {
    let cost = |byte: u8| {
        if nocase && byte.is_ascii_alphabetic() {
            u16::from(commonness(byte.to_ascii_lowercase()))
                + u16::from(commonness(byte.to_ascii_uppercase()))
        } else {
            u16::from(commonness(byte))
        }
    };
    let position = pattern
        .iter()
        .take(usize::from(u16::MAX))
        .enumerate()
        .min_by_key(|(_, byte)| cost(**byte))
        .map_or(0, |(at, _)| at);
    position as u16
}

impl Pattern {
    /// Whether the pattern stands at the beginning of `bytes`.
    pub(crate) fn is_prefix_of(&self, bytes: &[u8]) -> bool {
        bytes
            .get(..self.bytes.len())
            .is_some_and(|head| self.equals(head))
    }

    fn equals(&self, bytes: &[u8]) -> bool {
        if self.nocase {
            bytes.eq_ignore_ascii_case(&self.bytes)
        } else {
            *bytes == *self.bytes
        }
    }

    /// First place at or after `from` where the pattern stands and ends at or before `until`.
    pub(crate) fn find(&self, bytes: &[u8], from: usize, until: usize) -> Option<usize> {
        let window = bytes.get(..until.min(bytes.len()))?;
        let length = self.bytes.len();
        let rare_at = usize::from(self.rare_at);
        let rare = *self.bytes.get(rare_at)?;
        // The last place where the rare byte may stand: what follows it in the pattern must still fit.
        let end = window.len().checked_sub(length - rare_at)? + 1;
        let mut at = from.checked_add(rare_at)?;
        while at < end {
            let rest = window.get(at..end)?;
            let step = if self.nocase && rare.is_ascii_alphabetic() {
                memchr::memchr2(rare, rare.to_ascii_uppercase(), rest)
            } else {
                memchr::memchr(rare, rest)
            }?;
            let begin = at + step - rare_at;
            if window
                .get(begin..begin + length)
                .is_some_and(|found| self.equals(found))
            {
                return Some(begin);
            }
            at += step + 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow(pattern: &[u8], nocase: bool, bytes: &[u8], from: usize, until: usize) -> Option<usize> {
        let until = until.min(bytes.len());
        (from..=until.saturating_sub(pattern.len())).find(|at| {
            at + pattern.len() <= until && {
                let found = &bytes[*at..at + pattern.len()];
                if nocase {
                    found.eq_ignore_ascii_case(pattern)
                } else {
                    found == pattern
                }
            }
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_slow_search(
            pattern in "[abA]{1,4}", text in "[abAB]{0,30}", nocase: bool, from in 0_usize..32, until in 0_usize..40,
        ) {
            let searched = Pattern::new(pattern.as_bytes(), nocase);
            let expected = slow(&searched.bytes, nocase, text.as_bytes(), from, until);
            prop_assert_eq!(searched.find(text.as_bytes(), from, until), expected);
        }
    }

    #[test]
    fn the_rarest_byte_is_chosen() {
        assert_eq!(rarest(b"e e\x90t", false), 3);
        assert_eq!(Pattern::new(b"x", false).find(b"", 0, 10), None);
    }
}
