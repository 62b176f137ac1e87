//! Things that happen. Each is told once, by the code that knows.

use std::net::SocketAddr;

use super::metrics::{Labelled, Metrics};

/// Something that happened: emitting it writes the log line and moves the counters.
pub trait Happening {
    /// Tells it.
    fn emit(self, metrics: &Metrics);
}

/// A rule set was loaded and is in force.
#[derive(Clone, Copy, Debug)]
pub struct RulesLoaded {
    /// `network` or `log`.
    pub engine: &'static str,
    /// Rules in force.
    pub loaded: usize,
    /// Rules refused with a reason.
    pub failed: usize,
}

/// A new rule set could not be read; the old one stays in force.
#[derive(Clone, Debug)]
pub struct RulesNotReloaded {
    /// Why.
    pub reason: String,
}

/// A collector began.
#[derive(Clone, Debug)]
pub struct CollectorStarted {
    /// The configured source.
    pub name: String,
    /// What it listens to.
    pub kind: &'static str,
}

/// A collector ended, by itself or because it was told to.
#[derive(Clone, Debug)]
pub struct CollectorEnded {
    /// The configured source.
    pub name: String,
    /// Why, when it was not told to.
    pub fault: Option<String>,
}

/// An engine thread met a fault of its own and went on with fresh state.
#[derive(Clone, Copy, Debug)]
pub struct LaneRecovered {
    /// `network` or `log`.
    pub engine: &'static str,
}

/// Everything is up.
#[derive(Clone, Copy, Debug)]
pub struct DaemonReady {
    /// Where the console listens.
    pub console: SocketAddr,
}

/// An orderly stop began.
#[derive(Clone, Copy, Debug)]
pub struct DaemonStopping;

impl Happening for RulesLoaded {
    fn emit(self, metrics: &Metrics) {
        let Self {
            engine,
            loaded,
            failed,
        } = self;
        tracing::info!(engine, loaded, failed, "rules in force");
        metrics
            .rules
            .get_or_create(&Labelled::two("engine", engine, "state", "loaded"))
            .set(loaded as i64);
        metrics
            .rules
            .get_or_create(&Labelled::two("engine", engine, "state", "failed"))
            .set(failed as i64);
        metrics
            .reloads
            .get_or_create(&Labelled::two("engine", engine, "outcome", "done"))
            .inc();
    }
}

impl Happening for RulesNotReloaded {
    fn emit(self, metrics: &Metrics) {
        tracing::error!(
            reason = self.reason,
            "rules not reloaded, the old set stays in force"
        );
        metrics
            .reloads
            .get_or_create(&Labelled::two("engine", "any", "outcome", "refused"))
            .inc();
    }
}

impl Happening for CollectorStarted {
    fn emit(self, metrics: &Metrics) {
        tracing::info!(source = self.name, kind = self.kind, "collector started");
        metrics.collectors.inc();
    }
}

impl Happening for CollectorEnded {
    fn emit(self, metrics: &Metrics) {
        metrics.collectors.dec();
        match self.fault {
            None => tracing::info!(source = self.name, "collector stopped"),
            Some(fault) => {
                tracing::error!(source = self.name, fault, "collector ended by itself");
                metrics.collector_faults.inc();
            }
        }
    }
}

impl Happening for LaneRecovered {
    fn emit(self, metrics: &Metrics) {
        tracing::error!(
            engine = self.engine,
            "a fault in the engine; its thread goes on with fresh state"
        );
        metrics
            .lane_faults
            .get_or_create(&Labelled::one("engine", self.engine))
            .inc();
    }
}

impl Happening for DaemonReady {
    fn emit(self, _metrics: &Metrics) {
        tracing::info!(console = %self.console, "ready");
    }
}

impl Happening for DaemonStopping {
    fn emit(self, _metrics: &Metrics) {
        tracing::info!("stopping");
    }
}
