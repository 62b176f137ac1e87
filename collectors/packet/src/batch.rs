//! Packets that travel together: one growing buffer, no allocation per packet.

use saola_event::Timestamp;

/// A packet as captured.
#[derive(Clone, Copy, Debug)]
pub struct CapturedPacket<'a> {
    /// When it passed, by the kernel or the capture file.
    pub time: Timestamp,
    /// Link layer, a number of the LINKTYPE registry (1 is Ethernet).
    pub link_type: u16,
    /// Length on the wire; `data` may have been cut.
    pub wire_len: u32,
    /// VLAN tag control information that the kernel took out of the frame: the identifier is its lower 12 bits.
    pub vlan: Option<u16>,
    /// The bytes.
    pub data: &'a [u8],
}

#[derive(Clone, Copy, Debug)]
struct Head {
    time: Timestamp,
    link_type: u16,
    wire_len: u32,
    vlan: Option<u16>,
    end: usize,
}

/// Packets in order of arrival. Cleared and used again, it keeps its memory.
#[derive(Clone, Debug)]
pub struct PacketBatch {
    heads: Vec<Head>,
    bytes: Vec<u8>,
    most_packets: usize,
    most_bytes: usize,
}

impl PacketBatch {
    /// A batch that is full at `most_packets`, or once it holds `most_bytes` or more.
    pub fn new(most_packets: usize, most_bytes: usize) -> Self {
        Self {
            heads: Vec::with_capacity(most_packets),
            bytes: Vec::new(),
            most_packets,
            most_bytes,
        }
    }

    /// Adds a copy of a packet.
    pub fn push(&mut self, packet: CapturedPacket<'_>) {
        let CapturedPacket {
            time,
            link_type,
            wire_len,
            vlan,
            data,
        } = packet;
        self.bytes.extend_from_slice(data);
        self.heads.push(Head {
            time,
            link_type,
            wire_len,
            vlan,
            end: self.bytes.len(),
        });
    }

    /// Whether no more should be added.
    pub fn is_full(&self) -> bool {
        self.heads.len() >= self.most_packets || self.bytes.len() >= self.most_bytes
    }

    /// How many packets.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Forgets the packets.
    pub fn clear(&mut self) {
        self.heads.clear();
        self.bytes.clear();
    }

    /// The packets in order.
    pub fn iter(&self) -> impl Iterator<Item = CapturedPacket<'_>> {
        let starts = std::iter::once(0).chain(self.heads.iter().map(|head| head.end));
        self.heads.iter().zip(starts).map(|(head, start)| CapturedPacket {
            time: head.time,
            link_type: head.link_type,
            wire_len: head.wire_len,
            vlan: head.vlan,
            data: self.bytes.get(start..head.end).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_back_in_order_and_a_cleared_batch_is_empty() {
        let mut batch = PacketBatch::new(3, 100);
        for data in [&b"one"[..], b"", b"three"] {
            assert!(!batch.is_full());
            let time = Timestamp::from_micros(data.len() as i64);
            batch.push(CapturedPacket {
                time,
                link_type: 1,
                wire_len: 60,
                vlan: None,
                data,
            });
        }
        assert!(batch.is_full());
        let all: Vec<&[u8]> = batch.iter().map(|packet| packet.data).collect();
        assert_eq!(all, [&b"one"[..], b"", b"three"]);
        batch.clear();
        assert_eq!((batch.len(), batch.iter().count()), (0, 0));
    }
}
