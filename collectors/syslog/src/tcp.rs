//! Syslog over TCP and TLS: both framings of RFC 6587, decided for each message.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use saola_collect::stream::{Framing, StreamConfig, StreamServer};
use saola_collect::{CollectError, Collector, Health, Origin, Sink};
use tokio_util::sync::CancellationToken;

use crate::TcpConfig;

/// A bound TCP listener.
#[derive(Debug)]
pub struct SyslogTcp(StreamServer);

impl SyslogTcp {
    /// Binds the port, so that a port in use or forbidden is known before anything else starts. Must be called within a
    /// tokio runtime.
    pub fn bind(config: &TcpConfig) -> Result<Self, CollectError> {
        let origin = Origin::new(&config.name, &config.agency, config.parser.as_deref());
        let limits = StreamConfig {
            framing: Framing::Syslog,
            max_record_bytes: config.max_message_bytes,
            idle_timeout: Duration::from_secs(config.idle_timeout_secs),
            record_timeout: Duration::from_secs(config.message_timeout_secs),
            max_rate: config.max_rate,
            listener: config.listener(),
        };
        StreamServer::bind(config.listen, origin, limits).map(Self)
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Collector for SyslogTcp {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn health(&self) -> Health {
        self.0.health()
    }

    fn run(
        self: Box<Self>,
        sink: Sink,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), CollectError>> {
        self.0.run(sink, stop).boxed()
    }
}
