//! TLS buffers and states.

use saola_net::proto::tls::Transaction;
use saola_net::{Direction, Timestamp};
use smallvec::SmallVec;

use super::Values;
use crate::rule::{Buffer, TlsState};

/// The values of a buffer.
pub(super) fn bytes(_tx: &Transaction, _buffer: Buffer, _direction: Direction) -> Values<'_> {
    Values::new()
}

/// The version that was agreed on, as on the wire.
pub(in crate::detect) fn tls_version(_tx: &Transaction) -> Option<u16> {
    None
}

/// States that the handshake has been through.
pub(in crate::detect) fn tls_states(_tx: &Transaction) -> SmallVec<[TlsState; 4]> {
    SmallVec::new()
}

/// Whether the server's certificate had ended at a time.
pub(in crate::detect) fn tls_certificate_expired(_tx: &Transaction, _at: Timestamp) -> Option<bool> {
    None
}
