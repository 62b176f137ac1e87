//! Groups to incidents. The rules are in `DESIGN.md`; each leaves its code in the incident's `why`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use saola_event::{Engine, Severity};

use super::super::state::{OPENED_BY_SEVERITY, raised};
use super::super::{
    Change, Entity, Group, GroupId, GroupState, Incident, IncidentNumber, Phrase, Stage, Verdict,
};
use super::Making;
use super::index::{actors, next_number, target_key};
use crate::agency::{AssetRole, AssetTable};

/// One actor's deeds within this time belong together.
const ACTOR_WINDOW: Duration = Duration::from_hours(4);
/// A further stage on the same machine, or the same account on another, follows within this time.
const STAGE_WINDOW: Duration = Duration::from_hours(1);
/// Packets and logs of the same deed are this close together.
const SAME_DEED_WINDOW: Duration = Duration::from_mins(10);
/// Most groups taken along when an incident opens.
const MAX_TAKEN_ALONG: usize = 50;

/// Why two groups belong together.
struct Link {
    code: &'static str,
    value: String,
}

/// Looks whether a new or changed group joins an incident, opens one, or makes its own worse.
pub(super) fn correlate(making: &mut Making<'_>, id: GroupId) {
    let Some(group) = making.records().groups.get(&id).cloned() else {
        return;
    };
    if let Some(number) = group.incident {
        escalate(making, number, &group);
    } else if worth_a_look(&group, &making.triage.assets) {
        if let Some((number, link)) = incident_for(making, &group) {
            join(making, number, &group, &link);
        } else {
            open_if_due(making, &group);
        }
    }
}

/// Informational groups, groups that a person closed as harmless, and what our own scanners do make no incident.
fn worth_a_look(group: &Group, assets: &AssetTable) -> bool {
    let scanned = group
        .actor
        .as_ref()
        .and_then(|actor| assets.by_ip(actor.ip?))
        .is_some_and(|asset| asset.role == Some(AssetRole::Scanner));
    group.severity > Severity::Informational && group.state == GroupState::Open && !scanned
}

fn found_harmless(group: &Group) -> bool {
    let harmless = |verdict| matches!(verdict, Verdict::FalsePositive | Verdict::BenignPositive);
    group
        .earlier
        .as_ref()
        .is_some_and(|earlier| harmless(earlier.verdict))
}

/// The unfinished incident that the group is linked to; of several the one with the newest event.
fn incident_for(making: &Making<'_>, group: &Group) -> Option<(IncidentNumber, Link)> {
    let records = making.records();
    let linked = candidates(making, group).into_iter().filter_map(|other| {
        let incident = records.incidents.get(&other.incident?)?;
        let room = incident.status.is_open() && incident.groups.len() < Incident::MAX_GROUPS;
        let link = room.then(|| link(making, group, &other))??;
        Some((incident.last_event, incident.number, link))
    });
    let newest = linked.max_by_key(|(last_event, number, _)| (*last_event, *number));
    newest.map(|(_, number, link)| (number, link))
}

/// Most groups looked at for one; beyond it the oldest ids are left out.
const MAX_CANDIDATES: usize = 500;

/// Groups that share an actor, a target or an account with the group, or whose target is its actor.
fn candidates(making: &Making<'_>, group: &Group) -> Vec<Arc<Group>> {
    let (index, assets) = (&making.triage.index, &making.triage.assets);
    let mut ids = BTreeSet::new();
    for ip in actors(group) {
        ids.extend(index.of_actor(ip).take(MAX_CANDIDATES));
        let machine = assets
            .by_ip(ip)
            .map_or_else(|| ip.to_string(), |asset| asset.host.to_lowercase());
        ids.extend(index.on_target(&machine).take(MAX_CANDIDATES));
    }
    if let Some(ip) = group.target.ip {
        ids.extend(index.of_actor(ip).take(MAX_CANDIDATES));
    }
    ids.extend(index.on_target(&target_key(group)).take(MAX_CANDIDATES));
    for entity in &group.entities {
        match entity {
            Entity::User(user) => ids.extend(index.of_user(user).take(MAX_CANDIDATES)),
            Entity::Host(host) => ids.extend(index.on_target(host).take(MAX_CANDIDATES)),
            Entity::Ip(_) | Entity::Domain(_) => {}
        }
    }
    ids.remove(&group.id);
    ids.into_iter()
        .filter_map(|id| making.records().groups.get(&id).cloned())
        .collect()
}

/// The first rule by which two groups belong together.
fn link(making: &Making<'_>, a: &Group, b: &Group) -> Option<Link> {
    shared_actor(making, a, b)
        .or_else(|| victim_acts(making, a, b))
        .or_else(|| same_deed(a, b))
        .or_else(|| next_stage(a, b))
        .or_else(|| relayed(a, b).or_else(|| relayed(b, a)))
        .or_else(|| shared_account(a, b))
}

