//! Accepts connections within limits, makes TLS of them where it is asked for, and runs one task for each.
//!
//! Every TCP collector stands on this: who may connect, how many at once, how many from one address, and how long a
//! handshake may take are decided here and nowhere else.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::tls::{TlsServer, TlsSettings};
use crate::{AllowList, CollectError, Health, Loss};

/// A connection's bytes, behind TLS or not.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> ByteStream for T {}

/// What a protocol does with one connection.
pub trait Session: Send + Sync + 'static {
    /// Serves a connection to its end, or until `stop`; what it received before the stop has then been handed on.
    fn serve(
        self: Arc<Self>,
        stream: Box<dyn ByteStream>,
        peer: IpAddr,
        stop: CancellationToken,
    ) -> BoxFuture<'static, ()>;
}

/// Who may connect, and how.
#[derive(Clone, Debug)]
pub struct ListenerConfig {
    /// Connections at once; more are refused.
    pub max_connections: usize,
    /// Connections at once from one address; more are refused, so that one sender cannot take all places.
    pub max_connections_per_peer: usize,
    /// Who may connect.
    pub allow: AllowList,
    /// Certificate, key and clients' authority; plain TCP when absent.
    pub tls: Option<TlsSettings>,
}

/// A bound listener and its limits.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    config: ListenerConfig,
    tls: Option<TlsServer>,
    health: Health,
    peers: Peers,
}

/// A pause after an accept that failed for want of descriptors, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// A TLS handshake that takes longer is given up.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections get so long to end when the collector stops.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

impl Listener {
    /// Binds an address and reads the certificates, so that neither fails later. Must be called within a tokio runtime.
    pub fn bind(
        name: &str,
        listen: SocketAddr,
        config: ListenerConfig,
        health: Health,
    ) -> Result<Self, CollectError> {
        let open = |source| CollectError::Open {
            name: name.to_owned(),
            what: format!("tcp {listen}"),
            source,
        };
        let tls = config.tls.as_ref().map(TlsServer::load).transpose();
        let tls = tls.map_err(|error| CollectError::Config {
            name: name.to_owned(),
            key: "tls",
            reason: error.to_string(),
        })?;
        let listener = std::net::TcpListener::bind(listen).map_err(open)?;
        listener.set_nonblocking(true).map_err(open)?;
        Ok(Self {
            listener: TcpListener::from_std(listener).map_err(open)?,
            config,
            tls,
            health,
            peers: Peers::default(),
        })
    }

    /// The address that was bound; useful when port 0 was asked for.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`; connections then hand on what they have received and end.
    pub async fn run(self, session: Arc<impl Session>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.config.max_connections));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let Ok((stream, peer)) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let peer = peer.ip().to_canonical();
            let place = Arc::clone(&places).try_acquire_owned().ok();
            let share = self.peers.enter(peer, self.config.max_connections_per_peer);
            let (Some(place), Some(share), true) = (place, share, self.config.allow.admits(peer)) else {
                self.health.lost(Loss::Refused, 1);
                continue;
            };
            let (tls, health) = (self.tls.clone(), self.health.clone());
            let (session, stop) = (Arc::clone(&session), stop.clone());
            connections.spawn(async move {
                let _held = (place, share, health.connected());
                if let Some(stream) = secured(stream, tls, &health).await {
                    session.serve(stream, peer, stop).await;
                }
            });
        }
        let ended = async { while connections.join_next().await.is_some() {} };
        // What does not end by then is cut off: it has not been acknowledged, so a sender that cares sends it again.
        tokio::time::timeout(STOP_DEADLINE, ended).await.ok();
    }
}

/// The connection's bytes, behind its handshake where there is TLS; `None` when that failed, which is counted.
async fn secured(stream: TcpStream, tls: Option<TlsServer>, health: &Health) -> Option<Box<dyn ByteStream>> {
    // A sender that never hears of Nagle's algorithm waits 40 ms for each acknowledgement.
    stream.set_nodelay(true).ok();
    let Some(tls) = tls else {
        return Some(Box::new(stream));
    };
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(Box::new(stream)),
        Ok(Err(_)) => {
            health.lost(Loss::Handshake, 1);
            None
        }
        Err(_) => {
            health.lost(Loss::TimedOut, 1);
            None
        }
    }
}

/// Connections open from each address.
#[derive(Clone, Debug, Default)]
struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection's share of its address; given back when dropped.
struct Share {
    peers: Peers,
    peer: IpAddr,
}

impl Peers {
    fn enter(&self, peer: IpAddr, most: usize) -> Option<Share> {
        // A poisoned table is whole: nothing within panics half-way.
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(peer).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Share {
            peers: self.clone(),
            peer,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut open = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_gives_it_back() {
        let peers = Peers::default();
        let (one, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let first = peers.enter(one, 1);
        assert!(first.is_some() && peers.enter(one, 1).is_none() && peers.enter(other, 1).is_some());
        drop(first);
        assert!(peers.enter(one, 1).is_some());
        assert!(peers.0.lock().unwrap().is_empty(), "nothing is kept of who left");
    }
}
