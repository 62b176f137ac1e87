//! The `ssh` object of EVE.

use serde_json::{Map, Value, json};

use super::{Peer, Transaction};
use crate::proto::text;

/// The object for one session. Fingerprints are written when `with_hassh`.
pub fn object(tx: &Transaction, with_hassh: bool) -> Value {
    let mut object = Map::new();
    for (key, peer) in [("client", &tx.client), ("server", &tx.server)] {
        if !peer.protocol.is_empty() {
            object.insert(key.to_owned(), of_peer(peer, with_hassh));
        }
    }
    Value::Object(object)
}

fn of_peer(peer: &Peer, with_hassh: bool) -> Value {
    // Comments behind the software version are no part of it.
    let software = peer
        .software
        .split(|byte| *byte == b' ')
        .next()
        .unwrap_or_default();
    let mut object = json!({ "proto_version": text(&peer.protocol), "software_version": text(software) });
    if let (Some(hassh), Value::Object(object), true) = (&peer.hassh, &mut object, with_hassh) {
        object.insert(
            "hassh".to_owned(),
            json!({ "hash": hassh.hash, "string": hassh.string }),
        );
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_that_were_seen() {
        let tx = Transaction {
            server: Peer {
                protocol: b"2.0".to_vec(),
                software: b"OpenSSH_9.2 Debian-2".to_vec(),
                hassh: None,
            },
            ..Transaction::default()
        };
        assert_eq!(
            object(&tx, true),
            json!({"server": {"proto_version": "2.0", "software_version": "OpenSSH_9.2"}})
        );
    }
}
