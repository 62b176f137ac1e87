//! A match written down: the alert and its EVE record.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saola_event::Evidence;
use saola_net::Direction;
use saola_net::app::{Transaction, TxData};
use saola_net::eve::common::{self, Orientation};
use saola_net::eve::{self, EveKey, Object};
use saola_net::flow::{Flow, FlowNotes, Moment};
use saola_net::packet::Packet;
use serde_json::{Value, json};

use super::state::FlowState;
use super::working::Extras;
use super::{DetectConfig, Look};
use crate::alert::{NetAlert, action_name};
use crate::rule::{Rule, Target};

/// What alert records hold beside the basics (`eve.types.alert.*`).
#[derive(Clone, Copy, Debug)]
pub struct AlertFields {
    /// Payload in base64.
    pub payload: bool,
    /// Payload as text.
    pub payload_printable: bool,
    /// The packet in base64.
    pub packet: bool,
    /// Protocol and flow objects, bits.
    pub metadata: bool,
    /// References of the rule.
    pub references: bool,
    /// What would have become of the packet.
    pub verdict: bool,
    /// Bytes of payload that are written.
    pub payload_bytes: usize,
}

impl Default for AlertFields {
    fn default() -> Self {
        Self {
            payload: false,
            payload_printable: false,
            packet: false,
            metadata: true,
            references: false,
            verdict: false,
            payload_bytes: 4096,
        }
    }
}

