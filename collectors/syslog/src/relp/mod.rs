//! RELP: syslog whose sender hears of every message that it is safe, over TCP or TLS.
//!
//! rsyslog's own receiver acknowledges what it has taken into memory and loses it when it is killed. Here the answer is
//! given when the batch is durable; the sender's window (128 messages by default) goes on meanwhile, so that one
//! synchronised write serves many messages.

mod connection;
mod frame;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use saola_collect::stream::{ByteStream, Listener, Session};
use saola_collect::{CollectError, Collector, Health, Intake, Origin, Sink};
use tokio_util::sync::CancellationToken;

use crate::TcpConfig;
use connection::Connection;

/// A bound RELP listener.
#[derive(Debug)]
pub struct Relp {
    listener: Listener,
    limits: Limits,
    origin: Origin,
    health: Health,
    max_rate: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    max_message_bytes: usize,
    idle_timeout: Duration,
    message_timeout: Duration,
}

/// What the connections share.
struct Serving {
    limits: Limits,
    intake: Intake,
}

impl Relp {
    /// Binds the port, so that a port in use or forbidden is known before anything else starts. Must be called within a
    /// tokio runtime.
    pub fn bind(config: &TcpConfig) -> Result<Self, CollectError> {
        let health = Health::default();
        Ok(Self {
            listener: Listener::bind(&config.name, config.listen, config.listener(), health.clone())?,
            limits: Limits {
                max_message_bytes: config.max_message_bytes,
                idle_timeout: Duration::from_secs(config.idle_timeout_secs),
                message_timeout: Duration::from_secs(config.message_timeout_secs),
            },
            origin: Origin::new(&config.name, &config.agency, config.parser.as_deref()),
            health,
            max_rate: config.max_rate,
        })
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Session for Serving {
    fn serve(
        self: Arc<Self>,
        stream: Box<dyn ByteStream>,
        peer: IpAddr,
        stop: CancellationToken,
    ) -> BoxFuture<'static, ()> {
        Connection::serve(self.limits, self.intake.clone(), stream, peer, stop).boxed()
    }
}

impl Collector for Relp {
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
        let serving = Serving {
            limits: self.limits,
            intake: Intake::new(self.origin, self.health, sink).limited(self.max_rate),
        };
        self.listener.run(Arc::new(serving), stop).map(Ok).boxed()
    }
}
