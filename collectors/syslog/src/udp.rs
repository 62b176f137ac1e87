//! Syslog over UDP: one datagram, one message.

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use saola_collect::{AllowList, CollectError, Collector, Health, Loss, Origin, RawRecord, Sink};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use crate::UdpConfig;
use crate::drops::KernelDrops;

/// A bound UDP socket.
#[derive(Debug)]
pub struct SyslogUdp {
    socket: UdpSocket,
    origin: Origin,
    allow: AllowList,
    patience: Duration,
    health: Health,
}

/// The largest datagram that IP can carry.
const MAX_DATAGRAM: usize = 65_535;
/// Records handed on together when they arrive faster than the pipeline takes them.
const MAX_BATCH: usize = 512;
const DROPS_EVERY: Duration = Duration::from_secs(1);

impl SyslogUdp {
    /// Binds the port, so that a port in use or forbidden is known before anything else starts. Must be called within a
    /// tokio runtime.
    pub fn bind(config: &UdpConfig) -> Result<Self, CollectError> {
        let open = |source| CollectError::Open {
            name: config.name.clone(),
            what: format!("udp {}", config.listen),
            source,
        };
        Ok(Self {
            socket: socket(config.listen, config.receive_buffer_bytes).map_err(open)?,
            origin: Origin::new(&config.name, &config.agency, config.parser.as_deref()),
            allow: config.allow.clone(),
            patience: Duration::from_millis(config.patience_ms),
            health: Health::default(),
        })
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    async fn serve(self, sink: Sink, stop: CancellationToken) -> Result<(), CollectError> {
        let mut drops = KernelDrops::of(self.socket.as_fd());
        let mut check = tokio::time::interval(DROPS_EVERY);
        check.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut buffer = vec![0; MAX_DATAGRAM];
        let served = loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break self.forward(Vec::new(), &mut buffer, &sink).await,
                _ = check.tick() => self.count_drops(&mut drops),
                received = self.socket.recv_from(&mut buffer) => {
                    // Errors of single datagrams (an ICMP answer to nothing we sent) are not the socket's end.
                    let first = received.ok().and_then(|(length, peer)| self.record(buffer.get(..length)?, peer));
                    let sent = self.forward(first.into_iter().collect(), &mut buffer, &sink).await;
                    if sent.is_err() {
                        break sent;
                    }
                }
            }
        };
        self.count_drops(&mut drops);
        served
    }

    /// Takes what is waiting in the socket too, and hands all of it on.
    async fn forward(
        &self,
        mut records: Vec<RawRecord>,
        buffer: &mut [u8],
        sink: &Sink,
    ) -> Result<(), CollectError> {
        while records.len() < MAX_BATCH {
            let Ok((length, peer)) = self.socket.try_recv_from(buffer) else {
                break;
            };
            records.extend(buffer.get(..length).and_then(|bytes| self.record(bytes, peer)));
        }
        if records.is_empty() {
            return Ok(());
        }
        let count = records.len() as u64;
        match tokio::time::timeout(self.patience, sink.send(records)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(CollectError::SinkClosed {
                name: self.origin.name().to_owned(),
            }),
            Err(_) => {
                self.health.lost(Loss::QueueFull, count);
                Ok(())
            }
        }
    }

    fn record(&self, bytes: &[u8], peer: SocketAddr) -> Option<RawRecord> {
        let peer = peer.ip().to_canonical();
        if !self.allow.admits(peer) {
            self.health.lost(Loss::Refused, 1);
            return None;
        }
        let length = bytes
            .iter()
            .rposition(|byte| !matches!(byte, b'\n' | b'\r' | 0))?
            + 1;
        let now = saola_collect::now();
        self.health.received(length, now);
        Some(self.origin.record(bytes.get(..length)?.to_vec(), Some(peer), now))
    }

    fn count_drops(&self, drops: &mut KernelDrops) {
        let more = drops.more();
        if more > 0 {
            self.health.lost(Loss::Kernel, more);
        }
    }
}

/// A socket with a receive buffer for bursts. The kernel gives less than asked when its limit is lower, which is no
/// reason not to start.
fn socket(listen: SocketAddr, receive_buffer_bytes: usize) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(listen), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(receive_buffer_bytes)?;
    socket.set_nonblocking(true)?;
    socket.bind(&listen.into())?;
    UdpSocket::from_std(socket.into())
}

impl Collector for SyslogUdp {
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
        self.serve(sink, stop).boxed()
    }
}
