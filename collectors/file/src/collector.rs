//! The collector: looks, hands on, waits until it is durable, remembers.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use saola_collect::{CollectError, Collector, Health, Loss, Origin, Receipt, Sink};
use tokio_util::sync::CancellationToken;

use crate::checkpoint::{Checkpoint, Place};
use crate::config::FileConfig;
use crate::watch::{Chunk, Look, Watch};

/// A set of files to follow.
#[derive(Debug)]
pub struct FileCollector {
    origin: Origin,
    health: Health,
    poll: Duration,
    paths: Vec<String>,
    checkpoint: Checkpoint,
    /// Away while a look is under way on another thread.
    watch: Option<Watch>,
    /// What the checkpoint holds.
    saved: Vec<Place>,
    /// Files that could not be read at the last look, so that each is counted once.
    unreadable: HashSet<PathBuf>,
    left_out: usize,
}

/// Records that travel together.
const MAX_BATCH: usize = 1024;

impl FileCollector {
    /// Checks the settings, the folders and the checkpoint, before anything else starts.
    pub fn bind(config: &FileConfig) -> Result<Self, CollectError> {
        let wrong = |key, reason: String| CollectError::Config {
            name: config.name.clone(),
            key,
            reason,
        };
        if config.paths.is_empty() {
            return Err(wrong("paths", "name at least one file".to_owned()));
        }
        for path in &config.paths {
            let folder = folder_of(path);
            std::fs::read_dir(&folder).map_err(|source| CollectError::Open {
                name: config.name.clone(),
                what: format!("folder {}", folder.display()),
                source,
            })?;
        }
        let checkpoint = Checkpoint::at(&config.checkpoint);
        let remembered = checkpoint
            .load()
            .map_err(|error| wrong("checkpoint", error.to_string()))?;
        // Written at once, so that an unwritable place is known now and not after the first lines.
        checkpoint
            .save(remembered.as_deref().unwrap_or_default())
            .map_err(|error| wrong("checkpoint", error.to_string()))?;
        let watch =
            Watch::new(config, remembered.clone()).map_err(|error| wrong("paths", error.to_string()))?;
        Ok(Self {
            origin: Origin::new(&config.name, &config.agency, config.parser.as_deref()),
            health: Health::default(),
            poll: Duration::from_millis(config.poll_ms.max(1)),
            paths: config.paths.clone(),
            checkpoint,
            watch: Some(watch),
            saved: remembered.unwrap_or_default(),
            unreadable: HashSet::new(),
            left_out: 0,
        })
    }

    async fn follow(mut self, sink: Sink, stop: CancellationToken) -> Result<(), CollectError> {
        loop {
            // Looked once more after the stop: what was written before it is handed on.
            let stopping = stop.is_cancelled();
            let more = self.round(&sink).await?;
            if stopping {
                return Ok(());
            }
            if !more {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(self.poll) => {}
                }
            }
        }
    }

    /// One look, handed on and remembered. True when there is more to read at once.
    async fn round(&mut self, sink: &Sink) -> Result<bool, CollectError> {
        let mut look = self.look().await?;
        self.count(&mut look);
        let mut receipts = Vec::new();
        for chunk in look.chunks {
            receipts.extend(self.hand_on(chunk, sink).await?);
        }
        for receipt in receipts {
            receipt.settled().await.map_err(|_| self.closed())?;
        }
        self.remember().await?;
        Ok(look.more)
    }

    /// Counts what cannot be read, once for each file.
    fn count(&mut self, look: &mut Look) {
        let failing: HashSet<PathBuf> = look.failures.drain(..).map(|(path, _)| path).collect();
        let newly =
            failing.difference(&self.unreadable).count() + look.left_out.saturating_sub(self.left_out);
        if newly > 0 {
            self.health.lost(Loss::Unreadable, newly as u64);
        }
        self.unreadable = failing;
        self.left_out = look.left_out;
    }

    async fn look(&mut self) -> Result<Look, CollectError> {
        let watch = self.watch.take();
        let looked = tokio::task::spawn_blocking(move || {
            let mut watch = watch;
            let look = watch.as_mut().map(Watch::look).unwrap_or_default();
            (watch, look)
        });
        let (watch, look) = looked.await.map_err(|error| self.read_error(error))?;
        self.watch = watch;
        Ok(look)
    }

    async fn hand_on(&self, chunk: Chunk, sink: &Sink) -> Result<Vec<Receipt>, CollectError> {
        if chunk.cut > 0 {
            self.health.lost(Loss::TooLong, chunk.cut);
        }
        let now = saola_collect::now();
        let bytes: u64 = chunk.lines.iter().map(|line| line.len() as u64).sum();
        self.health.received_many(chunk.lines.len() as u64, bytes, now);
        let mut records = chunk
            .lines
            .into_iter()
            .map(|line| self.origin.record(line, None, now))
            .peekable();
        let mut receipts = Vec::new();
        while records.peek().is_some() {
            let batch = records.by_ref().take(MAX_BATCH).collect();
            receipts.push(sink.send_for_receipt(batch).await.map_err(|_| self.closed())?);
        }
        Ok(receipts)
    }

    /// Writes the checkpoint when it has changed. Everything looked at so far is durable.
    async fn remember(&mut self) -> Result<(), CollectError> {
        let mut places = self.watch.as_ref().map(Watch::places).unwrap_or_default();
        places.sort_by_key(|place| (place.device, place.inode));
        if places == self.saved {
            return Ok(());
        }
        let checkpoint = self.checkpoint.clone();
        let saved = tokio::task::spawn_blocking(move || checkpoint.save(&places).map(|()| places));
        let saved = saved.await.map_err(|error| self.read_error(error))?;
        self.saved = saved.map_err(|error| self.read_error(error))?;
        Ok(())
    }

    fn closed(&self) -> CollectError {
        CollectError::SinkClosed {
            name: self.origin.name().to_owned(),
        }
    }

    fn read_error(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CollectError {
        CollectError::Read {
            name: self.origin.name().to_owned(),
            what: self.paths.join(", "),
            source: std::io::Error::other(source),
        }
    }
}

/// The folder before the first wildcard.
fn folder_of(path: &str) -> PathBuf {
    let plain = path
        .find(['*', '?', '['])
        .and_then(|at| path.get(..at))
        .unwrap_or(path);
    let folder = plain.rfind('/').and_then(|at| plain.get(..=at)).unwrap_or(".");
    Path::new(folder).to_owned()
}

impl Collector for FileCollector {
    fn name(&self) -> &str {
        self.origin.name()
    }

    fn health(&self) -> Health {
        self.health.clone()
    }

    fn run(
        self: Box<Self>,
        sink: Sink,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), CollectError>> {
        self.follow(sink, stop).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        for (path, folder) in [
            ("/var/log/*.log", "/var/log/"),
            ("/var/log/x", "/var/log/"),
            ("/srv/*/a/b", "/srv/"),
            ("x.log", "."),
        ] {
            assert_eq!(folder_of(path), Path::new(folder), "{path}");
        }
    }
}
