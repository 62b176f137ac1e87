//! Capture files: pcap (microseconds, nanoseconds, both byte orders) and pcapng.
//!
//! pcap-parser finds the blocks; what a block says about itself is checked here again, because the file may have been
//! made by an enemy: lengths are bounded, time units are per interface, unknown interfaces end the reading.

use std::io::Read;
use std::time::Duration;

use pcap_parser::pcapng::Block;
use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
use pcap_parser::{LegacyPcapBlock, PcapBlockOwned, PcapError, create_reader};
use saola_event::Timestamp;

use crate::{CaptureError, CaptureStats, CapturedPacket, Fill, PacketBatch, PacketSource};

/// Where reading starts with, and the most that one block may make it grow to.
const BUFFER_BYTES: usize = 1 << 20;
const MOST_BUFFER_BYTES: usize = 64 << 20;
/// Interfaces that one section may describe.
const MOST_INTERFACES: usize = 65_536;

/// A capture file being read.
pub struct CaptureFile {
    reader: Box<dyn PcapReaderIterator + Send>,
    interfaces: Vec<Interface>,
    stats: CaptureStats,
    buffer_bytes: usize,
    ended: bool,
}

/// What a file says of one interface.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: u16,
    units_per_second: u64,
    offset_secs: i64,
}

/// Whether a file that begins with these (at least four) bytes is a capture.
pub fn is_capture(head: &[u8]) -> bool {
    const MAGICS: [[u8; 4]; 5] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        [0x0a, 0x0d, 0x0d, 0x0a],
    ];
    MAGICS.iter().any(|magic| head.starts_with(magic))
}

impl CaptureFile {
    /// Reads the file's head.
    pub fn new(reader: impl Read + Send + 'static) -> Result<Self, CaptureError> {
        let reader = create_reader(BUFFER_BYTES, Whole(reader)).map_err(|error| match error {
            PcapError::ReadError => {
                CaptureError::Read(std::io::Error::other("the file's head cannot be read"))
            }
            PcapError::Incomplete(_) | PcapError::UnexpectedEof => CaptureError::CutShort { packet: 1 },
            _ => CaptureError::NotACapture,
        })?;
        let (interfaces, stats) = (Vec::new(), CaptureStats::default());
        Ok(Self {
            reader,
            interfaces,
            stats,
            buffer_bytes: BUFFER_BYTES,
            ended: false,
        })
    }

    fn damaged(&self, reason: impl Into<String>) -> CaptureError {
        CaptureError::Damaged {
            after_packet: self.stats.received,
            reason: reason.into(),
        }
    }

    /// Makes more of the file available; fails when the block cannot be whole.
    fn refill(&mut self) -> Result<(), CaptureError> {
        if self.reader.reader_exhausted() {
            return Err(CaptureError::CutShort {
                packet: self.stats.received + 1,
            });
        }
        match self.reader.refill() {
            Ok(()) => Ok(()),
            Err(PcapError::BufferTooSmall) => self.grow(),
            Err(_) => Err(CaptureError::Read(std::io::Error::other(
                "the file cannot be read on",
            ))),
        }
    }

    fn grow(&mut self) -> Result<(), CaptureError> {
        let larger = self.buffer_bytes * 2;
        if larger > MOST_BUFFER_BYTES || !self.reader.grow(larger) {
            return Err(self.damaged("a block says that it is longer than 64 MiB"));
        }
        self.buffer_bytes = larger;
        Ok(())
    }
}

/// One step of reading.
enum Step {
    Consumed(usize),
    MoreNeeded,
    End,
    Broken(String),
}

impl PacketSource for CaptureFile {
    fn fill(&mut self, batch: &mut PacketBatch, _patience: Duration) -> Result<Fill, CaptureError> {
        while !self.ended && !batch.is_full() {
            match step(self.reader.as_mut(), &mut self.interfaces, &mut self.stats, batch) {
                Step::Consumed(length) => self.reader.consume(length),
                Step::MoreNeeded => self.refill().inspect_err(|_| self.ended = true)?,
                Step::End => self.ended = true,
                Step::Broken(reason) => {
                    self.ended = true;
                    return Err(self.damaged(reason));
                }
            }
        }
        Ok(if self.ended { Fill::End } else { Fill::Packets })
    }

    fn stats(&mut self) -> CaptureStats {
        self.stats
    }
}

