//! The `dns` object of EVE in its versions 2 and 3, and the objects of mDNS and LLMNR.

use std::net::Ipv6Addr;

use serde_json::{Map, Value, json};

use super::message::{Header, Record, RecordData};
use super::{Name, Transaction, rcode_name, type_name};
use crate::proto::{hex_colons, text};

/// What is recorded (`eve.types.dns.*`).
#[derive(Clone, Debug)]
pub struct Options {
    /// 2 or 3.
    pub version: u8,
    /// Queries (`requests`).
    pub requests: bool,
    /// Answers (`responses`).
    pub responses: bool,
    /// Each answer by itself (`formats: detailed`).
    pub detailed: bool,
    /// Answers by type (`formats: grouped`).
    pub grouped: bool,
    /// Only these record types; empty: all (`types`).
    pub types: Vec<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: 3,
            requests: true,
            responses: true,
            detailed: true,
            grouped: true,
            types: Vec::new(),
        }
    }
}

/// The objects to record for one transaction `tx_id`, one record each: none when it is switched off or malformed; for
/// version 2 a query with several questions makes several.
pub fn records(tx: &Transaction, tx_id: u64, options: &Options) -> Vec<Value> {
    let wanted = if tx.is_query() {
        options.requests
    } else {
        options.responses
    };
    let asked = &tx.message.queries;
    let of_type = options.types.is_empty() || asked.iter().any(|query| options.types.contains(&query.rrtype));
    if tx.malformed || !wanted || !of_type {
        return Vec::new();
    }
    if options.version != 2 {
        return vec![object(tx, tx_id, options)];
    }
    if !tx.is_query() {
        return vec![answer_v2(tx, options)];
    }
    asked
        .iter()
        .filter(|query| options.types.is_empty() || options.types.contains(&query.rrtype))
        .map(|query| {
            json!({
                "type": "query",
                "id": tx.message.header.id,
                "rrname": text(&query.name.value),
                "rrtype": type_name(query.rrtype),
                "tx_id": tx_id,
                "opcode": tx.message.header.opcode(),
            })
        })
        .collect()
}

/// Version 3 of the object: also what stands in alerts.
pub fn object(tx: &Transaction, tx_id: u64, options: &Options) -> Value {
    let message = &tx.message;
    let mut object = Map::new();
    object.insert("version".to_owned(), 3.into());
    let kind = if tx.is_query() { "request" } else { "response" };
    object.insert("type".to_owned(), kind.into());
    object.insert("tx_id".to_owned(), tx_id.into());
    object.insert("id".to_owned(), message.header.id.into());
    header(message.header, &mut object);
    object.insert("opcode".to_owned(), message.header.opcode().into());
    object.insert("rcode".to_owned(), rcode_name(message.header.rcode()).into());
    let queries = message.queries.iter().map(|query| {
        let mut one = named("rrname", &query.name);
        one.insert("rrtype".to_owned(), type_name(query.rrtype).into());
        Value::Object(one)
    });
    if !message.queries.is_empty() {
        object.insert("queries".to_owned(), queries.collect());
    }
    sections(tx, options, &mut object);
    Value::Object(object)
}

fn answer_v2(tx: &Transaction, options: &Options) -> Value {
    let message = &tx.message;
    let mut object = Map::new();
    object.insert("version".to_owned(), 2.into());
    object.insert("type".to_owned(), "answer".into());
    object.insert("id".to_owned(), message.header.id.into());
    header(message.header, &mut object);
    object.insert("opcode".to_owned(), message.header.opcode().into());
    if let Some(query) = message.queries.first() {
        object.extend(named("rrname", &query.name));
        object.insert("rrtype".to_owned(), type_name(query.rrtype).into());
    }
    object.insert("rcode".to_owned(), rcode_name(message.header.rcode()).into());
    sections(tx, options, &mut object);
    Value::Object(object)
}

/// Flags: the whole word in hexadecimal, and those that are set by name.
fn header(header: Header, object: &mut Map<String, Value>) {
    object.insert("flags".to_owned(), format!("{:x}", header.flags).into());
    for (bit, name) in [
        (0x8000, "qr"),
        (0x0400, "aa"),
        (0x0200, "tc"),
        (0x0100, "rd"),
        (0x0080, "ra"),
        (0x0040, "z"),
    ] {
        if header.flags & bit != 0 {
            object.insert(name.to_owned(), true.into());
        }
    }
}

