//! One shard: an engine with its flows, and the records it makes of a part of a batch.

use std::sync::Arc;

use parking_lot::Mutex;
use saola_event::Timestamp;
use saola_net::eve::{EveLogger, EveRecord};
use saola_net::{Counters, Engine, LinkType, RawPacket};

use super::record::Record;
use super::settings::NetworkSettings;
use crate::detect::lanes::Lane;

/// A shard's packets of one batch.
pub(super) struct Part {
    heads: Vec<Head>,
    bytes: Vec<u8>,
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
    pub(super) records: Vec<Record>,
    pub(super) counters: Counters,
    pub(super) fault: bool,
}

impl Part {
    pub(super) fn with_room_for(packets: usize, bytes: usize) -> Self {
        Self {
            heads: Vec::with_capacity(packets),
            bytes: Vec::with_capacity(bytes),
            tick: None,
            finish: false,
        }
    }

    pub(super) fn finishing(mut self, finish: bool) -> Self {
        self.finish = finish;
        self
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

/// Where the observers of a shard put what they find.
type Found = Arc<Mutex<Vec<Record>>>;
type EveSink = Box<dyn FnMut(EveRecord) + Send>;

/// An engine of its own.
pub(super) struct Shard {
    settings: Arc<NetworkSettings>,
    engine: Engine<EveLogger<EveSink>>,
    found: Found,
}

impl Shard {
    pub(super) fn new(settings: Arc<NetworkSettings>) -> Self {
        let found = Found::default();
        let (to, writes) = (Arc::clone(&found), settings.writes_eve);
        let sink: EveSink = Box::new(move |record| {
            if writes {
                to.lock().push(record.into());
            }
        });
        let logger = EveLogger::new(Arc::clone(&settings.eve), sink);
        let engine = Engine::new(Arc::clone(&settings.net), logger);
        Self {
            settings,
            engine,
            found,
        }
    }

    fn take(&mut self, fault: bool) -> Yield {
        Yield {
            records: std::mem::take(&mut *self.found.lock()),
            counters: self.engine.counters(),
            fault,
        }
    }
}

impl Lane for Shard {
    type Part = Part;
    type Yield = Yield;

    fn run(&mut self, part: Part) -> Yield {
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
