//! The pipeline from raw packets to observers.
//!
//! packet → decode → (defragment) → flow → TCP stream → parser → observers, and then the packets that it carried.
//! One engine belongs to one thread; engines of several shards share nothing.

mod counters;
mod end;
mod flows;
mod stream;

use std::sync::Arc;

use saola_event::Timestamp;

use crate::config::{ChecksumValidation, NetConfig};
use crate::decode::{Decoded, decode, decode_inner, decode_rebuilt};
use crate::defrag::Defragmenter;
use crate::flow::{Direction, FlowTable, Moment};
use crate::observer::{FlowView, Observer};
use crate::packet::{Checksum, LinkType, Packet, RawPacket, Transport};
use crate::tcp::StreamMemory;

pub use counters::Counters;

/// Decodes packets, follows flows and shows both to an observer.
#[derive(Debug)]
pub struct Engine<O: Observer> {
    config: Arc<NetConfig>,
    observer: O,
    flows: FlowTable<O::FlowState>,
    defrag: Defragmenter,
    memory: StreamMemory,
    counters: Counters,
    checksums: ChecksumCheck,
    /// Newest capture time seen.
    now: Timestamp,
    last_packet: u64,
}

/// Whether TCP checksums are checked, and what the first packets showed.
#[derive(Debug)]
struct ChecksumCheck {
    enabled: bool,
    /// Packets that are still looked at before deciding; `None` when the setting is not `auto`.
    undecided: Option<u32>,
    bad: u32,
}

/// Packets after which `checksum-validation: auto` decides.
const CHECKSUM_SAMPLE: u32 = 1000;

impl<O: Observer> Engine<O> {
    /// An engine without flows.
    pub fn new(config: Arc<NetConfig>, observer: O) -> Self {
        Self {
            flows: FlowTable::new(&config.flow),
            defrag: Defragmenter::new(&config),
            memory: StreamMemory::with_cap(config.stream.memcap),
            counters: Counters::default(),
            checksums: ChecksumCheck::new(config.checksums),
            observer,
            now: Timestamp::from_micros(i64::MIN),
            last_packet: 0,
            config,
        }
    }

    /// Takes a captured packet.
    pub fn packet(&mut self, raw: RawPacket<'_>) {
        self.counters.packets += 1;
        self.counters.bytes += u64::from(raw.wire_len);
        self.now = self.now.max(raw.time);
        self.last_packet = raw.number;
        if matches!(raw.link, LinkType::Other(_)) {
            self.counters.unknown_link += 1;
        }
        let config = Arc::clone(&self.config);
        let decoded = decode(&raw, &config.decoder);
        self.decoded(decoded, &config);
    }

    /// Ends the flows whose time limit passed at `now`; `packet_number` is the packet that moved the time.
    pub fn tick(&mut self, now: Timestamp, packet_number: u64) {
        self.now = self.now.max(now);
        // Shards see different packets; the tick tells all of them how far the capture has come.
        self.last_packet = self.last_packet.max(packet_number);
        self.defrag.expire(now, &Arc::clone(&self.config));
        self.end_expired(Moment {
            packet_number,
            time: now,
        });
    }

    /// Ends all flows, in the order of their first packets.
    pub fn finish(&mut self) {
        self.end_all(Moment {
            packet_number: self.last_packet,
            time: self.now,
        });
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        Counters {
            fragments_dropped: self.defrag.dropped,
            fragments_timed_out: self.defrag.timed_out,
            flows_open: self.flows.len() as u64,
            stream_bytes: self.memory.used() as u64,
            ..self.counters.clone()
        }
    }

    /// The observer.
    pub fn observer(&self) -> &O {
        &self.observer
    }

    /// The observer, for swapping rules or taking out what it collected.
    pub fn observer_mut(&mut self) -> &mut O {
        &mut self.observer
    }

    /// Ends the engine and gives the observer back; call [`Engine::finish`] first.
    pub fn into_observer(self) -> O {
        self.observer
    }

