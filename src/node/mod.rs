//! Composition only: builds stages from the configuration, starts and stops them in order.
//!
//! Starting goes from the inside out (state, rules, engine, then the ports), stopping from the outside in: collectors
//! first, then the engine with what is under way, the writer last. Nothing is bound before the whole configuration has
//! been checked.

mod collect;
mod control;
mod doctor;
mod logs;
mod mail;
mod packets;
mod playback;
mod queue;
mod rules;
mod server;
mod sources;
mod state;
mod supervise;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context;
use saola_collect::{Sink, now};
use saola_logs::Parsers;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::agency::{Agency, AgencyTree, AssetTable};
use crate::api::auth::{Auth, AuthConfig};
use crate::api::stream::Hub;
use crate::api::{self, AppState, Parts};
use crate::config::{Config, MailTls};
use crate::detect::log::LogSettings;
use crate::detect::network::NetworkSettings;
use crate::notify::{Composer, Language, Outbox, Route, Sender, SmtpSettings, SmtpTls};
use crate::telemetry::{DaemonReady, DaemonStopping, Happening, Metrics};

pub use control::ask;
pub use doctor::{Finding, Outcome, examine};
pub use playback::Recording;
use rules::RuleBook;
use server::Server;
use sources::Sources;
use state::StateStage;

/// What a started node tells its starter.
#[derive(Clone, Debug)]
pub struct Started {
    /// Where the console is.
    pub console: SocketAddr,
    /// One-time link to set the administrator's password, while there is none.
    pub setup_link: Option<String>,
}

/// Runs a node until it is told to stop. `tell` hears once when everything is up. A recording is played into the same
/// stages that live sources feed.
pub async fn run(
    config: Config,
    recording: Option<Recording>,
    tell: impl FnOnce(&Started),
) -> anyhow::Result<()> {
    let node = Node::start(config, recording).await?;
    tell(&node.started);
    DaemonReady {
        console: node.started.console,
    }
    .emit(&node.metrics);
    supervise::ready();
    supervise::until_stop(&node.rules, &node.state.writer).await?;
    DaemonStopping.emit(&node.metrics);
    node.stop().await
}

/// A running node: what has to be ended, in the order of its ending.
struct Node {
    started: Started,
    metrics: Metrics,
    rules: Arc<RuleBook>,
    collectors: JoinSet<()>,
    stop_collectors: CancellationToken,
    engine: Vec<JoinHandle<()>>,
    sink: Sink,
    services: JoinSet<anyhow::Result<()>>,
    stop_services: CancellationToken,
    state: StateStage,
}

/// Batches of records that may wait for the queue.
const SINK_BATCHES: usize = 256;

impl Node {
    async fn start(config: Config, recording: Option<Recording>) -> anyhow::Result<Self> {
        let metrics = Metrics::default();
        let sources = Sources::default();
        metrics.add_source(sources.clone());
        let (agencies, assets) = province(&config);
        let rules = rule_book(&config, &metrics)?;
        rules.reload()?;
        let state = StateStage::start(&config.data_folder, config.store.backend, Arc::clone(&assets))?;
        let server = Server::bind(config.console.listen, config.console.tls.as_ref()).await?;
        let control = control::bind(&config.data_folder)?;
        let bound = collect::bind(&config)?;

        let (stop_collectors, stop_services) = (CancellationToken::new(), CancellationToken::new());
        let (sink, received) = saola_collect::channel(SINK_BATCHES);
        let queue = queue::start(&config, received, &metrics)?;
        let mut engine = queue.threads;
        engine.push(log_stage(&config, recording.as_ref(), &rules, &state, &metrics).start(queue.batches)?);
        let context = PacketContext {
            config: &config,
            rules: &rules,
            sources: &sources,
            state: &state,
            metrics: &metrics,
        };
        engine.extend(context.start_captures(&stop_collectors)?);
        let mut collectors = collect::run(bound, &sink, &sources, &metrics, &stop_collectors);
        if let Some(recording) = recording {
            engine.push(context.start_recording(&recording, &stop_collectors)?);
            collectors.spawn(recording.write_logs(stop_collectors.clone()));
        }

        let outbox = Arc::new(Outbox::open(&config.data_folder.join("outbox"))?);
        let mut services = JoinSet::new();
        let mail = mail_stage(&config, &state, &rules, &agencies, &outbox)?;
        let stop = stop_services.clone();
        services.spawn(async move {
            let _: () = mail.run(stop).await;
            Ok(())
        });
        let stop = stop_services.clone();
        let book = Arc::clone(&rules);
        services.spawn(async move {
            let _: () = control::run(control, book, stop).await;
            Ok(())
        });
        let started = Started {
            console: server.address()?,
            setup_link: first_link(&state, &config, server.address()?)?,
        };
        let parts = api_parts(
            &config,
            &state,
            &rules,
            sources,
            &outbox,
            agencies,
            assets,
            &stop_services,
        )?;
        let (hub, board, stop) = (Arc::clone(&parts.hub), state.board.clone(), stop_services.clone());
        services.spawn(async move {
            let _: () = hub.run(board, stop).await;
            Ok(())
        });
        let router = api::router(AppState::new(parts), supervise::routes(&metrics, &state.counters));
        services.spawn(server.run(router, stop_services.clone()));
        Ok(Self {
            started,
            metrics,
            rules,
            collectors,
            stop_collectors,
            engine,
            sink,
            services,
            stop_services,
            state,
        })
    }

