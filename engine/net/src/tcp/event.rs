//! Odd things in TCP, by the names of the keyword `stream-event`.

/// Makes the enum and its names from one list.
macro_rules! stream_events {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)+) => {
        /// Something odd about a TCP segment or session.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum StreamEvent {
            $($(#[$doc])* $variant,)+
        }

        impl StreamEvent {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Name in the keyword `stream-event`; in EVE it stands after `stream.`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

stream_events! {
    /// An ACK that does not belong to the handshake.
    HandshakeWrongAck => "3whs_ack_in_wrong_dir",
    /// SYN and ACK in the direction of the client's SYN.
    HandshakeSynAckInWrongDirection => "3whs_synack_in_wrong_direction",
    /// A second SYN/ACK with another acknowledgement number.
    HandshakeSynAckWithWrongAck => "3whs_synack_with_wrong_ack",
    /// A SYN/ACK sent again with another sequence number.
    HandshakeSynAckResentWithDifferentSeq => "3whs_synack_resend_with_diff_seq",
    /// A SYN/ACK sent again with another acknowledgement number.
    HandshakeSynAckResentWithDifferentAck => "3whs_synack_resend_with_different_ack",
    /// The peer answers the client's SYN with a SYN (simultaneous open).
    HandshakeSynToClient => "3whs_syn_toclient_on_syn_recv",
    /// A SYN sent again with another sequence number.
    HandshakeSynResentWithDifferentSeq => "3whs_syn_resend_diff_seq_on_syn_recv",
    /// The third packet of the handshake has a wrong sequence number.
    HandshakeRightSeqWrongAck => "3whs_right_seq_wrong_ack_evasion",
    /// More SYNs than a handshake needs.
    HandshakeSynFlood => "3whs_syn_flood",
    /// More SYN/ACKs than a handshake needs.
    HandshakeSynAckFlood => "3whs_synack_flood",
    /// A packet with an acknowledgement outside the window on an established connection.
    EstablishedInvalidAck => "est_invalid_ack",
    /// A segment outside the window on an established connection.
    EstablishedOutOfWindow => "est_packet_out_of_window",
    /// A segment before what was acknowledged.
    EstablishedBeforeLastAck => "est_pkt_before_last_ack",
    /// A SYN on an established connection.
    EstablishedSyn => "est_syn_resend",
    /// A SYN with another sequence number on an established connection.
    EstablishedSynWithDifferentSeq => "est_syn_resend_diff_seq",
    /// A SYN/ACK sent again on an established connection.
    EstablishedSynAck => "est_synack_resend",
    /// A SYN/ACK with another acknowledgement on an established connection.
    EstablishedSynAckWithDifferentAck => "est_synack_resend_with_different_ack",
    /// A SYN/ACK with another sequence number on an established connection.
    EstablishedSynAckWithDifferentSeq => "est_synack_resend_with_diff_seq",
    /// A SYN/ACK from the client on an established connection.
    EstablishedSynAckToServer => "est_synack_toserver",
    /// A FIN outside the window.
    FinOutOfWindow => "fin_out_of_window",
    /// A FIN before the connection is established.
    FinButNoSession => "fin_but_no_session",
    /// A RST for which there is no connection.
    RstButNoSession => "rst_but_no_session",
    /// A RST whose sequence number is outside what the receiver takes.
    InvalidRst => "rst_invalid_ack",
    /// Data in a SYN without Fast Open.
    DataInSyn => "pkt_data_in_syn",
    /// A timestamp older than the last one (RFC 7323, PAWS).
    InvalidTimestamp => "pkt_invalid_timestamp",
    /// An acknowledgement of data that was never sent.
    InvalidAck => "pkt_invalid_ack",
    /// ACK is not set and the acknowledgement number is not 0.
    BrokenAck => "pkt_broken_ack",
    /// A segment that was sent before.
    Retransmission => "pkt_retransmission",
    /// A spurious retransmission: all of it was acknowledged.
    SpuriousRetransmission => "pkt_spurious_retransmission",
    /// A keep-alive probe is none of the above.
    BadWindowUpdate => "pkt_bad_window_update",
    /// The third packet or data in the wrong direction of a midstream pick-up.
    WrongThread => "wrong_thread",
    /// An RST or FIN and then data: the session was closed.
    ClosedAckOutOfWindow => "closed_ack_out_of_window",
    /// A packet on a closed connection.
    SuspectedRstInjection => "suspected_rst_inject",
    /// The same connection's ports come with a new handshake.
    SessionReuse => "est_syn_reuse",
    /// Overlapping bytes differ.
    OverlapDifferentData => "reassembly_overlap_different_data",
    /// Bytes were acknowledged that were never captured.
    SequenceGap => "reassembly_seq_gap",
    /// The segment begins before the window of the reassembly.
    SegmentBeforeBase => "reassembly_segment_before_base_seq",
    /// The segment was not kept: memory cap.
    NoSegment => "reassembly_no_segment",
    /// The reassembly stops: depth limit.
    DepthReached => "reassembly_depth_reached",
    /// The urgent pointer is set and its bytes were taken out of band.
    UrgentOutOfBand => "reassembly_urgent_oob_limit_reached",
}
