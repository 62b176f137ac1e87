//! Numbers and stretches at fixed places of a message.

use crate::proto::reader::Reader;

fn at(bytes: &[u8], offset: usize) -> Option<Reader<'_>> {
    bytes.get(offset..).map(Reader::new)
}

pub(super) fn u8_at(bytes: &[u8], offset: usize) -> Option<u8> {
    bytes.get(offset).copied()
}

pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    at(bytes, offset)?.le16()
}

pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    at(bytes, offset)?.le32()
}

pub(super) fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    at(bytes, offset)?.le64()
}

pub(super) fn slice_at(bytes: &[u8], offset: usize, length: usize) -> Option<&[u8]> {
    bytes.get(offset..offset.checked_add(length)?)
}

/// Unix seconds of a Windows file time (100 ns since 1601); 0 for none.
pub(super) fn unix_seconds(file_time: u64) -> u64 {
    (file_time / 10_000_000).saturating_sub(11_644_473_600)
}
