//! Application protocols as rules name them.

use saola_net::AppProto;

macro_rules! apps {
    ($($variant:ident $name:literal $(| $alias:literal)*),* $(,)?) => {
        /// An application protocol of the rule language. More are known here than `saola-net` parses: a rule for one
        /// that is not parsed is refused by name, see [`App::is_parsed`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each variant is the protocol of that name")]
        pub enum App { $($variant),* }

        impl App {
            /// All, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Name in rules and in EVE.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// From the name in a rule, any case.
            pub fn from_name(name: &str) -> Option<Self> {
                match name.to_ascii_lowercase().as_str() {
                    $($name $(| $alias)* => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

apps! {
    BittorrentDht "bittorrent-dht",
    Dcerpc "dcerpc",
    Dhcp "dhcp",
    Dnp3 "dnp3",
    Dns "dns",
    Doh2 "doh2",
    Enip "enip",
    Ftp "ftp",
    FtpData "ftp-data",
    Http "http" | "http1",
    Http2 "http2",
    Ike "ike" | "ikev2",
    Imap "imap",
    Krb5 "krb5",
    Ldap "ldap",
    Llmnr "llmnr",
    Mdns "mdns",
    Modbus "modbus",
    Mqtt "mqtt",
    Nfs "nfs",
    Ntp "ntp",
    Pgsql "pgsql",
    Pop3 "pop3",
    Quic "quic",
    Rdp "rdp",
    Rfb "rfb",
    Sip "sip",
    Smb "smb",
    Smtp "smtp",
    Snmp "snmp",
    Ssh "ssh",
    Telnet "telnet",
    Tftp "tftp",
    Tls "tls" | "ssl",
    Websocket "websocket",
}

impl App {
    /// The protocols of flows that a rule for this one looks at: itself and those that carry it.
    pub const fn carriers(self) -> &'static [Self] {
        match self {
            Self::Dcerpc => &[Self::Dcerpc, Self::Smb],
            Self::Dns => &[Self::Dns, Self::Doh2],
            Self::Http => &[Self::Http, Self::Http2, Self::Doh2],
            Self::Http2 => &[Self::Http2, Self::Doh2],
            other => other.alone(),
        }
    }

    const fn alone(self) -> &'static [Self] {
        let mut at = 0;
        while at < Self::ALL.len() {
            let (_, rest) = Self::ALL.split_at(at);
            if let [first, ..] = rest
                && *first as u8 == self as u8
            {
                return std::slice::from_ref(first);
            }
            at += 1;
        }
        &[]
    }

    /// The protocol that a flow was found to speak.
    pub fn of(proto: AppProto) -> Option<Self> {
        // By name, so that a protocol new in saola-net works here without a change.
        proto.is_known().then(|| Self::from_name(proto.name())).flatten()
    }

    /// Whether rules for `other` also look at this protocol, because it carries the other's messages.
    pub const fn carries(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Doh2, Self::Dns | Self::Http2 | Self::Http) | (Self::Http2, Self::Http)
        )
    }

    /// Whether `saola-net` parses it.
    pub fn is_parsed(self) -> bool {
        saola_net::proto::PROTOCOLS
            .iter()
            .any(|protocol| Self::of(protocol.proto) == Some(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for app in App::ALL {
            assert_eq!(App::from_name(app.name()), Some(*app));
        }
        assert_eq!(App::of(AppProto::Tls), Some(App::Tls));
        assert_eq!(App::of(AppProto::Unknown), None);
    }
}
