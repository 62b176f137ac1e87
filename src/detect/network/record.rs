//! What comes out of the packet pipeline, and its place in the order of packets.

use saola_event::Alert;
use saola_net::eve::{EveKey, EveRecord};

/// One thing to write or to raise.
#[derive(Clone, Debug)]
pub struct Record {
    /// The EVE record as one line of JSON without the line end; empty when it is not to be written.
    pub line: Vec<u8>,
    /// The alert, when it is one. Its source and agency are the taker's to fill in.
    pub alert: Option<Box<Alert>>,
}

/// An EVE line of a shard on its way to the merge.
pub(super) struct Line {
    pub(super) place: Place,
    pub(super) line: Vec<u8>,
}

/// Order of records: by packet, then alerts before what else the packet caused, then as the shard made them. A packet
/// belongs to one shard, so nothing of two shards ever has the same place but flows that end at one tick, which are
/// ordered by their first packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Packet number, then whether after it, then the ended flow's first packet.
    cause: (u64, bool, u64),
    /// 0 for alerts, 1 for others.
    rank: u8,
    /// Order within the shard.
    seq: u64,
}

impl Place {
    pub(super) fn of_alert(key: EveKey) -> Self {
        Self::of(key, 0)
    }

    fn of(key: EveKey, rank: u8) -> Self {
        Self {
            cause: (key.packet_number, key.after, key.first_packet),
            rank,
            seq: key.seq,
        }
    }
}

impl From<EveRecord> for Line {
    fn from(record: EveRecord) -> Self {
        Self {
            place: Place::of(record.key, 1),
            line: to_line(&record.event),
        }
    }
}

/// JSON without a line end. Writing to memory fails only for maps whose keys are no texts; EVE objects have none.
pub(super) fn to_line(event: &saola_net::eve::Object) -> Vec<u8> {
    serde_json::to_vec(event).unwrap_or_default()
}
