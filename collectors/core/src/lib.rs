//! What every collector is: it gets bytes in and hands them on, and knows nothing of formats, rules or threats.
//!
//! A collector runs as one task until it is told to stop. It sends batches of [`RawRecord`]s into a bounded [`Sink`];
//! a full sink makes it wait (TCP, files) or count a loss (UDP), never grow. Transports that acknowledge wait for the
//! batch's [`Receipt`] first, which is given when what came of the batch is durable.

#![deny(clippy::indexing_slicing)]

mod allow;
mod clock;
pub mod datagram;
mod health;
mod intake;
mod origin;
mod rate;
mod sink;
pub mod stream;
pub mod tls;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

pub use allow::AllowList;
pub use clock::now;
pub use health::{Health, HealthSnapshot, Loss};
pub use intake::Intake;
pub use origin::Origin;
pub use rate::Rate;
pub use saola_event::{RawRecord, SourceId, Timestamp};
pub use sink::{Batch, Closed, Receipt, Sink, channel};

/// A way of getting data in.
pub trait Collector: Send {
    /// The configured name of the source.
    fn name(&self) -> &str;

    /// Counters that the console and `/metrics` read while the collector runs.
    fn health(&self) -> Health;

    /// Runs until `stop` is cancelled or nothing can be done any more. What was received before the stop is sent on
    /// before this returns.
    fn run(
        self: Box<Self>,
        sink: Sink,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), CollectError>>;
}

/// Why a collector cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The address or file cannot be opened; nothing was received.
    #[error("{name}: cannot open {what}: {source}")]
    Open {
        /// The configured source.
        name: String,
        /// Address or path.
        what: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A setting that cannot work.
    #[error("{name}: {key}: {reason}")]
    Config {
        /// The configured source.
        name: String,
        /// The setting.
        key: &'static str,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// Reading failed for good.
    #[error("{name}: reading {what} stopped: {source}")]
    Read {
        /// The configured source.
        name: String,
        /// Address or path.
        what: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The far end of the sink is gone: the program is stopping.
    #[error("{name}: nobody takes records any more")]
    SinkClosed {
        /// The configured source.
        name: String,
    },
}
