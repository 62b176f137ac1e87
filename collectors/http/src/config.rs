//! Settings of the two transports.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use saola_collect::AllowList;
use saola_collect::stream::ListenerConfig;
use saola_collect::tls::TlsSettings;
use serde::Deserialize;

/// Records over HTTP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Name of the listener, for its counters.
    pub name: String,
    /// Address and port, such as `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Sources by the name in their path: `/ingest/<name>`.
    pub sources: BTreeMap<String, SourceConfig>,
    /// Networks that may connect; absent or empty: all.
    #[serde(default)]
    pub allow: AllowList,
    /// Largest body as it comes over the wire. Default 16 MiB.
    #[serde(default = "max_body_bytes")]
    pub max_body_bytes: usize,
    /// Largest body when unpacked. Default 64 MiB.
    #[serde(default = "max_unpacked_bytes")]
    pub max_unpacked_bytes: usize,
    /// How many times its packed size a body may have when unpacked. Default 100.
    #[serde(default = "max_ratio")]
    pub max_ratio: usize,
    /// Longer records keep their beginning. Default 1 MiB.
    #[serde(default = "max_record_bytes")]
    pub max_record_bytes: usize,
    /// Connections at once. Default 512.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Connections at once from one address. Default 256.
    #[serde(default = "max_connections_per_peer")]
    pub max_connections_per_peer: usize,
    /// Records a second that the source may bring; senders wait beyond it. No limit when absent.
    #[serde(default)]
    pub max_rate: Option<u32>,
    /// Certificate and key; plain when absent.
    #[serde(default)]
    pub tls: Option<TlsSettings>,
    /// Seconds within which the head of a request must be there. Default 10.
    #[serde(default = "header_timeout_secs")]
    pub header_timeout_secs: u64,
    /// Seconds within which a body must be there. Default 30.
    #[serde(default = "body_timeout_secs")]
    pub body_timeout_secs: u64,
    /// Seconds that a request waits for room in the pipeline before it is answered 429. Default 10.
    #[serde(default = "queue_timeout_secs")]
    pub queue_timeout_secs: u64,
    /// Seconds that a request waits for its records to be durable before it is answered 503. Default 30.
    #[serde(default = "durable_timeout_secs")]
    pub durable_timeout_secs: u64,
}

/// One source behind a path.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Agency that the source belongs to.
    pub agency: String,
    /// Log parser to use; found from the record when absent.
    #[serde(default)]
    pub parser: Option<String>,
    /// The bearer token that senders must show; without one, everybody who may connect may send.
    #[serde(default)]
    pub token: Option<String>,
}

impl fmt::Debug for SourceConfig {
    /// Never the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceConfig")
            .field("agency", &self.agency)
            .field("parser", &self.parser)
            .field("token", &self.token.as_ref().map(|_| "…"))
            .finish()
    }
}

/// One record a line over TCP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinesConfig {
    /// Name of the source.
    pub name: String,
    /// Agency that the source belongs to.
    pub agency: String,
    /// Address and port.
    pub listen: SocketAddr,
    /// Log parser to use; found from the record when absent.
    #[serde(default)]
    pub parser: Option<String>,
    /// Networks that may connect; absent or empty: all.
    #[serde(default)]
    pub allow: AllowList,
    /// Longer records keep their beginning. Default 1 MiB.
    #[serde(default = "max_record_bytes")]
    pub max_record_bytes: usize,
    /// Connections at once. Default 512.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Connections at once from one address. Default 256.
    #[serde(default = "max_connections_per_peer")]
    pub max_connections_per_peer: usize,
    /// Records a second that the source may bring; senders wait beyond it. No limit when absent.
    #[serde(default)]
    pub max_rate: Option<u32>,
    /// Certificate and key; plain when absent.
    #[serde(default)]
    pub tls: Option<TlsSettings>,
    /// Seconds of silence after which a connection is closed. Default 3600.
    #[serde(default = "idle_timeout_secs")]
    pub idle_timeout_secs: u64,
    /// Seconds within which a record that has begun must end. Default 60.
    #[serde(default = "record_timeout_secs")]
    pub record_timeout_secs: u64,
}

impl HttpConfig {
    /// Who may connect, and how.
    pub(crate) fn listener(&self) -> ListenerConfig {
        ListenerConfig {
            max_connections: self.max_connections,
            max_connections_per_peer: self.max_connections_per_peer,
            allow: self.allow.clone(),
            tls: self.tls.clone(),
        }
    }
}

impl LinesConfig {
    /// Who may connect, and how.
    pub(crate) fn listener(&self) -> ListenerConfig {
        ListenerConfig {
            max_connections: self.max_connections,
            max_connections_per_peer: self.max_connections_per_peer,
            allow: self.allow.clone(),
            tls: self.tls.clone(),
        }
    }
}

fn max_body_bytes() -> usize {
    16 << 20
}

fn max_unpacked_bytes() -> usize {
    64 << 20
}

fn max_ratio() -> usize {
    100
}

fn max_record_bytes() -> usize {
    1 << 20
}

fn max_connections() -> usize {
    512
}

fn max_connections_per_peer() -> usize {
    256
}

fn header_timeout_secs() -> u64 {
    10
}

fn body_timeout_secs() -> u64 {
    30
}

fn queue_timeout_secs() -> u64 {
    10
}

fn durable_timeout_secs() -> u64 {
    30
}

fn idle_timeout_secs() -> u64 {
    3600
}

fn record_timeout_secs() -> u64 {
    60
}