    /// Outside in: what was received is examined, what was examined is journalled, and only then does the writer end.
    async fn stop(mut self) -> anyhow::Result<()> {
        self.stop_collectors.cancel();
        while self.collectors.join_next().await.is_some() {}
        drop(self.sink);
        let engine = std::mem::take(&mut self.engine);
        tokio::task::spawn_blocking(move || engine.into_iter().for_each(|thread| drop(thread.join())))
            .await?;
        self.stop_services.cancel();
        while let Some(service) = self.services.join_next().await {
            service??;
        }
        self.state.desk.stop();
        let writer = self.state.writer;
        tokio::task::spawn_blocking(move || drop(writer.join())).await?;
        Ok(())
    }
}

/// The agencies and machines; without any agency, the site is the one there is.
fn province(config: &Config) -> (Arc<AgencyTree>, Arc<AssetTable>) {
    let mut agencies = config.agency.clone();
    if agencies.is_empty() {
        agencies.push(Agency {
            id: config.site.agency.as_str().into(),
            parent: None,
            kind: "province".to_owned(),
            name_vi: config.site.name.clone(),
            name_en: String::new(),
        });
    }
    (
        Arc::new(AgencyTree::new(agencies)),
        Arc::new(AssetTable::new(config.asset.clone())),
    )
}

fn rule_book(config: &Config, metrics: &Metrics) -> anyhow::Result<Arc<RuleBook>> {
    let mut settings = NetworkSettings::new()?;
    settings.writes_eve = config.network.eve.is_some();
    if !config.network.home.is_empty() {
        let home: Vec<String> = config.network.home.iter().map(ToString::to_string).collect();
        settings.set("vars.address-groups.HOME_NET", &format!("[{}]", home.join(",")))?;
    }
    for (key, value) in &config.network.set {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        anyhow::ensure!(
            settings.set(key, &text)?,
            "network.set: no part of the engine has a setting '{key}'"
        );
    }
    let (network, log) = (config.rules.network.clone(), config.rules.log.clone());
    Ok(Arc::new(RuleBook::new(settings, network, log, metrics.clone())))
}

fn log_stage(
    config: &Config,
    recording: Option<&Recording>,
    rules: &Arc<RuleBook>,
    state: &StateStage,
    metrics: &Metrics,
) -> logs::LogStage {
    let parsers = saola_logs::Config {
        zone_minutes: config.site.offset_minutes(),
        ..saola_logs::Config::default()
    };
    logs::LogStage {
        settings: LogSettings {
            parsers: Arc::new(Parsers::new(parsers)),
            rules: Arc::clone(rules.log()),
            hosts: Arc::new(hosts(config)),
            writes_events: config.intake.events.is_some(),
            shift_micros: recording.map_or(0, Recording::shift_micros),
        },
        lanes: cores(),
        rules: Arc::clone(rules),
        desk: state.desk.clone(),
        metrics: metrics.clone(),
        events: config.intake.events.clone(),
    }
}

/// Which machine's logs a source brings, where the configuration says so.
fn hosts(config: &Config) -> HashMap<String, String> {
    config
        .file
        .iter()
        .filter_map(|source| Some((source.name.clone(), source.host.clone()?)))
        .collect()
}

/// What every packet source's stage is made of.
struct PacketContext<'a> {
    config: &'a Config,
    rules: &'a Arc<RuleBook>,
    sources: &'a Sources,
    state: &'a StateStage,
    metrics: &'a Metrics,
}

