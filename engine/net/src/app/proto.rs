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
    /// BitTorrent DHT.
    BittorrentDht,
    /// DCE/RPC.
    Dcerpc,
    /// DHCP.
    Dhcp,
    /// DNP3.
    Dnp3,
    /// DNS over HTTP/2.
    Doh2,
    /// EtherNet/IP.
    Enip,
    /// HTTP/2.
    Http2,
    /// IKE.
    Ike,
    /// IMAP.
    Imap,
    /// Kerberos 5.
    Krb5,
    /// LDAP.
    Ldap,
    /// Modbus/TCP.
    Modbus,
    /// NFS over ONC RPC.
    Nfs,
    /// NTP.
    Ntp,
    /// PostgreSQL.
    Pgsql,
    /// POP3.
    Pop3,
    /// QUIC.
    Quic,
    /// RDP.
    Rdp,
    /// RFB (VNC).
    Rfb,
    /// SMB 1 to 3.
    Smb,
    /// SNMP.
    Snmp,
    /// Telnet.
    Telnet,
    /// TFTP.
    Tftp,
    /// WebSocket.
    Websocket,
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
            Self::BittorrentDht => "bittorrent-dht",
            Self::Dcerpc => "dcerpc",
            Self::Dhcp => "dhcp",
            Self::Dnp3 => "dnp3",
            Self::Doh2 => "doh2",
            Self::Enip => "enip",
            Self::Http2 => "http2",
            Self::Ike => "ike",
            Self::Imap => "imap",
            Self::Krb5 => "krb5",
            Self::Ldap => "ldap",
            Self::Modbus => "modbus",
            Self::Nfs => "nfs",
            Self::Ntp => "ntp",
            Self::Pgsql => "pgsql",
            Self::Pop3 => "pop3",
            Self::Quic => "quic",
            Self::Rdp => "rdp",
            Self::Rfb => "rfb",
            Self::Smb => "smb",
            Self::Snmp => "snmp",
            Self::Telnet => "telnet",
            Self::Tftp => "tftp",
            Self::Websocket => "websocket",
        }
    }

    /// Whether a protocol was found.
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Unknown | Self::Failed)
    }
}
