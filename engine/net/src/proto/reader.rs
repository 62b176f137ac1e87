//! Reading numbers and stretches off the front of foreign bytes; what is not there is `None`.

/// A place in some bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    whole: usize,
}

macro_rules! numbers {
    ($($name:ident $kind:ty, $from:ident;)*) => {
        $(
            pub(crate) fn $name(&mut self) -> Option<$kind> {
                let (bytes, rest) = self.rest.split_first_chunk()?;
                self.rest = rest;
                Some(<$kind>::$from(*bytes))
            }
        )*
    };
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            whole: bytes.len(),
        }
    }

    numbers! {
        u8 u8, from_be_bytes;
        be16 u16, from_be_bytes;
        be32 u32, from_be_bytes;
        be64 u64, from_be_bytes;
        le16 u16, from_le_bytes;
        le32 u32, from_le_bytes;
        le64 u64, from_le_bytes;
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Up to and without the next `end`, which is passed over.
    pub(crate) fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let at = memchr::memchr(end, self.rest)?;
        let taken = self.take(at)?;
        self.take(1)?;
        Some(taken)
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> usize {
        self.whole - self.rest.len()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there() {
        let mut reader = Reader::new(b"\x01\x02\x03\x04ab\0c");
        assert_eq!((reader.be16(), reader.le16()), (Some(0x0102), Some(0x0403)));
        assert_eq!(reader.until(0), Some(&b"ab"[..]));
        assert_eq!(
            (reader.be32(), reader.u8(), reader.take(1)),
            (None, Some(b'c'), None)
        );
        assert_eq!((reader.position(), reader.rest()), (8, &b""[..]));
    }
}
