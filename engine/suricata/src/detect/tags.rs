//! `tag`: which packets after an alert are recorded.
//!
//! A session's packets are told by its flow. A host's are those between it and the peer of the alert: flows of other
//! peers may be on other threads, and what is recorded must not depend on the number of threads.

use std::net::IpAddr;

use rustc_hash::FxHashMap;
use saola_net::Timestamp;

use crate::rule::{Tag, TagUnit};

/// Pairs of hosts whose packets are recorded at once; further ones are not recorded and counted.
const MAX_PAIRS: usize = 65_536;

/// A recording under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    limit: Option<(TagUnit, u32)>,
    since: Timestamp,
    packets: u32,
    bytes: u64,
}

impl Running {
    pub(super) fn new(tag: Tag, at: Timestamp) -> Self {
        Self {
            limit: tag.limit,
            since: at,
            packets: 0,
            bytes: 0,
        }
    }

    /// Counts a packet; `false` when the recording is over.
    fn takes(&mut self, at: Timestamp, bytes: usize) -> bool {
        self.packets = self.packets.saturating_add(1);
        self.bytes += bytes as u64;
        match self.limit {
            None => true,
            Some((TagUnit::Packets, limit)) => self.packets <= limit,
            Some((TagUnit::Bytes, limit)) => self.bytes <= u64::from(limit),
            Some((TagUnit::Seconds, limit)) => at.since(self.since).as_secs() <= u64::from(limit),
        }
    }
}

/// Counts a packet for the recordings of its flow; whether any takes it.
pub(super) fn of_session(
    running: &mut smallvec::SmallVec<[Running; 1]>,
    at: Timestamp,
    bytes: usize,
) -> bool {
    running.retain(|tag| tag.takes(at, bytes));
    !running.is_empty()
}

/// Recordings of hosts.
#[derive(Debug, Default)]
pub(super) struct HostTags {
    pairs: FxHashMap<(IpAddr, IpAddr), Running>,
    /// Recordings that found no room.
    pub(super) refused: u64,
}

fn pair(a: IpAddr, b: IpAddr) -> (IpAddr, IpAddr) {
    if a <= b { (a, b) } else { (b, a) }
}

impl HostTags {
    pub(super) fn begin(&mut self, tag: Tag, a: IpAddr, b: IpAddr, at: Timestamp) {
        let key = pair(a, b);
        if self.pairs.len() >= MAX_PAIRS && !self.pairs.contains_key(&key) {
            self.refused += 1;
            return;
        }
        self.pairs.entry(key).or_insert_with(|| Running::new(tag, at));
    }

    /// Counts a packet; whether a recording takes it.
    pub(super) fn takes(&mut self, a: IpAddr, b: IpAddr, at: Timestamp, bytes: usize) -> bool {
        if self.pairs.is_empty() {
            return false;
        }
        let key = pair(a, b);
        let Some(running) = self.pairs.get_mut(&key) else {
            return false;
        };
        let takes = running.takes(at, bytes);
        if !takes {
            self.pairs.remove(&key);
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::TagScope;

    #[test]
    fn recordings_end_at_their_limit() {
        let mut tags = HostTags::default();
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let at = Timestamp::from_micros(0);
        let tag = Tag {
            scope: TagScope::Source,
            limit: Some((TagUnit::Packets, 2)),
        };
        tags.begin(tag, a, b, at);
        let taken: Vec<_> = (0..4).map(|_| tags.takes(b, a, at, 60)).collect();
        assert_eq!(taken, [true, true, false, false]);
        let late = Timestamp::from_micros(3_000_000);
        let tag = Tag {
            scope: TagScope::Session,
            limit: Some((TagUnit::Seconds, 2)),
        };
        let mut session = smallvec::smallvec![Running::new(tag, at)];
        assert!(of_session(&mut session, at, 60) && !of_session(&mut session, late, 60));
    }
}
