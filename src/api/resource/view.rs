//! From triage's records to what goes over the wire: names in the caller's language, counts within the scope.

use saola_event::{Engine, Timestamp};

use crate::agency::Scope;
use crate::api::AppState;
use crate::api::dto::{
    ActorView, AgencyRef, AssetView, GroupRuleView, GroupView, IncidentView, NoteView, SeenBy, TargetView,
    TimelineView, VerdictView,
};
use crate::api::http::Language;
use crate::triage::{
    Actor, AssetRef, Group, Incident, Records, Target, TimelineItem, UNDO_WINDOW, VerdictRecord,
};

/// Who looks, when, in which language, with what scope.
pub struct Viewer<'a> {
    /// Names of agencies, assets and rule files.
    pub state: &'a AppState,
    /// What may be seen.
    pub scope: &'a Scope,
    /// For names that exist in both.
    pub language: Language,
    /// For the last 24 hours.
    pub now: Timestamp,
}

impl Viewer<'_> {
    /// A row of the inbox.
    pub fn group(&self, group: &Group, records: &Records) -> GroupView {
        let shown = |number: &_| {
            records
                .incidents
                .get(number)
                .is_some_and(|found| self.sees_incident(found))
        };
        GroupView {
            id: group.id,
            rule: self.rule(group),
            severity: group.severity.into(),
            stages: group.stages.iter().copied().collect(),
            agency: self.agency(&group.agency),
            target: self.target(&group.target),
            actor: group.actor.as_ref().and_then(actor),
            count: group.count,
            spark_24h: group.spark(self.now).to_vec(),
            first_seen: group.first_seen,
            last_seen: group.last_seen,
            unread: group.unread,
            state: group.state,
            verdict: group.verdict.as_ref().map(verdict),
            earlier_verdict: group.earlier.as_ref().map(verdict),
            assignee: group.assignee.as_ref().map(ToString::to_string),
            incident: group.incident.filter(shown),
            tags: group.tags.to_vec(),
            engines: vec![group.rule.engine.into()],
        }
    }

    fn rule(&self, group: &Group) -> GroupRuleView {
        GroupRuleView {
            id: group.rule.id.to_string(),
            engine: group.rule.engine.into(),
            title: group.rule.title.to_string(),
            title_vi: group.rule.title_vi.as_ref().map(ToString::to_string),
            source: self.state.rules.source_of(&group.rule.id),
        }
    }

    /// An agency by its id and its name; the id where the tree does not know it.
    pub fn agency(&self, id: &str) -> AgencyRef {
        let known = self.state.agencies.find(id);
        let name = known.map_or(id, |agency| self.language.pick(&agency.name_vi, &agency.name_en));
        AgencyRef {
            id: id.to_owned(),
            name: name.to_owned(),
        }
    }

    fn target(&self, target: &Target) -> TargetView {
        TargetView {
            label: target.label(),
            ip: target.ip.map(|ip| ip.to_string()),
            host: target.host.clone(),
            asset: target.asset.as_ref().map(|asset| self.asset(asset)),
        }
    }

    /// The asset that a group remembers, with the title that the table has today.
    pub fn asset(&self, asset: &AssetRef) -> AssetView {
        let known = self.state.assets.by_name(&asset.name);
        let title = known.map_or("", |known| self.language.pick(&known.title_vi, &known.title_en));
        AssetView {
            name: asset.name.to_string(),
            title: title.to_owned(),
            system: asset.system.to_string(),
            level: asset.level,
        }
    }

    /// Whether the group may be seen.
    pub fn sees(&self, group: &Group) -> bool {
        self.scope.admits(&group.agency)
    }

    /// Whether the incident may be seen: it belongs to the agency of its first target.
    pub fn sees_incident(&self, incident: &Incident) -> bool {
        self.scope.admits(&incident.agency)
    }

    /// A row of the incident list. Groups outside the scope are not counted.
    pub fn incident(&self, incident: &Incident, records: &Records) -> IncidentView {
        let groups = incident.groups.iter().filter_map(|id| records.groups.get(id));
        let (mut group_count, mut alert_count) = (0, 0);
        for group in groups.filter(|group| self.sees(group)) {
            group_count += 1;
            alert_count += group.count;
        }
        let title = &incident.title;
        IncidentView {
            number: incident.number,
            title: title.given.clone().unwrap_or_else(|| title.rule.to_string()),
            title_vi: title
                .given
                .is_none()
                .then(|| title.rule_vi.as_ref().map(ToString::to_string))
                .flatten(),
            severity: incident.severity.into(),
            status: incident.status,
            owner: incident.owner.as_ref().map(ToString::to_string),
            agency: self.agency(&incident.agency),
            system: incident.system.as_ref().map(ToString::to_string),
            level: (incident.level > 0).then_some(incident.level),
            stages: incident.stages.iter().copied().collect(),
            opened_at: incident.opened_at,
            t0: incident.t0,
            updated_at: incident.updated_at,
            group_count,
            alert_count,
            seen_by: seen_by(incident),
            why: incident.why.clone(),
        }
    }
}

fn seen_by(incident: &Incident) -> Vec<SeenBy> {
    let packets = incident
        .engines
        .contains(&Engine::Network)
        .then_some(SeenBy::Packets);
    let logs = [Engine::Log, Engine::Correlation]
        .iter()
        .any(|engine| incident.engines.contains(engine));
    packets.into_iter().chain(logs.then_some(SeenBy::Logs)).collect()
}

fn actor(actor: &Actor) -> Option<ActorView> {
    let ip = actor.ip.map(|ip| ip.to_string());
    let label = ip.clone().or_else(|| actor.user.clone())?;
    Some(ActorView { label, ip })
}

/// A verdict as the wire has it.
pub(super) fn verdict(record: &VerdictRecord) -> VerdictView {
    VerdictView {
        verdict: record.verdict,
        reason: record.reason.clone(),
        by: record.by.to_string(),
        at: record.at,
        undo_until: record.at + UNDO_WINDOW,
    }
}

/// A note as the wire has it; `None` for other lines.
pub(super) fn note(item: &TimelineItem) -> Option<NoteView> {
    let text = item.text.clone()?;
    Some(NoteView {
        at: item.at,
        by: item.actor.to_string(),
        text,
    })
}

/// A line of a timeline as the wire has it.
pub(super) fn timeline(item: TimelineItem) -> TimelineView {
    TimelineView {
        at: item.at,
        kind: item.kind,
        actor: Some(item.actor.to_string()),
        text: item.text,
        code: item.phrase.code,
        params: item.phrase.params,
        group_id: item.group,
        alert_id: None,
    }
}