fn shared_actor(making: &Making<'_>, a: &Group, b: &Group) -> Option<Link> {
    let met = |group: &Group| group.actor.as_ref().and_then(|actor| actor.ip);
    let one_pair = target_key(a) == target_key(b) && met(a) == met(b);
    if let Some(ip) = met(a).filter(|_| one_pair && near(a, b, ACTOR_WINDOW)) {
        return Some(Link {
            code: "why.shared_actor",
            value: ip.to_string(),
        });
    }
    let assets = &making.triage.assets;
    let serves_many = |ip| {
        assets
            .by_ip(ip)
            .is_some_and(|asset| asset.role == Some(AssetRole::Shared))
    };
    let of_b: BTreeSet<_> = actors(b).collect();
    let shared = actors(a).find(|ip| of_b.contains(ip) && !serves_many(*ip))?;
    near(a, b, ACTOR_WINDOW).then(|| Link {
        code: "why.shared_actor",
        value: shared.to_string(),
    })
}

/// A machine that was attacked acts itself.
fn victim_acts(making: &Making<'_>, a: &Group, b: &Group) -> Option<Link> {
    let acts_on = |victim: &Group, deed: &Group| {
        let ip = victim.target.ip?;
        let serves_many = making
            .triage
            .assets
            .by_ip(ip)
            .is_some_and(|asset| asset.role.is_some());
        let acts = !serves_many && actors(deed).any(|actor| actor == ip);
        (acts && victim.first_seen <= deed.last_seen && near(victim, deed, ACTOR_WINDOW)).then(|| Link {
            code: "why.victim_acts",
            value: victim.target.label(),
        })
    };
    acts_on(a, b).or_else(|| acts_on(b, a))
}

fn is_packets(group: &Group) -> bool {
    group.rule.engine == Engine::Network
}

/// Packets and logs show the same stage on the same machine at the same time, and do not name different actors.
fn same_deed(a: &Group, b: &Group) -> Option<Link> {
    let shown_both_ways = is_packets(a) != is_packets(b);
    let same_stage = a.stages.intersection(&b.stages).next().is_some();
    let (of_a, of_b): (BTreeSet<_>, BTreeSet<_>) = (actors(a).collect(), actors(b).collect());
    let one_actor = of_a.is_empty() || of_b.is_empty() || !of_a.is_disjoint(&of_b);
    let same = target_key(a) == target_key(b) && !target_key(a).is_empty();
    (shown_both_ways && same_stage && one_actor && same && near(a, b, SAME_DEED_WINDOW)).then(|| Link {
        code: "why.same_deed",
        value: a.target.label(),
    })
}

/// A machine that was attacked shows another stage from within: nobody from outside is named, or it calls out.
fn next_stage(a: &Group, b: &Group) -> Option<Link> {
    let from_within = |group: &Group| actors(group).next().is_none();
    let other_stage = a.stages != b.stages && (!a.stages.is_empty() || !b.stages.is_empty());
    // Being looked at from outside is no attack that came further; looking around outside is.
    let got_in = |group: &Group| {
        let called = group.actor.as_ref().is_some_and(|actor| actor.called);
        called
            || group
                .stages
                .last()
                .is_none_or(|stage| *stage > Stage::ResourceDevelopment)
    };
    let same = target_key(a) == target_key(b) && !target_key(a).is_empty() && got_in(a) && got_in(b);
    (same && other_stage && (from_within(a) || from_within(b)) && near(a, b, STAGE_WINDOW)).then(|| Link {
        code: "why.next_stage",
        value: a.target.label(),
    })
}

/// The same rule on a machine and on the server of ours that passed its request on.
fn relayed(a: &Group, relay: &Group) -> Option<Link> {
    let through = Entity::Host(target_key(relay));
    let passed_on =
        a.rule.id == relay.rule.id && target_key(a) != target_key(relay) && a.entities.contains(&through);
    (passed_on && near(a, relay, SAME_DEED_WINDOW)).then(|| Link {
        code: "why.relayed",
        value: relay.target.label(),
    })
}

fn shared_account(a: &Group, b: &Group) -> Option<Link> {
    let user = a
        .entities
        .intersection(&b.entities)
        .find_map(|entity| match entity {
            Entity::User(user) => Some(user.clone()),
            _ => None,
        })?;
    near(a, b, STAGE_WINDOW).then_some(Link {
        code: "why.shared_account",
        value: user,
    })
}

/// Whether the times of two groups are at most `window` apart.
fn near(a: &Group, b: &Group, window: Duration) -> bool {
    a.first_seen <= b.last_seen + window && b.first_seen <= a.last_seen + window
}

fn join(making: &mut Making<'_>, number: IncidentNumber, group: &Group, link: &Link) {
    let Some(before) = making.records().incidents.get(&number).cloned() else {
        return;
    };
    let seen = seen_ways(before.engines.iter().copied().chain([group.rule.engine]));
    let why = reason(link.code, &link.value, seen);
    making.make(Change::IncidentJoined {
        number,
        group: group.id,
        why,
    });
    let Some(after) = making.records().incidents.get(&number).cloned() else {
        return;
    };
    announce(making, &before, &after);
}

