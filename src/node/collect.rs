//! Collectors out of the configuration. All are bound before any runs: a port that is taken stops the start, not the night.

use std::path::Path;

use anyhow::Context;
use saola_collect::{Collector, Sink};
use saola_file::{FileCollector, FileConfig};
use saola_http::{HttpConfig, HttpIngest, JsonLines, LinesConfig};
use saola_syslog::{Relp, SyslogTcp, SyslogUdp, TcpConfig, UdpConfig};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::sources::Sources;
use crate::config::{Config, Start};
use crate::telemetry::{CollectorEnded, CollectorStarted, Happening, Metrics};

/// A collector that is bound and does not run yet.
pub(super) struct Bound {
    kind: &'static str,
    agency: String,
    collector: Box<dyn Collector>,
}

/// Binds everything that the configuration names.
pub(super) fn bind(config: &Config) -> anyhow::Result<Vec<Bound>> {
    let checkpoints = config.data_folder.join("checkpoints");
    std::fs::create_dir_all(&checkpoints)
        .with_context(|| format!("{}: cannot be made", checkpoints.display()))?;
    let mut bound = Vec::new();
    syslog(config, &mut bound)?;
    files(config, &checkpoints, &mut bound)?;
    http(config, &mut bound)?;
    Ok(bound)
}

fn syslog(config: &Config, bound: &mut Vec<Bound>) -> anyhow::Result<()> {
    for source in &config.syslog {
        let agency = agency_of(source.agency.as_ref(), config);
        let common = |listen| json!({ "name": source.name, "agency": agency, "listen": listen, "parser": source.parser, "allow": source.allow, "max_rate": source.max_rate });
        let mut add = |kind, collector: Box<dyn Collector>| {
            let agency = agency.clone();
            bound.push(Bound {
                kind,
                agency,
                collector,
            });
        };
        if let Some(udp) = source.udp {
            let settings = with_defaults::<UdpConfig>(common(udp))?;
            add("syslog-udp", Box::new(SyslogUdp::bind(&settings)?));
        }
        let stream = |listen, secure: bool| {
            let mut settings = common(listen);
            settings["max_connections"] = json!(source.max_connections);
            settings["tls"] = json!(source.tls_with.as_ref().filter(|_| secure));
            with_defaults::<TcpConfig>(settings)
        };
        for (kind, listen) in [("syslog-tcp", source.tcp), ("syslog-tls", source.tls)] {
            if let Some(listen) = listen {
                let settings = stream(listen, kind == "syslog-tls")?;
                add(kind, Box::new(SyslogTcp::bind(&settings)?));
            }
        }
        for (kind, listen) in [("relp", source.relp), ("relp-tls", source.relp_tls)] {
            if let Some(listen) = listen {
                let settings = stream(listen, kind == "relp-tls")?;
                add(kind, Box::new(Relp::bind(&settings)?));
            }
        }
    }
    Ok(())
}

fn files(config: &Config, checkpoints: &Path, bound: &mut Vec<Bound>) -> anyhow::Result<()> {
    for source in &config.file {
        let agency = agency_of(source.agency.as_ref(), config);
        let start_at = if source.start == Start::Beginning {
            "beginning"
        } else {
            "end"
        };
        let settings: FileConfig = with_defaults(json!({
            "name": source.name,
            "agency": agency,
            "paths": [source.path.to_string_lossy()],
            "checkpoint": checkpoints.join(format!("{}.json", source.name)),
            "parser": source.parser,
            "start_at": start_at,
        }))?;
        let collector = FileCollector::bind(&settings)?;
        bound.push(Bound {
            kind: "file",
            agency,
            collector: Box::new(collector),
        });
    }
    Ok(())
}

fn http(config: &Config, bound: &mut Vec<Bound>) -> anyhow::Result<()> {
    for source in &config.http {
        let agency = agency_of(source.agency.as_ref(), config);
        let token = source.token_file.as_deref().map(read_token).transpose()?;
        let common = |listen| json!({ "name": source.name, "listen": listen, "tls": source.tls_with, "allow": source.allow, "max_connections": source.max_connections, "max_rate": source.max_rate });
        if let Some(listen) = source.http {
            let one = json!({ "agency": agency, "parser": source.parser, "token": token });
            let mut settings = common(listen);
            settings["sources"] = json!({ source.name.clone(): one });
            let collector = HttpIngest::bind(with_defaults::<HttpConfig>(settings)?)?;
            bound.push(Bound {
                kind: "http",
                agency: agency.clone(),
                collector: Box::new(collector),
            });
        }
        if let Some(listen) = source.tcp {
            let mut settings = common(listen);
            settings["agency"] = json!(agency);
            settings["parser"] = json!(source.parser);
            let settings = with_defaults::<LinesConfig>(settings)?;
            bound.push(Bound {
                kind: "json-tcp",
                agency,
                collector: Box::new(JsonLines::bind(&settings)?),
            });
        }
    }
    Ok(())
}

fn agency_of(given: Option<&String>, config: &Config) -> String {
    given.unwrap_or(&config.site.agency).clone()
}

/// A collector's settings from what this site says; the rest are the collector's own defaults, which stand beside it.
fn with_defaults<T: DeserializeOwned>(mut given: serde_json::Value) -> anyhow::Result<T> {
    // A key that the site does not give is the collector's own default, which is not the same as nothing.
    if let Some(settings) = given.as_object_mut() {
        settings.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(given).context("a collector's settings")
}

fn read_token(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("http.token_file: {}: cannot be read", path.display()))?;
    Ok(text.trim().to_owned())
}

/// Runs bound collectors, each as a task of its own.
pub(super) fn run(
    bound: Vec<Bound>,
    sink: &Sink,
    sources: &Sources,
    metrics: &Metrics,
    stop: &CancellationToken,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for Bound {
        kind,
        agency,
        collector,
    } in bound
    {
        let name = collector.name().to_owned();
        sources.add(&name, kind, &agency, collector.health());
        CollectorStarted {
            name: name.clone(),
            kind,
        }
        .emit(metrics);
        let work = collector.run(sink.clone(), stop.clone());
        let (sources, metrics) = (sources.clone(), metrics.clone());
        tasks.spawn(async move {
            let fault = work.await.err().map(|error| error.to_string());
            if let Some(fault) = &fault {
                sources.failed(&name, fault);
            }
            CollectorEnded { name, fault }.emit(&metrics);
        });
    }
    tasks
}