impl AlertFields {
    /// Sets a key below `eve.types.alert.`; `Ok(false)` when it is none.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let Some(name) = key.strip_prefix("eve.types.alert.") else {
            return Ok(false);
        };
        let flag = || match value.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Ok(true),
            "no" | "false" | "off" | "0" => Ok(false),
            _ => Err(format!("{key}: `{value}` is neither yes nor no")),
        };
        match name {
            "payload" => self.payload = flag()?,
            "payload-printable" => self.payload_printable = flag()?,
            "packet" => self.packet = flag()?,
            "verdict" => self.verdict = flag()?,
            "metadata" => self.metadata = flag()?,
            "metadata.rule.reference" | "references" => self.references = flag()?,
            "payload-buffer-size" => {
                let bytes =
                    crate::rule::parse_number(value).ok_or_else(|| format!("{key}: `{value}` is no size"))?;
                self.payload_bytes = bytes.min(1 << 20) as usize;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// What a match was found in.
pub(super) struct Context<'a, 'p> {
    pub(super) packet: Option<&'a Packet<'p>>,
    pub(super) flow: Option<&'a Flow>,
    pub(super) state: Option<&'a FlowState>,
    pub(super) tx: Option<&'a Transaction>,
    pub(super) look: Look,
    /// The rule is about an application protocol.
    pub(super) app: bool,
    /// A pass rule matched as well, later in the order of actions.
    pub(super) passed: bool,
    /// What the tests left behind.
    pub(super) extras: &'a Extras,
    pub(super) bit_names: &'a [Arc<str>],
}

/// The rule and the alert's number in its shard.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) rule: u32,
    pub(super) seq: u64,
}

/// An end of a flow or packet.
type End = Option<(IpAddr, u16)>;

fn ends(context: &Context<'_, '_>) -> (End, End) {
    let direction = context.look.direction;
    match (context.packet.and_then(Packet::addresses), context.flow) {
        (Some((source, destination)), _) => {
            let (from, to) = context.packet.and_then(Packet::ports).unwrap_or((0, 0));
            (Some((source, from)), Some((destination, to)))
        }
        (None, Some(flow)) => (
            Some(flow.source(direction)),
            Some(flow.source(direction.opposite())),
        ),
        (None, None) => (None, None),
    }
}

/// Makes the alert.
pub(super) fn alert(
    place: Place,
    rule: &Rule,
    evidence: Vec<Evidence>,
    context: &Context<'_, '_>,
    config: &DetectConfig,
) -> NetAlert {
    let (source, destination) = ends(context);
    let look = context.look;
    NetAlert {
        key: EveKey {
            packet_number: look.number,
            after: look.end,
            first_packet: context
                .flow
                .filter(|_| look.end)
                .map_or(0, |flow| flow.first_packet),
            seq: place.seq,
        },
        time: look.time,
        rule: place.rule,
        flow_id: context.flow.map_or(0, |flow| flow.id),
        tx_id: context.tx.map(|tx| tx.id),
        direction: look.direction,
        source,
        destination,
        evidence,
        domain: context.tx.and_then(domain),
        event: record(rule, context, config),
        deferred: Vec::new(),
    }
}

fn record(rule: &Rule, context: &Context<'_, '_>, config: &DetectConfig) -> Object {
    let look = context.look;
    let mut record = match (context.packet, context.flow) {
        (Some(packet), flow) => common::of_packet(packet, flow, "alert", &config.eve),
        (None, Some(flow)) => {
            let moment = Moment {
                packet_number: look.number,
                time: look.time,
            };
            let mut record = common::of_flow(
                flow,
                Orientation::Direction(look.direction),
                moment,
                "alert",
                &config.eve,
            );
            record.insert("pkt_src".to_owned(), "stream (flow timeout)".into());
            record
        }
        (None, None) => Object::new(),
    };
    if let Some(tx) = context.tx {
        record.insert("tx_id".to_owned(), tx.id.into());
    }
    record.insert(
        "alert".to_owned(),
        Value::Object(alert_object(rule, context, config)),
    );
    if config.fields.metadata {
        add_metadata(&mut record, context, config);
    }
    if let Some(flow) = context.flow {
        common::add_app_proto(&mut record, flow);
        record.insert("direction".to_owned(), look.direction.name().into());
        let mut object = eve::flow::counters(flow);
        object.extend(eve::flow::ends(flow));
        record.insert("flow".to_owned(), Value::Object(object));
    }
    if config.fields.verdict {
        record.insert(
            "verdict".to_owned(),
            json!({ "action": if context.passed { "pass" } else { "alert" } }),
        );
    }
    add_payload(&mut record, context, config);
    record
}

fn alert_object(rule: &Rule, context: &Context<'_, '_>, config: &DetectConfig) -> Object {
    let mut object = Object::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("action", action_name(rule.action).into());
    put("gid", rule.id.gid.into());
    put("signature_id", rule.id.sid.into());
    put("rev", rule.id.rev.into());
    put("signature", (&*rule.message).into());
    put("category", (&*rule.category).into());
    put("severity", rule.priority.into());
    let (source, destination) = ends(context);
    if let (Some(target), Some(source), Some(destination)) = (rule.target, source, destination) {
        let end = |(address, port): (IpAddr, u16)| json!({ "ip": common::address(address), "port": port });
        let (source, destination) = (end(source), end(destination));
        let (attacker, victim) = match target {
            Target::Source => (destination, source),
            Target::Destination => (source, destination),
        };
        put("source", attacker);
        put("target", victim);
    }
    if config.fields.references && !rule.references.is_empty() {
        put(
            "references",
            rule.references
                .iter()
                .map(|text| &**text)
                .collect::<Vec<_>>()
                .into(),
        );
    }
    if !context.extras.contexts.is_empty() {
        let contexts = context.extras.contexts.iter();
        let contexts: Object = contexts
            .map(|(name, value)| (name.to_string(), Value::clone(value)))
            .collect();
        put("context", Value::Object(contexts));
    }
    if !rule.metadata.is_empty() && config.fields.metadata {
        put("metadata", metadata(rule));
    }
    object
}

/// Metadata as lists by name, in order of the names.
fn metadata(rule: &Rule) -> Value {
    let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &*rule.metadata {
        lists.entry(name).or_default().push(value);
    }
    json!(lists)
}

fn add_metadata(record: &mut Object, context: &Context<'_, '_>, config: &DetectConfig) {
    let newest = || {
        context
            .flow
            .and_then(|flow| flow.app.transactions.iter().next_back())
    };
    if let Some(tx) = context.tx.or_else(|| if context.app { newest() } else { None }) {
        if let Some(object) = eve::transaction::object(tx, &config.eve) {
            record.insert(object.event_type.to_owned(), object.value);
            if let Some((name, value)) = object.beside {
                record.insert(name.to_owned(), value);
            }
        }
        let files: Vec<Value> = tx
            .files
            .iter()
            .filter(|file| file.direction == context.look.direction)
            .map(|file| eve::transaction::file_object(file, tx.id, &config.eve))
            .collect();
        if !files.is_empty() {
            record.insert("files".to_owned(), files.into());
        }
    }
    let mut metadata = context
        .state
        .map(|state| notes(state, context.bit_names))
        .unwrap_or_default();
    let of_packet = context
        .extras
        .caught
        .iter()
        .map(|caught| (&caught.name, &caught.text));
    put_texts(&mut metadata.metadata, "pktvars", of_packet);
    for (name, object) in [("metadata", metadata.metadata), ("traffic", metadata.traffic)] {
        if !object.is_empty() {
            record.insert(name.to_owned(), Value::Object(object));
        }
    }
}

fn put_texts<'a>(object: &mut Object, key: &str, texts: impl Iterator<Item = (&'a Arc<str>, &'a String)>) {
    let list: Vec<Value> = texts.map(|(name, text)| json!({ &**name: text })).collect();
    if !list.is_empty() {
        object.insert(key.to_owned(), list.into());
    }
}

