//! Link frames: a header with its checksum, then blocks of 16 octets with theirs.

use crate::proto::reader::Reader;

/// Octets of the header with its checksum.
pub(super) const HEADER: usize = 10;
/// Octets of a block of user data.
const BLOCK: usize = 16;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) has_start: bool,
    /// Start, length and checksum are as they must be.
    pub(super) is_valid: bool,
    length: u8,
    pub(super) control: u8,
    pub(super) destination: u16,
    pub(super) source: u16,
}

/// The checksum of IEEE 1815: CRC-16 with polynomial 0x3d65, reflected, inverted.
pub(super) fn checksum(bytes: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xa6bc };
        }
    }
    !crc
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let whole = bytes.get(..HEADER)?;
        let mut reader = Reader::new(whole);
        let has_start = reader.be16()? == 0x0564;
        let (length, control) = (reader.u8()?, reader.u8()?);
        let (destination, source, crc) = (reader.le16()?, reader.le16()?, reader.le16()?);
        Some(Self {
            has_start,
            is_valid: has_start && length >= 5 && checksum(whole.get(..8)?) == crc,
            length,
            control,
            destination,
            source,
        })
    }

    fn data_length(self) -> usize {
        usize::from(self.length).saturating_sub(5)
    }

    /// Octets of the whole frame.
    pub(super) fn frame_length(self) -> usize {
        let data = self.data_length();
        HEADER + data + data.div_ceil(BLOCK) * 2
    }

    /// The user data of a frame; `None` when a block's checksum is wrong.
    pub(super) fn user_data(self, frame: &[u8]) -> Option<Vec<u8>> {
        let mut data = Vec::with_capacity(self.data_length());
        for block in frame.get(HEADER..)?.chunks(BLOCK + 2) {
            let (bytes, crc) = block.split_last_chunk::<2>()?;
            if checksum(bytes) != u16::from_le_bytes(*crc) {
                return None;
            }
            data.extend_from_slice(bytes);
        }
        Some(data)
    }
}
