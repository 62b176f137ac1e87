//! Memory for the texts of one event that could not be borrowed from its record.
//!
//! A path in a Windows event is full of doubled backslashes; without this each such value would be an allocation of its
//! own. The caller keeps one arena per thread and empties it when it has done with the event.

use bumpalo::Bump;
use bumpalo::collections::String as BumpString;

use crate::part::unescape::Sink;

/// An arena that has grown beyond this is given back when it is emptied.
const KEPT_BYTES: usize = 1 << 20;
/// Room for a text at first; longer ones grow in place.
const FIRST_ROOM: usize = 128;

/// Memory that events borrow from until it is emptied.
#[derive(Debug, Default)]
pub struct Arena(Bump);

impl Arena {
    /// An empty arena.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all texts; one huge record does not keep its memory for ever.
    pub fn reset(&mut self) {
        if self.0.allocated_bytes() > KEPT_BYTES {
            self.0 = Bump::new();
        } else {
            self.0.reset();
        }
    }

    /// A text that begins with `start` and will have at most `rest` bytes more.
    pub(crate) fn text<'a>(&'a self, start: &str, rest: usize) -> ArenaText<'a> {
        let room = start.len() + rest.min(FIRST_ROOM);
        let mut text = BumpString::with_capacity_in(room, &self.0);
        text.push_str(start);
        ArenaText(text)
    }
}

/// A text that grows in an arena.
pub(crate) struct ArenaText<'a>(BumpString<'a>);

impl<'a> ArenaText<'a> {
    pub(crate) fn finish(self) -> &'a str {
        self.0.into_bump_str()
    }
}

impl Sink for ArenaText<'_> {
    fn push(&mut self, character: char) {
        self.0.push(character);
    }

    fn push_str(&mut self, text: &str) {
        self.0.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_forgets_and_a_giant_is_given_back() {
        let mut arena = Arena::new();
        let mut text = arena.text("abc", 10);
        text.push('ß');
        text.push_str(&"x".repeat(3 << 20));
        assert!(text.finish().starts_with("abcßx"));
        assert!(arena.0.allocated_bytes() > KEPT_BYTES);
        arena.reset();
        assert!(arena.0.allocated_bytes() <= KEPT_BYTES);
        assert_eq!(arena.text("again", 0).finish(), "again");
    }
}
