//! The observer that writes EVE records of packets, transactions, files and flows. Alerts are not its business.

use std::sync::Arc;

use serde_json::Value;

use super::common::{self, add_app_proto};
use super::{EveConfig, Object, anomaly, flow, transaction};
use crate::app::{FileState, Transaction};
use crate::flow::{EndReason, Flow, Moment};
use crate::observer::{FlowView, Observer};
use crate::packet::Packet;

/// Where a record stands among those of all shards: sort by it, and the output does not depend on how packets were
/// shared out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EveKey {
    /// The packet that caused the record.
    pub packet_number: u64,
    /// Whether it was caused by the passing of time (or the end) after that packet.
    pub after: bool,
    /// First packet of the flow that ended, when `after`.
    pub first_packet: u64,
    /// Order among the records of one engine.
    pub seq: u64,
}

/// A finished record.
#[derive(Clone, Debug)]
pub struct EveRecord {
    /// Its place among others.
    pub key: EveKey,
    /// The JSON object.
    pub event: Object,
}

/// Writes records to `sink`.
#[derive(Debug)]
pub struct EveLogger<F> {
    config: Arc<EveConfig>,
    sink: F,
    seq: u64,
}

/// What the records of one packet or one ended flow have in common.
struct Occasion<'a, 'p> {
    at: Moment,
    /// The packet, unless the flow ended without one.
    packet: Option<&'a Packet<'p>>,
    key: EveKey,
}

impl<F: FnMut(EveRecord)> EveLogger<F> {
    /// A logger that hands its records to `sink`.
    pub fn new(config: Arc<EveConfig>, sink: F) -> Self {
        Self { config, sink, seq: 0 }
    }

    fn write(&mut self, key: EveKey, event: Object) {
        self.seq += 1;
        let key = EveKey { seq: self.seq, ..key };
        (self.sink)(EveRecord { key, event });
    }

    fn decode_anomalies(&mut self, packet: &Packet<'_>, flow: Option<&Flow>, key: EveKey) {
        if packet.anomalies.is_empty() || !self.config.anomaly.decode || !self.config.writes("anomaly") {
            return;
        }
        let config = Arc::clone(&self.config);
        for event in &packet.anomalies {
            self.write(key, anomaly::decode(packet, flow, *event, &config));
        }
    }

    fn stream_anomalies(&mut self, packet: &Packet<'_>, flow: &Flow, key: EveKey) {
        if packet.stream_events.is_empty() || !self.config.anomaly.stream || !self.config.writes("anomaly") {
            return;
        }
        let config = Arc::clone(&self.config);
        for event in &packet.stream_events {
            self.write(key, anomaly::stream(packet, flow, *event, &config));
        }
    }

    /// The packet itself, when a rule's `tag` asked for it.
    fn tagged(&mut self, packet: &Packet<'_>, flow: &mut Flow, key: EveKey) {
        if !std::mem::take(&mut flow.tagged)
            || !self.config.tagged_packets
            || self.config.off.contains("packet")
        {
            return;
        }
        let config = Arc::clone(&self.config);
        let mut record = common::of_packet(packet, Some(flow), "packet", &config);
        common::add_packet(&mut record, packet);
        self.write(key, record);
    }

    /// Application layer: events, finished transactions, finished files.
    fn app_layer(&mut self, flow: &mut Flow, occasion: &Occasion<'_, '_>) {
        if flow.app.transactions.is_empty() && flow.app.events.is_empty() {
            return;
        }
        let mut transactions = std::mem::take(&mut flow.app.transactions);
        let mut events = std::mem::take(&mut flow.app.events);
        for event in events.iter_mut().filter(|event| !event.logged) {
            event.logged = true;
            self.app_event(flow, None, event, occasion);
        }
        for tx in transactions.iter_mut() {
            self.transaction(flow, tx, occasion);
        }
        flow.app.transactions = transactions;
        flow.app.events = events;
    }

    fn transaction(&mut self, flow: &Flow, tx: &mut Transaction, occasion: &Occasion<'_, '_>) {
        let mut events = std::mem::take(&mut tx.events);
        for event in events.iter_mut().filter(|event| !event.logged) {
            event.logged = true;
            self.app_event(flow, Some(tx.id), event, occasion);
        }
        tx.events = events;
        let mut files = std::mem::take(&mut tx.files);
        for file in files
            .iter_mut()
            .filter(|file| !file.logged && file.state != FileState::Open)
        {
            file.logged = true;
            if self.config.writes("fileinfo") {
                self.file(flow, tx, file, occasion);
            }
        }
        tx.files = files;
        if !tx.logged && tx.is_complete() {
            tx.logged = true;
            self.finished(flow, tx, occasion);
        }
    }