/// What rules remember of a flow, as it stands: bits, counters, caught texts. Bits named `traffic/id/…` and
/// `traffic/label/…` are labels of the flow's traffic.
pub(super) fn notes(state: &FlowState, names: &[Arc<str>]) -> FlowNotes {
    let name = |number: u32| {
        names
            .get(number as usize)
            .and_then(|name| name.split_once(':'))
            .map(|(_, name)| name)
    };
    let mut notes = FlowNotes::default();
    let (mut bits, mut ids, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for bit in state.bits().iter().filter_map(|bit| name(*bit)) {
        if let Some(id) = bit.strip_prefix("traffic/id/") {
            ids.push(id);
        } else if let Some(label) = bit.strip_prefix("traffic/label/") {
            labels.push(label);
        } else {
            bits.push(bit);
        }
    }
    let lists = [("id", ids), ("label", labels)];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        notes.traffic.insert(key.to_owned(), list.into());
    }
    if !bits.is_empty() {
        notes.metadata.insert("flowbits".to_owned(), bits.into());
    }
    let caught = state.caught().iter().map(|(name, text)| (name, text));
    put_texts(&mut notes.metadata, "flowvars", caught);
    let counters: Object = state
        .counters()
        .iter()
        .filter_map(|(counter, value)| Some((name(*counter)?.to_owned(), (*value).into())))
        .collect();
    if !counters.is_empty() {
        notes
            .metadata
            .insert("flowints".to_owned(), Value::Object(counters));
    }
    notes
}

fn add_payload(record: &mut Object, context: &Context<'_, '_>, config: &DetectConfig) {
    let fields = &config.fields;
    if !(fields.payload || fields.payload_printable || fields.packet) {
        return;
    }
    let stream = context
        .flow
        .and_then(|flow| flow.tcp.as_deref())
        .map(|tcp| tcp.side(context.look.direction).window().bytes)
        .filter(|bytes| !bytes.is_empty());
    let from_stream = stream.is_some() && (context.tx.is_some() || context.packet.is_none());
    let payload = match (from_stream, stream, context.packet) {
        (true, Some(bytes), _) => bytes,
        (_, _, Some(packet)) => packet.payload,
        _ => &[],
    };
    let payload = payload
        .get(..payload.len().min(fields.payload_bytes))
        .unwrap_or(payload);
    if !payload.is_empty() || from_stream {
        if fields.payload {
            record.insert("payload".to_owned(), STANDARD.encode(payload).into());
            record.insert("payload_length".to_owned(), payload.len().into());
        }
        if fields.payload_printable {
            record.insert("payload_printable".to_owned(), printable(payload).into());
        }
    }
    record.insert("stream".to_owned(), u8::from(from_stream).into());
    if let Some(packet) = context.packet.filter(|_| fields.packet) {
        common::add_packet(record, packet);
    }
}

/// Printable ASCII and line ends as they are, everything else as a dot.
pub(super) fn printable(bytes: &[u8]) -> String {
    let shown = |byte: &u8| match byte {
        b' '..=b'~' | b'\r' | b'\n' | b'\t' => *byte as char,
        _ => '.',
    };
    bytes.iter().map(shown).collect()
}

/// The name that the transaction is about.
fn domain(tx: &Transaction) -> Option<String> {
    let text =
        |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned()).filter(|text| !text.is_empty());
    match &tx.data {
        TxData::Http(http) => http.request.host.as_deref().and_then(text),
        _ => {
            let query = super::extract::bytes(tx, crate::rule::Buffer::DnsQueriesName, Direction::ToServer);
            let sni = super::extract::bytes(tx, crate::rule::Buffer::TlsSni, Direction::ToServer);
            query.iter().chain(&sni).find_map(|name| text(name))
        }
    }
}
