//! Object headers of an application fragment, and the points behind them.

use serde_json::{Map, Value, json};

use crate::proto::reader::Reader;
use crate::proto::text;

/// Points of one fragment that are shown.
const MAX_SHOWN: usize = 256;

/// What a fragment may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) objects: usize,
    pub(super) points: usize,
}

/// One object header with its points.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Object {
    pub(super) group: u8,
    pub(super) variation: u8,
    qualifier: u8,
    start: u32,
    stop: u32,
    count: u32,
    points: Vec<Value>,
}

/// Octets of a point, for groups whose points have a fixed size (IEEE 1815 annex A).
fn size(group: u8, variation: u8) -> Option<usize> {
    Some(match (group, variation) {
        (1 | 3 | 10, 2) | (2 | 4 | 11 | 13 | 110, 1) => 1,
        (20, 6) | (30, 4) | (52, 1 | 2) | (21, 10) | (34, 1) => 2,
        (2 | 4, 3) | (20..=23 | 30 | 32 | 40..=42, 2) => 3,
        (20 | 50, 5) | (21, 9) | (30, 3) | (34, 2 | 3) => 4,
        (20..=23 | 30 | 32 | 40..=42, 1) | (30 | 32 | 40..=42, 5) => 5,
        (50 | 51, 1..=3) => 6,
        (2 | 4 | 11 | 13, 2) => 7,
        (21..=23 | 30 | 32 | 40 | 42, 6) | (32 | 41 | 42, 4) => 9,
        (12, 1) | (21..=23, 5) | (32 | 42, 3 | 7) | (50, 4) => 11,
        (32 | 42, 8) => 15,
        _ => return None,
    })
}

/// Whether the function asks for objects without sending their data.
fn is_without_data(function: u8) -> bool {
    matches!(function, 0 | 1 | 7..=11 | 20..=22)
}

/// Reads the objects of a fragment, and says what was odd.
pub(super) fn parse(bytes: &[u8], function: u8, limits: Limits) -> (Vec<Object>, Vec<&'static str>) {
    let mut reader = Reader::new(bytes);
    let (mut objects, mut events) = (Vec::new(), Vec::new());
    let mut points = 0_usize;
    while !reader.rest().is_empty() {
        if objects.len() >= limits.objects {
            events.push("too_many_objects");
            break;
        }
        let Some(mut object) = header(&mut reader) else {
            break;
        };
        points = points.saturating_add(object.count as usize);
        if points > limits.points {
            events.push("too_many_points");
            objects.push(object);
            break;
        }
        let known = object.read_points(&mut reader, function);
        objects.push(object);
        match known {
            Some(true) => {}
            Some(false) => {
                events.push("unknown_object");
                break;
            }
            None => break,
        }
    }
    (objects, events)
}

fn header(reader: &mut Reader<'_>) -> Option<Object> {
    let (group, variation, qualifier) = (reader.u8()?, reader.u8()?, reader.u8()?);
    let (mut start, mut stop, mut count) = (0, 0, 0);
    match qualifier & 0xf {
        0 => (start, stop) = (reader.u8()?.into(), reader.u8()?.into()),
        1 => (start, stop) = (reader.le16()?.into(), reader.le16()?.into()),
        2 => (start, stop) = (reader.le32()?, reader.le32()?),
        7 | 0xb => count = reader.u8()?.into(),
        8 => count = reader.le16()?.into(),
        9 => count = reader.le32()?,
        _ => {}
    }
    if qualifier & 0xf <= 2 {
        count = stop.checked_sub(start)?.saturating_add(1);
    }
    Some(Object {
        group,
        variation,
        qualifier,
        start,
        stop,
        count,
        points: Vec::new(),
    })
}

impl Object {
    /// Reads the points: `Some(false)` when their size is not known, `None` when they are not whole.
    fn read_points(&mut self, reader: &mut Reader<'_>, function: u8) -> Option<bool> {
        let prefix_code = self.qualifier >> 4 & 7;
        let sized = matches!(prefix_code, 4..=6);
        if !sized && is_without_data(function) {
            return Some(true);
        }
        // Single bits, packed.
        if matches!((self.group, self.variation), (1 | 3 | 10 | 80, 1)) && prefix_code == 0 {
            let packed = reader.take((self.count as usize).div_ceil(8))?;
            self.show_bits(packed);
            return Some(true);
        }
        for at in 0..self.count {
            let prefix = match prefix_code {
                1 | 4 => reader.u8()?.into(),
                2 | 5 => reader.le16()?.into(),
                3 | 6 => reader.le32()?,
                _ => 0,
            };
            let length = if sized {
                Some(prefix as usize)
            } else {
                size(self.group, self.variation)
            };
            let Some(length) = length else { return Some(false) };
            let bytes = reader.take(length)?;
            let index = if matches!(prefix_code, 1..=3) {
                prefix
            } else {
                self.start.saturating_add(at)
            };
            self.show(index, prefix, bytes);
        }
        Some(true)
    }

