//! One shard: an engine with its flows and rule state, and what it makes of a part of a batch.

use std::sync::Arc;

use parking_lot::Mutex;
use saola_event::Timestamp;
use saola_net::eve::{EveLogger, EveRecord};
use saola_net::{Counters, Engine, LinkType, RawPacket};
use saola_suricata::{AlertSink, CompiledRules, Detector, NetAlert};

use super::record::Line;
use super::settings::NetworkSettings;
use crate::detect::lanes::Lane;

/// A shard's packets of one batch.
pub(super) struct Part {
    heads: Vec<Head>,
    bytes: Vec<u8>,
    /// The rules for this batch: the same for all shards.
    pub(super) rules: Option<Arc<CompiledRules>>,
    /// The newest packet time of the whole batch and the number of its last packet.
    pub(super) tick: Option<(Timestamp, u64)>,
    /// Nothing comes after this part: end all flows.
    pub(super) finish: bool,
}

struct Head {
    number: u64,
    time: Timestamp,
    link: LinkType,
    wire_len: u32,
    vlan: Option<u16>,
    end: usize,
}

/// What a shard made of a part.
#[derive(Default)]
pub(super) struct Yield {
    pub(super) found: Found,
    pub(super) counters: Counters,
    pub(super) fault: bool,
}

/// What the observers of a shard found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) lines: Vec<Line>,
    pub(super) alerts: Vec<NetAlert>,
}

impl Part {
    pub(super) fn with_room_for(packets: usize, bytes: usize) -> Self {
        let (heads, bytes) = (Vec::with_capacity(packets), Vec::with_capacity(bytes));
        Self {
            heads,
            bytes,
            rules: None,
            tick: None,
            finish: false,
        }
    }

    pub(super) fn push(&mut self, raw: &RawPacket<'_>) {
        let RawPacket {
            number,
            time,
            link,
            wire_len,
            vlan,
            data,
        } = *raw;
        self.bytes.extend_from_slice(data);
        self.heads.push(Head {
            number,
            time,
            link,
            wire_len,
            vlan,
            end: self.bytes.len(),
        });
    }

    fn packets(&self) -> impl Iterator<Item = RawPacket<'_>> {
        let starts = std::iter::once(0).chain(self.heads.iter().map(|head| head.end));
        self.heads.iter().zip(starts).map(|(head, start)| RawPacket {
            number: head.number,
            time: head.time,
            link: head.link,
            wire_len: head.wire_len,
            vlan: head.vlan,
            data: self.bytes.get(start..head.end).unwrap_or_default(),
        })
    }
}

type EveSink = Box<dyn FnMut(EveRecord) + Send>;

/// An engine of its own.
pub(super) struct Shard {
    settings: Arc<NetworkSettings>,
    engine: Engine<(Detector, EveLogger<EveSink>)>,
    found: Arc<Mutex<Found>>,
}

impl Shard {
    pub(super) fn new(settings: Arc<NetworkSettings>) -> Self {
        let found = Arc::<Mutex<Found>>::default();
        let rules = Arc::clone(settings.rules.load().compiled());
        let to = Arc::clone(&found);
        let alerts: AlertSink = Box::new(move |alert| to.lock().alerts.push(alert));
        let (to, writes) = (Arc::clone(&found), settings.writes_eve);
        let lines: EveSink = Box::new(move |record| {
            if writes {
                to.lock().lines.push(record.into());
            }
        });
        let detector = Detector::new(rules, settings.detect.clone(), alerts);
        let logger = EveLogger::new(Arc::clone(&settings.eve), lines);
        let engine = Engine::new(Arc::clone(&settings.net), (detector, logger));
        Self {
            settings,
            engine,
            found,
        }
    }

    fn take(&self, fault: bool) -> Yield {
        Yield {
            found: std::mem::take(&mut *self.found.lock()),
            counters: self.engine.counters(),
            fault,
        }
    }

    /// Takes another set of rules; flows and their bits stay.
    fn use_rules(&mut self, rules: &Arc<CompiledRules>) {
        let detector = &mut self.engine.observer_mut().0;
        if !Arc::ptr_eq(detector.rules(), rules) {
            detector.swap(Arc::clone(rules));
        }
    }
}

impl Lane for Shard {
    type Part = Part;
    type Yield = Yield;

    fn run(&mut self, part: Part) -> Yield {
        if let Some(rules) = &part.rules {
            self.use_rules(rules);
        }
        part.packets().for_each(|packet| self.engine.packet(packet));
        if let Some((now, packet_number)) = part.tick {
            self.engine.tick(now, packet_number);
        }
        if part.finish {
            self.engine.finish();
        }
        self.take(false)
    }

    fn recover(&mut self) -> Yield {
        let made = self.take(true);
        *self = Self::new(Arc::clone(&self.settings));
        made
    }
}
