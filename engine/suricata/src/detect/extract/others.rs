//! Buffers of SSH, FTP and MQTT.

use std::borrow::Cow;

use saola_net::Direction;
use saola_net::proto::{ftp, mqtt, ssh};

use super::Values;
use crate::rule::Buffer;

fn present(bytes: &[u8]) -> Values<'_> {
    std::iter::once(bytes)
        .filter(|bytes| !bytes.is_empty())
        .map(Cow::Borrowed)
        .collect()
}

fn list(list: &[Vec<u8>]) -> Values<'_> {
    list.iter().map(|item| Cow::Borrowed(&**item)).collect()
}

fn hassh(peer: &ssh::Peer, part: fn(&ssh::Hassh) -> &String) -> Values<'_> {
    let text = peer.hassh.as_ref().map(part);
    text.map(|text| Cow::Borrowed(text.as_bytes()))
        .into_iter()
        .collect()
}

/// The values of an SSH buffer, of the packet's own side.
pub(super) fn ssh(tx: &ssh::Transaction, buffer: Buffer, direction: Direction) -> Values<'_> {
    let own = if direction == Direction::ToServer {
        &tx.client
    } else {
        &tx.server
    };
    match buffer {
        Buffer::SshProto => present(&own.protocol),
        Buffer::SshSoftware => present(&own.software),
        Buffer::SshHassh => hassh(&tx.client, |hassh| &hassh.hash),
        Buffer::SshHasshString => hassh(&tx.client, |hassh| &hassh.string),
        Buffer::SshHasshServer => hassh(&tx.server, |hassh| &hassh.hash),
        Buffer::SshHasshServerString => hassh(&tx.server, |hassh| &hassh.string),
        _ => Values::new(),
    }
}

/// The values of an FTP buffer.
pub(super) fn ftp(tx: &ftp::Transaction, buffer: Buffer) -> Values<'_> {
    match buffer {
        Buffer::FtpCommand => present(&tx.command),
        Buffer::FtpCommandData => present(&tx.argument),
        Buffer::FtpReply => list(&tx.replies),
        Buffer::FtpCompletionCode => list(&tx.codes),
        _ => Values::new(),
    }
}

/// The values of an MQTT buffer, of all messages of the transaction.
pub(super) fn mqtt(tx: &mqtt::Transaction, buffer: Buffer) -> Values<'_> {
    use mqtt::Body;
    let mut values = Values::new();
    for message in &tx.messages {
        match (buffer, &message.body) {
            (Buffer::MqttProtocol, Body::Connect(connect)) => values.push(Cow::Borrowed(&*connect.protocol)),
            (Buffer::MqttClientId, Body::Connect(connect)) => values.push(Cow::Borrowed(&*connect.client_id)),
            (Buffer::MqttUsername, Body::Connect(connect)) => {
                values.extend(connect.username.as_deref().map(Cow::Borrowed));
            }
            (Buffer::MqttPassword, Body::Connect(connect)) => {
                values.extend(connect.password.as_deref().map(Cow::Borrowed));
            }
            (Buffer::MqttWillTopic, Body::Connect(connect)) => {
                values.extend(connect.will_topic.as_deref().map(Cow::Borrowed));
            }
            (Buffer::MqttWillMessage, Body::Connect(connect)) => {
                values.extend(connect.will_message.as_deref().map(Cow::Borrowed));
            }
            (Buffer::MqttPublishTopic, Body::Publish { topic, .. }) => values.push(Cow::Borrowed(&**topic)),
            (Buffer::MqttPublishMessage, Body::Publish { message, .. }) => {
                values.push(Cow::Borrowed(&**message));
            }
            (Buffer::MqttSubscribeTopic, Body::Subscribe { topics, .. }) => {
                values.extend(topics.iter().map(|(topic, _)| Cow::Borrowed(&**topic)));
            }
            (Buffer::MqttUnsubscribeTopic, Body::Unsubscribe { topics, .. }) => {
                values.extend(topics.iter().map(|topic| Cow::Borrowed(&**topic)));
            }
            _ => {}
        }
    }
    values
}

/// The numbers of an MQTT buffer.
pub(super) fn mqtt_numbers(tx: &mqtt::Transaction, buffer: Buffer) -> smallvec::SmallVec<[u64; 2]> {
    let messages = tx.messages.iter();
    match buffer {
        Buffer::MqttType => messages.map(|message| message.header.kind.into()).collect(),
        Buffer::MqttQos => messages.map(|message| message.header.qos.into()).collect(),
        Buffer::MqttFlags => messages
            .map(|message| u64::from(message.header.retain) | u64::from(message.header.dup) << 3)
            .collect(),
        Buffer::MqttConnectFlags => messages
            .filter_map(|message| match &message.body {
                mqtt::Body::Connect(connect) => Some(connect.flags.into()),
                _ => None,
            })
            .collect(),
        Buffer::MqttSessionPresent => messages
            .filter_map(|message| match &message.body {
                mqtt::Body::ConnAck { session_present, .. } => Some((*session_present).into()),
                _ => None,
            })
            .collect(),
        Buffer::MqttVersion => std::iter::once(tx.version.into()).collect(),
        Buffer::MqttReasonCode => messages.flat_map(mqtt::Message::codes).map(u64::from).collect(),
        _ => smallvec::SmallVec::new(),
    }
}

/// The numbers of an FTP buffer.
pub(super) fn ftp_numbers(tx: &ftp::Transaction, buffer: Buffer) -> smallvec::SmallVec<[u64; 2]> {
    let number = match buffer {
        Buffer::FtpMode => tx.mode.map(|mode| u64::from(mode == ftp::Mode::Active)),
        Buffer::FtpDynamicPort => tx.data_port.map(u64::from),
        Buffer::FtpReplyReceived => Some(u64::from(!tx.codes.is_empty())),
        _ => None,
    };
    number.into_iter().collect()
}
