//! `anomaly` records: malformed headers, odd streams, odd application bytes.

use serde_json::{Value, json};

use super::common::{self, add_app_proto};
use super::{EveConfig, Object};
use crate::app::{AppEvent, AppProto};
use crate::decode::DecodeEvent;
use crate::flow::Flow;
use crate::packet::Packet;
use crate::tcp::StreamEvent;

/// A malformed header of a packet.
pub fn decode(packet: &Packet<'_>, flow: Option<&Flow>, event: DecodeEvent, config: &EveConfig) -> Object {
    let event = format!("decoder.{}", event.name());
    with(packet, flow, config, json!({ "type": "decode", "event": event }))
}

/// Something odd about a TCP segment.
pub fn stream(packet: &Packet<'_>, flow: &Flow, event: StreamEvent, config: &EveConfig) -> Object {
    let event = format!("stream.{}", event.name());
    with(
        packet,
        Some(flow),
        config,
        json!({ "type": "stream", "event": event }),
    )
}

/// Something odd that a parser or the detection of protocols saw.
pub fn app_layer(
    packet: &Packet<'_>,
    flow: &Flow,
    tx_id: Option<u64>,
    event: &AppEvent,
    config: &EveConfig,
) -> Object {
    let anomaly = app_layer_object(flow, tx_id, event);
    let mut record = with(packet, Some(flow), config, anomaly);
    if let Some(id) = tx_id {
        record.insert("tx_id".to_owned(), id.into());
    }
    record
}

/// The `anomaly` object of an application layer event.
pub fn app_layer_object(flow: &Flow, tx_id: Option<u64>, event: &AppEvent) -> Value {
    let proto = flow.app.proto();
    let is_detection = event.name.starts_with("applayer_");
    // These protocols' events are written in capitals, by custom.
    let capitals = is_detection || matches!(proto, AppProto::Http | AppProto::Tls | AppProto::Smtp);
    let name = if capitals {
        event.name.to_ascii_uppercase()
    } else {
        event.name.to_owned()
    };
    let layer = if is_detection && tx_id.is_none() {
        "proto_detect"
    } else {
        "proto_parser"
    };
    json!({
        "app_proto": proto.name(),
        "type": "applayer",
        "event": name,
        "layer": layer,
    })
}

fn with(packet: &Packet<'_>, flow: Option<&Flow>, config: &EveConfig, anomaly: Value) -> Object {
    let mut record = common::of_packet(packet, flow, "anomaly", config);
    if let Some(flow) = flow {
        add_app_proto(&mut record, flow);
    }
    record.insert("anomaly".to_owned(), anomaly);
    record
}
