//! Buffers out of packets and transactions: the names rules know on one side, plain data of `saola-net` on the other.

mod dns;
mod http;
mod mail;
mod others;
mod packet;
mod sip;
mod tls;

use std::borrow::Cow;

use saola_net::Direction;
use saola_net::app::{Transaction, TxData};
use smallvec::SmallVec;

use crate::rule::{Buffer, Stage};

pub(super) use packet::{address, packet_buffer};
pub(super) use tls::{certificate_time, tls_certificate_expired, tls_states, tls_version};

/// The values of a buffer; empty when the transaction does not have it.
pub(super) type Values<'a> = SmallVec<[Cow<'a, [u8]>; 1]>;

/// The bytes of a transaction's buffer.
pub(super) fn bytes(tx: &Transaction, buffer: Buffer, direction: Direction) -> Values<'_> {
    match (buffer, &tx.data) {
        (Buffer::FileName, _) => files(tx, direction)
            .map(|file| Cow::Borrowed(&*file.name))
            .collect(),
        (Buffer::FileMagic, _) => files(tx, direction)
            .filter_map(|file| saola_net::proto::magic(&file.head))
            .map(|kind| Cow::Owned(Vec::from(kind)))
            .collect(),
        (Buffer::FileMd5, _) => hashes(tx, direction, |file| file.md5.as_deref()),
        (Buffer::FileSha1, _) => hashes(tx, direction, |file| file.sha1.as_deref()),
        (Buffer::FileSha256, _) => hashes(tx, direction, |file| file.sha256.as_deref()),
        (_, TxData::Http(http)) => http::bytes(http, tx, buffer, direction),
        (_, TxData::Dns(dns)) => dns::bytes(dns, buffer, direction),
        (_, TxData::Tls(tls)) => tls::bytes(tls, buffer, direction),
        (Buffer::FileData, _) => file_contents(tx, direction),
        (_, TxData::Smtp(smtp)) => mail::bytes(smtp, buffer),
        (_, TxData::Ssh(ssh)) => others::ssh(ssh, buffer, direction),
        (_, TxData::Ftp(ftp)) => others::ftp(ftp, buffer),
        (_, TxData::Mqtt(mqtt)) => others::mqtt(mqtt, buffer),
        (_, TxData::Sip(sip)) => sip::bytes(sip, buffer, direction),
        (_, TxData::Record(record)) => record.bytes(buffer.name(), direction),
    }
}

/// The numbers of a transaction's number buffer.
pub(super) fn numbers(tx: &Transaction, buffer: Buffer, direction: Direction) -> SmallVec<[u64; 2]> {
    match (buffer, &tx.data) {
        (Buffer::FileSize, _) => files(tx, direction).map(saola_net::app::File::size).collect(),
        (_, TxData::Dns(dns)) => dns::numbers(dns, buffer, direction),
        (_, TxData::Mqtt(mqtt)) => others::mqtt_numbers(mqtt, buffer),
        (_, TxData::Record(record)) => record.numbers(buffer.name(), direction),
        (_, TxData::Ftp(ftp)) => others::ftp_numbers(ftp, buffer),
        _ => SmallVec::new(),
    }
}

/// Hashes of files that came whole.
fn hashes(
    tx: &Transaction,
    direction: Direction,
    hash: fn(&saola_net::app::File) -> Option<&str>,
) -> Values<'_> {
    files(tx, direction)
        .filter_map(hash)
        .map(|hash| Cow::Borrowed(hash.as_bytes()))
        .collect()
}

fn file_contents(tx: &Transaction, direction: Direction) -> Values<'_> {
    files(tx, direction)
        .map(|file| Cow::Borrowed(file.content.bytes()))
        .filter(|bytes| !bytes.is_empty())
        .collect()
}

/// Bytes of the files of a direction so far.
pub(super) fn file_bytes(tx: &Transaction, direction: Direction) -> u64 {
    files(tx, direction).map(saola_net::app::File::size).sum()
}

fn files(tx: &Transaction, direction: Direction) -> impl Iterator<Item = &saola_net::app::File> {
    tx.files.iter().filter(move |file| file.direction == direction)
}

/// How far a direction of a transaction came.
pub(super) fn stage(tx: &Transaction, direction: Direction) -> Stage {
    let at = direction.index();
    if tx.complete.get(at).copied().unwrap_or(false) {
        return Stage::Complete;
    }
    let progress = tx.progress.get(at).copied().unwrap_or(0);
    match &tx.data {
        TxData::Http(_) => http::stage(progress),
        // Their parsers fill a buffer whole or not at all: presence decides.
        _ => Stage::Body,
    }
}
