//! Logical lines: comments and blank lines left out, lines that end in a backslash joined with the next.

use std::borrow::Cow;

/// One rule's text with what is needed to find a byte of it in the file again.
#[derive(Debug)]
pub(crate) struct LogicalLine<'a> {
    pub(crate) text: Cow<'a, str>,
    /// `(first byte in text, line number, bytes of indentation cut off)` for every physical line.
    starts: Vec<(usize, u32)>,
}

impl LogicalLine<'_> {
    /// Line and column, both from 1, of a byte of the text.
    pub(crate) fn position(&self, offset: usize) -> (u32, u32) {
        let index = self.starts.partition_point(|(start, _)| *start <= offset);
        let (start, line) = index
            .checked_sub(1)
            .and_then(|index| self.starts.get(index))
            .copied()
            .unwrap_or((0, 1));
        (line, (offset - start) as u32 + 1)
    }
}

/// The logical lines of a text, in order.
pub(crate) fn logical_lines(text: &str) -> impl Iterator<Item = LogicalLine<'_>> {
    let mut lines = text.lines().zip(1_u32..);
    std::iter::from_fn(move || {
        let (first, number) = lines.find(|(line, _)| {
            let line = line.trim_start();
            !line.is_empty() && !line.starts_with('#')
        })?;
        let mut joined = Cow::Borrowed(first);
        let mut starts = vec![(0, number)];
        while joined.ends_with('\\') {
            let Some((next, number)) = lines.next() else { break };
            let text = joined.to_mut();
            text.pop();
            starts.push((text.len(), number));
            text.push_str(next);
        }
        Some(LogicalLine { text: joined, starts })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_lines_and_keeps_positions() {
        let lines: Vec<_> = logical_lines("# c\n\nalert \\\n  tcp\n second").collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].text, "alert   tcp");
        assert_eq!(lines[0].position(0), (3, 1));
        assert_eq!(lines[0].position(8), (4, 3));
        assert_eq!(lines[1].position(1), (5, 2));
    }
}