fn sections(tx: &Transaction, options: &Options, object: &mut Map<String, Value>) {
    let message = &tx.message;
    let both_off = !options.detailed && !options.grouped;
    if (options.detailed || both_off) && !message.answers.is_empty() {
        object.insert(
            "answers".to_owned(),
            message.answers.iter().flat_map(detailed).collect(),
        );
    }
    if (options.grouped || both_off) && !message.answers.is_empty() {
        object.insert("grouped".to_owned(), grouped(&message.answers));
    }
    for (name, records) in [
        ("authorities", &message.authorities),
        ("additionals", &message.additionals),
    ] {
        let list: Vec<Value> = records
            .iter()
            .filter(|record| record.rrtype != OPT)
            .flat_map(detailed)
            .collect();
        if !list.is_empty() {
            object.insert(name.to_owned(), list.into());
        }
    }
}

/// The pseudo record of EDNS (RFC 6891).
const OPT: u16 = 41;

fn named(key: &str, name: &Name) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert(key.to_owned(), text(&name.value).into());
    if name.truncated {
        object.insert(format!("{key}_truncated"), true.into());
    }
    object
}

/// One object for a record; for TXT one for each of its texts.
fn detailed(record: &Record) -> Vec<Value> {
    let base = || {
        let mut object = named("rrname", &record.name);
        object.insert("rrtype".to_owned(), type_name(record.rrtype).into());
        object.insert("ttl".to_owned(), record.ttl.into());
        object
    };
    values(record)
        .into_iter()
        .map(|(key, value)| {
            let mut object = base();
            if let Some(value) = value {
                object.insert(key.to_owned(), value);
            }
            Value::Object(object)
        })
        .collect()
}

/// Key and value of what a record holds.
fn values(record: &Record) -> Vec<(&'static str, Option<Value>)> {
    let one = |key, value: Value| vec![(key, Some(value))];
    match &record.data {
        RecordData::V4(address) => one("rdata", address.to_string().into()),
        RecordData::V6(address) => one("rdata", full_v6(*address).into()),
        RecordData::Name(name) | RecordData::Exchange { name, .. } => one("rdata", text(&name.value).into()),
        RecordData::Text(texts) => texts
            .iter()
            .map(|one| ("rdata", Some(text(one).into())))
            .collect(),
        RecordData::Authority {
            mname,
            rname,
            numbers,
        } => {
            let [serial, refresh, retry, expire, minimum] = numbers;
            one(
                "soa",
                json!({
                    "mname": text(&mname.value), "rname": text(&rname.value),
                    "serial": serial, "refresh": refresh, "retry": retry, "expire": expire, "minimum": minimum,
                }),
            )
        }
        RecordData::Service { numbers, name } => {
            let [priority, weight, port] = numbers;
            one(
                "srv",
                json!({ "priority": priority, "weight": weight, "port": port, "name": text(&name.value) }),
            )
        }
        RecordData::Fingerprint {
            algorithm,
            kind,
            bytes,
        } => one(
            "sshfp",
            json!({ "fingerprint": hex_colons(bytes), "algo": algorithm, "type": kind }),
        ),
        RecordData::Other(bytes) if record.rrtype == 10 => one("rdata", text(bytes).into()),
        RecordData::Other(bytes) if bytes.is_empty() => one("rdata", "".into()),
        RecordData::Other(_) => vec![("rdata", None)],
    }
}

/// Answers by type: only the types people look for.
fn grouped(answers: &[Record]) -> Value {
    let mut groups: Map<String, Value> = Map::new();
    for record in answers {
        if !matches!(record.rrtype, 1 | 2 | 5 | 6 | 10 | 12 | 15 | 16 | 28 | 33 | 44) {
            continue;
        }
        for value in values(record).into_iter().filter_map(|(_, value)| value) {
            let list = groups
                .entry(type_name(record.rrtype))
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(value);
            }
        }
    }
    Value::Object(groups)
}

/// An IPv6 address with all its digits.
pub fn full_v6(address: Ipv6Addr) -> String {
    let groups: Vec<String> = address
        .segments()
        .iter()
        .map(|group| format!("{group:04x}"))
        .collect();
    groups.join(":")
}

