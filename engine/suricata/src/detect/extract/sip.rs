//! SIP buffers and those of the session descriptions it carries. Each message is a transaction.

use std::borrow::Cow;

use saola_net::Direction;
use saola_net::proto::sip::{Sdp, StartLine, Transaction};

use super::Values;
use crate::rule::Buffer;

fn some(bytes: &[u8]) -> Values<'_> {
    std::iter::once(Cow::Borrowed(bytes)).collect()
}

fn field<'a>(tx: &'a Transaction, name: &str) -> Values<'a> {
    tx.field(name).map(some).unwrap_or_default()
}

/// The values of a buffer; a message has nothing to show the other way.
pub(super) fn bytes(tx: &Transaction, buffer: Buffer, direction: Direction) -> Values<'_> {
    if tx.direction != direction {
        return Values::new();
    }
    match (buffer, &tx.start) {
        (Buffer::SipMethod, StartLine::Request { method, .. }) => some(method),
        (Buffer::SipUri, StartLine::Request { uri, .. }) => some(uri),
        (Buffer::SipRequestLine, StartLine::Request { .. })
        | (Buffer::SipResponseLine, StartLine::Response { .. }) => some(&tx.line),
        (Buffer::SipStatCode, StartLine::Response { code, .. }) => some(code),
        (Buffer::SipStatMsg, StartLine::Response { reason, .. }) => some(reason),
        (Buffer::SipProtocol, StartLine::Request { version, .. } | StartLine::Response { version, .. }) => {
            some(version)
        }
        (Buffer::SipFrom, _) => field(tx, "from"),
        (Buffer::SipTo, _) => field(tx, "to"),
        (Buffer::SipVia, _) => field(tx, "via"),
        (Buffer::SipUserAgent, _) => field(tx, "user-agent"),
        (Buffer::SipContentType, _) => field(tx, "content-type"),
        (Buffer::SipContentLength, _) => field(tx, "content-length"),
        _ => tx
            .sdp
            .as_ref()
            .map(|sdp| described(sdp, buffer))
            .unwrap_or_default(),
    }
}

fn described(sdp: &Sdp, buffer: Buffer) -> Values<'_> {
    let session = |letter| sdp.session(letter).map(Cow::Borrowed).collect();
    let media = |letter: u8| {
        let lines = sdp.media.iter().flat_map(|media| &media.lines);
        lines
            .filter(|(found, _)| *found == letter)
            .map(|(_, value)| Cow::Borrowed(&**value))
            .collect()
    };
    match buffer {
        Buffer::SdpOrigin => session(b'o'),
        Buffer::SdpSessionName => session(b's'),
        Buffer::SdpSessionInfo => session(b'i'),
        Buffer::SdpUri => session(b'u'),
        Buffer::SdpEmail => session(b'e'),
        Buffer::SdpPhoneNumber => session(b'p'),
        Buffer::SdpConnectionData => session(b'c'),
        Buffer::SdpBandwidth => session(b'b'),
        Buffer::SdpTime => session(b't'),
        Buffer::SdpRepeatTime => session(b'r'),
        Buffer::SdpTimezone => session(b'z'),
        Buffer::SdpEncryptionKey => session(b'k'),
        Buffer::SdpAttribute => session(b'a'),
        Buffer::SdpMedia => sdp
            .media
            .iter()
            .map(|media| Cow::Borrowed(&*media.media))
            .collect(),
        Buffer::SdpMediaInfo => media(b'i'),
        Buffer::SdpMediaConnectionData => media(b'c'),
        Buffer::SdpMediaBandwidth => media(b'b'),
        Buffer::SdpMediaEncryptionKey => media(b'k'),
        Buffer::SdpMediaAttribute => media(b'a'),
        _ => Values::new(),
    }
}
