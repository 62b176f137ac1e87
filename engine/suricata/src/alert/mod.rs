//! An alert of a network rule, on its way from a shard to the merge and on to incidents.

use std::net::IpAddr;
use std::sync::Arc;

use saola_event::{Alert, Engine, Entities, Evidence, RuleRef, Severity, SourceId, Timestamp};
use saola_net::Direction;
use saola_net::eve::{EveKey, Object};

use crate::detect::working::Deferred;
use crate::rule::{Action, Rule, Target};

/// Address and port of an end, where there is one.
pub type End = Option<(IpAddr, u16)>;

/// A rule matched.
#[derive(Clone, Debug)]
pub struct NetAlert {
    /// Where it stands among the records of all shards.
    pub key: EveKey,
    /// Capture time of the packet.
    pub time: Timestamp,
    /// The rule, an index into the compiled set it was raised by.
    pub rule: u32,
    /// Number of the flow, 0 without one.
    pub flow_id: u64,
    /// Number of the transaction.
    pub tx_id: Option<u64>,
    /// Which way the packet went.
    pub direction: Direction,
    /// Source of the packet.
    pub source: End,
    /// Destination of the packet.
    pub destination: End,
    /// What matched.
    pub evidence: Vec<Evidence>,
    /// Site, SNI or queried name of the transaction.
    pub domain: Option<String>,
    /// The EVE record.
    pub event: Object,
    /// Questions about sets that rules change, decided at the merge.
    pub(crate) deferred: Vec<Deferred>,
}

/// Where alerts come from, for [`NetAlert::into_event`].
#[derive(Clone, Debug)]
pub struct AlertOrigin {
    /// The sensor or collector.
    pub source: SourceId,
    /// Its agency.
    pub agency: Arc<str>,
    /// When the packet arrived.
    pub received_at: Timestamp,
}

impl NetAlert {
    /// The alert as triage and incidents take it.
    pub fn into_event(self, rule: &Rule, origin: AlertOrigin) -> Alert {
        let (attacker, victim) = self.ends(rule);
        let port = |end: Option<(IpAddr, u16)>| end.map(|(_, port)| port).filter(|port| *port != 0);
        Alert {
            time: self.time,
            received_at: origin.received_at,
            source: origin.source,
            agency: origin.agency,
            engine: Engine::Network,
            rule: rule_ref(rule),
            severity: severity(rule),
            entities: Entities {
                src_ip: attacker.map(|(address, _)| address),
                src_port: port(attacker),
                dest_ip: victim.map(|(address, _)| address),
                dest_port: port(victim),
                domain: self.domain,
                ..Entities::default()
            },
            evidence: self.evidence,
            event: serde_json::Value::Object(self.event),
        }
    }

    /// Who acts and upon whom: `target` decides, else the packet's direction.
    fn ends(&self, rule: &Rule) -> (End, End) {
        match rule.target {
            Some(Target::Source) => (self.destination, self.source),
            Some(Target::Destination) | None => (self.source, self.destination),
        }
    }
}

/// The rule as readers see it.
pub fn rule_ref(rule: &Rule) -> RuleRef {
    let id = match rule.id.gid {
        1 => rule.id.sid.to_string(),
        gid => format!("{gid}:{}", rule.id.sid),
    };
    RuleRef {
        id: id.into(),
        revision: rule.id.rev,
        title: Arc::clone(&rule.message),
        title_vi: rule
            .metadata_values("title_vi")
            .next()
            .map(|title| title.replace('_', " ").into()),
        tags: tags(rule).into(),
        class: Arc::clone(&rule.class),
    }
}

/// ATT&CK techniques and tactics of the metadata, then its other tags.
fn tags(rule: &Rule) -> Vec<String> {
    let techniques = rule.metadata_values("mitre_technique_id").map(str::to_owned);
    let tactics = rule
        .metadata_values("mitre_tactic_name")
        .map(|name| name.to_ascii_lowercase().replace('_', "-"));
    let others = rule.metadata_values("tag").map(str::to_owned);
    let mut tags: Vec<String> = techniques.chain(tactics).chain(others).collect();
    let mut seen = std::collections::BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags
}

/// The author's word on severity where the metadata has it, else the priority.
pub fn severity(rule: &Rule) -> Severity {
    let named = rule.metadata_values("signature_severity").next();
    match named.map(str::to_ascii_lowercase).as_deref() {
        Some("critical") => Severity::Critical,
        Some("major") => Severity::High,
        Some("minor") => Severity::Medium,
        Some("informational" | "audit") => Severity::Informational,
        _ => Severity::from_priority(rule.priority),
    }
}

/// What `alert.action` says: nothing is ever blocked.
pub const fn action_name(_action: Action) -> &'static str {
    "allowed"
}
