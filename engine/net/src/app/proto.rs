//! Names of application protocols.

/// An application protocol, named as EVE names it in `app_proto`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AppProto {
    /// Not enough bytes yet, or none.
    #[default]
    Unknown,
    /// The bytes fit no protocol known here.
    Failed,
    /// HTTP/1.x.
    Http,
    /// DNS over UDP or TCP.
    Dns,
    /// TLS and SSL.
    Tls,
    /// Multicast DNS.
    Mdns,
    /// Link-local multicast name resolution.
    Llmnr,
    /// SMTP.
    Smtp,
    /// SSH.
    Ssh,
    /// FTP, the control connection.
    Ftp,
    /// FTP, a data connection.
    FtpData,
    /// MQTT.
    Mqtt,
    /// SIP.
    Sip,
}

impl AppProto {
    /// Name as EVE writes it; `unknown` while it is not known.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Http => "http",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Mdns => "mdns",
            Self::Llmnr => "llmnr",
            Self::Smtp => "smtp",
            Self::Ssh => "ssh",
            Self::Ftp => "ftp",
            Self::FtpData => "ftp-data",
            Self::Mqtt => "mqtt",
            Self::Sip => "sip",
        }
    }

    /// Whether a protocol was found.
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Unknown | Self::Failed)
    }
}
