//! How connections begin: the handshake, seen whole, in part or not at all.

use super::StreamEvent;
use super::session::{StreamContext, TcpSession, TcpState, ack_is_possible};
use super::side::before;
use crate::flow::Direction;
use crate::packet::{StreamVerdict, TcpFlags, TcpHeader};

/// SYNs or SYN/ACKs beyond this number in one handshake are a flood.
const MAX_HANDSHAKE_PACKETS: u8 = 5;

impl TcpSession {
    pub(super) fn first(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        if tcp.flags.has(TcpFlags::RST) {
            cx.events.push(StreamEvent::RstButNoSession);
            return StreamVerdict::NotTracked;
        }
        if tcp.flags.has(TcpFlags::FIN) && !tcp.flags.has(TcpFlags::SYN) && !cx.config.midstream {
            cx.events.push(StreamEvent::FinButNoSession);
            return StreamVerdict::NotTracked;
        }
        if tcp.flags.has(TcpFlags::SYN | TcpFlags::ACK) {
            return self.first_syn_ack(tcp, direction, cx);
        }
        if tcp.flags.has(TcpFlags::SYN) {
            return self.first_syn(tcp, payload, direction, cx);
        }
        if !cx.config.midstream || !tcp.flags.has(TcpFlags::ACK) {
            return StreamVerdict::NotTracked;
        }
        self.pick_up(tcp, payload, direction, cx)
    }

    fn first_syn(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        self.state = TcpState::SynSent;
        self.syn_count = 1;
        self.first_syn_timestamp = tcp.parsed.timestamps.map(|stamps| stamps.value);
        self.side_mut(direction).begin(tcp);
        if !payload.is_empty() {
            self.data_in_syn(tcp, payload, direction, cx);
        }
        StreamVerdict::Accepted
    }

    /// Data with a SYN counts when the client asks for Fast Open with a cookie (RFC 7413).
    fn data_in_syn(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) {
        if tcp.parsed.fast_open.is_none_or(<[u8]>::is_empty) {
            cx.events.push(StreamEvent::DataInSyn);
            return;
        }
        let sender = self.side_mut(direction);
        sender.next_seq = sender.next_seq.wrapping_add(payload.len() as u32);
        self.store(tcp.seq.wrapping_add(1), tcp, payload, direction, cx);
    }

    /// A SYN/ACK whose SYN was not seen. The engine has turned the flow so that the sender is the server.
    fn first_syn_ack(
        &mut self,
        tcp: &TcpHeader<'_>,
        direction: Direction,
        cx: &StreamContext<'_>,
    ) -> StreamVerdict {
        if !cx.config.midstream && !cx.config.async_oneside {
            return StreamVerdict::NotTracked;
        }
        self.midstream = true;
        self.one_sided = cx.config.async_oneside;
        self.state = TcpState::SynRecv;
        self.syn_ack_count = 1;
        let (sender, receiver) = self.ends(direction);
        sender.begin(tcp);
        receiver.begin_midstream(tcp.ack, u32::from(tcp.window));
        receiver.window_scale = sender.window_scale;
        sender.send_limit = sender.next_seq.wrapping_add(u32::from(u16::MAX));
        self.timestamps = tcp.parsed.timestamps.is_some();
        StreamVerdict::Accepted
    }

    fn pick_up(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        self.midstream = true;
        self.one_sided = cx.config.async_oneside;
        self.state = TcpState::Established;
        let window = u32::from(tcp.window) << 14;
        let (sender, receiver) = self.ends(direction);
        sender.begin_midstream(tcp.seq, window);
        receiver.begin_midstream(tcp.ack, window);
        sender.timestamp = tcp.parsed.timestamps.map(|ts| ts.value);
        self.timestamps = tcp.parsed.timestamps.is_some();
        self.take(tcp, payload, direction, cx);
        StreamVerdict::Accepted
    }

