//! The listener: connections within limits, each with a time for its requests' heads.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use saola_collect::stream::{ByteStream, Listener, Session};
use saola_collect::{CollectError, Collector, Health, Sink};
use tokio_util::sync::CancellationToken;

use crate::HttpConfig;
use crate::ingest::{Ingest, Peer};
use crate::routes;

/// A bound HTTP listener.
#[derive(Debug)]
pub struct HttpIngest {
    listener: Listener,
    config: HttpConfig,
    health: Health,
}

/// What the connections share.
struct Serving {
    router: Router,
    head: Duration,
}

impl HttpIngest {
    /// Binds the port, so that a port in use or forbidden is known before anything else starts. Must be called within a
    /// tokio runtime.
    pub fn bind(config: HttpConfig) -> Result<Self, CollectError> {
        let health = Health::default();
        Ok(Self {
            listener: Listener::bind(&config.name, config.listen, config.listener(), health.clone())?,
            config,
            health,
        })
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    async fn serve(self, sink: Sink, stop: CancellationToken) -> Result<(), CollectError> {
        let head = Duration::from_secs(self.config.header_timeout_secs);
        let ingest = Ingest::new(self.config, self.health, &sink, stop.clone());
        let router = routes::router(Arc::new(ingest));
        self.listener.run(Arc::new(Serving { router, head }), stop).await;
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
        let router = self.router.clone().layer(Extension(Peer(peer)));
        connection(stream, router, self.head, stop).boxed()
    }
}

/// Serves one connection; after the stop, to the end of the request under way.
async fn connection(stream: Box<dyn ByteStream>, router: Router, head: Duration, stop: CancellationToken) {
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
