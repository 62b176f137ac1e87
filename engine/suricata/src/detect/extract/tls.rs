//! TLS buffers and states.

use std::borrow::Cow;

use saola_net::proto::tls::{Certificate, Transaction};
use saola_net::{Direction, Timestamp};
use smallvec::SmallVec;

use super::Values;
use crate::rule::{Buffer, TlsState};

fn optional(bytes: Option<&(impl AsRef<[u8]> + ?Sized)>) -> Values<'_> {
    bytes
        .map(|bytes| Cow::Borrowed(bytes.as_ref()))
        .into_iter()
        .collect()
}

fn all(list: &[Vec<u8>]) -> Values<'_> {
    list.iter().map(|bytes| Cow::Borrowed(&**bytes)).collect()
}

/// The values of a buffer. Certificates are those of the packet's own side.
pub(super) fn bytes(tx: &Transaction, buffer: Buffer, direction: Direction) -> Values<'_> {
    let to_server = direction == Direction::ToServer;
    let (certificates, certificate) = if to_server {
        (&tx.client_certificates, tx.client_certificate.as_ref())
    } else {
        (&tx.certificates, tx.certificate.as_ref())
    };
    let random = if to_server {
        tx.client.as_ref().map(|hello| &hello.random)
    } else {
        tx.server.as_ref().map(|hello| &hello.random)
    };
    match buffer {
        Buffer::TlsSni => optional(tx.client.as_ref().and_then(|hello| hello.sni.as_ref())),
        Buffer::TlsAlpn if to_server => tx
            .client
            .as_ref()
            .map(|hello| all(&hello.alpns))
            .unwrap_or_default(),
        Buffer::TlsAlpn => tx
            .server
            .as_ref()
            .map(|hello| all(&hello.alpns))
            .unwrap_or_default(),
        Buffer::TlsCertSubject => optional(certificate.map(|certificate| &certificate.subject)),
        Buffer::TlsCertIssuer => optional(certificate.map(|certificate| &certificate.issuer)),
        Buffer::TlsCertSerial => optional(certificate.map(|certificate| certificate.serial.as_str())),
        Buffer::TlsCertFingerprint => {
            optional(certificate.map(|certificate| certificate.fingerprint.as_str()))
        }
        Buffer::TlsCerts => all(certificates),
        Buffer::TlsSubjectAltName => alternative_names(certificate),
        Buffer::TlsRandom => optional(random),
        // The first four bytes were a time once (RFC 5246 section 7.4.1.2).
        Buffer::TlsRandomTime => optional(random.and_then(|random| random.get(..4))),
        Buffer::TlsRandomBytes => optional(random.and_then(|random| random.get(4..))),
        Buffer::Ja3Hash => optional(tx.ja3.as_ref().map(|ja3| ja3.hash.as_str())),
        Buffer::Ja3String => optional(tx.ja3.as_ref().map(|ja3| ja3.string.as_str())),
        Buffer::Ja3sHash => optional(tx.ja3s.as_ref().map(|ja3| ja3.hash.as_str())),
        Buffer::Ja3sString => optional(tx.ja3s.as_ref().map(|ja3| ja3.string.as_str())),
        Buffer::Ja4Hash => optional(tx.ja4.as_deref()),
        _ => Values::new(),
    }
}

fn alternative_names(certificate: Option<&Certificate>) -> Values<'_> {
    certificate
        .map(|certificate| all(&certificate.alternative_names))
        .unwrap_or_default()
}

/// The version that was agreed on, as on the wire.
pub(in crate::detect) fn tls_version(tx: &Transaction) -> Option<u16> {
    tx.version()
}

/// States that the handshake has been through, as far as they are told apart.
pub(in crate::detect) fn tls_states(tx: &Transaction) -> SmallVec<[TlsState; 4]> {
    let mut states = SmallVec::new();
    if tx.client.is_some() {
        states.push(TlsState::ClientHello);
    }
    if tx.server.is_some() {
        states.push(TlsState::ServerHello);
    }
    if states.is_empty() {
        states.push(TlsState::Unknown);
    }
    states
}

/// Whether the server's certificate had ended at a time.
pub(in crate::detect) fn tls_certificate_expired(tx: &Transaction, at: Timestamp) -> Option<bool> {
    tx.certificate
        .as_ref()
        .map(|certificate| certificate.not_after < at.as_secs())
}

/// Beginning (or end) of the server certificate's validity, in seconds since 1970.
pub(in crate::detect) fn certificate_time(tx: &Transaction, begins: bool) -> Option<i64> {
    let certificate = tx.certificate.as_ref()?;
    Some(if begins {
        certificate.not_before
    } else {
        certificate.not_after
    })
}