    fn finished(&mut self, flow: &Flow, tx: &Transaction, occasion: &Occasion<'_, '_>) {
        let config = Arc::clone(&self.config);
        for object in transaction::records(tx, &config) {
            if !config.writes(object.event_type) {
                return;
            }
            let mut record =
                common::of_flow(flow, object.orientation, occasion.at, object.event_type, &config);
            record.insert("tx_id".to_owned(), tx.id.into());
            add_source(&mut record, occasion);
            record.insert(object.event_type.to_owned(), object.value);
            if let Some((name, value)) = object.beside {
                record.insert(name.to_owned(), value);
            }
            self.write(occasion.key, record);
        }
    }

    fn file(&mut self, flow: &Flow, tx: &Transaction, file: &crate::app::File, occasion: &Occasion<'_, '_>) {
        let config = Arc::clone(&self.config);
        let orientation = transaction::file_orientation(file);
        let mut record = common::of_flow(flow, orientation, occasion.at, "fileinfo", &config);
        add_source(&mut record, occasion);
        if let Some(object) = transaction::object(tx, &config) {
            record.insert(object.event_type.to_owned(), object.value);
            if let Some((name, value)) = object.beside {
                record.insert(name.to_owned(), value);
            }
        }
        add_app_proto(&mut record, flow);
        let value: Value = transaction::file_object(file, tx.id, &config);
        record.insert("fileinfo".to_owned(), value);
        self.write(occasion.key, record);
    }

    fn app_event(
        &mut self,
        flow: &Flow,
        tx_id: Option<u64>,
        event: &crate::app::AppEvent,
        occasion: &Occasion<'_, '_>,
    ) {
        let config = Arc::clone(&self.config);
        if !config.anomaly.app_layer || !config.writes("anomaly") {
            return;
        }
        let record = match occasion.packet {
            Some(packet) => anomaly::app_layer(packet, flow, tx_id, event, &config),
            None => {
                let orientation = common::Orientation::Direction(event.direction);
                let mut record = common::of_flow(flow, orientation, occasion.at, "anomaly", &config);
                record.insert(
                    "anomaly".to_owned(),
                    anomaly::app_layer_object(flow, tx_id, event),
                );
                record
            }
        };
        self.write(occasion.key, record);
    }
}

fn add_source(record: &mut Object, occasion: &Occasion<'_, '_>) {
    let source = occasion.packet.map_or("stream (flow timeout)", |packet| {
        common::packet_source(packet.source)
    });
    record.insert("pkt_src".to_owned(), source.into());
    let ethernet = occasion.packet.and_then(|packet| packet.ethernet);
    if let (Some(ethernet), Some(Value::Object(ether))) = (ethernet, record.get_mut("ether")) {
        ether.insert("ether_type".to_owned(), ethernet.ether_type.into());
    }
}

impl<F: FnMut(EveRecord)> Observer for EveLogger<F> {
    type FlowState = ();

    fn packet(&mut self, packet: &Packet<'_>, flow: Option<FlowView<'_, ()>>) {
        let key = EveKey {
            packet_number: packet.number,
            ..EveKey::default()
        };
        let Some(view) = flow else {
            self.decode_anomalies(packet, None, key);
            return;
        };
        self.decode_anomalies(packet, Some(view.flow), key);
        self.stream_anomalies(packet, view.flow, key);
        let at = Moment {
            packet_number: packet.number,
            time: packet.time,
        };
        let occasion = Occasion {
            at,
            packet: Some(packet),
            key,
        };
        self.tagged(packet, view.flow, key);
        self.app_layer(view.flow, &occasion);
    }

    fn flow_end(&mut self, view: FlowView<'_, ()>, reason: EndReason, at: Moment) {
        let flow = view.flow;
        let key = EveKey {
            packet_number: at.packet_number,
            after: reason != EndReason::Forced && reason != EndReason::TcpReuse,
            first_packet: flow.first_packet,
            seq: 0,
        };
        for tx in flow.app.transactions.iter_mut() {
            for file in &mut tx.files {
                file.close(FileState::Truncated);
            }
        }
        let occasion = Occasion {
            at: Moment {
                packet_number: 0,
                time: at.time,
            },
            packet: None,
            key,
        };
        self.app_layer(flow, &occasion);
        if self.config.writes("netflow") {
            let config = Arc::clone(&self.config);
            for record in flow::netflow(flow, at, &config) {
                self.write(key, record);
            }
        }
        if self.config.writes("flow") {
            let record = flow::record(flow, reason, at, &Arc::clone(&self.config));
            self.write(key, record);
        }
    }

    fn is_done_with(&self, tx: &Transaction, _state: &()) -> bool {
        tx.logged && tx.files.iter().all(|file| file.logged)
    }
}
