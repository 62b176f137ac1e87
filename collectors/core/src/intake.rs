//! A source at work: what is taken in gets its number, is counted, kept to the rate, and handed on.

use std::net::IpAddr;
use std::sync::Arc;

use crate::{Closed, Health, Origin, Rate, RawRecord, Receipt, Sink};

/// A source's way into the pipeline. Cheap to clone: connections of a source share one.
#[derive(Clone, Debug)]
pub struct Intake {
    origin: Origin,
    health: Health,
    sink: Sink,
    rate: Option<Arc<Rate>>,
}

impl Intake {
    /// A source that brings as many records as the pipeline takes.
    pub fn new(origin: Origin, health: Health, sink: Sink) -> Self {
        Self {
            origin,
            health,
            sink,
            rate: None,
        }
    }

    /// Kept to so many records a second; `None` lifts the limit.
    #[must_use]
    pub fn limited(mut self, per_second: Option<u32>) -> Self {
        self.rate = per_second.map(|rate| Arc::new(Rate::new(rate)));
        self
    }

    /// The counters.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Hands records on, waiting while the pipeline is full or the rate is used up.
    pub async fn send(&self, records: Vec<Vec<u8>>, peer: IpAddr) -> Result<(), Closed> {
        if records.is_empty() {
            return Ok(());
        }
        self.wait(records.len()).await;
        let records = self.made(records, peer);
        self.sink.send(records).await
    }

    /// Hands records on as [`Self::send`] does, with a receipt to wait for before they are acknowledged.
    pub async fn send_for_receipt(&self, records: Vec<Vec<u8>>, peer: IpAddr) -> Result<Receipt, Closed> {
        self.wait(records.len()).await;
        let records = self.made(records, peer);
        self.sink.send_for_receipt(records).await
    }

    async fn wait(&self, records: usize) {
        if let Some(rate) = &self.rate {
            tokio::time::sleep(rate.take(records)).await;
        }
    }

    fn made(&self, records: Vec<Vec<u8>>, peer: IpAddr) -> Vec<RawRecord> {
        let now = crate::now();
        let bytes: u64 = records.iter().map(|record| record.len() as u64).sum();
        self.health.received_many(records.len() as u64, bytes, now);
        let made = records
            .into_iter()
            .map(|record| self.origin.record(record, Some(peer), now));
        made.collect()
    }
}
