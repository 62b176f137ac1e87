//! The Linux back end: a TPACKET_V3 ring shared with the kernel (Documentation/networking/packet_mmap.rst).
//!
//! The kernel fills blocks of a shared ring with packets and hands each block over by setting a bit; we read the block and
//! hand it back by clearing it. No system call per packet, time stamps and drop counts from the kernel.
//! [`socket`] holds the system calls and the shared memory, which is all the `unsafe` there is; the walk over a
//! block's packets, here, is bounds-checked like the reading of any foreign bytes.

mod socket;

use std::time::Duration;

use saola_event::Timestamp;

use crate::interface::fault;
use crate::{CaptureError, CaptureStats, CapturedPacket, Fill, PacketBatch, PacketSource};
use socket::RingSocket;

/// An interface listened on through a ring.
pub(crate) struct Ring {
    interface: String,
    socket: RingSocket,
    link: Link,
    next_block: usize,
    stats: CaptureStats,
}

/// What the interface's packets begin with.
#[derive(Clone, Copy)]
struct Link {
    link_type: u16,
    /// The loopback interface shows each packet twice, as sent and as received; the first is left out.
    skip_outgoing: bool,
}

/// Status bit: `tp_vlan_tci` holds a tag that the card or kernel took out of the frame.
const VLAN_VALID: u32 = libc::TP_STATUS_VLAN_VALID;
/// `sockaddr_ll` follows each packet's header at this offset; the packet's type is 10 bytes into it.
const PACKET_TYPE_OFFSET: usize = 48 + 10;

impl Ring {
    pub(crate) fn open(interface: &str, fanout: Option<u16>) -> Result<Self, CaptureError> {
        let socket =
            RingSocket::open(interface, fanout).map_err(|(step, source)| fault(interface, step, source))?;
        let (interface, link) = (interface.to_owned(), Link::of(interface));
        Ok(Self {
            interface,
            socket,
            link,
            next_block: 0,
            stats: CaptureStats::default(),
        })
    }

    /// Takes the next block that the kernel has handed over, if there is one.
    fn take_block(&mut self, batch: &mut PacketBatch) -> bool {
        let (link, stats) = (self.link, &mut self.stats);
        let taken = self
            .socket
            .with_block(self.next_block, |block| take_packets(block, link, stats, batch));
        if taken {
            self.next_block = (self.next_block + 1) % RingSocket::BLOCKS;
        }
        taken
    }
}

impl PacketSource for Ring {
    fn fill(&mut self, batch: &mut PacketBatch, patience: Duration) -> Result<Fill, CaptureError> {
        while !batch.is_full() && self.take_block(batch) {}
        if !batch.is_empty() {
            return Ok(Fill::Packets);
        }
        self.socket
            .wait(patience)
            .map_err(|source| fault(&self.interface, "waiting for packets", source))?;
        while !batch.is_full() && self.take_block(batch) {}
        Ok(if batch.is_empty() {
            Fill::Idle
        } else {
            Fill::Packets
        })
    }

    fn stats(&mut self) -> CaptureStats {
        self.stats.kernel_drops = Some(self.socket.drops());
        self.stats
    }
}

impl Link {
    /// By the system's hardware type of the interface (`ARPHRD_*`): Ethernet unless it says that packets begin with IP.
    fn of(interface: &str) -> Self {
        let read = std::fs::read_to_string(format!("/sys/class/net/{interface}/type"));
        let hardware: u16 = read
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(libc::ARPHRD_ETHER);
        let begins_with_ip = [
            libc::ARPHRD_NONE,
            libc::ARPHRD_PPP,
            libc::ARPHRD_TUNNEL,
            libc::ARPHRD_IPGRE,
        ];
        let link_type = if begins_with_ip.contains(&hardware) {
            101
        } else {
            1
        };
        Self {
            link_type,
            skip_outgoing: hardware == libc::ARPHRD_LOOPBACK,
        }
    }
}

/// Copies the packets of a block into the batch. `block` is the whole block, its head first.
fn take_packets(block: &[u8], link: Link, stats: &mut CaptureStats, batch: &mut PacketBatch) {
    let count = word(block, 12).unwrap_or(0);
    let mut offset = word(block, 16).unwrap_or(0) as usize;
    for _ in 0..count {
        let Some(header) = block.get(offset..) else { return };
        if let Some(packet) = packet(header, link) {
            stats.received += 1;
            stats.bytes += u64::from(packet.wire_len);
            stats.truncated += u64::from(packet.data.len() < packet.wire_len as usize);
            batch.push(packet);
        }
        match word(header, 0) {
            Some(next) if next > 0 => offset += next as usize,
            _ => return,
        }
    }
}

/// The packet whose `tpacket3_hdr` begins here; `None` for one that is left out.
fn packet(header: &[u8], link: Link) -> Option<CapturedPacket<'_>> {
    let outgoing = header
        .get(PACKET_TYPE_OFFSET)
        .is_some_and(|kind| *kind == libc::PACKET_OUTGOING);
    if link.skip_outgoing && outgoing {
        return None;
    }
    let (secs, nanos) = (word(header, 4)?, word(header, 8)?);
    let (captured, wire_len, status) = (word(header, 12)? as usize, word(header, 16)?, word(header, 20)?);
    let start = usize::from(u16::from_ne_bytes(*header.get(24..26)?.first_chunk()?));
    let tag = word(header, 32)? as u16;
    Some(CapturedPacket {
        time: Timestamp::from_secs_micros(i64::from(secs), nanos / 1000),
        link_type: link.link_type,
        wire_len,
        vlan: (status & VLAN_VALID != 0).then_some(tag),
        data: header.get(start..start.checked_add(captured)?)?,
    })
}

fn word(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(offset..offset + 4)?.first_chunk()?))
}

#[cfg(test)]
mod tests;