fn step(
    reader: &mut dyn PcapReaderIterator,
    interfaces: &mut Vec<Interface>,
    stats: &mut CaptureStats,
    batch: &mut PacketBatch,
) -> Step {
    match reader.next() {
        Ok((length, block)) => match take(block, interfaces) {
            Ok(None) => Step::Consumed(length),
            Ok(Some(packet)) => {
                stats.received += 1;
                stats.bytes += u64::from(packet.wire_len);
                batch.push(packet);
                Step::Consumed(length)
            }
            Err(reason) => Step::Broken(reason.to_owned()),
        },
        Err(PcapError::Eof) => Step::End,
        Err(PcapError::Incomplete(_) | PcapError::UnexpectedEof | PcapError::BufferTooSmall) => {
            Step::MoreNeeded
        }
        Err(PcapError::ReadError) => Step::Broken("the file cannot be read on".to_owned()),
        Err(_) => Step::Broken("a block does not have the form it should have".to_owned()),
    }
}

/// The packet of a block, or what the block says of interfaces noted down.
fn take<'a>(
    block: PcapBlockOwned<'a>,
    interfaces: &mut Vec<Interface>,
) -> Result<Option<CapturedPacket<'a>>, &'static str> {
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let units_per_second = if header.is_nanosecond_precision() {
                1_000_000_000
            } else {
                1_000_000
            };
            let link_type = header.network.0 as u16;
            interfaces.push(Interface {
                link_type,
                units_per_second,
                offset_secs: 0,
            });
            Ok(None)
        }
        PcapBlockOwned::Legacy(packet) => {
            let interface = interfaces
                .first()
                .ok_or("a packet stands before the file's head")?;
            Ok(Some(legacy(&packet, interface)))
        }
        PcapBlockOwned::NG(block) => next_generation(block, interfaces),
    }
}

fn legacy<'a>(packet: &LegacyPcapBlock<'a>, interface: &Interface) -> CapturedPacket<'a> {
    let micros = if interface.units_per_second == 1_000_000_000 {
        packet.ts_usec / 1000
    } else {
        packet.ts_usec
    };
    CapturedPacket {
        time: Timestamp::from_secs_micros(i64::from(packet.ts_sec), micros),
        link_type: interface.link_type,
        wire_len: packet.origlen.max(packet.caplen),
        vlan: None,
        data: packet.data.get(..packet.caplen as usize).unwrap_or(packet.data),
    }
}

fn next_generation<'a>(
    block: Block<'a>,
    interfaces: &mut Vec<Interface>,
) -> Result<Option<CapturedPacket<'a>>, &'static str> {
    match block {
        Block::SectionHeader(_) => interfaces.clear(),
        Block::InterfaceDescription(described) => {
            if interfaces.len() >= MOST_INTERFACES {
                return Err("a section describes more than 65,536 interfaces");
            }
            interfaces.push(Interface {
                link_type: described.linktype.0 as u16,
                units_per_second: described
                    .ts_resolution()
                    .filter(|units| *units > 0)
                    .ok_or("impossible time unit")?,
                offset_secs: described.if_tsoffset,
            });
        }
        Block::EnhancedPacket(packet) => {
            let interface = interfaces
                .get(packet.if_id as usize)
                .ok_or("a packet names an interface that is not described")?;
            let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
            let data = packet
                .data
                .get(..packet.caplen as usize)
                .ok_or("a packet is longer than its block")?;
            return Ok(Some(CapturedPacket {
                time: interface.time(units),
                link_type: interface.link_type,
                wire_len: packet.orig_len().max(packet.caplen),
                vlan: None,
                data,
            }));
        }
        Block::SimplePacket(packet) => {
            let interface = interfaces.first().ok_or("a packet stands before any interface")?;
            let length = (packet.origlen as usize).min(packet.data.len());
            let data = packet.data.get(..length).unwrap_or(packet.data);
            let (link_type, wire_len) = (interface.link_type, packet.origlen);
            return Ok(Some(CapturedPacket {
                time: Timestamp::EPOCH,
                link_type,
                wire_len,
                vlan: None,
                data,
            }));
        }
        _ => {}
    }
    Ok(None)
}

impl Interface {
    fn time(&self, units: u64) -> Timestamp {
        let secs = (units / self.units_per_second) as i64;
        let rest = u128::from(units % self.units_per_second);
        let micros = (rest * 1_000_000 / u128::from(self.units_per_second)) as u32;
        Timestamp::from_secs_micros(secs.saturating_add(self.offset_secs), micros)
    }
}

/// A reader that fills what it is given: the parser takes a short first read (a pipe, a decompressor) for a short file.
struct Whole<R>(R);

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.0.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if filled == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests;
