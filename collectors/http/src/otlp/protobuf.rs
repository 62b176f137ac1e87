//! OTLP's protobuf, read by hand: the messages of a log request are few, and lengths come from outside.

use serde_json::{Map, Number, Value};

use super::record::{Attribute, Export, LogRecord, ResourceLogs, ScopeLogs};

/// The bytes are not the message they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not well-formed protobuf")]
pub(super) struct Malformed;

/// Values within values.
const MAX_DEPTH: usize = 16;

/// A field's value on the wire.
#[derive(Clone, Copy)]
enum Wire<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// Reads a request.
pub(super) fn export(body: &[u8]) -> Result<Export, Malformed> {
    let mut export = Export::default();
    fields(body, |number, wire| {
        if let (1, Wire::Bytes(bytes)) = (number, wire) {
            export.resources.push(resource(bytes)?);
        }
        Ok(())
    })?;
    Ok(export)
}

fn resource(bytes: &[u8]) -> Result<ResourceLogs, Malformed> {
    let mut made = ResourceLogs::default();
    fields(bytes, |number, wire| {
        match (number, wire) {
            (1, Wire::Bytes(bytes)) => made.attributes = listed(bytes, 1, 0)?,
            (2, Wire::Bytes(bytes)) => made.scopes.push(scope(bytes)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(made)
}

fn scope(bytes: &[u8]) -> Result<ScopeLogs, Malformed> {
    let mut made = ScopeLogs::default();
    fields(bytes, |number, wire| {
        match (number, wire) {
            (1, Wire::Bytes(bytes)) => fields(bytes, |number, wire| {
                if let (1, Wire::Bytes(name)) = (number, wire) {
                    made.name = text(name);
                }
                Ok(())
            })?,
            (2, Wire::Bytes(bytes)) => made.records.push(record(bytes)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(made)
}

fn record(bytes: &[u8]) -> Result<LogRecord, Malformed> {
    let mut made = LogRecord::default();
    fields(bytes, |number, wire| {
        match (number, wire) {
            (1, Wire::Number(time)) => made.time = time,
            (11, Wire::Number(time)) => made.observed = time,
            (2, Wire::Number(severity)) => made.severity_number = severity,
            (3, Wire::Bytes(bytes)) => made.severity_text = text(bytes),
            (5, Wire::Bytes(bytes)) => made.body = any(bytes, 0)?,
            (6, Wire::Bytes(bytes)) => made.attributes.push(attribute(bytes, 0)?),
            (9, Wire::Bytes(bytes)) => made.trace_id = hexadecimal(bytes),
            (10, Wire::Bytes(bytes)) => made.span_id = hexadecimal(bytes),
            (12, Wire::Bytes(bytes)) => made.event_name = text(bytes),
            _ => {}
        }
        Ok(())
    })?;
    Ok(made)
}

/// The attributes under one field of a message.
fn listed(bytes: &[u8], field: u64, depth: usize) -> Result<Vec<Attribute>, Malformed> {
    let mut made = Vec::new();
    fields(bytes, |number, wire| {
        if let Wire::Bytes(bytes) = wire
            && number == field
        {
            made.push(attribute(bytes, depth)?);
        }
        Ok(())
    })?;
    Ok(made)
}

fn attribute(bytes: &[u8], depth: usize) -> Result<Attribute, Malformed> {
    let (mut key, mut value) = (String::new(), Value::Null);
    fields(bytes, |number, wire| {
        match (number, wire) {
            (1, Wire::Bytes(bytes)) => key = text(bytes),
            (2, Wire::Bytes(bytes)) => value = any(bytes, depth)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((key, value))
}

fn any(bytes: &[u8], depth: usize) -> Result<Value, Malformed> {
    if depth > MAX_DEPTH {
        return Err(Malformed);
    }
    let mut value = Value::Null;
    fields(bytes, |number, wire| {
        value = match (number, wire) {
            (1, Wire::Bytes(bytes)) => Value::String(text(bytes)),
            (2, Wire::Number(truth)) => Value::Bool(truth != 0),
            (3, Wire::Number(number)) => Value::from(number.cast_signed()),
            (4, Wire::Number(bits)) => {
                Number::from_f64(f64::from_bits(bits)).map_or(Value::Null, Value::Number)
            }
            (5, Wire::Bytes(bytes)) => {
                let mut list = Vec::new();
                fields(bytes, |number, wire| {
                    if let (1, Wire::Bytes(bytes)) = (number, wire) {
                        list.push(any(bytes, depth + 1)?);
                    }
                    Ok(())
                })?;
                Value::Array(list)
            }
            (6, Wire::Bytes(bytes)) => {
                Value::Object(listed(bytes, 1, depth + 1)?.into_iter().collect::<Map<_, _>>())
            }
            (7, Wire::Bytes(bytes)) => Value::String(hexadecimal(bytes)),
            _ => return Ok(()),
        };
        Ok(())
    })?;
    Ok(value)
}

/// Walks a message's fields.
fn fields<'b>(
    mut bytes: &'b [u8],
    mut each: impl FnMut(u64, Wire<'b>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    while !bytes.is_empty() {
        let (key, rest) = varint(bytes)?;
        let (wire, rest) = match key & 7 {
            0 => {
                let (number, rest) = varint(rest)?;
                (Wire::Number(number), rest)
            }
            1 => {
                let (eight, rest) = rest.split_first_chunk::<8>().ok_or(Malformed)?;
                (Wire::Number(u64::from_le_bytes(*eight)), rest)
            }
            2 => {
                let (length, rest) = varint(rest)?;
                let length = usize::try_from(length).map_err(|_| Malformed)?;
                let (part, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
                (Wire::Bytes(part), rest)
            }
            5 => {
                let (four, rest) = rest.split_first_chunk::<4>().ok_or(Malformed)?;
                (Wire::Number(u64::from(u32::from_le_bytes(*four))), rest)
            }
            _ => return Err(Malformed),
        };
        each(key >> 3, wire)?;
        bytes = rest;
    }
    Ok(())
}

fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, bytes.get(index + 1..).unwrap_or_default()));
        }
    }
    Err(Malformed)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;

    fn message(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    #[test]
    fn a_request_by_hand() {
        let string = |text: &str| message(1, text.as_bytes());
        let pair = |key: &str, value: Vec<u8>| [message(1, key.as_bytes()), message(2, &value)].concat();
        let mut log = vec![0x09];
        log.extend(1_795_307_400_250_000_000_u64.to_le_bytes());
        log.extend([0x10, 9]);
        log.extend(message(5, &string("xin chào")));
        log.extend(message(6, &pair("n", vec![0x18, 0x07])));
        let scope = [message(1, &message(1, b"lib")), message(2, &log)].concat();
        let resource = message(1, &pair("host.name", string("web01")));
        let body = message(1, &[message(1, &resource), message(2, &scope)].concat());
        let records: Vec<_> = export(&body).unwrap().records().collect();
        assert_eq!(
            std::str::from_utf8(&records[0]).unwrap(),
            r#"{"@timestamp":"1795307400.250000","host":"web01","message":"xin chào","otel.scope":"lib","severity_number":9,"n":7,"host.name":"web01"}"#
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let mut value = vec![0x10, 1];
        for _ in 0..40 {
            value = message(5, &message(1, &value));
            if value.len() > 120 {
                break;
            }
        }
        assert!(any(&value, 0).is_err() || value.len() <= 120);
    }

    proptest! {
        #[test]
        fn noise_is_refused_or_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            if let Ok(made) = export(&bytes) {
                prop_assert!(made.records().count() <= bytes.len());
            }
        }
    }
}
