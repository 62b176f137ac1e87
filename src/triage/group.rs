//! The same thing said many times: one row of the inbox.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use saola_event::{Alert, Engine, Severity, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AlertId, Entity, GroupId, IncidentNumber, Stage};

/// What a person decided about a group.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// An attack.
    TruePositive,
    /// Seen rightly, but meant to be: an administrator's scan, a test.
    BenignPositive,
    /// The rule is wrong.
    FalsePositive,
    /// The same as another group.
    Duplicate,
    /// Cannot be told.
    Undetermined,
}

/// A verdict with who gave it and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRecord {
    /// The decision.
    pub verdict: Verdict,
    /// In the person's words.
    pub reason: String,
    /// Account name.
    pub by: Arc<str>,
    /// When.
    pub at: Timestamp,
}

/// Whether somebody still has to look at a group.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GroupState {
    /// No verdict yet.
    #[default]
    Open,
    /// Has a verdict.
    Closed,
}

/// The rule of a group, as the first alert brought it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    /// Signature id or UUID.
    pub id: Arc<str>,
    /// What runs it.
    pub engine: Engine,
    /// Title as the rule has it.
    pub title: Arc<str>,
    /// Vietnamese title where the rule has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_vi: Option<Arc<str>>,
    /// Class of the rule.
    #[serde(default)]
    pub class: Arc<str>,
}

/// The asset behind a target, copied when the group opened so that the record stays what people saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRef {
    /// Host name.
    pub name: Arc<str>,
    /// Information system.
    pub system: Arc<str>,
    /// Legal level of the system, 0 where none is given.
    pub level: u8,
}

/// Whom or what the alerts are about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Address, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// Host name, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The asset, where the table knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetRef>,
}

impl Target {
    /// What to call it: the asset, else the host, else the address.
    pub fn label(&self) -> String {
        match (&self.asset, &self.host, self.ip) {
            (Some(asset), ..) => asset.name.to_string(),
            (None, Some(host), _) => host.clone(),
            (None, None, Some(ip)) => ip.to_string(),
            (None, None, None) => String::new(),
        }
    }

    /// Legal level of its system, 0 where unknown.
    pub fn level(&self) -> u8 {
        self.asset.as_ref().map_or(0, |asset| asset.level)
    }
}

/// Who acts against the target, or whom the target talks to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Address, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// Account, where the alert names one and no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether the target itself opened the connection (a call home): then the actor is a meeting point of many
    /// victims, and joins nothing by itself.
    #[serde(default)]
    pub called: bool,
}

/// Which alerts of a group are kept whole, as running numbers: `from` included, `to` excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// First number still kept.
    pub from: u64,
    /// One past the last.
    pub to: u64,
}

/// An alert group: alerts of one rule at one target within a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub id: GroupId,
    /// The rule.
    pub rule: GroupRule,
    /// The worst of its alerts.
    pub severity: Severity,
    /// Attack stages that the rule says.
    pub stages: BTreeSet<Stage>,
    /// The agency it belongs to: of the target asset, else of the source.
    pub agency: Arc<str>,
    /// Whom it is about.
    pub target: Target,
    /// Who acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// What it can be joined with others by; bounded.
    pub entities: BTreeSet<Entity>,
    /// Alerts counted, those kept and those not.
    pub count: u64,
    /// Alerts per hour since the epoch; the newest 24 hours that had any.
    pub hours: BTreeMap<i64, u32>,
    /// Event time of the first alert.
    pub first_seen: Timestamp,
    /// Event time of the newest alert.
    pub last_seen: Timestamp,
    /// Nobody opened it since it was made or rose.
    pub unread: bool,
    /// Whether somebody still has to look.
    pub state: GroupState,
    /// The verdict in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<VerdictRecord>,
    /// What the verdict in force replaced: undo brings it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<VerdictRecord>,
    /// The verdict on the last group of the same rule and target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<VerdictRecord>,
    /// Who looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Arc<str>>,
    /// The incident it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentNumber>,
    /// The rule's tags.
    pub tags: Arc<[String]>,
    /// Journal entries of its notes.
    #[serde(default)]
    pub notes: Vec<u64>,
    /// Alerts kept whole.
    pub kept: Kept,
}

impl Group {
    /// Most entities a group remembers.
    pub const MAX_ENTITIES: usize = 16;
    /// Most alerts a group keeps whole.
    pub const MAX_KEPT: u64 = 20;
    /// Most hours of the histogram.
    pub const MAX_HOURS: usize = 24;

    /// Adds to the histogram; hours beyond the newest 24 are let go.
    pub(crate) fn count_hour(&mut self, hour: i64, count: u32) {
        let bucket = self.hours.entry(hour).or_default();
        *bucket = bucket.saturating_add(count);
        while self.hours.len() > Self::MAX_HOURS {
            self.hours.pop_first();
        }
    }

    /// The last 24 hours up to `now`, oldest first.
    pub fn spark(&self, now: Timestamp) -> [u32; 24] {
        let newest = hour_of(now);
        let mut spark = [0; 24];
        for (hour, bar) in (newest - 23..=newest).zip(&mut spark) {
            *bar = self.hours.get(&hour).copied().unwrap_or_default();
        }
        spark
    }
}

/// Whole hours since the epoch.
pub(crate) fn hour_of(time: Timestamp) -> i64 {
    time.as_secs().div_euclid(3600)
}

/// An alert as the store keeps it under its group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptAlert {
    /// Its name.
    pub id: AlertId,
    /// The alert with its evidence and event.
    pub alert: Alert,
}
