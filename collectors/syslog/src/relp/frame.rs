//! RELP's frames: `TXNR SP COMMAND SP DATALEN [SP DATA] LF`.

/// One frame of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The transaction's number, which the answer repeats.
    pub(super) number: u32,
    pub(super) command: Command,
    /// The message of `syslog`, the offers of `open`; never longer than the limit.
    pub(super) data: Vec<u8>,
    /// Whether the data was longer than the limit.
    pub(super) cut: bool,
}

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Open,
    Syslog,
    Close,
    /// One that we do not have.
    Other,
}

/// The stream is not RELP: there is no way to find the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not RELP")]
pub(super) struct NotRelp;

/// Cuts a stream into frames.
#[derive(Debug)]
pub(super) struct Frames {
    max_data: usize,
    /// Bytes of the head under way.
    head: Vec<u8>,
    /// The frame whose data is under way, and how much of it is to come.
    data: Option<(Frame, usize)>,
}

/// The protocol's limits: nine digits, 32 letters, nine digits.
const MAX_HEAD: usize = 9 + 1 + 32 + 1 + 9;

impl Frames {
    /// A stream at its beginning; longer data keeps its beginning.
    pub(super) fn new(max_data: usize) -> Self {
        Self {
            max_data,
            head: Vec::new(),
            data: None,
        }
    }

    /// Whether a frame is under way.
    pub(super) fn is_partial(&self) -> bool {
        !self.head.is_empty() || self.data.is_some()
    }

    /// Reads bytes; whole frames go to `frames`.
    pub(super) fn push(&mut self, mut bytes: &[u8], frames: &mut Vec<Frame>) -> Result<(), NotRelp> {
        while let Some((&first, rest)) = bytes.split_first() {
            bytes = match self.data.take() {
                Some((frame, left)) => self.data(frame, left, bytes, frames)?,
                None => {
                    self.head(first, frames)?;
                    rest
                }
            };
        }
        Ok(())
    }

    /// One byte of a head; its end is the blank or the line feed behind the length.
    fn head(&mut self, byte: u8, frames: &mut Vec<Frame>) -> Result<(), NotRelp> {
        if self.head.is_empty() && byte == b'\n' {
            return Ok(());
        }
        let fields = 1 + memchr::memchr_iter(b' ', &self.head).count();
        if fields == 3 && matches!(byte, b' ' | b'\n') {
            let (frame, length) = self.taken()?;
            if byte == b' ' || length > 0 {
                self.data = Some((frame, length));
            } else {
                frames.push(frame);
            }
            return Ok(());
        }
        if self.head.len() >= MAX_HEAD || !(byte == b' ' || byte.is_ascii_graphic()) {
            return Err(NotRelp);
        }
        self.head.push(byte);
        Ok(())
    }

    fn taken(&mut self) -> Result<(Frame, usize), NotRelp> {
        let head = std::mem::take(&mut self.head);
        let text = std::str::from_utf8(&head).map_err(|_| NotRelp)?;
        let mut fields = text.split(' ');
        let (number, command, length) = (fields.next(), fields.next(), fields.next());
        let frame = Frame {
            number: number.and_then(|number| number.parse().ok()).ok_or(NotRelp)?,
            command: match command {
                Some("open") => Command::Open,
                Some("syslog") => Command::Syslog,
                Some("close") => Command::Close,
                _ => Command::Other,
            },
            data: Vec::new(),
            cut: false,
        };
        let length = length.and_then(|length| length.parse().ok()).ok_or(NotRelp)?;
        Ok((frame, length))
    }

    /// Data, and the line feed that must follow it.
    fn data<'b>(
        &mut self,
        mut frame: Frame,
        left: usize,
        bytes: &'b [u8],
        frames: &mut Vec<Frame>,
    ) -> Result<&'b [u8], NotRelp> {
        let (part, rest) = bytes.split_at_checked(left).unwrap_or((bytes, &[]));
        let room = self.max_data.saturating_sub(frame.data.len());
        frame.cut |= part.len() > room;
        frame.data.extend_from_slice(part.get(..room).unwrap_or(part));
        match (left - part.len(), rest.split_first()) {
            (0, Some((b'\n', rest))) => {
                frames.push(frame);
                Ok(rest)
            }
            (0, Some(_)) => Err(NotRelp),
            (left, _) => {
                self.data = Some((frame, left));
                Ok(&[])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(max_data: usize, bytes: &[u8], step: usize) -> (Vec<Frame>, bool) {
        let (mut cutter, mut frames) = (Frames::new(max_data), Vec::new());
        let failed = bytes
            .chunks(step)
            .any(|part| cutter.push(part, &mut frames).is_err());
        (frames, failed)
    }

    #[test]
    fn a_conversation_whatever_the_segments() {
        let stream = b"1 open 14 relp_version=0\n2 syslog 7 <13>a\nb\n3 syslog 0\n4 syslog 0 \n5 close 0\n";
        let expected = [
            (1, Command::Open, "relp_version=0"),
            (2, Command::Syslog, "<13>a\nb"),
            (3, Command::Syslog, ""),
            (4, Command::Syslog, ""),
            (5, Command::Close, ""),
        ];
        for step in 1..=stream.len() {
            let (frames, failed) = read(100, stream, step);
            let seen: Vec<_> = frames
                .iter()
                .map(|frame| {
                    (
                        frame.number,
                        frame.command,
                        std::str::from_utf8(&frame.data).unwrap(),
                    )
                })
                .collect();
            assert_eq!(seen, expected, "in steps of {step}");
            assert!(!failed);
        }
    }

    #[test]
    fn long_data_keeps_its_beginning() {
        let (frames, failed) = read(4, b"1 syslog 6 abcdef\n2 syslog 2 xy\n", 3);
        assert!(!failed);
        assert_eq!(
            (frames[0].data.as_slice(), frames[0].cut),
            (b"abcd".as_slice(), true)
        );
        assert_eq!(
            (frames[1].data.as_slice(), frames[1].cut),
            (b"xy".as_slice(), false)
        );
    }

    #[test]
    fn what_is_not_relp() {
        for noise in [
            "<13>plain syslog\n",
            "x syslog 1 a\n",
            "1 syslog -1 a\n",
            "1 syslog 1 ab",
            "1 syslog 99999999999999999999 a\n",
        ] {
            assert!(read(100, noise.as_bytes(), 1).1, "{noise}");
        }
    }

    proptest! {
        #[test]
        fn noise_never_grows(bytes in proptest::collection::vec(any::<u8>(), 0..400), step in 1_usize..50) {
            let (frames, failed) = read(64, &bytes, step);
            prop_assert_eq!((frames.clone(), failed), read(64, &bytes, 400));
            prop_assert!(frames.iter().all(|frame| frame.data.len() <= 64));
        }
    }
}
