//! Accepts connections within limits and runs one task for each.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::framer::Framing;
use crate::{AllowList, CollectError, Health, Loss, Origin, Sink};

/// Limits of a stream collector.
#[derive(Clone, Debug)]
pub struct StreamConfig {
    /// How records are told apart.
    pub framing: Framing,
    /// Longer records keep their beginning.
    pub max_record_bytes: usize,
    /// Connections at once; more are refused.
    pub max_connections: usize,
    /// A connection that sends nothing for so long is closed.
    pub idle_timeout: Duration,
    /// A record that has begun must end within this time.
    pub record_timeout: Duration,
    /// Who may connect.
    pub allow: AllowList,
}

/// A bound listener and its limits.
#[derive(Debug)]
pub struct StreamServer {
    listener: TcpListener,
    pub(super) config: StreamConfig,
    pub(super) origin: Origin,
    pub(super) health: Health,
}

/// A pause after an accept that failed for want of descriptors, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl StreamServer {
    /// Binds an address. Must be called within a tokio runtime.
    pub fn bind(listen: SocketAddr, origin: Origin, config: StreamConfig) -> Result<Self, CollectError> {
        let open = |source| CollectError::Open {
            name: origin.name().to_owned(),
            what: format!("tcp {listen}"),
            source,
        };
        let listener = std::net::TcpListener::bind(listen).map_err(open)?;
        listener.set_nonblocking(true).map_err(open)?;
        let listener = TcpListener::from_std(listener).map_err(open)?;
        Ok(Self {
            listener,
            config,
            origin,
            health: Health::default(),
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
        let server = Arc::new(self);
        let places = Arc::new(Semaphore::new(server.config.max_connections));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = server.listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let Ok((stream, peer)) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            match (
                server.config.allow.admits(peer.ip()),
                Arc::clone(&places).try_acquire_owned(),
            ) {
                (true, Ok(place)) => {
                    let (server, sink, stop) = (Arc::clone(&server), sink.clone(), stop.clone());
                    connections.spawn(async move {
                        let _place = place;
                        server.serve(stream, peer.ip().to_canonical(), sink, stop).await;
                    });
                }
                _ => server.health.lost(Loss::Refused, 1),
            }
        }
        while connections.join_next().await.is_some() {}
        Ok(())
    }

    async fn serve(&self, stream: TcpStream, peer: IpAddr, sink: Sink, stop: CancellationToken) {
        let _connected = self.health.connected();
        // A sink that is gone means that the program is stopping: nothing is left to be done with the connection.
        Connection::new(self, stream, peer, sink).run(stop).await.ok();
    }
}
