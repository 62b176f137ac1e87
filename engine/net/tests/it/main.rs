//! The packet engine on whole captures and on made-up ones.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod build;
mod capture;
mod fixtures;
mod hostile;
mod streams;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use saola_net::eve::{EveConfig, EveLogger, EveRecord};
use saola_net::{Counters, Engine, LinkType, NetConfig};
use serde_json::Value;

/// Settings for a run, as `KEY=VALUE`.
pub(crate) fn settings(list: &[&str]) -> (Arc<NetConfig>, Arc<EveConfig>) {
    let (mut net, mut eve) = (NetConfig::default(), EveConfig::default());
    for setting in list {
        let (key, value) = setting.split_once('=').unwrap();
        let known = net.set(key, value).unwrap() | eve.set(key, value).unwrap();
        assert!(known, "{key}");
    }
    (Arc::new(net), Arc::new(eve))
}

/// Runs packets through an engine; gives its records and counters.
pub(crate) fn run(link: LinkType, packets: &[capture::Recorded], list: &[&str]) -> (Vec<Value>, Counters) {
    let (net, eve) = settings(list);
    let records = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&records);
    let logger = EveLogger::new(eve, move |record: EveRecord| {
        sink.borrow_mut().push(Value::Object(record.event));
    });
    let mut engine = Engine::new(net, logger);
    for packet in capture::raw(link, packets) {
        engine.packet(packet);
        engine.tick(packet.time, packet.number);
    }
    engine.finish();
    let counters = engine.counters();
    (records.take(), counters)
}

/// Records of one type.
pub(crate) fn of_type<'a>(records: &'a [Value], kind: &str) -> Vec<&'a Value> {
    records
        .iter()
        .filter(|record| record["event_type"] == kind)
        .collect()
}
