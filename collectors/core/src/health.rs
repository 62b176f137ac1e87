//! Counters of a source, shared between the collector that counts and the people who look.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use saola_event::Timestamp;
use serde::Serialize;

/// Why records did not get through. Every loss has a reason; there is no "other".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The pipeline was full and the transport cannot wait (UDP).
    QueueFull,
    /// The kernel dropped before we read (socket buffer, capture ring).
    Kernel,
    /// A record beyond the size limit; its beginning is kept, the rest is cut and counted here.
    TooLong,
    /// A frame that does not follow the protocol.
    BadFrame,
    /// A connection refused because of its address or because there are too many.
    Refused,
    /// A sender too slow or silent beyond its time limit.
    TimedOut,
    /// A file that is there and cannot be read, or is one too many to follow.
    Unreadable,
    /// A body that the sender was told to send again: it was not taken.
    Rejected,
    /// A TLS handshake that failed: no certificate, a foreign one, or no TLS at all.
    Handshake,
    /// Beyond the rate that the source is limited to, on a transport that cannot wait (UDP).
    OverRate,
    /// Compressed data that would not unpack, or that unpacks to more than the limit.
    Unpack,
    /// Parts of a message of which the others never came.
    Incomplete,
}

const LOSSES: usize = 12;

/// Live counters; cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    records: AtomicU64,
    bytes: AtomicU64,
    last_seen_micros: AtomicI64,
    connections: AtomicU64,
    lost: [AtomicU64; LOSSES],
}

/// The counters at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthSnapshot {
    /// Records taken in.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Arrival of the last record; `None` before the first.
    pub last_seen: Option<Timestamp>,
    /// Connections open now.
    pub connections: u64,
    /// Losses by reason, zero ones left out.
    pub lost: Vec<(Loss, u64)>,
}

impl Loss {
    /// All reasons.
    pub const ALL: [Self; LOSSES] = [
        Self::QueueFull,
        Self::Kernel,
        Self::TooLong,
        Self::BadFrame,
        Self::Refused,
        Self::TimedOut,
        Self::Unreadable,
        Self::Rejected,
        Self::Handshake,
        Self::OverRate,
        Self::Unpack,
        Self::Incomplete,
    ];
}

impl Health {
    /// Counts a record taken in.
    pub fn received(&self, bytes: usize, at: Timestamp) {
        self.0.records.fetch_add(1, Ordering::Relaxed);
        self.0.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.0.last_seen_micros.store(at.as_micros(), Ordering::Relaxed);
    }

    /// Counts records or packets taken in together.
    pub fn received_many(&self, records: u64, bytes: u64, at: Timestamp) {
        self.0.records.fetch_add(records, Ordering::Relaxed);
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.0.last_seen_micros.store(at.as_micros(), Ordering::Relaxed);
    }

    /// Counts a loss.
    pub fn lost(&self, reason: Loss, count: u64) {
        if let Some(counter) = self.0.lost.get(reason as usize) {
            counter.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Counts a connection opened; the guard counts it closed when dropped.
    pub fn connected(&self) -> impl Drop + use<> {
        self.0.connections.fetch_add(1, Ordering::Relaxed);
        Connected(Arc::clone(&self.0))
    }

    /// Reads the counters.
    pub fn snapshot(&self) -> HealthSnapshot {
        let records = self.0.records.load(Ordering::Relaxed);
        let last_seen = Timestamp::from_micros(self.0.last_seen_micros.load(Ordering::Relaxed));
        let lost = Loss::ALL.into_iter().zip(&self.0.lost);
        HealthSnapshot {
            records,
            bytes: self.0.bytes.load(Ordering::Relaxed),
            last_seen: (records > 0).then_some(last_seen),
            connections: self.0.connections.load(Ordering::Relaxed),
            lost: lost
                .map(|(loss, n)| (loss, n.load(Ordering::Relaxed)))
                .filter(|(_, n)| *n > 0)
                .collect(),
        }
    }
}

struct Connected(Arc<Counters>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_seen_through_every_clone() {
        let health = Health::default();
        let seen = health.clone();
        health.received(10, Timestamp::EPOCH);
        health.lost(Loss::TimedOut, 3);
        let open = health.connected();
        assert_eq!(seen.snapshot().connections, 1);
        drop(open);
        let snapshot = seen.snapshot();
        assert_eq!((snapshot.records, snapshot.connections), (1, 0));
        assert_eq!(snapshot.lost, [(Loss::TimedOut, 3)]);
    }
}