    /// Settings the engine runs with.
    pub fn config(&self) -> &NetConfig {
        &self.config
    }

    /// A packet and, after it, what it carries: packets inside tunnels and packets that its fragment completed.
    fn decoded(&mut self, decoded: Decoded<'_>, config: &NetConfig) {
        let Decoded { mut packet, inner } = decoded;
        self.counters.decode_events += packet.anomalies.len() as u64;
        let mut rebuilt = None;
        if packet.is_fragment() {
            rebuilt = self.defrag.fragment(&mut packet, config);
            self.observer.packet(&packet, None);
        } else {
            self.whole(&mut packet, config);
        }
        if let Some(inner) = inner {
            self.counters.tunnel_packets += 1;
            self.decoded(decode_inner(&packet, &inner, &config.decoder), config);
        }
        if let Some(rebuilt) = rebuilt {
            self.counters.defragmented += 1;
            let decoded = decode_rebuilt(&packet, &rebuilt.bytes, rebuilt.ip_at, &config.decoder);
            // A rebuilt packet that is a fragment again was made to be one: it is not put together once more.
            if !decoded.packet.is_fragment() {
                self.decoded(decoded, config);
            }
        }
    }

    /// A packet that is no fragment: flow, stream, parser, observers.
    fn whole(&mut self, packet: &mut Packet<'_>, config: &NetConfig) {
        self.check_checksum(packet);
        let Some((slot, direction)) = self.flow_of(packet, config) else {
            self.observer.packet(packet, None);
            return;
        };
        let Some(entry) = self.flows.entry(slot) else {
            return;
        };
        let mut parts = stream::Parts {
            memory: &mut self.memory,
            counters: &mut self.counters,
            config,
        };
        let direction = parts.take(packet, &mut entry.flow, direction);
        let view = FlowView {
            flow: &mut entry.flow,
            state: &mut entry.state,
            direction,
        };
        self.observer.packet(packet, Some(view));
        parts.release(&mut entry.flow);
        entry.flow.app.frames.clear();
        let (observer, state) = (&self.observer, &entry.state);
        entry
            .flow
            .app
            .transactions
            .sweep(|tx| observer.is_done_with(tx, state));
        self.flows.touch(slot);
    }

    fn check_checksum(&mut self, packet: &mut Packet<'_>) {
        if !self.checksums.enabled || !matches!(packet.transport, Transport::Tcp(_)) {
            return;
        }
        let Some(ip) = &packet.ip else {
            return;
        };
        let is_cut = packet.data.len() < packet.wire_len as usize;
        let checksum = if is_cut {
            Checksum::Unchecked
        } else {
            packet.verify_transport(ip)
        };
        packet.checksums.transport = checksum;
        let is_bad = checksum == Checksum::Bad;
        self.checksums.sample(is_bad);
        if is_bad && !self.checksums.enabled {
            packet.checksums.transport = Checksum::Unchecked;
        }
    }
}

impl ChecksumCheck {
    fn new(setting: ChecksumValidation) -> Self {
        Self {
            enabled: setting != ChecksumValidation::No,
            undecided: (setting == ChecksumValidation::Auto).then_some(CHECKSUM_SAMPLE),
            bad: 0,
        }
    }

    /// Counts the first packets; more than a tenth with wrong checksums means that the card fills them in later.
    fn sample(&mut self, is_bad: bool) {
        let Some(left) = self.undecided else {
            return;
        };
        self.bad += u32::from(is_bad);
        if left > 1 {
            self.undecided = Some(left - 1);
        } else {
            self.undecided = None;
            self.enabled = self.bad <= CHECKSUM_SAMPLE / 10;
        }
    }
}

/// The two directions, the packet's own last: what it acknowledges comes before what it brings.
fn acknowledged_first(direction: Direction) -> [Direction; 2] {
    [direction.opposite(), direction]
}
