//! Finding the end of a message head, and its first line within it.

use memchr::memchr;

use super::headers::{is_blank, looks_like_field};

/// A head longer than this is cut here.
pub(super) const MAX_HEAD_BYTES: usize = 128 * 1024;

/// Bytes of a following line that are enough to see whether it is a field.
const PEEK_BYTES: usize = 64;

/// Where a header block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadEnd {
    /// The block (with the line that ends it) has this length.
    At(usize),
    /// Not here yet; lines before this offset need no second look.
    More(usize),
}

/// Looks for the end of a header block from `from` on (the start of a line). `last` means that nothing more will come.
///
/// An empty line ends it. A line of blanks only (or of several CR) is an end for some peers and a continuation for
/// others: there the next line decides, by whether it looks like a field.
pub(super) fn find_end(block: &[u8], from: usize, last: bool) -> HeadEnd {
    let mut start = from;
    loop {
        let rest = block.get(start..).unwrap_or_default();
        let Some(length) = memchr(b'\n', rest) else {
            return HeadEnd::More(start);
        };
        let line = rest.get(..length).unwrap_or_default();
        let next = start + length + 1;
        match line {
            b"" | b"\r" => return HeadEnd::At(next),
            _ if line.iter().all(|byte| is_blank(*byte)) => {
                match continues(block.get(next..).unwrap_or_default(), last) {
                    Some(false) => return HeadEnd::At(next),
                    None => return HeadEnd::More(start),
                    Some(true) => {}
                }
            }
            _ => {}
        }
        start = next;
    }
}

/// Whether a header block goes on with these bytes.
fn continues(rest: &[u8], last: bool) -> Option<bool> {
    match rest.first() {
        None => return last.then_some(false),
        Some(first) if is_blank(*first) => return Some(true),
        Some(_) => {}
    }
    let end = memchr(b'\n', rest);
    let line = rest.get(..end.unwrap_or(rest.len()).min(256)).unwrap_or_default();
    if looks_like_field(line) {
        return Some(true);
    }
    (end.is_some() || rest.len() >= PEEK_BYTES || last).then_some(false)
}

/// Splits a head's first line off: its content without the line end, and the length it takes with it. A CR inside the
/// line that is not followed by a blank ends it too (some peers see a new line there).
pub(super) fn first_line(head: &[u8]) -> Option<(&[u8], usize)> {
    let end = memchr(b'\n', head)?;
    let mut line = head.get(..end).unwrap_or_default();
    let mut taken = end + 1;
    let mut at = 0;
    while let Some(cr) = line.get(at..).and_then(|rest| memchr(b'\r', rest)) {
        let cr = at + cr;
        match line.get(cr + 1) {
            Some(next) if !is_blank(*next) => {
                taken = cr + 1;
                line = line.get(..cr).unwrap_or_default();
                break;
            }
            Some(_) => at = cr + 1,
            None => break,
        }
    }
    while let [rest @ .., b'\r'] = line {
        line = rest;
    }
    Some((line, taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_heads() {
        for (block, end) in [
            ("A: b\r\n\r\nbody", 8),
            ("A: b\n\nbody", 6),
            ("A: b\n\r\nbody", 7),
            ("\r\nbody", 2),
            ("A: b\n\r\r\nX5O!P\n", 8),
            ("A: b\n \nX5O!P body\n", 7),
            ("A: b\n\t\n\nbody", 8),
            ("A: b\r\n \r\n\r\nbody", 11),
            ("A: b\r\n\r\r\nC: d\r\n\r\nbody", 17),
            ("A: b\r\n \r\n c\r\n\r\nbody", 15),
            ("A: b\r\n \r\nC: d\r\n\r\nbody", 17),
        ] {
            assert_eq!(find_end(block.as_bytes(), 0, true), HeadEnd::At(end), "{block:?}");
        }
    }

    #[test]
    fn waits_for_what_decides() {
        for block in ["", "A: b", "A: b\r\n", "A: b\r\n \r\n", "A: b\r\n \r\nC"] {
            assert!(
                matches!(find_end(block.as_bytes(), 0, false), HeadEnd::More(_)),
                "{block:?}"
            );
        }
        assert_eq!(find_end(b"A: b\r\nB: c", 0, false), HeadEnd::More(6));
    }

    #[test]
    fn first_lines() {
        for (head, line, taken) in [
            ("GET / HTTP/1.1\r\nA: b", "GET / HTTP/1.1", 16),
            ("GET /\nA: b", "GET /", 6),
            ("HTTP/1.1 200 ok\rA: b\r\n", "HTTP/1.1 200 ok", 16),
            ("HTTP/1.1\r 200 ok\r\n", "HTTP/1.1\r 200 ok", 18),
            ("\r\n", "", 2),
        ] {
            assert_eq!(
                first_line(head.as_bytes()),
                Some((line.as_bytes(), taken)),
                "{head:?}"
            );
        }
        assert_eq!(first_line(b"GET / HT"), None);
    }
}