    pub(super) fn in_syn_sent(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        let to_client = direction == Direction::ToClient;
        if to_client && !tcp.flags.has(TcpFlags::SYN) && self.echo_is_forged(tcp) {
            cx.events.push(StreamEvent::InvalidTimestamp);
            return StreamVerdict::Rejected;
        }
        if tcp.flags.has(TcpFlags::RST) {
            return self.reset_in_syn_sent(tcp, direction, cx);
        }
        if tcp.flags.has(TcpFlags::FIN) && !tcp.flags.has(TcpFlags::SYN) {
            return StreamVerdict::Rejected;
        }
        if tcp.flags.has(TcpFlags::SYN | TcpFlags::ACK) {
            return self.syn_ack_in_syn_sent(tcp, payload, direction, cx);
        }
        if tcp.flags.has(TcpFlags::SYN) {
            return self.syn_again(tcp, direction, cx);
        }
        if to_client || !tcp.flags.has(TcpFlags::ACK) {
            return StreamVerdict::Rejected;
        }
        // The client goes on and no SYN/ACK was seen: the other side is not captured.
        let client = self.side(Direction::ToServer);
        if !cx.config.async_oneside || tcp.seq != client.next_seq {
            return StreamVerdict::Rejected;
        }
        self.one_sided = true;
        self.state = TcpState::Established;
        let (sender, receiver) = self.ends(direction);
        receiver.begin_midstream(tcp.ack, sender.window);
        sender.window_scale = 14;
        self.take(tcp, payload, direction, cx);
        StreamVerdict::Accepted
    }

    fn reset_in_syn_sent(
        &mut self,
        tcp: &TcpHeader<'_>,
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        let client = self.side(Direction::ToServer);
        let valid = match direction {
            // With the next number, it is the client's answer to a packet that it did not expect (perhaps a forged one):
            // the connection may still come about.
            Direction::ToServer => tcp.seq == client.isn,
            Direction::ToClient => {
                let answers = !before(tcp.ack, client.isn) && !before(client.next_seq, tcp.ack);
                tcp.flags.has(TcpFlags::ACK) && answers
            }
        };
        if !valid {
            cx.events.push(StreamEvent::InvalidRst);
            return StreamVerdict::Rejected;
        }
        self.state = TcpState::Closed;
        self.reset = true;
        StreamVerdict::Accepted
    }

    fn syn_ack_in_syn_sent(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        if direction == Direction::ToServer && !self.simultaneous {
            cx.events.push(StreamEvent::HandshakeSynAckInWrongDirection);
            return StreamVerdict::Rejected;
        }
        let (sender, receiver) = self.ends(direction);
        let first = receiver.isn.wrapping_add(1);
        let answers = !before(tcp.ack, first) && !before(receiver.next_seq, tcp.ack);
        if !answers {
            cx.events.push(StreamEvent::HandshakeSynAckWithWrongAck);
            return StreamVerdict::Rejected;
        }
        sender.begin(tcp);
        receiver.acked = tcp.ack;
        receiver.send_limit = tcp.ack.wrapping_add(u32::from(tcp.window));
        sender.send_limit = sender.next_seq.wrapping_add(receiver.window);
        let scales = tcp.parsed.window_scale.is_some();
        if !scales {
            sender.window_scale = 0;
            receiver.window_scale = 0;
        }
        let stamps = tcp.parsed.timestamps.is_some() && receiver.timestamp.is_some();
        self.timestamps = stamps;
        self.state = TcpState::SynRecv;
        self.syn_ack_count = 1;
        if !payload.is_empty() {
            self.data_in_syn_ack(tcp, payload, direction, cx);
        }
        StreamVerdict::Accepted
    }

    fn data_in_syn_ack(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) {
        let sender = self.side_mut(direction);
        sender.next_seq = sender.next_seq.wrapping_add(payload.len() as u32);
        self.store(tcp.seq.wrapping_add(1), tcp, payload, direction, cx);
    }

