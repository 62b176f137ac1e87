//! A place in a text that moves only forward, and never past the end.

/// Reads a text from the left. Every method that fails leaves the place where it was only inside [`Cursor::attempt`].
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    /// Goes on by some bytes, which must end a character.
    pub(crate) fn skip(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }

    /// Runs a reader and goes back when it fails.
    pub(crate) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = *self;
        let value = read(self);
        if value.is_none() {
            *self = before;
        }
        value
    }

    pub(crate) fn byte(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            return None;
        }
        self.skip(1)
    }

    pub(crate) fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| bytes.contains(byte))?;
        self.skip(1)?;
        Some(byte)
    }

    pub(crate) fn tag(&mut self, tag: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(tag)?;
        Some(())
    }

    /// Exactly `count` digits.
    pub(crate) fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let value = number(digits)?;
        self.rest = rest;
        Some(value)
    }

    /// One to `most` digits.
    pub(crate) fn digits_up_to(&mut self, most: usize) -> Option<i64> {
        let count = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        (count > 0).then_some(count).and_then(|count| self.digits(count))
    }

    /// Passes over blanks, if any.
    pub(crate) fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    /// The run of bytes that `wanted` admits; `wanted` is asked about ASCII only.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let end = self.rest.bytes().position(|b| !b.is_ascii() || !wanted(b));
        let (run, rest) = self
            .rest
            .split_at_checked(end.unwrap_or(self.rest.len()))
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        run
    }

    /// The text before the next `stop`, which is passed over too.
    pub(crate) fn until(&mut self, stop: char) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(stop)?;
        self.rest = rest;
        Some(before)
    }
}

fn number(digits: &str) -> Option<i64> {
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_attempt_goes_back() {
        let mut c = Cursor::new("12ab");
        assert_eq!(
            c.attempt(|c| {
                c.digits(2)?;
                c.byte(b'x')
            }),
            None
        );
        assert_eq!(c.digits(2), Some(12));
        assert_eq!(c.rest(), "ab");
    }

    #[test]
    fn never_inside_a_character_or_past_the_end() {
        let mut c = Cursor::new("é");
        assert_eq!(c.skip(1), None);
        assert_eq!(c.digits(1), None);
        assert_eq!(c.take_while(|_| true), "");
        assert_eq!(c.skip(3), None);
        assert_eq!(c.rest(), "é");
    }
}
