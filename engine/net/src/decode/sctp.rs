//! SCTP: the common header and its chunks' frames (RFC 9260).

use super::{DecodeEvent, Decoder, be16, be32};
use crate::packet::{SctpHeader, Transport};

/// Chunks in one packet beyond which something is wrong.
const MAX_CHUNKS: usize = 64;

impl<'a> Decoder<'a, '_> {
    pub(super) fn sctp(&mut self, data: &'a [u8]) {
        let Some((header, chunks)) = data.split_first_chunk::<12>() else {
            return self.event(DecodeEvent::SctpPktTooSmall);
        };
        self.packet.transport = Transport::Sctp(SctpHeader {
            src_port: be16(header, 0),
            dst_port: be16(header, 2),
            tag: be32(header, 4),
        });
        self.packet.payload = chunks;
        if count_chunks(chunks) > MAX_CHUNKS {
            self.event(DecodeEvent::SctpTooManyChunks);
        }
    }
}

fn count_chunks(chunks: &[u8]) -> usize {
    let (mut rest, mut count) = (chunks, 0);
    while rest.len() >= 4 {
        let len = usize::from(be16(rest, 2)).max(4).next_multiple_of(4);
        count += 1;
        rest = rest.get(len..).unwrap_or_default();
    }
    count
}
