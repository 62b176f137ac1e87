//! Writes the EVE records of a classic pcap file: `eve CAPTURE [KEY=VALUE...]`.

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::indexing_slicing)]

use std::cell::RefCell;
use std::io::Write as _;
use std::rc::Rc;
use std::sync::Arc;

use saola_net::eve::{EveConfig, EveLogger, EveRecord};
use saola_net::{Engine, NetConfig};

#[allow(missing_docs)]
#[path = "../tests/it/capture.rs"]
mod capture;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("usage: eve CAPTURE [KEY=VALUE...]");
    let (mut net, mut eve) = (NetConfig::default(), EveConfig::default());
    for setting in arguments {
        let (key, value) = setting.split_once('=').expect("settings are KEY=VALUE");
        let known = net.set(key, value).unwrap() | eve.set(key, value).unwrap();
        if !known {
            eprintln!("not known here: {key}");
        }
    }
    let (link, packets) = capture::read(&std::fs::read(path).unwrap());
    let records = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&records);
    let logger = EveLogger::new(Arc::new(eve), move |record: EveRecord| {
        sink.borrow_mut().push(record);
    });
    let mut engine = Engine::new(Arc::new(net), logger);
    for packet in capture::raw(link, &packets) {
        engine.packet(packet);
        engine.tick(packet.time, packet.number);
    }
    engine.finish();
    eprintln!("{:?}", engine.counters());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for record in records.borrow().iter() {
        serde_json::to_writer(&mut out, &record.event).unwrap();
        out.write_all(b"\n").unwrap();
    }
}
