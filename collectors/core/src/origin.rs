//! Where records come from: the name, the agency and the running number that every record of a source carries.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use saola_event::{RawRecord, SourceId, Timestamp};

/// A configured source. Cloning shares the running number, so that records of many connections have one order.
#[derive(Clone, Debug)]
pub struct Origin {
    source: SourceId,
    agency: Arc<str>,
    parser: Option<Arc<str>>,
    next: Arc<AtomicU64>,
}

impl Origin {
    /// A source that numbers its records from 0. `parser` is the hint for the log parser, `None` to let it find out.
    pub fn new(source: &str, agency: &str, parser: Option<&str>) -> Self {
        Self {
            source: Arc::from(source),
            agency: Arc::from(agency),
            parser: parser.map(Arc::from),
            next: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Goes on with a number that the program remembers from before.
    #[must_use]
    pub fn starting_at(self, seq: u64) -> Self {
        self.next.store(seq, Ordering::Relaxed);
        self
    }

    /// The configured name.
    pub fn name(&self) -> &str {
        &self.source
    }

    /// Makes a record of some bytes and numbers it.
    pub fn record(&self, bytes: Vec<u8>, peer: Option<IpAddr>, received_at: Timestamp) -> RawRecord {
        RawRecord {
            source: Arc::clone(&self.source),
            agency: Arc::clone(&self.agency),
            parser: self.parser.clone(),
            peer,
            received_at,
            seq: self.next.fetch_add(1, Ordering::Relaxed),
            bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_number() {
        let origin = Origin::new("syslog", "so-tttt", None).starting_at(7);
        let other = origin.clone();
        assert_eq!(origin.record(Vec::new(), None, Timestamp::EPOCH).seq, 7);
        assert_eq!(other.record(Vec::new(), None, Timestamp::EPOCH).seq, 8);
    }
}
