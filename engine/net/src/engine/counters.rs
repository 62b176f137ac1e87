//! What an engine counted. Every loss and every limit that bit has its own counter.

use serde::Serialize;

/// Counters of one engine; those of shards add up with [`Counters::add`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Packets handed in.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Packets out of tunnels.
    pub tunnel_packets: u64,
    /// Packets put together from fragments.
    pub defragmented: u64,
    /// Fragments dropped: memory cap or too many.
    pub fragments_dropped: u64,
    /// Incomplete fragmented packets given up.
    pub fragments_timed_out: u64,
    /// Decode events raised.
    pub decode_events: u64,
    /// Packets of a link type without a decoder.
    pub unknown_link: u64,
    /// TCP segments with a wrong checksum, kept from their stream.
    pub bad_checksums: u64,
    /// Flows opened.
    pub flows: u64,
    /// Flows thrown out because the table was full.
    pub flows_evicted: u64,
    /// Flows that are open now.
    pub flows_open: u64,
    /// TCP sessions opened.
    pub tcp_sessions: u64,
    /// TCP segments that their session refused.
    pub tcp_rejected: u64,
    /// TCP segments whose bytes were not kept: memory cap, or too far ahead.
    pub tcp_segments_dropped: u64,
    /// Gaps in streams: acknowledged bytes that were never captured.
    pub tcp_gaps: u64,
    /// Streams that passed the depth limit.
    pub tcp_depth_reached: u64,
    /// Bytes that stream reassembly holds now.
    pub stream_bytes: u64,
    /// Transactions opened by parsers.
    pub transactions: u64,
}

impl Counters {
    /// Adds another engine's counters.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.packets, other.packets),
            (&mut self.bytes, other.bytes),
            (&mut self.tunnel_packets, other.tunnel_packets),
            (&mut self.defragmented, other.defragmented),
            (&mut self.fragments_dropped, other.fragments_dropped),
            (&mut self.fragments_timed_out, other.fragments_timed_out),
            (&mut self.decode_events, other.decode_events),
            (&mut self.unknown_link, other.unknown_link),
            (&mut self.bad_checksums, other.bad_checksums),
            (&mut self.flows, other.flows),
            (&mut self.flows_evicted, other.flows_evicted),
            (&mut self.flows_open, other.flows_open),
            (&mut self.tcp_sessions, other.tcp_sessions),
            (&mut self.tcp_rejected, other.tcp_rejected),
            (&mut self.tcp_segments_dropped, other.tcp_segments_dropped),
            (&mut self.tcp_gaps, other.tcp_gaps),
            (&mut self.tcp_depth_reached, other.tcp_depth_reached),
            (&mut self.stream_bytes, other.stream_bytes),
            (&mut self.transactions, other.transactions),
        ];
        for (sum, value) in pairs {
            *sum += value;
        }
    }
}
