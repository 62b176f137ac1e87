//! Records of application transactions and their files. The objects themselves are made by the protocols.

use serde_json::Value;

use super::EveConfig;
use super::common::Orientation;
use crate::app::{File, Transaction, TxData};
use crate::flow::Direction;
use crate::proto;

/// A transaction's record beside the common fields.
#[derive(Debug)]
pub struct TxObject {
    /// `event_type`, which is the object's name too.
    pub event_type: &'static str,
    /// The object.
    pub value: Value,
    /// Which way the record's addresses go.
    pub orientation: Orientation,
}

/// The object of a transaction.
pub fn object(tx: &Transaction, config: &EveConfig) -> Option<TxObject> {
    match &tx.data {
        TxData::Http(http) => Some(TxObject {
            event_type: "http",
            value: proto::http::eve::object(http, &config.http),
            orientation: Orientation::Flow,
        }),
        TxData::Dns(_) | TxData::Tls(_) => None,
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
