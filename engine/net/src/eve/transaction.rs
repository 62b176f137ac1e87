//! Records of application transactions and their files. The objects themselves are made by the protocols.

use serde_json::Value;

use super::EveConfig;
use super::common::Orientation;
use crate::app::{File, Record, Transaction, TxData};
use crate::flow::Direction;
use crate::proto;

/// A transaction's record beside the common fields.
#[derive(Debug)]
pub struct TxObject {
    /// `event_type`, which is the object's name too.
    pub event_type: &'static str,
    /// The object.
    pub value: Value,
    /// A second object that goes with it: name and value.
    pub beside: Option<(&'static str, Value)>,
    /// Which way the record's addresses go.
    pub orientation: Orientation,
}

/// The object of a transaction, as it stands in the records of its files and in alerts.
pub fn object(tx: &Transaction, config: &EveConfig) -> Option<TxObject> {
    let flow = |event_type, value| TxObject {
        event_type,
        value,
        beside: None,
        orientation: Orientation::Flow,
    };
    Some(match &tx.data {
        TxData::Http(http) => flow("http", proto::http::eve::object(http, &config.http)),
        TxData::Tls(tls) => flow("tls", proto::tls::eve::object(tls, &config.tls)),
        TxData::Smtp(smtp) => TxObject {
            beside: proto::smtp::eve::email_object(smtp, &config.smtp).map(|email| ("email", email)),
            ..flow("smtp", proto::smtp::eve::object(smtp))
        },
        TxData::Ftp(ftp) => flow("ftp", proto::ftp::eve::object(ftp)),
        TxData::Sip(sip) => TxObject {
            orientation: Orientation::Direction(sip.direction),
            ..flow("sip", proto::sip::eve::object(sip))
        },
        TxData::Ssh(ssh) => flow("ssh", proto::ssh::eve::object(ssh, true)),
        TxData::Mqtt(mqtt) => flow("mqtt", proto::mqtt::eve::object(mqtt, &config.mqtt)),
        TxData::Dns(dns) => TxObject {
            event_type: dns_type(dns),
            value: match dns.kind {
                proto::dns::Kind::Dns => proto::dns::eve::object(dns, tx.id, &config.dns),
                _ => proto::dns::eve::multicast_object(dns, tx.id),
            },
            beside: None,
            orientation: Orientation::Direction(dns.direction),
        },
        TxData::Record(record) => TxObject {
            value: record.alert_object(&config.records)?,
            ..record_object(&**record, config)?
        },
    })
}

/// The records of a finished transaction: mostly one, its object; none when it is switched off.
pub fn records(tx: &Transaction, config: &EveConfig) -> Vec<TxObject> {
    if let TxData::Record(record) = &tx.data {
        let wanted = record.is_recorded(&config.records);
        return record_object(&**record, config)
            .into_iter()
            .filter(|_| wanted)
            .collect();
    }
    let TxData::Dns(dns) = &tx.data else {
        return object(tx, config).into_iter().collect();
    };
    if dns.kind != proto::dns::Kind::Dns {
        return object(tx, config)
            .filter(|_| !dns.malformed)
            .into_iter()
            .collect();
    }
    // Version 2 writes the addresses as the query goes, for answers too.
    let orientation = if config.dns.version == 2 && !dns.is_query() {
        Orientation::Direction(dns.direction.opposite())
    } else {
        Orientation::Direction(dns.direction)
    };
    proto::dns::eve::records(dns, tx.id, &config.dns)
        .into_iter()
        .map(|value| TxObject {
            event_type: "dns",
            value,
            beside: None,
            orientation,
        })
        .collect()
}

fn record_object(record: &dyn Record, config: &EveConfig) -> Option<TxObject> {
    let message = record.direction().filter(|_| !record.follows_flow());
    Some(TxObject {
        event_type: record.event_type(),
        value: record.object(&config.records)?,
        beside: record.beside(&config.records),
        orientation: message.map_or(Orientation::Flow, Orientation::Direction),
    })
}

fn dns_type(dns: &proto::dns::Transaction) -> &'static str {
    match dns.kind {
        proto::dns::Kind::Dns => "dns",
        proto::dns::Kind::Mdns => "mdns",
        proto::dns::Kind::Llmnr => "llmnr",
    }
}

/// The `fileinfo` object of a file.
pub fn file_object(file: &File, tx_id: u64, config: &EveConfig) -> Value {
    proto::fileinfo::object(file, tx_id, config.file_magic)
}

/// Which way a file's record goes.
pub fn file_orientation(file: &File) -> Orientation {
    match file.direction {
        Direction::ToServer => Orientation::Flow,
        Direction::ToClient => Orientation::Direction(Direction::ToClient),
    }
}
