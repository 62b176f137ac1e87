//! One connection: reads, cuts into records, hands on, and keeps time.

use std::net::IpAddr;

use futures_util::FutureExt;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::framer::{Framer, Trouble};
use super::listener::ByteStream;
use super::server::StreamConfig;
use crate::{Closed, Intake, Loss};

const READ_BYTES: usize = 64 * 1024;

pub(super) struct Records<'s> {
    config: &'s StreamConfig,
    intake: &'s Intake,
    stream: Box<dyn ByteStream>,
    peer: IpAddr,
    framer: Framer,
    buffer: Vec<u8>,
    /// When the record under way began.
    begun: Option<Instant>,
}

enum Next {
    Bytes(usize),
    End,
    TimedOut,
    Stop,
}

impl<'s> Records<'s> {
    pub(super) fn new(
        config: &'s StreamConfig,
        intake: &'s Intake,
        stream: Box<dyn ByteStream>,
        peer: IpAddr,
    ) -> Self {
        Self {
            config,
            intake,
            stream,
            peer,
            framer: Framer::new(config.framing, config.max_record_bytes),
            buffer: vec![0; READ_BYTES],
            begun: None,
        }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) -> Result<(), Closed> {
        loop {
            match self.next(&stop).await {
                Next::Bytes(count) => self.take(count).await?,
                Next::End => return self.finish().await,
                Next::TimedOut => {
                    self.intake.health().lost(Loss::TimedOut, 1);
                    return self.finish().await;
                }
                Next::Stop => {
                    self.drain().await?;
                    return self.finish().await;
                }
            }
        }
    }

    async fn next(&mut self, stop: &CancellationToken) -> Next {
        let now = Instant::now();
        let idle = now + self.config.idle_timeout;
        let deadline = self
            .begun
            .map_or(idle, |begun| idle.min(begun + self.config.record_timeout));
        tokio::select! {
            // A sender that never pauses must not hide the stop.
            biased;
            () = stop.cancelled() => Next::Stop,
            read = tokio::time::timeout_at(deadline, self.stream.read(&mut self.buffer)) => match read {
                Ok(Ok(0) | Err(_)) => Next::End,
                Ok(Ok(count)) => Next::Bytes(count),
                Err(_) => Next::TimedOut,
            },
        }
    }

    /// Cuts what was read and hands the records on, waiting while the pipeline is full.
    async fn take(&mut self, count: usize) -> Result<(), Closed> {
        let mut records = Vec::new();
        let trouble = self
            .framer
            .push(self.buffer.get(..count).unwrap_or_default(), &mut records);
        self.count(trouble);
        if !records.is_empty() {
            self.begun = None;
        }
        if self.framer.is_partial() {
            self.begun.get_or_insert_with(Instant::now);
        } else {
            self.begun = None;
        }
        self.send(records).await
    }

    async fn send(&self, records: Vec<Vec<u8>>) -> Result<(), Closed> {
        self.intake.send(records, self.peer).await
    }

    /// What the kernel holds already when the stop comes.
    async fn drain(&mut self) -> Result<(), Closed> {
        /// Enough for a full receive buffer; a sender that goes on cannot hold up the stop.
        const MOST_READS: usize = 128;
        for _ in 0..MOST_READS {
            match self.stream.read(&mut self.buffer).now_or_never() {
                Some(Ok(count)) if count > 0 => self.take(count).await?,
                _ => break,
            }
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Closed> {
        let last = self.framer.finish();
        self.send(last.into_iter().collect()).await
    }

    fn count(&self, trouble: Trouble) {
        for (loss, count) in [
            (Loss::TooLong, trouble.too_long),
            (Loss::BadFrame, trouble.bad_frames),
        ] {
            if count > 0 {
                self.intake.health().lost(loss, count);
            }
        }
    }
}
