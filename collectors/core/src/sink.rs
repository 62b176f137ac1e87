//! The bounded way out of a collector.

use saola_event::RawRecord;
use tokio::sync::{mpsc, oneshot};

/// Records that travel together, and who waits for them to be safe.
#[derive(Debug)]
pub struct Batch {
    /// The records, in order of arrival.
    pub records: Vec<RawRecord>,
    done: Option<oneshot::Sender<()>>,
}

/// Resolves when what came of a batch is durable.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<()>);

/// The far end is gone: the program is stopping. The batch was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes records any more")]
pub struct Closed;

/// Where a collector sends its batches. Cloned for each connection.
#[derive(Clone, Debug)]
pub struct Sink(mpsc::Sender<Batch>);

/// A sink and the end that the pipeline reads, holding at most `capacity` batches.
pub fn channel(capacity: usize) -> (Sink, mpsc::Receiver<Batch>) {
    let (sender, receiver) = mpsc::channel(capacity);
    (Sink(sender), receiver)
}

impl Batch {
    /// A batch that nobody waits for.
    pub fn new(records: Vec<RawRecord>) -> Self {
        Self { records, done: None }
    }

    /// Says that everything that came of this batch is durable. Nobody waiting is no fault: a sender may have hung up.
    pub fn settle(self) {
        if let Some(done) = self.done {
            done.send(()).ok();
        }
    }
}

impl Receipt {
    /// Waits until the batch is durable. [`Closed`] means it was dropped on the way: do not acknowledge it.
    pub async fn settled(self) -> Result<(), Closed> {
        self.0.await.map_err(|_| Closed)
    }

    /// [`Self::settled`] for a plain thread.
    pub fn blocking_settled(self) -> Result<(), Closed> {
        self.0.blocking_recv().map_err(|_| Closed)
    }
}

impl Sink {
    /// Sends, waiting while the pipeline is full.
    pub async fn send(&self, records: Vec<RawRecord>) -> Result<(), Closed> {
        self.0.send(Batch::new(records)).await.map_err(|_| Closed)
    }

    /// Sends, waiting while the pipeline is full, and gives a receipt to wait for before acknowledging.
    pub async fn send_for_receipt(&self, records: Vec<RawRecord>) -> Result<Receipt, Closed> {
        let (done, settled) = oneshot::channel();
        self.0
            .send(Batch {
                records,
                done: Some(done),
            })
            .await
            .map_err(|_| Closed)?;
        Ok(Receipt(settled))
    }

    /// [`Self::send_for_receipt`] for a plain thread.
    pub fn blocking_send_for_receipt(&self, records: Vec<RawRecord>) -> Result<Receipt, Closed> {
        let (done, settled) = oneshot::channel();
        let batch = Batch {
            records,
            done: Some(done),
        };
        self.0.blocking_send(batch).map_err(|_| Closed)?;
        Ok(Receipt(settled))
    }

    /// Sends without waiting; gives the records back when the pipeline is full, for the caller to count.
    pub fn try_send(&self, records: Vec<RawRecord>) -> Result<(), (Vec<RawRecord>, bool)> {
        self.0.try_send(Batch::new(records)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(batch) => (batch.records, true),
            mpsc::error::TrySendError::Closed(batch) => (batch.records, false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_receipt_comes_when_the_batch_is_settled_and_not_when_it_is_dropped() {
        let (sink, mut pipeline) = channel(2);
        let kept = sink.send_for_receipt(Vec::new()).await.unwrap();
        let lost = sink.send_for_receipt(Vec::new()).await.unwrap();
        pipeline.recv().await.unwrap().settle();
        drop(pipeline.recv().await.unwrap());
        assert_eq!(kept.settled().await, Ok(()));
        assert_eq!(lost.settled().await, Err(Closed));
    }

    #[tokio::test]
    async fn a_full_sink_gives_the_records_back() {
        let (sink, _pipeline) = channel(1);
        sink.try_send(Vec::new()).unwrap();
        assert!(matches!(sink.try_send(Vec::new()), Err((_, true))));
    }
}
