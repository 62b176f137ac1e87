//! Alerts to groups: the same rule at the same target within a window is one row with a count.
//!
//! A storm costs the journal little: of alerts that arrive together for one group, the first is kept whole and the
//! others are counted in one entry.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use saola_event::{Alert, Severity, Timestamp};
use sha2::{Digest as _, Sha256};

use super::super::group::hour_of;
use super::super::parties::Parties;
use super::super::{AlertId, Change, Group, GroupId, GroupRule, GroupState, Kept, KeptAlert, Stage};
use super::Making;
use super::index::GroupKey;

/// Alerts of one key further apart than this are two groups.
const WINDOW: Duration = Duration::from_hours(24);

/// Alerts of one group that are only counted.
struct Counted {
    hours: BTreeMap<i64, u32>,
    first: Timestamp,
    last: Timestamp,
    severity: Severity,
}

/// Groups the alerts. Gives the groups that are new or changed in what correlation looks at, in order.
pub(super) fn group(making: &mut Making<'_>, alerts: Vec<Alert>) -> Vec<GroupId> {
    let mut touched = Vec::new();
    let mut sampled = BTreeSet::new();
    let mut counted: BTreeMap<GroupId, Counted> = BTreeMap::new();
    for alert in alerts {
        let parties = Parties::of(&alert, &making.triage.assets);
        let key: GroupKey = (
            alert.rule.id.clone(),
            parties.agency.clone(),
            parties.target.label().to_lowercase(),
        );
        let id = match current(making, &key, alert.time) {
            None => open(making, alert, parties, &key),
            Some(group) if group.count < Group::MAX_KEPT || !sampled.contains(&group.id) => {
                add(making, &group, alert, &parties)
            }
            Some(group) => {
                count(&mut counted, group.id, &alert);
                continue;
            }
        };
        if sampled.insert(id) {
            touched.push(id);
        }
    }
    for (
        group,
        Counted {
            hours,
            first,
            last,
            severity,
        },
    ) in counted
    {
        making.make(Change::AlertsCounted {
            group,
            hours: hours.into_iter().collect(),
            first,
            last,
            severity,
        });
    }
    touched
}

/// The group that an alert of this key and time belongs to.
fn current(making: &Making<'_>, key: &GroupKey, time: Timestamp) -> Option<std::sync::Arc<Group>> {
    let id = making.triage.index.newest(key)?;
    let group = making.records().groups.get(&id)?;
    let near = time <= group.last_seen + WINDOW && group.first_seen <= time + WINDOW;
    near.then(|| group.clone())
}

fn count(counted: &mut BTreeMap<GroupId, Counted>, id: GroupId, alert: &Alert) {
    let (first, last) = (alert.time, alert.time);
    let entry = counted.entry(id).or_insert(Counted {
        hours: BTreeMap::new(),
        first,
        last,
        severity: alert.severity,
    });
    *entry.hours.entry(hour_of(alert.time)).or_default() += 1;
    entry.first = entry.first.min(alert.time);
    entry.last = entry.last.max(alert.time);
    entry.severity = entry.severity.max(alert.severity);
}

fn add(making: &mut Making<'_>, group: &Group, alert: Alert, parties: &Parties) -> GroupId {
    let entities = parties.entities.difference(&group.entities).cloned().collect();
    let kept = KeptAlert {
        id: alert_id(group.id, group.kept.to),
        alert,
    };
    making.make(Change::AlertAdded {
        group: group.id,
        alert: Box::new(kept),
        entities,
    });
    group.id
}

fn open(making: &mut Making<'_>, alert: Alert, parties: Parties, key: &GroupKey) -> GroupId {
    let earlier = making
        .triage
        .index
        .newest(key)
        .and_then(|id| making.records().groups.get(&id));
    let earlier = earlier.and_then(|group| group.verdict.clone().or_else(|| group.earlier.clone()));
    let id = group_id(key, making.records().applied + 1);
    let mut group = first_of(&alert, parties, id);
    group.earlier = earlier;
    let kept = KeptAlert {
        id: alert_id(id, 0),
        alert,
    };
    making.make(Change::GroupOpened {
        group: Box::new(group),
        alert: Box::new(kept),
    });
    id
}

fn first_of(alert: &Alert, parties: Parties, id: GroupId) -> Group {
    let rule = &alert.rule;
    Group {
        id,
        rule: GroupRule {
            id: rule.id.clone(),
            engine: alert.engine,
            title: rule.title.clone(),
            title_vi: rule.title_vi.clone(),
            class: rule.class.clone(),
        },
        severity: alert.severity,
        stages: Stage::of_rule(&rule.tags, &rule.class),
        agency: parties.agency,
        target: parties.target,
        actor: parties.actor,
        entities: parties.entities,
        count: 1,
        hours: BTreeMap::from([(hour_of(alert.time), 1)]),
        first_seen: alert.time,
        last_seen: alert.time,
        unread: true,
        state: GroupState::Open,
        verdict: None,
        replaced: None,
        earlier: None,
        assignee: None,
        incident: None,
        tags: rule.tags.clone(),
        notes: Vec::new(),
        kept: Kept { from: 0, to: 1 },
    }
}

/// Follows from the key and the place in the journal, so that a second run over the same input names groups alike.
fn group_id(key: &GroupKey, seq: u64) -> GroupId {
    let (rule, agency, target) = key;
    GroupId(digest64(&[
        rule.as_bytes(),
        agency.as_bytes(),
        target.as_bytes(),
        &seq.to_be_bytes(),
    ]))
}

fn alert_id(group: GroupId, number: u64) -> AlertId {
    AlertId(digest64(&[
        b"alert",
        &group.0.to_be_bytes(),
        &number.to_be_bytes(),
    ]))
}

fn digest64(parts: &[&[u8]]) -> u64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
