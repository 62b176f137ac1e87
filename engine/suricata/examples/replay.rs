//! Runs a capture through the packet engine with rules and writes EVE lines:
//! `replay CAPTURE RULES|- OUT [CLASSIFICATION|-] [KEY=VALUE...]`. For trying rules without the rest of Saola.

#![allow(clippy::print_stderr, reason = "an example talks to its user")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use saola_capture::{CaptureFile, Fill, PacketBatch, PacketSource};
use saola_net::eve::{EveConfig, EveKey, EveLogger, Object};
use saola_net::{Engine, LinkType, NetConfig, RawPacket};
use saola_suricata::{
    CompiledRules, DetectConfig, Detector, NetAlert, RuleConfig, RuleSet, RuleText, Thresholds,
};

/// Lists stand beside the rules.
#[derive(Debug)]
struct BesideRules;

impl saola_suricata::ReadList for BesideRules {
    fn read(&self, rules: &str, name: &str) -> Result<Vec<u8>, saola_suricata::ListError> {
        let folder = std::path::Path::new(rules).parent();
        let path = folder.unwrap_or(std::path::Path::new("")).join(name);
        std::fs::read(path).map_err(|_| saola_suricata::ListError::Missing(name.to_owned()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
    let (capture, rules_path, out) = (next("capture")?, next("rules")?, next("out")?);
    let classification = arguments.next().unwrap_or_else(|| "-".to_owned());
    let (mut net, mut eve, mut detect) = (
        NetConfig::default(),
        EveConfig::default(),
        DetectConfig::default(),
    );
    let mut rule_config = RuleConfig {
        lists: Some(Arc::new(BesideRules)),
        ..RuleConfig::default()
    };
    let mut diagnostics = Vec::new();
    for setting in arguments {
        let (key, value) = setting.split_once('=').ok_or("write KEY=VALUE")?;
        if key == "threshold-file" {
            let text = std::fs::read_to_string(value)?;
            let (thresholds, variables) = (&mut rule_config.thresholds, &rule_config.variables);
            thresholds.parse(value, &text, variables, &mut diagnostics);
            continue;
        }
        let known = net.set(key, value).unwrap_or(true)
            | eve.set(key, value).unwrap_or(true)
            | detect.set(key, value).unwrap_or(true)
            | rule_config.variables.set(key, value)
            | rule_config.set(key, value).unwrap_or(true);
        if !known {
            eprintln!("unknown setting {key}");
        }
    }
    detect.eve = eve.clone();
    if classification != "-" {
        let text = std::fs::read_to_string(&classification)?;
        rule_config
            .classification
            .parse(&classification, &text, &mut diagnostics);
    }
    let text = if rules_path == "-" {
        String::new()
    } else {
        String::from_utf8_lossy(&std::fs::read(&rules_path)?).into_owned()
    };
    let texts = [RuleText {
        path: &rules_path,
        text: &text,
    }];
    let (set, found) = RuleSet::load(&texts, &rule_config);
    diagnostics.extend(found);
    for diagnostic in diagnostics.iter().take(50) {
        eprintln!("{diagnostic}");
    }
    let rules = CompiledRules::compile(set);
    net.app.hash_demand.set(rules.hashes_wanted());
    net.app.frame_demand.set(rules.wants_frames());
    let alerts: Arc<Mutex<Vec<NetAlert>>> = Arc::default();
    let records: Arc<Mutex<Vec<(EveKey, Object)>>> = Arc::default();
    let (alert_sink, record_sink) = (Arc::clone(&alerts), Arc::clone(&records));
    let detector = Detector::new(
        Arc::clone(&rules),
        detect,
        Box::new(move |alert| {
            if let Ok(mut all) = alert_sink.lock() {
                all.push(alert);
            }
        }),
    );
    let logger = EveLogger::new(Arc::new(eve.clone()), move |record: saola_net::eve::EveRecord| {
        if let Ok(mut all) = record_sink.lock() {
            all.push((record.key, record.event));
        }
    });
    let mut engine = Engine::new(Arc::new(net), (detector, logger));
    let cpu = std::time::Instant::now();
    run(&capture, &mut engine)?;
    let seconds = cpu.elapsed().as_secs_f64();
    let mut thresholds = Thresholds::new();
    let mut all: Vec<(EveKey, u8, Object)> = Vec::new();
    let mut alerts = std::mem::take(&mut *alerts.lock().map_err(|_| "poisoned")?);
    alerts.sort_by_key(|alert| alert.key);
    for alert in alerts {
        if thresholds.pass(&rules, &alert) && eve.writes("alert") {
            all.push((alert.key, 0, alert.event));
        }
    }
    for (key, event) in std::mem::take(&mut *records.lock().map_err(|_| "poisoned")?) {
        all.push((key, 1, event));
    }
    all.sort_by_key(|(key, kind, _)| (key.packet_number, key.after, key.first_packet, *kind, key.seq));
    let mut file = BufWriter::new(File::create(out)?);
    for (.., event) in all {
        serde_json::to_writer(&mut file, &event)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    eprintln!(
        "{} rules, {seconds:.2} s, {:?}",
        rules.len(),
        engine.observer().0.counters()
    );
    Ok(())
}

fn run(
    capture: &str,
    engine: &mut Engine<(Detector, EveLogger<impl FnMut(saola_net::eve::EveRecord)>)>,
) -> Result<(), Box<dyn Error>> {
    let mut source = CaptureFile::new(File::open(capture)?)?;
    let mut batch = PacketBatch::new(1024, 1 << 20);
    let (mut number, mut last_tick) = (0_u64, 0);
    loop {
        batch.clear();
        let fill = source.fill(&mut batch, Duration::ZERO)?;
        for packet in batch.iter() {
            number += 1;
            // Flows end by packet time, looked at once a second.
            if packet.time.as_secs() > last_tick {
                last_tick = packet.time.as_secs();
                engine.tick(packet.time, number.saturating_sub(1));
            }
            engine.packet(RawPacket {
                number,
                time: packet.time,
                link: LinkType::from_number(packet.link_type),
                wire_len: packet.wire_len,
                vlan: packet.vlan.map(|tag| tag & 0xfff),
                data: packet.data,
            });
        }
        if fill == Fill::End {
            break;
        }
    }
    engine.finish();
    Ok(())
}
