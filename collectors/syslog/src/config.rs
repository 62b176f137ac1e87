//! Settings of the two transports.

use std::net::SocketAddr;

use saola_collect::AllowList;
use saola_collect::stream::ListenerConfig;
use saola_collect::tls::TlsSettings;
use serde::{Deserialize, Serialize};

/// Syslog over UDP.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UdpConfig {
    /// Name of the source.
    pub name: String,
    /// Agency that the source belongs to.
    pub agency: String,
    /// Address and port, such as `0.0.0.0:514`.
    pub listen: SocketAddr,
    /// Log parser to use; found from the record when absent.
    #[serde(default)]
    pub parser: Option<String>,
    /// Networks that may send; absent or empty: all.
    #[serde(default)]
    pub allow: AllowList,
    /// Receive buffer asked of the kernel, in bytes. Default 4 MiB; the kernel may give less (`net.core.rmem_max`).
    #[serde(default = "receive_buffer_bytes")]
    pub receive_buffer_bytes: usize,
    /// How long a full pipeline is waited for, in milliseconds, before records are dropped and counted. The kernel's
    /// buffer takes what arrives meanwhile. Default 200.
    #[serde(default = "patience_ms")]
    pub patience_ms: u64,
    /// Messages a second that the source may bring; more are dropped and counted. No limit when absent.
    #[serde(default)]
    pub max_rate: Option<u32>,
}

/// Syslog over TCP or TLS, or RELP over either.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpConfig {
    /// Name of the source.
    pub name: String,
    /// Agency that the source belongs to.
    pub agency: String,
    /// Address and port, such as `0.0.0.0:601`.
    pub listen: SocketAddr,
    /// Log parser to use; found from the record when absent.
    #[serde(default)]
    pub parser: Option<String>,
    /// Networks that may connect; absent or empty: all.
    #[serde(default)]
    pub allow: AllowList,
    /// Certificate and key; plain TCP when absent.
    #[serde(default)]
    pub tls: Option<TlsSettings>,
    /// Longer messages keep their beginning, in bytes. Default 65536.
    #[serde(default = "max_message_bytes")]
    pub max_message_bytes: usize,
    /// Connections at once. Default 1024.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Connections at once from one address. Default 256.
    #[serde(default = "max_connections_per_peer")]
    pub max_connections_per_peer: usize,
    /// Messages a second that the source may bring; senders wait beyond it. No limit when absent.
    #[serde(default)]
    pub max_rate: Option<u32>,
    /// Seconds of silence after which a connection is closed. Default 3600: syslog senders keep theirs open.
    #[serde(default = "idle_timeout_secs")]
    pub idle_timeout_secs: u64,
    /// Seconds within which a message that has begun must end. Default 60.
    #[serde(default = "message_timeout_secs")]
    pub message_timeout_secs: u64,
}

impl TcpConfig {
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

fn receive_buffer_bytes() -> usize {
    4 << 20
}

fn patience_ms() -> u64 {
    200
}

fn max_message_bytes() -> usize {
    64 << 10
}

fn max_connections() -> usize {
    1024
}

fn max_connections_per_peer() -> usize {
    256
}

fn idle_timeout_secs() -> u64 {
    3600
}

fn message_timeout_secs() -> u64 {
    60
}