    /// A SYN while one waits for its answer: sent again, a new attempt, or from the other side.
    fn syn_again(
        &mut self,
        tcp: &TcpHeader<'_>,
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        if direction == Direction::ToClient {
            self.simultaneous = true;
            self.side_mut(direction).begin(tcp);
            return StreamVerdict::Accepted;
        }
        self.syn_count = self.syn_count.saturating_add(1);
        if self.syn_count > MAX_HANDSHAKE_PACKETS {
            cx.events.push(StreamEvent::HandshakeSynFlood);
        }
        self.side_mut(direction).begin(tcp);
        StreamVerdict::Accepted
    }

    pub(super) fn in_syn_recv(
        &mut self,
        tcp: &TcpHeader<'_>,
        payload: &[u8],
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        if tcp.flags.has(TcpFlags::RST) {
            return self.on_reset(tcp, direction, cx);
        }
        if tcp.flags.has(TcpFlags::SYN) {
            return self.syn_in_syn_recv(tcp, direction, cx);
        }
        if !tcp.flags.has(TcpFlags::ACK) && !tcp.flags.has(TcpFlags::FIN) {
            return StreamVerdict::Rejected;
        }
        if self.timestamp_is_bad(tcp, direction) {
            cx.events.push(StreamEvent::InvalidTimestamp);
            return StreamVerdict::Rejected;
        }
        let (sender, receiver) = self.ends(direction);
        // Beyond the SYN is fine: the peer's first data may have been missed.
        let acks_the_syn =
            !before(tcp.ack, receiver.isn.wrapping_add(1)) && ack_is_possible(tcp.ack, receiver);
        if !acks_the_syn {
            cx.events.push(StreamEvent::HandshakeWrongAck);
            return StreamVerdict::Rejected;
        }
        if before(tcp.seq, sender.isn) {
            cx.events.push(StreamEvent::HandshakeRightSeqWrongAck);
            return StreamVerdict::Rejected;
        }
        self.state = TcpState::Established;
        self.handshake_complete = !self.midstream;
        self.in_open(tcp, payload, direction, cx)
    }

    fn syn_in_syn_recv(
        &mut self,
        tcp: &TcpHeader<'_>,
        direction: Direction,
        cx: &mut StreamContext<'_>,
    ) -> StreamVerdict {
        let is_ack = tcp.flags.has(TcpFlags::ACK);
        match (direction, is_ack) {
            (Direction::ToClient, true) => self.syn_ack_again(tcp, cx),
            (Direction::ToServer, true) if self.simultaneous => {
                self.state = TcpState::Established;
                StreamVerdict::Accepted
            }
            (Direction::ToServer, true) => {
                cx.events.push(StreamEvent::HandshakeSynAckInWrongDirection);
                StreamVerdict::Rejected
            }
            (Direction::ToClient, false) => {
                cx.events.push(StreamEvent::HandshakeSynToClient);
                StreamVerdict::Rejected
            }
            (Direction::ToServer, false) => {
                if tcp.seq != self.side(direction).isn {
                    cx.events.push(StreamEvent::HandshakeSynResentWithDifferentSeq);
                    return StreamVerdict::Rejected;
                }
                StreamVerdict::Accepted
            }
        }
    }

    /// The server's answer once more. One with another sequence number replaces the first: the client has not
    /// answered either yet.
    fn syn_ack_again(&mut self, tcp: &TcpHeader<'_>, cx: &mut StreamContext<'_>) -> StreamVerdict {
        self.syn_ack_count = self.syn_ack_count.saturating_add(1);
        if self.syn_ack_count > MAX_HANDSHAKE_PACKETS {
            cx.events.push(StreamEvent::HandshakeSynAckFlood);
        }
        let (server, client) = self.ends(Direction::ToClient);
        if tcp.ack != client.acked {
            cx.events.push(StreamEvent::HandshakeSynAckResentWithDifferentAck);
            return StreamVerdict::Rejected;
        }
        if tcp.seq != server.isn {
            cx.events.push(StreamEvent::HandshakeSynAckResentWithDifferentSeq);
            let scale = server.window_scale;
            server.begin(tcp);
            server.window_scale = scale;
            server.send_limit = server.next_seq.wrapping_add(client.window);
        }
        StreamVerdict::Accepted
    }
}
