//! What a TLS transaction holds: one handshake.

use super::certificate::Certificate;
use super::fingerprint::Ja3;
use super::hello::{ClientHello, ServerHello};

/// How far a direction came.
pub mod progress {
    /// Nothing yet.
    pub const NONE: u8 = 0;
    /// The hello is there.
    pub const HELLO: u8 = 1;
    /// The certificates are there.
    pub const CERTIFICATE: u8 = 2;
    /// All that will be seen of this side's handshake is there.
    pub const COMPLETE: u8 = 3;
}

/// One TLS session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// What the client said.
    pub client: Option<ClientHello>,
    /// What the server answered.
    pub server: Option<ServerHello>,
    /// The server's certificates in DER, its own first.
    pub certificates: Vec<Vec<u8>>,
    /// The first of them, read.
    pub certificate: Option<Certificate>,
    /// The client's certificates in DER.
    pub client_certificates: Vec<Vec<u8>>,
    /// The first of them, read.
    pub client_certificate: Option<Certificate>,
    /// The server took up an earlier session, without certificate.
    pub session_resumed: bool,
    /// JA3 of the client.
    pub ja3: Option<Ja3>,
    /// JA3S of the server.
    pub ja3s: Option<Ja3>,
    /// JA4 of the client.
    pub ja4: Option<String>,
}

impl Transaction {
    /// The version agreed on, or what the client offered while no answer is there.
    pub fn version(&self) -> Option<u16> {
        match (&self.server, &self.client) {
            (Some(server), _) => Some(server.selected_version.unwrap_or(server.version)),
            (None, Some(client)) => Some(client.version),
            (None, None) => None,
        }
    }

    /// The version as records write it.
    pub fn version_text(&self) -> Option<String> {
        // Only drafts before 16 wrote 1.3 into the hello itself.
        let early_draft = self
            .server
            .as_ref()
            .is_some_and(|server| server.version == 0x0304 && server.selected_version.is_none());
        if early_draft {
            return Some(version_name(0x7f0f));
        }
        self.version().map(version_name)
    }

    /// Whether TLS 1.3 (or a draft of it) was agreed on: certificates are then encrypted.
    pub fn is_tls13(&self) -> bool {
        self.server.is_some()
            && self
                .version()
                .is_some_and(|version| version == 0x0304 || version >> 8 == 0x7f)
    }
}

/// A version as records write it.
pub fn version_name(version: u16) -> String {
    match version {
        0x0002 => "SSLv2".to_owned(),
        0x0300 => "SSLv3".to_owned(),
        0x0301 => "TLSv1".to_owned(),
        0x0302 => "TLS 1.1".to_owned(),
        0x0303 => "TLS 1.2".to_owned(),
        0x0304 => "TLS 1.3".to_owned(),
        // Drafts before 16 shared their numbers with others.
        0x7f01..=0x7f0f => "TLS 1.3 draft-<16".to_owned(),
        0x7f10..=0x7fff => format!("TLS 1.3 draft-{}", version & 0xff),
        other => format!("0x{other:04x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (version, name) in [
            (0x0301, "TLSv1"),
            (0x0304, "TLS 1.3"),
            (0x7f0e, "TLS 1.3 draft-<16"),
            (0x7f17, "TLS 1.3 draft-23"),
            (0x1234, "0x1234"),
        ] {
            assert_eq!(version_name(version), name);
        }
    }
}