impl PacketContext<'_> {
    fn start_captures(&self, stop: &CancellationToken) -> anyhow::Result<Vec<JoinHandle<()>>> {
        let mut threads = Vec::new();
        for capture in &self.config.capture {
            let backend = capture.backend.parse().map_err(anyhow::Error::msg)?;
            let source = saola_capture::open_interface(&capture.interface, backend, None)?;
            let agency = capture.agency.as_ref().unwrap_or(&self.config.site.agency);
            threads.push(
                self.stage(&capture.name, agency, true)
                    .start(source, stop.clone())?,
            );
        }
        Ok(threads)
    }

    fn start_recording(
        &self,
        recording: &Recording,
        stop: &CancellationToken,
    ) -> anyhow::Result<JoinHandle<()>> {
        let (name, agency, source) = recording.packets()?;
        self.stage(&name, &agency, false).start(source, stop.clone())
    }

    fn stage(&self, name: &str, agency: &str, live: bool) -> packets::PacketStage {
        packets::PacketStage {
            name: name.to_owned(),
            agency: agency.to_owned(),
            settings: Arc::new(self.rules.network().clone()),
            shards: cores(),
            eve: self.config.network.eve.clone(),
            live,
            rules: Arc::clone(self.rules),
            sources: self.sources.clone(),
            desk: self.state.desk.clone(),
            metrics: self.metrics.clone(),
        }
    }
}

fn mail_stage(
    config: &Config,
    state: &StateStage,
    rules: &Arc<RuleBook>,
    agencies: &Arc<AgencyTree>,
    outbox: &Arc<Outbox>,
) -> anyhow::Result<mail::MailStage> {
    let route = config.mail.as_ref().map_or_else(mail::local_route, |mail| {
        Route::new(mail.to.clone(), mail.min_severity, mail.most_per_hour as usize)
    });
    let url = config.console.public_url.clone();
    Ok(mail::MailStage {
        board: state.board.clone(),
        rules: Arc::clone(rules),
        agencies: Arc::clone(agencies),
        outbox: Arc::clone(outbox),
        composer: Composer::new(Language::Vi, config.site.offset_minutes(), url)?,
        route,
        sender: config.mail.as_ref().map(sender).transpose()?,
    })
}

fn sender(mail: &crate::config::Mail) -> anyhow::Result<Sender> {
    let read = |key: &'static str, path: &std::path::Path| {
        std::fs::read(path).with_context(|| format!("mail.{key}: {}: cannot be read", path.display()))
    };
    let password = mail
        .password_file
        .as_deref()
        .map(|path| read("password_file", path))
        .transpose()?;
    let password = password.map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned());
    Ok(Sender::new(&SmtpSettings {
        server: mail.server.clone(),
        port: mail.port,
        tls: match mail.tls {
            MailTls::Starttls => SmtpTls::Required,
            MailTls::Tls => SmtpTls::Wrapped,
            MailTls::None => SmtpTls::None,
        },
        credentials: mail.user.clone().zip(password),
        trust: mail
            .trust
            .as_deref()
            .map(|path| read("trust", path))
            .transpose()?,
        from: mail.from.clone(),
    })?)
}

/// The link of the first sign-in, made off the async threads because the writer is waited for.
fn first_link(state: &StateStage, config: &Config, address: SocketAddr) -> anyhow::Result<Option<String>> {
    let token = tokio::task::block_in_place(|| state.first_account())?;
    let scheme = if config.console.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let base = config
        .console
        .public_url
        .clone()
        .unwrap_or_else(|| format!("{scheme}://{address}"));
    Ok(token.map(|token| format!("{}/setup/{}", base.trim_end_matches('/'), token.as_text())))
}

#[expect(
    clippy::too_many_arguments,
    reason = "one call; the parts have nothing else in common"
)]
fn api_parts(
    config: &Config,
    state: &StateStage,
    rules: &Arc<RuleBook>,
    sources: Sources,
    outbox: &Arc<Outbox>,
    agencies: Arc<AgencyTree>,
    assets: Arc<AssetTable>,
    stop: &CancellationToken,
) -> anyhow::Result<Parts> {
    let auth = AuthConfig {
        secure_cookie: config.console.tls.is_some(),
        ..AuthConfig::default()
    };
    Ok(Parts {
        board: state.board.clone(),
        store: Arc::clone(&state.store),
        desk: state.desk.clone(),
        rules: Arc::clone(rules) as Arc<dyn api::RuleCatalogue>,
        sources: Arc::new(sources),
        outbox: Arc::new(mail::ShownOutbox(Arc::clone(outbox))),
        agencies,
        assets,
        auth: Arc::new(Auth::new(auth, state.sessions()?)),
        hub: Arc::new(Hub::default()),
        stop: stop.clone(),
        clock: now,
        version: env!("CARGO_PKG_VERSION"),
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
