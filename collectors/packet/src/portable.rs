//! The portable back end: pnet, one packet a system call, time stamps from the clock.

use std::io::ErrorKind;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pnet::datalink::{self, Channel, Config, DataLinkReceiver, FanoutOption, FanoutType};
use saola_event::Timestamp;

use crate::interface::fault;
use crate::{CaptureError, CaptureStats, CapturedPacket, Fill, PacketBatch, PacketSource};

/// Longest packet: what offloading hands over in one piece. pnet's own 4096 would cut silently.
const MOST_PACKET_BYTES: usize = 65_536 + 18;
/// How long one read waits. pnet fixes it when the channel is opened.
const READ_PATIENCE: Duration = Duration::from_millis(50);
const ETHERNET: u16 = 1;

/// An interface listened on through pnet.
pub(crate) struct Portable {
    interface: String,
    receiver: Box<dyn DataLinkReceiver>,
    stats: CaptureStats,
}

impl Portable {
    pub(crate) fn open(interface: &str, fanout: Option<u16>) -> Result<Self, CaptureError> {
        let found = datalink::interfaces()
            .into_iter()
            .find(|found| found.name == interface);
        let gone = || fault(interface, "finding the interface", ErrorKind::NotFound.into());
        let config = Config {
            read_buffer_size: MOST_PACKET_BYTES,
            read_timeout: Some(READ_PATIENCE),
            promiscuous: true,
            linux_fanout: fanout.map(|group_id| FanoutOption {
                group_id,
                fanout_type: FanoutType::HASH,
                defrag: true,
                rollover: false,
            }),
            ..Config::default()
        };
        match datalink::channel(&found.ok_or_else(gone)?, config) {
            Ok(Channel::Ethernet(_, receiver)) => Ok(Self {
                interface: interface.to_owned(),
                receiver,
                stats: CaptureStats::default(),
            }),
            Ok(_) => Err(fault(
                interface,
                "opening the channel",
                ErrorKind::Unsupported.into(),
            )),
            Err(source) => Err(fault(interface, "opening the channel", source)),
        }
    }
}

impl PacketSource for Portable {
    fn fill(&mut self, batch: &mut PacketBatch, _patience: Duration) -> Result<Fill, CaptureError> {
        while !batch.is_full() {
            let data = match self.receiver.next() {
                Ok(data) => data,
                Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(source) => return Err(fault(&self.interface, "reading", source)),
            };
            let wire_len = data.len() as u32;
            self.stats.received += 1;
            self.stats.bytes += u64::from(wire_len);
            self.stats.truncated += u64::from(data.len() >= MOST_PACKET_BYTES);
            batch.push(CapturedPacket {
                time: arrival(),
                link_type: ETHERNET,
                wire_len,
                vlan: None,
                data,
            });
        }
        Ok(if batch.is_empty() {
            Fill::Idle
        } else {
            Fill::Packets
        })
    }

    fn stats(&mut self) -> CaptureStats {
        self.stats
    }
}

/// pnet gives no kernel time stamp; the moment of reading is the nearest there is.
#[expect(clippy::disallowed_methods, reason = "the edge where arrival times are made")]
fn arrival() -> Timestamp {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(Timestamp::EPOCH, |since| Timestamp::EPOCH + since)
}