fn reason(code: &str, value: &str, seen: &str) -> Phrase {
    Phrase::new(code, [("value", value.to_owned()), ("seen", seen.to_owned())])
}

/// `both` when packets and logs show it.
fn seen_ways(engines: impl Iterator<Item = Engine>) -> &'static str {
    let (mut packets, mut logs) = (false, false);
    for engine in engines {
        packets |= engine == Engine::Network;
        logs |= matches!(engine, Engine::Log | Engine::Correlation);
    }
    match (packets, logs) {
        (true, true) => "both",
        (true, false) => "packets",
        (false, _) => "logs",
    }
}

/// A high group opens an incident by itself; a medium one together with another rule that it is linked to.
fn open_if_due(making: &mut Making<'_>, group: &Group) {
    if found_harmless(group) {
        return;
    }
    let related = related(making, group);
    let other_rule = related.iter().find(|(other, _)| {
        other.rule.id != group.rule.id && other.severity >= Severity::Medium && !found_harmless(other)
    });
    let why = match (raised(group) >= Severity::High, other_rule) {
        (_, Some((other, link))) if raised(group) >= Severity::Medium => reason(
            link.code,
            &link.value,
            seen_ways([group.rule.engine, other.rule.engine].into_iter()),
        ),
        (true, _) => Phrase::new(
            OPENED_BY_SEVERITY,
            [
                ("severity", group.severity.name().to_owned()),
                ("target", group.target.label()),
            ],
        ),
        _ => return,
    };
    let mut groups: Vec<Arc<Group>> = related.into_iter().map(|(other, _)| other).collect();
    groups.push(Arc::new(group.clone()));
    // The worst and furthest leads; of equals the earliest.
    groups.sort_by(|a, b| {
        let rank = |group: &Group| (group.severity, group.stages.last().copied());
        rank(b)
            .cmp(&rank(a))
            .then(a.first_seen.cmp(&b.first_seen))
            .then(a.id.cmp(&b.id))
    });
    let (year, ..) = making.at.civil();
    let number = next_number(making.records(), u16::try_from(year).unwrap_or_default());
    let groups = groups.iter().map(|group| group.id).collect();
    making.make(Change::IncidentOpened {
        number,
        groups,
        why,
        title: None,
    });
}

/// Open groups without an incident that are linked to the group.
fn related(making: &Making<'_>, group: &Group) -> Vec<(Arc<Group>, Link)> {
    let candidates = candidates(making, group).into_iter();
    let loose =
        candidates.filter(|other| other.incident.is_none() && worth_a_look(other, &making.triage.assets));
    let linked = loose.filter_map(|other| link(making, group, &other).map(|link| (other, link)));
    linked.take(MAX_TAKEN_ALONG).collect()
}

/// A group of the incident became worse.
fn escalate(making: &mut Making<'_>, number: IncidentNumber, group: &Group) {
    let Some(incident) = making.records().incidents.get(&number).cloned() else {
        return;
    };
    if raised(group) > incident.severity && !incident.severity_fixed && incident.status.is_open() {
        let severity = raised(group);
        let why = Phrase::new("escalated.severity", [("severity", severity.name().to_owned())]);
        making.make(Change::IncidentEscalated {
            number,
            severity,
            why,
        });
    }
}

/// Says that a join made the incident worse, or brought it to a further phase.
fn announce(making: &mut Making<'_>, before: &Incident, after: &Incident) {
    let (number, severity) = (after.number, after.severity);
    let phase = |incident: &Incident| incident.stages.iter().copied().map(phase_of).max();
    let why = if severity > before.severity {
        Phrase::new("escalated.severity", [("severity", severity.name().to_owned())])
    } else if phase(after) > phase(before) && severity >= Severity::Medium {
        let stage = after
            .stages
            .difference(&before.stages)
            .last()
            .map_or("", |stage| stage.name());
        Phrase::new("escalated.stage", [("stage", stage.to_owned())])
    } else {
        return;
    };
    making.make(Change::IncidentEscalated {
        number,
        severity,
        why,
    });
}

/// Stages in steps that are worth a mail each: looking, getting in, being in, going on, doing harm.
fn phase_of(stage: Stage) -> u8 {
    match stage {
        Stage::Reconnaissance | Stage::ResourceDevelopment => 0,
        Stage::InitialAccess => 1,
        Stage::Execution
        | Stage::Persistence
        | Stage::PrivilegeEscalation
        | Stage::DefenseEvasion
        | Stage::CredentialAccess
        | Stage::Discovery => 2,
        Stage::LateralMovement | Stage::Collection | Stage::CommandAndControl => 3,
        Stage::Exfiltration | Stage::Impact => 4,
    }
}
