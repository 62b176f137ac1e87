//! Syslog over UDP: one datagram, one message.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use saola_collect::datagram::{DatagramConfig, DatagramServer, Decode, Decoded};
use saola_collect::{CollectError, Collector, Health, Origin, Sink};
use tokio_util::sync::CancellationToken;

use crate::UdpConfig;

/// A bound UDP socket.
#[derive(Debug)]
pub struct SyslogUdp(DatagramServer<Message>);

impl SyslogUdp {
    /// Binds the port, so that a port in use or forbidden is known before anything else starts. Must be called within a
    /// tokio runtime.
    pub fn bind(config: &UdpConfig) -> Result<Self, CollectError> {
        let origin = Origin::new(&config.name, &config.agency, config.parser.as_deref());
        let settings = DatagramConfig {
            listen: config.listen,
            allow: config.allow.clone(),
            receive_buffer_bytes: config.receive_buffer_bytes,
            patience: Duration::from_millis(config.patience_ms),
            max_rate: config.max_rate,
        };
        DatagramServer::bind(&settings, origin, Message).map(Self)
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A datagram is a message, without the line end that some senders leave on it.
#[derive(Debug)]
struct Message;

impl Decode for Message {
    fn decode(&mut self, datagram: &[u8], _: SocketAddr, decoded: &mut Decoded) {
        let last = datagram
            .iter()
            .rposition(|byte| !matches!(byte, b'\n' | b'\r' | 0));
        let message = last.and_then(|last| datagram.get(..=last));
        decoded.records.extend(message.map(<[u8]>::to_vec));
    }
}

impl Collector for SyslogUdp {
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
