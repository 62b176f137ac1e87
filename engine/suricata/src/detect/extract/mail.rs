//! SMTP and e-mail buffers.

use std::borrow::Cow;

use saola_net::proto::smtp::Transaction;

use super::Values;
use crate::rule::Buffer;

fn optional(bytes: Option<&[u8]>) -> Values<'_> {
    bytes.map(Cow::Borrowed).into_iter().collect()
}

/// The values of a buffer; mails go to the server.
pub(super) fn bytes(tx: &Transaction, buffer: Buffer) -> Values<'_> {
    let fields = |name: &'static [u8]| {
        let fields = tx.email.iter().flat_map(|email| &email.fields);
        fields
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| Cow::Borrowed(&**value))
    };
    let first = |name: &'static [u8]| fields(name).take(1).collect();
    match buffer {
        Buffer::SmtpHelo => optional(tx.helo.as_deref()),
        Buffer::SmtpMailFrom => optional(tx.mail_from.as_deref()),
        Buffer::SmtpRcptTo => tx
            .rcpt_to
            .iter()
            .map(|receiver| Cow::Borrowed(&**receiver))
            .collect(),
        Buffer::EmailFrom => first(b"from"),
        Buffer::EmailTo => first(b"to"),
        Buffer::EmailCc => first(b"cc"),
        Buffer::EmailSubject => first(b"subject"),
        Buffer::EmailDate => first(b"date"),
        Buffer::EmailMessageId => first(b"message-id"),
        Buffer::EmailMailer => first(b"x-mailer"),
        Buffer::EmailReceived => fields(b"received").collect(),
        Buffer::EmailUrl => {
            let urls = tx.email.iter().flat_map(|email| &email.urls);
            urls.map(|url| Cow::Borrowed(&**url)).collect()
        }
        Buffer::EmailBodyMd5 => {
            let md5 = tx.email.as_ref().and_then(|email| email.body_md5.as_deref());
            optional(md5.map(str::as_bytes))
        }
        _ => Values::new(),
    }
}