    fn show_bits(&mut self, packed: &[u8]) {
        let bits = packed
            .iter()
            .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
        let shown = (self.count as usize).min(MAX_SHOWN);
        self.points = bits
            .take(shown)
            .zip(self.start..)
            .map(|(state, index)| json!({"prefix": 0, "index": index, "state": state}))
            .collect();
    }

    fn show(&mut self, index: u32, prefix: u32, bytes: &[u8]) {
        if self.points.len() >= MAX_SHOWN {
            return;
        }
        let mut point = Map::new();
        point.insert("prefix".to_owned(), prefix.into());
        point.insert("index".to_owned(), index.into());
        if matches!(self.qualifier >> 4 & 7, 4..=6) {
            point.insert("size".to_owned(), prefix.into());
        }
        // What is not decoded shows its place only.
        decode(self.group, self.variation, bytes, &mut point);
        self.points.push(point.into());
    }

    /// The object in records.
    pub(super) fn object(&self) -> Value {
        let mut object = json!({
            "group": self.group, "variation": self.variation, "qualifier": self.qualifier,
            "prefix_code": self.qualifier >> 4 & 7, "range_code": self.qualifier & 0xf,
            "start": self.start, "stop": self.stop, "count": self.count,
        });
        if let Some(map) = object.as_object_mut().filter(|_| !self.points.is_empty()) {
            map.insert("points".to_owned(), self.points.clone().into());
        }
        object
    }
}

fn milliseconds(reader: &mut Reader<'_>) -> Option<u64> {
    Some(u64::from(reader.le32()?) | u64::from(reader.le16()?) << 32)
}

fn decode(group: u8, variation: u8, bytes: &[u8], point: &mut Map<String, Value>) -> Option<()> {
    let mut reader = Reader::new(bytes);
    let mut put = |key: &str, value: Value| {
        point.insert(key.to_owned(), value);
    };
    match (group, variation) {
        (1 | 10, 2) | (2 | 11, 1) => put("state", (reader.u8()? >> 7).into()),
        (12, 1) => {
            let control = reader.u8()?;
            put("op_type", (control & 0xf).into());
            put("qu", (control >> 4 & 1).into());
            put("cr", (control >> 5 & 1).into());
            put("tcc", (control >> 6).into());
            put("count", reader.u8()?.into());
            put("ontime", reader.le32()?.into());
            put("offtime", reader.le32()?.into());
            let status = reader.u8()?;
            put("status_code", (status & 0x7f).into());
            put("reserved", (status >> 7).into());
        }
        (20..=23 | 30 | 32 | 40 | 42, 1 | 5 | 6) | (30 | 32, 3 | 4) if bytes.len() == 5 => {
            reader.u8()?;
            put("value", reader.le32()?.into());
        }
        (20..=23 | 30 | 32 | 40 | 42, 2) => {
            reader.u8()?;
            put("value", reader.le16()?.into());
        }
        (50 | 51, 1..=3) => put("timestamp", milliseconds(&mut reader)?.into()),
        (52, 1) => put("delay_secs", reader.le16()?.into()),
        (52, 2) => put("delay_ms", reader.le16()?.into()),
        (70, 3) => {
            let (at, length) = (reader.le16()?, reader.le16()?);
            put("filename_offset", at.into());
            put("filename_size", length.into());
            put("created", milliseconds(&mut reader)?.into());
            put("permissions", reader.le16()?.into());
            put("authentication_key", reader.le32()?.into());
            put("file_size", reader.le32()?.into());
            put("operational_mode", reader.le16()?.into());
            put("maximum_block_size", reader.le16()?.into());
            put("request_id", reader.le16()?.into());
            put("filename", text(reader.take(length.into())?).into());
        }
        (70, 4) => {
            put("file_handle", reader.le32()?.into());
            put("file_size", reader.le32()?.into());
            put("maximum_block_size", reader.le16()?.into());
            put("request_id", reader.le16()?.into());
            put("status_code", reader.u8()?.into());
            put("optional_text", text(reader.rest()).into());
        }
        (70, 5) => {
            put("file_handle", reader.le32()?.into());
            put("block_number", reader.le32()?.into());
            put("file_data", text(reader.rest()).into());
        }
        _ => {}
    }
    Some(())
}