/// The object of mDNS and LLMNR: a message in short, types in lower case, what a record holds under its type.
pub fn multicast_object(tx: &Transaction, tx_id: u64) -> Value {
    let message = &tx.message;
    let kind = if tx.is_query() { "request" } else { "response" };
    let mut object = Map::new();
    object.insert("type".to_owned(), kind.into());
    object.insert("tx_id".to_owned(), tx_id.into());
    object.insert("id".to_owned(), message.header.id.into());
    header(message.header, &mut object);
    object.insert("opcode".to_owned(), message.header.opcode().into());
    object.insert("rcode".to_owned(), rcode_name(message.header.rcode()).into());
    let queries: Vec<Value> = message
        .queries
        .iter()
        .map(|query| {
            let mut one = named("rrname", &query.name);
            one.insert("rrtype".to_owned(), type_name(query.rrtype).to_lowercase().into());
            Value::Object(one)
        })
        .collect();
    if !queries.is_empty() {
        object.insert("queries".to_owned(), queries.into());
    }
    for (name, records) in [
        ("answers", &message.answers),
        ("authorities", &message.authorities),
        ("additionals", &message.additionals),
    ] {
        let list: Vec<Value> = records
            .iter()
            .filter(|record| record.rrtype != OPT)
            .map(multicast_record)
            .collect();
        if !list.is_empty() {
            object.insert(name.to_owned(), list.into());
        }
    }
    Value::Object(object)
}

fn multicast_record(record: &Record) -> Value {
    let mut object = named("rrname", &record.name);
    let key = type_name(record.rrtype).to_lowercase();
    let mut held: Vec<Value> = values(record)
        .into_iter()
        .filter_map(|(_, value)| value)
        .collect();
    if record.rrtype == 16 {
        object.insert(key, held.into());
    } else if let Some(value) = held.pop() {
        object.insert(key, value);
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::super::message;
    use super::super::message::tests::{QUESTION, message as bytes, record};
    use super::*;

    fn transaction(bytes: &[u8]) -> Transaction {
        Transaction {
            kind: crate::proto::dns::Kind::Dns,
            direction: crate::flow::Direction::ToClient,
            message: message::parse(bytes).unwrap(),
            malformed: false,
        }
    }

    fn answer() -> Transaction {
        let records = [record(16, b"\x01a\0"), record(1, b"\x0a\0\0\x01")].concat();
        transaction(&bytes(0x8580, [1, 2, 0, 0], &[QUESTION, &records].concat()))
    }

    #[test]
    fn version_3() {
        let object = object(&answer(), 7, &Options::default());
        assert_eq!(
            object,
            json!({
                "version": 3, "type": "response", "tx_id": 7, "id": 0x1234, "flags": "8580",
                "qr": true, "aa": true, "rd": true, "ra": true, "opcode": 0, "rcode": "NOERROR",
                "queries": [{"rrname": "www.example", "rrtype": "A"}],
                "answers": [
                    {"rrname": "www.example", "rrtype": "TXT", "ttl": 60, "rdata": "a"},
                    {"rrname": "www.example", "rrtype": "TXT", "ttl": 60, "rdata": ""},
                    {"rrname": "www.example", "rrtype": "A", "ttl": 60, "rdata": "10.0.0.1"},
                ],
                "grouped": {"TXT": ["a", ""], "A": ["10.0.0.1"]},
            })
        );
    }

    #[test]
    fn version_2_has_a_record_for_each_question() {
        let options = Options {
            version: 2,
            ..Options::default()
        };
        let query = transaction(&bytes(0x0100, [2, 0, 0, 0], &[QUESTION, QUESTION].concat()));
        let records_of_query = records(&query, 1, &options);
        assert_eq!(records_of_query.len(), 2);
        assert_eq!(records_of_query[0]["type"], "query");
        assert_eq!(records(&answer(), 1, &options)[0]["rrname"], "www.example");
    }

    #[test]
    fn switches() {
        let off = Options {
            responses: false,
            ..Options::default()
        };
        assert!(records(&answer(), 0, &off).is_empty());
        let other_type = Options {
            types: vec![28],
            ..Options::default()
        };
        assert!(records(&answer(), 0, &other_type).is_empty());
    }

    #[test]
    fn addresses_have_all_digits() {
        let address: Ipv6Addr = "2001:4860:0:2001::68".parse().unwrap();
        assert_eq!(full_v6(address), "2001:4860:0000:2001:0000:0000:0000:0068");
    }

    #[test]
    fn multicast_records_stand_under_their_type() {
        let object = multicast_object(&answer(), 0);
        assert_eq!(object["answers"][0]["txt"], json!(["a", ""]));
        assert_eq!(object["answers"][1]["a"], "10.0.0.1");
        assert_eq!(object["queries"][0]["rrtype"], "a");
    }
}
