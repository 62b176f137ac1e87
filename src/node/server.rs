//! The HTTP server of console and API, with TLS where the configuration gives a certificate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::config::Tls;

/// A client has so long to finish the TLS handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// Handshakes under way at once; more wait in the kernel's queue.
const MOST_HANDSHAKES: usize = 64;
/// Open requests have so long to end after the stop.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// A bound socket, and the certificate it speaks with.
pub(super) struct Server {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// Binds the address.
    pub(super) async fn bind(address: SocketAddr, tls: Option<&Tls>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!(
                "console.listen {address}: cannot be opened; is another program (or another Saola) using it?"
            )
        })?;
        Ok(Self {
            listener,
            tls: tls.map(acceptor).transpose()?,
        })
    }

    /// The address that was bound: with port 0 the system's choice.
    pub(super) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until the stop, then gives open requests a little time.
    pub(super) async fn run(self, router: Router, stop: CancellationToken) -> anyhow::Result<()> {
        let service = router
            .layer(middleware::from_fn(name_peer))
            .into_make_service_with_connect_info::<Peer>();
        let stopped = stop.clone().cancelled_owned();
        let deadline = async {
            stop.cancelled().await;
            tokio::time::sleep(STOP_PATIENCE).await;
        };
        let serve = async {
            match self.tls {
                None => {
                    axum::serve(self.listener, service)
                        .with_graceful_shutdown(stopped)
                        .await
                }
                Some(acceptor) => {
                    let listener = TlsListener::start(self.listener, acceptor, stop.clone())?;
                    axum::serve(listener, service)
                        .with_graceful_shutdown(stopped)
                        .await
                }
            }
        };
        tokio::select! {
            result = serve => Ok(result?),
            () = deadline => Ok(()),
        }
    }
}

/// Who is at the other end, whichever listener took the connection.
#[derive(Clone, Copy)]
struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Gives handlers the peer's address in the form they ask for.
async fn name_peer(
    ConnectInfo(Peer(address)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(ConnectInfo(address));
    next.run(request).await
}

/// Connections whose TLS handshake is done. Handshakes run beside each other, so that a slow client keeps nobody else
/// waiting.
struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    fn start(listener: TcpListener, acceptor: TlsAcceptor, stop: CancellationToken) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(MOST_HANDSHAKES);
        tokio::spawn(accept(listener, acceptor, done, stop));
        Ok(Self { ready, address })
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(MOST_HANDSHAKES));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of descriptors, or the client was gone already: let others end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (acceptor, done) = (acceptor.clone(), done.clone());
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE_PATIENCE, acceptor.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                done.send((stream, peer)).await.ok();
            }
            drop(place);
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task ended with the stop; nothing comes any more.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

fn acceptor(tls: &Tls) -> anyhow::Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| {
            format!(
                "console.tls.certificate: {}: no PEM certificate chain",
                tls.certificate.display()
            )
        })?;
    let key = PrivateKeyDer::from_pem_file(&tls.key)
        .with_context(|| format!("console.tls.key: {}: no PEM private key", tls.key.display()))?;
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("console.tls: certificate and key do not fit together")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
