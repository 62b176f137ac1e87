//! UDP collectors: datagrams in, records out. What a datagram means is the collector's business ([`Decode`]).
//!
//! UDP cannot wait, so what does not fit is counted, and what the kernel dropped before us is read from the kernel's
//! own counter.

mod drops;

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use crate::{AllowList, CollectError, Health, Loss, Origin, Rate, RawRecord, Receipt, Sink};
use drops::KernelDrops;

/// Makes records of datagrams. Keeps what it must remember between them (parts of messages, templates) within bounds.
pub trait Decode: Send + 'static {
    /// Reads a datagram. Never fails: what cannot be read is counted in `decoded`.
    fn decode(&mut self, datagram: &[u8], peer: SocketAddr, decoded: &mut Decoded);
}

/// What came of a datagram.
#[derive(Debug, Default)]
pub struct Decoded {
    /// Whole records.
    pub records: Vec<Vec<u8>>,
    /// What could not be read.
    pub lost: Vec<(Loss, u64)>,
    /// What the sender waits for; sent when the records are durable.
    pub reply: Option<Vec<u8>>,
}

/// Settings of a datagram collector.
#[derive(Clone, Debug)]
pub struct DatagramConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Who may send.
    pub allow: AllowList,
    /// Receive buffer asked of the kernel; it may give less (`net.core.rmem_max`).
    pub receive_buffer_bytes: usize,
    /// How long a full pipeline is waited for before records are dropped and counted. The kernel's buffer takes what
    /// arrives meanwhile.
    pub patience: Duration,
    /// Records a second that the source may bring; more are dropped and counted.
    pub max_rate: Option<u32>,
}

/// A bound UDP socket and what reads its datagrams.
#[derive(Debug)]
pub struct DatagramServer<D> {
    socket: Arc<UdpSocket>,
    origin: Origin,
    allow: AllowList,
    patience: Duration,
    rate: Option<Rate>,
    health: Health,
    decode: D,
}

/// Records to be handed on together, and the answers that wait for them.
#[derive(Default)]
struct Gathered {
    records: Vec<RawRecord>,
    replies: Vec<(SocketAddr, Vec<u8>)>,
}

/// The largest datagram that IP can carry.
const MAX_DATAGRAM: usize = 65_535;
/// Records handed on together when they arrive faster than the pipeline takes them.
const MAX_BATCH: usize = 512;
const DROPS_EVERY: Duration = Duration::from_secs(1);

impl<D: Decode> DatagramServer<D> {
    /// Binds the port, so that a port in use or forbidden is known before anything else starts. Must be called within a
    /// tokio runtime.
    pub fn bind(config: &DatagramConfig, origin: Origin, decode: D) -> Result<Self, CollectError> {
        let socket =
            socket(config.listen, config.receive_buffer_bytes).map_err(|source| CollectError::Open {
                name: origin.name().to_owned(),
                what: format!("udp {}", config.listen),
                source,
            })?;
        Ok(Self {
            socket: Arc::new(socket),
            origin,
            allow: config.allow.clone(),
            patience: config.patience,
            rate: config.max_rate.map(Rate::new),
            health: Health::default(),
            decode,
        })
    }

    /// The configured name.
    pub fn name(&self) -> &str {
        self.origin.name()
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The counters.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Serves until `stop`; what the kernel holds by then is handed on.
    pub async fn run(mut self, sink: Sink, stop: CancellationToken) -> Result<(), CollectError> {
        let mut drops = KernelDrops::of(self.socket.as_fd());
        let mut check = tokio::time::interval(DROPS_EVERY);
        check.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut buffer = vec![0; MAX_DATAGRAM];
        let socket = Arc::clone(&self.socket);
        let served = loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break self.forward(Gathered::default(), &mut buffer, &sink).await,
                _ = check.tick() => self.count_drops(&mut drops),
                received = socket.recv_from(&mut buffer) => {
                    let mut gathered = Gathered::default();
                    // Errors of single datagrams (an ICMP answer to nothing we sent) are not the socket's end.
                    if let Ok((length, peer)) = received {
                        self.read(buffer.get(..length).unwrap_or_default(), peer, &mut gathered);
                    }
                    let sent = self.forward(gathered, &mut buffer, &sink).await;
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
        &mut self,
        mut gathered: Gathered,
        buffer: &mut [u8],
        sink: &Sink,
    ) -> Result<(), CollectError> {
        while gathered.records.len() < MAX_BATCH {
            let Ok((length, peer)) = self.socket.try_recv_from(buffer) else {
                break;
            };
            self.read(buffer.get(..length).unwrap_or_default(), peer, &mut gathered);
        }
        let Gathered { records, replies } = gathered;
        if records.is_empty() {
            return Ok(());
        }
        let count = records.len() as u64;
        let sent = async {
            if replies.is_empty() {
                return sink.send(records).await;
            }
            let receipt = sink.send_for_receipt(records).await?;
            tokio::spawn(answer(Arc::clone(&self.socket), receipt, replies));
            Ok(())
        };
        match tokio::time::timeout(self.patience, sent).await {
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

    fn read(&mut self, datagram: &[u8], peer: SocketAddr, gathered: &mut Gathered) {
        let address = peer.ip().to_canonical();
        if !self.allow.admits(address) {
            self.health.lost(Loss::Refused, 1);
            return;
        }
        let mut decoded = Decoded::default();
        self.decode.decode(datagram, peer, &mut decoded);
        for (loss, count) in decoded.lost {
            self.health.lost(loss, count);
        }
        let (count, now) = (decoded.records.len(), crate::now());
        if self.rate.as_ref().is_some_and(|rate| !rate.try_take(count)) {
            self.health.lost(Loss::OverRate, count as u64);
            return;
        }
        for record in decoded.records {
            self.health.received(record.len(), now);
            gathered
                .records
                .push(self.origin.record(record, Some(address), now));
        }
        gathered.replies.extend(decoded.reply.map(|reply| (peer, reply)));
    }

    fn count_drops(&self, drops: &mut KernelDrops) {
        let more = drops.more();
        if more > 0 {
            self.health.lost(Loss::Kernel, more);
        }
    }
}

/// Answers senders once what they sent is durable; one that is not answered sends it again.
async fn answer(socket: Arc<UdpSocket>, receipt: Receipt, replies: Vec<(SocketAddr, Vec<u8>)>) {
    if receipt.settled().await.is_err() {
        return;
    }
    for (peer, reply) in replies {
        // A sender that is gone needs no answer.
        socket.send_to(&reply, peer).await.ok();
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
