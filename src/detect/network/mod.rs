//! Packets on all cores: batches are shared out to shards, their records come back in packet order.
//!
//! A shard is chosen by the packet's two addresses, owns its flows and its rule state, and shares nothing. Every batch
//! ends with a tick of packet time that all shards see, so flows end at the same packet numbers however many shards
//! there are; records carry the packet they belong to and are put in that order. See `docs/adr/0004`.

mod lists;
mod merge;
mod record;
mod rules;
mod settings;
mod shard;

use std::collections::VecDeque;
use std::sync::Arc;

use saola_capture::CapturedPacket;
use saola_event::Timestamp;
use saola_net::{Counters, LinkType, RawPacket};

use super::lanes::Lanes;
pub use lists::ListsBesideRules;
use merge::Merge;
pub use record::Record;
pub use rules::{BadRules, Listed, NetworkRules};
pub use settings::{BadSetting, NetworkSettings};
use shard::{Part, Shard, Yield};

/// Packets in a batch. A constant, because ticks of packet time come at the ends of batches and the output must not
/// depend on anything but the packets.
const BATCH_PACKETS: usize = 2048;
/// Bytes after which a batch ends early only in live capture; replays always fill it.
const BATCH_BYTES_HINT: usize = 2 << 20;

/// Takes what the packet pipeline makes, in packet order.
pub trait NetworkSink {
    /// A record.
    fn record(&mut self, record: Record);
}

/// The packet pipeline.
pub struct NetworkPipeline {
    settings: Arc<NetworkSettings>,
    lanes: Lanes<Shard>,
    parts: Vec<Part>,
    waiting: usize,
    packets: u64,
    now: Timestamp,
    /// The rules of each batch under way, oldest first.
    rules: VecDeque<Arc<NetworkRules>>,
    merge: Merge,
    totals: NetworkTotals,
}

/// What the pipeline counted.
#[derive(Clone, Debug, Default)]
pub struct NetworkTotals {
    /// The engines' counters, added up.
    pub counters: Counters,
    /// Times a shard met a fault of its own and went on with fresh state.
    pub faults: u64,
}

impl NetworkPipeline {
    /// A pipeline of `shards` shards. The settings' memory caps are for the whole; each shard gets its part.
    pub fn start(settings: &Arc<NetworkSettings>, shards: usize) -> std::io::Result<Self> {
        let count = shards.max(1);
        let part_of = Arc::new(NetworkSettings {
            net: Arc::new(settings.net.shared_among(count)),
            ..NetworkSettings::clone(settings)
        });
        let shards: Vec<Shard> = (0..count).map(|_| Shard::new(Arc::clone(&part_of))).collect();
        let parts = shards
            .iter()
            .map(|_| Part::with_room_for(BATCH_PACKETS, BATCH_BYTES_HINT))
            .collect();
        Ok(Self {
            settings: Arc::clone(settings),
            lanes: Lanes::start("shard", shards)?,
            parts,
            waiting: 0,
            packets: 0,
            now: Timestamp::from_micros(i64::MIN),
            rules: VecDeque::new(),
            merge: Merge::new(Arc::clone(settings)),
            totals: NetworkTotals::default(),
        })
    }

    /// Takes a packet. Packets are numbered from 1 in the order in which they are given.
    pub fn packet(&mut self, packet: &CapturedPacket<'_>, sink: &mut impl NetworkSink) {
        self.packets += 1;
        self.now = self.now.max(packet.time);
        let raw = RawPacket {
            number: self.packets,
            time: packet.time,
            link: LinkType::from_number(packet.link_type),
            wire_len: packet.wire_len,
            vlan: packet.vlan,
            data: packet.data,
        };
        let count = self.parts.len();
        let shard = if count == 1 {
            0
        } else {
            saola_net::shard_hash(&raw) as usize % count
        };
        if let Some(part) = self.parts.get_mut(shard) {
            part.push(&raw);
        }
        self.waiting += 1;
        if self.waiting == BATCH_PACKETS {
            self.hand_over(false, sink);
        }
    }

    /// Hands on what waits although the batch is not full: for live capture, where a packet must not wait for others.
    pub fn flush(&mut self, sink: &mut impl NetworkSink) {
        self.hand_over(false, sink);
        while self.lanes.in_flight() > 0 {
            self.collect(sink);
        }
    }

    /// Lets time pass without packets: flows end on an idle network as well.
    pub fn advance(&mut self, now: Timestamp, sink: &mut impl NetworkSink) {
        self.now = self.now.max(now);
        self.flush(sink);
    }

    /// Ends all flows and gives what was counted.
    pub fn finish(mut self, sink: &mut impl NetworkSink) -> NetworkTotals {
        self.hand_over(true, sink);
        while self.lanes.in_flight() > 0 {
            self.collect(sink);
        }
        self.totals
    }

    /// What was counted up to the last batch taken back.
    pub fn totals(&self) -> &NetworkTotals {
        &self.totals
    }

    fn hand_over(&mut self, finish: bool, sink: &mut impl NetworkSink) {
        while self.lanes.is_full() {
            self.collect(sink);
        }
        let rules = self.settings.rules.load_full();
        let tick = Some((self.now, self.packets));
        let full = self.parts.iter_mut().map(|part| {
            let mut full = std::mem::replace(part, Part::with_room_for(BATCH_PACKETS, BATCH_BYTES_HINT));
            (full.rules, full.tick, full.finish) = (Some(Arc::clone(rules.compiled())), tick, finish);
            full
        });
        let full = full.collect();
        self.lanes.give(full);
        self.rules.push_back(rules);
        self.waiting = 0;
        if self.lanes.count() == 1 {
            self.collect(sink);
        }
    }

    /// Takes the oldest batch back and gives its records in order.
    fn collect(&mut self, sink: &mut impl NetworkSink) {
        let (Some(yields), Some(rules)) = (self.lanes.take(), self.rules.pop_front()) else {
            return;
        };
        let mut found = Vec::with_capacity(yields.len());
        self.totals.counters = Counters::default();
        for Yield {
            found: part,
            counters,
            fault,
        } in yields
        {
            self.totals.counters.add(&counters);
            self.totals.faults += u64::from(fault);
            found.push(part);
        }
        self.merge.batch(found, &rules, sink);
    }
}
