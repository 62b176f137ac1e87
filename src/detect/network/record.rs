//! What a shard makes: lines of EVE and alerts, each with its place in the order of packets.

use saola_net::eve::{EveKey, EveRecord};

/// One thing to write or to raise.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place among the records of all shards.
    pub place: Place,
    /// The EVE record as one line of JSON without the line end; empty when EVE is not written.
    pub line: Vec<u8>,
    /// The alert, when it is one.
    pub alert: Option<Box<saola_event::Alert>>,
}

/// Order of records: by packet, then alerts before what else the packet caused, then as the shard made them. A packet
/// belongs to one shard, so nothing of two shards ever has the same place but flows that end at one tick, which are
/// ordered by their first packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Packet number, then whether after it, then the ended flow's first packet.
    pub cause: (u64, bool, u64),
    /// 0 for alerts, 1 for others.
    pub rank: u8,
    /// Order within the shard.
    pub seq: u64,
}

impl Place {
    fn of(key: EveKey, rank: u8) -> Self {
        Self {
            cause: (key.packet_number, key.after, key.first_packet),
            rank,
            seq: key.seq,
        }
    }
}

impl From<EveRecord> for Record {
    fn from(record: EveRecord) -> Self {
        // Writing JSON to memory fails for maps with keys that are no texts only; EVE objects have none.
        let line = serde_json::to_vec(&record.event).unwrap_or_default();
        Self {
            place: Place::of(record.key, 1),
            line,
            alert: None,
        }
    }
}
