//! The `dhcp` object of EVE.

use std::net::Ipv4Addr;

use serde_json::{Map, Value};

use super::Message;
use crate::app::{FieldNumbers, Record, RecordOptions, number};
use crate::flow::Direction;
use crate::proto::{hex_colons, text};

const TYPES: [&str; 9] = [
    "unknown", "discover", "offer", "request", "decline", "ack", "nak", "release", "inform",
];
/// "DHCP message type" (RFC 2132 section 9.6).
const MESSAGE_TYPE: u8 = 53;
const ACK: u8 = 5;

/// Names of options that are asked for, as records know them.
const PARAMETERS: &[(u8, &str)] = &[
    (1, "subnet_mask"),
    (3, "router"),
    (6, "dns_server"),
    (12, "hostname"),
    (15, "domain"),
    (35, "arp_timeout"),
    (42, "ntp_server"),
    (66, "tftp_server_name"),
    (67, "boot_file_name"),
    (120, "sip_server"),
];

impl Message {
    fn kind(&self) -> Option<u8> {
        self.option(MESSAGE_TYPE)?.first().copied()
    }

    fn addresses_of(&self, code: u8) -> Vec<Value> {
        let value = self.option(code).unwrap_or_default();
        let list = value.chunks_exact(4).filter_map(|bytes| bytes.first_chunk::<4>());
        list.map(|bytes| Ipv4Addr::from(*bytes).to_string().into())
            .collect()
    }

    fn extend(&self, object: &mut Map<String, Value>) {
        let [client, _, next, relay] = self.addresses;
        for (key, address) in [
            ("client_ip", client),
            ("relay_ip", relay),
            ("next_server_ip", next),
        ] {
            object.insert(key.to_owned(), Ipv4Addr::from(address).to_string().into());
        }
        for (key, code) in [("lease_time", 51), ("renewal_time", 58), ("rebinding_time", 59)] {
            if let Some(seconds) = self.number(code) {
                object.insert(key.to_owned(), seconds.into());
            }
        }
        for (key, code) in [("hostname", 12), ("vendor_class_identifier", 60), ("domain", 15)] {
            if let Some(value) = self.option(code) {
                object.insert(key.to_owned(), text(value).into());
            }
        }
        for (key, code) in [("subnet_mask", 1), ("requested_ip", 50)] {
            if let Some(address) = self.addresses_of(code).into_iter().next() {
                object.insert(key.to_owned(), address);
            }
        }
        for (key, code) in [("routers", 3), ("dns_servers", 6)] {
            if self.option(code).is_some() {
                object.insert(key.to_owned(), self.addresses_of(code).into());
            }
        }
        // The first byte says what kind of address follows.
        if let Some([1, mac @ ..]) = self.option(61) {
            object.insert("client_id".to_owned(), hex_colons(mac).into());
        }
        if let Some(asked) = self.option(55) {
            let names = asked.iter().filter_map(|code| {
                let (_, name) = PARAMETERS.iter().find(|(known, _)| known == code)?;
                Some(Value::from(*name))
            });
            object.insert("params".to_owned(), names.collect());
        }
    }
}

impl Record for Message {
    fn event_type(&self) -> &'static str {
        "dhcp"
    }

    /// Without `extended`, only what ties a hardware address to an address.
    fn is_recorded(&self, options: &RecordOptions) -> bool {
        options.is_on("dhcp.extended", false) || self.kind() == Some(ACK)
    }

    fn object(&self, options: &RecordOptions) -> Option<Value> {
        let mut object = Map::new();
        let kind = if self.operation == 1 { "request" } else { "reply" };
        object.insert("type".to_owned(), kind.into());
        object.insert("id".to_owned(), self.id.into());
        object.insert("client_mac".to_owned(), hex_colons(&self.mac).into());
        let [_, assigned, ..] = self.addresses;
        object.insert(
            "assigned_ip".to_owned(),
            Ipv4Addr::from(assigned).to_string().into(),
        );
        if let Some(kind) = self.kind() {
            let name = TYPES.get(usize::from(kind)).copied().unwrap_or("unknown");
            object.insert("dhcp_type".to_owned(), name.into());
        }
        if options.is_on("dhcp.extended", false) {
            self.extend(&mut object);
        }
        Some(Value::Object(object))
    }

    fn direction(&self) -> Option<Direction> {
        Some(self.direction)
    }

    fn numbers(&self, field: &str, direction: Direction) -> FieldNumbers {
        if direction != self.direction {
            return FieldNumbers::new();
        }
        number(match field {
            "dhcp.leasetime" => self.number(51),
            "dhcp.renewal_time" => self.number(58),
            "dhcp.rebinding_time" => self.number(59),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_also_in_overloaded_fields() {
        let mut bytes = vec![2, 1, 6, 0, 0, 0, 0, 9];
        bytes.resize(28, 0);
        bytes.extend_from_slice(&[1, 2, 3, 4, 5, 6]);
        bytes.resize(108, 0);
        bytes.extend_from_slice(&[6, 4, 10, 0, 0, 2, 255]);
        bytes.resize(236, 0);
        bytes.extend_from_slice(&[0x63, 0x82, 0x53, 0x63, 53, 1, 5, 52, 1, 1, 51, 4, 0, 0, 1, 0, 255]);
        let message = Message::parse(&bytes, Direction::ToClient).unwrap();
        let mut options = RecordOptions::default();
        options.set("dhcp", "extended", "yes");
        let object = message.object(&options).unwrap();
        assert_eq!(object["dns_servers"], json!(["10.0.0.2"]));
        assert_eq!(
            (&object["lease_time"], &object["dhcp_type"]),
            (&json!(256), &json!("ack"))
        );
        assert!(message.is_recorded(&RecordOptions::default()) && !message.malformed);
        bytes.truncate(250);
        assert!(Message::parse(&bytes, Direction::ToClient).unwrap().malformed);
        assert_eq!(Message::parse(&bytes[..200], Direction::ToClient), None);
    }
}
