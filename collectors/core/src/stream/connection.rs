//! One connection: reads, cuts into records, hands on, and keeps time.

use std::net::IpAddr;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::framer::{Framer, Trouble};
use super::server::StreamServer;
use crate::{Closed, Loss, Sink};

const READ_BYTES: usize = 64 * 1024;

pub(super) struct Connection<'s> {
    server: &'s StreamServer,
    stream: TcpStream,
    peer: IpAddr,
    sink: Sink,
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

impl<'s> Connection<'s> {
    pub(super) fn new(server: &'s StreamServer, stream: TcpStream, peer: IpAddr, sink: Sink) -> Self {
        let framer = Framer::new(server.config.framing, server.config.max_record_bytes);
        Self {
            server,
            stream,
            peer,
            sink,
            framer,
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
                    self.server.health.lost(Loss::TimedOut, 1);
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
        let idle = now + self.server.config.idle_timeout;
        let deadline = self
            .begun
            .map_or(idle, |begun| idle.min(begun + self.server.config.record_timeout));
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
        if records.is_empty() {
            return Ok(());
        }
        let now = crate::now();
        let bytes: u64 = records.iter().map(|record| record.len() as u64).sum();
        let records: Vec<_> = records
            .into_iter()
            .map(|record| self.server.origin.record(record, Some(self.peer), now))
            .collect();
        self.server.health.received_many(records.len() as u64, bytes, now);
        self.sink.send(records).await
    }

    /// What the kernel holds already when the stop comes.
    async fn drain(&mut self) -> Result<(), Closed> {
        /// Enough for a full receive buffer; a sender that goes on cannot hold up the stop.
        const MOST_READS: usize = 128;
        for _ in 0..MOST_READS {
            match self.stream.try_read(&mut self.buffer) {
                Ok(count) if count > 0 => self.take(count).await?,
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
                self.server.health.lost(loss, count);
            }
        }
    }
}
