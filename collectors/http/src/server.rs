//! The listener: connections within limits, each with a time for its requests' heads.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::routing::post;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use saola_collect::{CollectError, Collector, Health, Loss, Sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::HttpConfig;
use crate::ingest::{self, Ingest, Peer};

/// A bound HTTP listener.
#[derive(Debug)]
pub struct HttpIngest {
    listener: TcpListener,
    config: HttpConfig,
    health: Health,
}

/// A pause after an accept that failed for want of descriptors, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Requests under way get so long to end when the collector stops.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

impl HttpIngest {
    /// Binds the port, so that a port in use or forbidden is known before anything else starts. Must be called within a
    /// tokio runtime.
    pub fn bind(config: HttpConfig) -> Result<Self, CollectError> {
        let open = |source| CollectError::Open {
            name: config.name.clone(),
            what: format!("http {}", config.listen),
            source,
        };
        let listener = std::net::TcpListener::bind(config.listen).map_err(open)?;
        listener.set_nonblocking(true).map_err(open)?;
        let listener = TcpListener::from_std(listener).map_err(open)?;
        Ok(Self {
            listener,
            config,
            health: Health::default(),
        })
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    async fn serve(self, sink: Sink, stop: CancellationToken) -> Result<(), CollectError> {
        let places = Arc::new(Semaphore::new(self.config.max_connections));
        let ingest = Arc::new(Ingest::new(
            self.config.clone(),
            self.health.clone(),
            sink,
            stop.clone(),
        ));
        let router = Router::new()
            .route("/ingest/{source}", post(ingest::post))
            // The handler has its own limits, on the packed and on the unpacked size.
            .layer(DefaultBodyLimit::disable())
            .with_state(ingest);
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
            match (
                self.config.allow.admits(peer.ip()),
                Arc::clone(&places).try_acquire_owned(),
            ) {
                (true, Ok(place)) => {
                    let (health, stop) = (self.health.clone(), stop.clone());
                    let router = router.clone().layer(Extension(Peer(peer.ip().to_canonical())));
                    let head = Duration::from_secs(self.config.header_timeout_secs);
                    connections.spawn(async move {
                        let _place = place;
                        let _connected = health.connected();
                        connection(stream, router, head, stop).await;
                    });
                }
                _ => self.health.lost(Loss::Refused, 1),
            }
        }
        let ended = async { while connections.join_next().await.is_some() {} };
        // What does not end by then has not been answered 200: the senders send it again.
        tokio::time::timeout(STOP_DEADLINE, ended).await.ok();
        Ok(())
    }
}

/// Serves one connection; after the stop, to the end of the request under way.
async fn connection(stream: TcpStream, router: Router, head: Duration, stop: CancellationToken) {
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    // A peer that hangs up or talks nonsense has been answered by hyper; there is nobody else to tell.
    ended.ok();
}

impl Collector for HttpIngest {
    fn name(&self) -> &str {
        &self.config.name
    }

    fn health(&self) -> Health {
        self.health.clone()
    }

    fn run(
        self: Box<Self>,
        sink: Sink,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), CollectError>> {
        self.serve(sink, stop).boxed()
    }
}
