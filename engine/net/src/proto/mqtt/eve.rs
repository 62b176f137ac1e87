//! The `mqtt` object of EVE.

use serde_json::{Map, Value, json};

use super::Transaction;
use super::message::{Body, Connect, Message, Property, PropertyValue, kind};
use crate::proto::text;

/// What is recorded (`eve.types.mqtt.*`).
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Passwords are written (`passwords`).
    pub passwords: bool,
    /// Longest text that is written whole (`string-log-limit`), in bytes.
    pub string_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            passwords: true,
            string_limit: 1024,
        }
    }
}

/// The object for one transaction: each message under the name of its type.
pub fn object(tx: &Transaction, options: &Options) -> Value {
    let mut object = Map::new();
    for message in &tx.messages {
        object.insert(
            kind::name(message.header.kind).to_owned(),
            of_message(message, options),
        );
    }
    Value::Object(object)
}

/// Text, cut at the limit.
fn limited(bytes: &[u8], options: &Options) -> Value {
    match bytes.split_at_checked(options.string_limit) {
        Some((kept, rest)) if !rest.is_empty() => {
            format!("{}[truncated {} additional bytes]", text(kept), rest.len()).into()
        }
        _ => text(bytes).into(),
    }
}

/// Text of a list whose entries share one limit.
fn spent(bytes: &[u8], budget: &mut Options) -> Value {
    let value = limited(bytes, budget);
    budget.string_limit = budget.string_limit.saturating_sub(bytes.len());
    value
}

fn of_message(message: &Message, options: &Options) -> Value {
    let header = message.header;
    let mut object = Map::new();
    object.insert("qos".to_owned(), header.qos.into());
    object.insert("retain".to_owned(), header.retain.into());
    object.insert("dup".to_owned(), header.dup.into());
    let mut put = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    let text = |bytes: &[u8]| limited(bytes, options);
    match &message.body {
        Body::Connect(connect) => of_connect(connect, options, &mut put),
        Body::ConnAck {
            session_present,
            code,
            properties,
        } => {
            put("session_present", (*session_present).into());
            put("return_code", (*code).into());
            put_properties("properties", properties, options, &mut put);
        }
        Body::Publish {
            topic,
            id,
            properties,
            message,
        } => {
            put("topic", text(topic));
            if let Some(id) = id {
                put("message_id", (*id).into());
            }
            put("message", text(message));
            put_properties("properties", properties, options, &mut put);
        }
        Body::Acknowledgement { id, code, properties } => {
            put("message_id", (*id).into());
            if let Some(code) = code {
                put("reason_code", (*code).into());
            }
            put_properties("properties", properties, options, &mut put);
        }
        Body::Subscribe {
            id,
            properties,
            topics,
        } => {
            put("message_id", (*id).into());
            let mut budget = *options;
            let topics = topics
                .iter()
                .map(|(topic, qos)| json!({ "topic": spent(topic, &mut budget), "qos": qos & 3 }));
            put("topics", topics.collect());
            put_properties("properties", properties, options, &mut put);
        }
        Body::Unsubscribe {
            id,
            properties,
            topics,
        } => {
            put("message_id", (*id).into());
            let mut budget = *options;
            put(
                "topics",
                topics.iter().map(|topic| spent(topic, &mut budget)).collect(),
            );
            put_properties("properties", properties, options, &mut put);
        }
        Body::Granted {
            id,
            properties,
            codes,
        } => {
            put("message_id", (*id).into());
            if header.kind == kind::SUBACK {
                put("qos_granted", codes.iter().copied().map(Value::from).collect());
            } else if !codes.is_empty() {
                put("reason_codes", codes.iter().copied().map(Value::from).collect());
            }
            put_properties("properties", properties, options, &mut put);
        }
        Body::Reason { code, properties } => {
            if let Some(code) = code {
                put("reason_code", (*code).into());
            }
            put_properties("properties", properties, options, &mut put);
        }
        Body::Empty => {}
        Body::Truncated { skipped_bytes } => {
            put("truncated", true.into());
            put("skipped_length", (*skipped_bytes).into());
        }
    }
    Value::Object(object)
}

fn of_connect(connect: &Connect, options: &Options, put: &mut dyn FnMut(&str, Value)) {
    let bit = |mask: u8| connect.flags & mask != 0;
    put("protocol_string", limited(&connect.protocol, options));
    put("protocol_version", connect.version.into());
    put(
        "flags",
        json!({
            "username": bit(0x80), "password": bit(0x40), "will_retain": bit(0x20), "will": bit(0x04),
            "clean_session": bit(0x02),
        }),
    );
    put("client_id", limited(&connect.client_id, options));
    if let Some(name) = &connect.username {
        put("username", limited(name, options));
    }
    if let Some(password) = connect.password.as_ref().filter(|_| options.passwords) {
        put("password", limited(password, options));
    }
    if let (Some(topic), Some(message)) = (&connect.will_topic, &connect.will_message) {
        let mut will = Map::new();
        will.insert("topic".to_owned(), limited(topic, options));
        will.insert("message".to_owned(), limited(message, options));
        put_properties(
            "properties",
            &connect.will_properties,
            options,
            &mut |key, value| {
                will.insert(key.to_owned(), value);
            },
        );
        put("will", Value::Object(will));
    }
    put_properties("properties", &connect.properties, options, put);
}

fn put_properties(key: &str, properties: &[Property], options: &Options, put: &mut dyn FnMut(&str, Value)) {
    if properties.is_empty() {
        return;
    }
    let of = |property: &Property| {
        let value = match &property.value {
            PropertyValue::Number(number) => (*number).into(),
            PropertyValue::Bytes(bytes) => limited(bytes, options),
        };
        (text(&property.name), value)
    };
    put(key, Value::Object(properties.iter().map(of).collect()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::mqtt::Header;

    #[test]
    fn messages_stand_under_their_type() {
        let publish = Message {
            header: Header {
                kind: kind::PUBLISH,
                qos: 1,
                ..Header::default()
            },
            body: Body::Publish {
                topic: b"t".to_vec(),
                id: Some(7),
                properties: vec![Property {
                    name: b"topic_alias".to_vec(),
                    value: PropertyValue::Number(3),
                }],
                message: b"0123456789abc".to_vec(),
            },
        };
        let puback = Message {
            header: Header {
                kind: kind::PUBACK,
                ..Header::default()
            },
            body: Body::Acknowledgement {
                id: 7,
                code: None,
                properties: Vec::new(),
            },
        };
        let tx = Transaction {
            messages: vec![publish, puback],
            version: 5,
        };
        let options = Options {
            string_limit: 10,
            ..Options::default()
        };
        assert_eq!(
            object(&tx, &options),
            json!({
                "publish": {
                    "qos": 1, "retain": false, "dup": false, "topic": "t", "message_id": 7,
                    "message": "0123456789[truncated 3 additional bytes]", "properties": {"topic_alias": 3},
                },
                "puback": {"qos": 0, "retain": false, "dup": false, "message_id": 7},
            })
        );
    }
}
