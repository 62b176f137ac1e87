//! Records over a stream without acknowledgements: syslog over TCP and TLS, JSON lines.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::framer::Framing;
use super::listener::{ByteStream, Listener, ListenerConfig, Session};
use super::records::Records;
use crate::{CollectError, Health, Intake, Origin, Sink};

/// Limits of a stream collector.
#[derive(Clone, Debug)]
pub struct StreamConfig {
    /// How records are told apart.
    pub framing: Framing,
    /// Longer records keep their beginning.
    pub max_record_bytes: usize,
    /// A connection that sends nothing for so long is closed.
    pub idle_timeout: Duration,
    /// A record that has begun must end within this time.
    pub record_timeout: Duration,
    /// Records a second that the source may bring; senders wait beyond it.
    pub max_rate: Option<u32>,
    /// Who may connect, and how.
    pub listener: ListenerConfig,
}

/// A bound listener and its limits.
#[derive(Debug)]
pub struct StreamServer {
    listener: Listener,
    config: StreamConfig,
    origin: Origin,
    health: Health,
}

/// What the connections share.
struct Serving {
    config: StreamConfig,
    intake: Intake,
}

impl StreamServer {
    /// Binds an address. Must be called within a tokio runtime.
    pub fn bind(listen: SocketAddr, origin: Origin, config: StreamConfig) -> Result<Self, CollectError> {
        let health = Health::default();
        Ok(Self {
            listener: Listener::bind(origin.name(), listen, config.listener.clone(), health.clone())?,
            config,
            origin,
            health,
        })
    }

    /// The configured name.
    pub fn name(&self) -> &str {
        self.origin.name()
    }

    /// The address that was bound; useful when port 0 was asked for.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The counters.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Serves until `stop`; connections then hand on what they have received and end.
    pub async fn run(self, sink: Sink, stop: CancellationToken) -> Result<(), CollectError> {
        let serving = Arc::new(Serving {
            intake: Intake::new(self.origin, self.health, sink).limited(self.config.max_rate),
            config: self.config,
        });
        self.listener.run(serving, stop).await;
        Ok(())
    }
}

impl Session for Serving {
    fn serve(
        self: Arc<Self>,
        stream: Box<dyn ByteStream>,
        peer: IpAddr,
        stop: CancellationToken,
    ) -> BoxFuture<'static, ()> {
        async move {
            // A sink that is gone means that the program is stopping: nothing is left to be done with the connection.
            Records::new(&self.config, &self.intake, stream, peer)
                .run(stop)
                .await
                .ok();
        }
        .boxed()
    }
}
