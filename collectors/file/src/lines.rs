//! Cuts what is read of a file into lines, and knows how far the whole lines reach.

/// The lines of one file as they come.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The last line so far, without its end; never longer than the limit.
    partial: Vec<u8>,
    /// Bytes of it that were dropped because of the limit.
    dropped: u64,
}

/// A whole line and how many bytes of the file it was, its end included.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) bytes: Vec<u8>,
    pub(crate) length: u64,
    /// Whether only its beginning was kept.
    pub(crate) cut: bool,
}

impl Lines {
    /// Takes what was read, in order.
    pub(crate) fn push(&mut self, mut bytes: &[u8], max_bytes: usize, lines: &mut Vec<Line>) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (part, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
            self.keep(part, max_bytes);
            lines.push(self.taken(1));
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.keep(bytes, max_bytes);
    }

    /// The last line, although its end has not come.
    pub(crate) fn flush(&mut self) -> Option<Line> {
        (self.pending() > 0).then(|| self.taken(0))
    }

    /// Bytes of the file that belong to the last, unfinished line.
    pub(crate) fn pending(&self) -> u64 {
        self.partial.len() as u64 + self.dropped
    }

    fn keep(&mut self, part: &[u8], max_bytes: usize) {
        let room = max_bytes.saturating_sub(self.partial.len());
        let kept = part.get(..room).unwrap_or(part);
        self.partial.extend_from_slice(kept);
        self.dropped += (part.len() - kept.len()) as u64;
    }

    fn taken(&mut self, end: u64) -> Line {
        let length = self.pending() + end;
        let cut = std::mem::take(&mut self.dropped) > 0;
        let mut bytes = std::mem::take(&mut self.partial);
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        Line { bytes, length, cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up_whatever_the_pieces() {
        let text = b"one\r\n\ntwo longer than that\nthr";
        for step in 1..=text.len() {
            let (mut lines, mut out) = (Lines::default(), Vec::new());
            for part in text.chunks(step) {
                lines.push(part, 10, &mut out);
            }
            let texts: Vec<_> = out
                .iter()
                .map(|line| String::from_utf8_lossy(&line.bytes).into_owned())
                .collect();
            assert_eq!(texts, ["one", "", "two longer"]);
            assert_eq!(
                out.iter().map(|line| line.cut).collect::<Vec<_>>(),
                [false, false, true]
            );
            let whole: u64 = out.iter().map(|line| line.length).sum();
            assert_eq!(whole + lines.pending(), text.len() as u64);
            assert_eq!(
                lines.flush(),
                Some(Line {
                    bytes: b"thr".to_vec(),
                    length: 3,
                    cut: false
                })
            );
            assert_eq!(lines.flush(), None);
        }
    }
}
