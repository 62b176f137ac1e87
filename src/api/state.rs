//! What handlers work with: readers, the desk, and what other parts of the node tell about themselves.

use std::ops::Deref;
use std::sync::Arc;

use saola_event::Timestamp;
use tokio_util::sync::CancellationToken;

use super::auth::Auth;
use super::dto::{OutboxDetail, OutboxRow, RuleDetail, RuleRow, RuleSummary, SourceHealth};
use super::stream::Hub;
use crate::agency::{AgencyTree, AssetTable};
use crate::commit::{Board, Desk};
use crate::store::Store;

/// Tells which rules are loaded and which are not.
pub trait RuleCatalogue: Send + Sync {
    /// All rules, in any order. Called for each request of the list: hand out a shared copy.
    fn rows(&self) -> Arc<[RuleRow]>;
    /// How many there are.
    fn summary(&self) -> RuleSummary;
    /// A rule with its text.
    fn find(&self, id: &str) -> Option<RuleDetail>;
    /// File that a rule is in.
    fn source_of(&self, id: &str) -> Option<String>;
}

/// Tells how sensors and collectors do.
pub trait SourceBoard: Send + Sync {
    /// All of them, as of now.
    fn sources(&self) -> Vec<SourceHealth>;
}

/// Tells what mails were written.
pub trait Outbox: Send + Sync {
    /// All mails that are kept, newest first.
    fn rows(&self) -> Vec<OutboxRow>;
    /// A mail with its bodies.
    fn find(&self, id: &str) -> Option<OutboxDetail>;
}

/// Tells the time; the API asks no clock itself.
pub type ClockFn = fn() -> Timestamp;

/// What the API needs from the node.
pub struct Parts {
    /// Records to read.
    pub board: Board,
    /// Alerts, notes and timelines to read.
    pub store: Arc<dyn Store>,
    /// Where changes are handed in.
    pub desk: Desk,
    /// The rules.
    pub rules: Arc<dyn RuleCatalogue>,
    /// The sensors and collectors.
    pub sources: Arc<dyn SourceBoard>,
    /// The mails.
    pub outbox: Arc<dyn Outbox>,
    /// The agencies.
    pub agencies: Arc<AgencyTree>,
    /// The assets.
    pub assets: Arc<AssetTable>,
    /// Sessions, lock-outs, password work.
    pub auth: Arc<Auth>,
    /// The live stream; started by the node with [`Hub::run`](super::stream::Hub::run).
    pub hub: Arc<Hub>,
    /// Ends open streams when the server stops.
    pub stop: CancellationToken,
    /// The clock.
    pub clock: ClockFn,
    /// Version of the server.
    pub version: &'static str,
}

/// The shared state of all handlers.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

impl AppState {
    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

impl Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
