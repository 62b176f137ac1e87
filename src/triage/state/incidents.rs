//! Changes of incidents. Each leaves a line in the timeline.

use std::sync::Arc;

use saola_event::Severity;

use super::super::{
    Change, Effect, Entity, Group, GroupId, Incident, IncidentNumber, Phrase, Recorded, Status, TimelineItem,
    TimelineKind, Title,
};
use super::State;

impl State {
    pub(super) fn apply_to_incident(&mut self, entry: &Recorded, effects: &mut Vec<Effect>) {
        match &entry.change {
            Change::IncidentOpened {
                number,
                groups,
                why,
                title,
            } => {
                self.open_incident(*number, groups, why, title.as_ref(), entry, effects);
            }
            Change::IncidentJoined { number, group, why } => self.join(*number, *group, why, entry, effects),
            Change::IncidentEscalated {
                number,
                severity,
                why,
            } => {
                self.change_incident(
                    *number,
                    action(entry, why.clone(), None),
                    entry,
                    effects,
                    |incident| {
                        incident.severity = incident.severity.max(*severity);
                    },
                );
            }
            Change::StatusSet {
                number,
                status,
                reason,
            } => {
                let phrase = Phrase::new("timeline.status", [("status", status.name().to_owned())]);
                self.change_incident(
                    *number,
                    action(entry, phrase, said(reason)),
                    entry,
                    effects,
                    |incident| {
                        incident.status = *status;
                    },
                );
            }
            Change::OwnerSet { number, user } => {
                let phrase = Phrase::new(
                    "timeline.owner",
                    [("user", user.as_deref().unwrap_or_default().to_owned())],
                );
                self.change_incident(*number, action(entry, phrase, None), entry, effects, |incident| {
                    incident.owner.clone_from(user);
                });
            }
            Change::IncidentNoted { number, text } => {
                let mut line = action(entry, Phrase::new("timeline.note", []), said(text));
                line.kind = TimelineKind::Note;
                self.change_incident(*number, line, entry, effects, |_| {});
            }
            Change::SeveritySet {
                number,
                severity,
                reason,
            } => {
                let phrase = Phrase::new("timeline.severity", [("severity", severity.name().to_owned())]);
                self.change_incident(
                    *number,
                    action(entry, phrase, said(reason)),
                    entry,
                    effects,
                    |incident| {
                        (incident.severity, incident.severity_fixed) = (*severity, true);
                    },
                );
            }
            Change::MailRecorded { number, phrase } => {
                let mut line = action(entry, phrase.clone(), None);
                line.kind = TimelineKind::Mail;
                self.change_incident(*number, line, entry, effects, |_| {});
            }
            _ => {}
        }
    }

    fn change_incident(
        &mut self,
        number: IncidentNumber,
        line: TimelineItem,
        entry: &Recorded,
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut Incident),
    ) {
        let Some(mut incident) = self.incident(number) else {
            return;
        };
        change(&mut incident);
        effects.push(Effect::Timeline {
            incident: number,
            seq: entry.seq,
            item: line,
        });
        self.put_incident(incident, entry, effects);
    }

    fn open_incident(
        &mut self,
        number: IncidentNumber,
        groups: &[GroupId],
        why: &Phrase,
        title: Option<&String>,
        entry: &Recorded,
        effects: &mut Vec<Effect>,
    ) {
        let mut members: Vec<Group> = groups.iter().filter_map(|&id| self.group(id)).collect();
        let Some(leading) = members.first() else { return };
        let mut incident = begin(number, leading, why, entry);
        incident.title.given = title.cloned();
        members.truncate(Incident::MAX_GROUPS);
        for group in &members {
            take_in(&mut incident, group);
        }
        let mut line = action(entry, why.clone(), None);
        line.group = incident.groups.first().copied();
        effects.push(Effect::Timeline {
            incident: number,
            seq: entry.seq,
            item: line,
        });
        for mut group in members {
            group.incident = Some(number);
            self.put_group(group, effects);
        }
        self.put_incident(incident, entry, effects);
    }

    fn join(
        &mut self,
        number: IncidentNumber,
        id: GroupId,
        why: &Phrase,
        entry: &Recorded,
        effects: &mut Vec<Effect>,
    ) {
        let (Some(mut incident), Some(mut group)) = (self.incident(number), self.group(id)) else {
            return;
        };
        if incident.groups.len() >= Incident::MAX_GROUPS {
            return;
        }
        let engines_before = incident.engines.len();
        take_in(&mut incident, &group);
        // What tells most: the reason that ties packets and logs together, else the first that ties two groups.
        if incident.why.code == OPENED_BY_SEVERITY || incident.engines.len() > engines_before {
            incident.why = why.clone();
        }
        let mut line = action(entry, why.clone(), None);
        (line.kind, line.group) = (TimelineKind::Alert, Some(id));
        effects.push(Effect::Timeline {
            incident: number,
            seq: entry.seq,
            item: line,
        });
        group.incident = Some(number);
        self.put_group(group, effects);
        self.put_incident(incident, entry, effects);
    }
}

/// The reason of an incident that one group opened by its severity alone.
pub(in crate::triage) const OPENED_BY_SEVERITY: &str = "why.severity";

fn begin(number: IncidentNumber, leading: &Group, why: &Phrase, entry: &Recorded) -> Incident {
    let system = leading
        .target
        .asset
        .as_ref()
        .map(|asset| Arc::clone(&asset.system));
    Incident {
        number,
        title: Title::default(),
        severity: Severity::Informational,
        severity_fixed: false,
        status: Status::New,
        owner: None,
        agency: Arc::clone(&leading.agency),
        system: system.filter(|system| !system.is_empty()),
        level: 0,
        stages: std::collections::BTreeSet::new(),
        opened_at: entry.time,
        t0: leading.first_seen,
        last_event: leading.last_seen,
        updated_at: entry.time,
        groups: Vec::new(),
        engines: std::collections::BTreeSet::new(),
        why: why.clone(),
        entities: std::collections::BTreeSet::new(),
    }
}

/// Makes a group part of an incident: what the group says is then said of the incident.
fn take_in(incident: &mut Incident, group: &Group) {
    if incident.groups.contains(&group.id) {
        return;
    }
    let leads = incident.groups.is_empty() || (group.severity, furthest(group)) > lead_rank(incident);
    incident.groups.push(group.id);
    if leads {
        incident.title.rule = Arc::clone(&group.rule.title);
        incident.title.rule_vi.clone_from(&group.rule.title_vi);
    }
    incident.level = incident.level.max(group.target.level());
    if !incident.severity_fixed {
        incident.severity = incident.severity.max(raised(group));
    }
    incident.stages.extend(&group.stages);
    incident.t0 = incident.t0.min(group.first_seen);
    incident.last_event = incident.last_event.max(group.last_seen);
    incident.engines.insert(group.rule.engine);
    let room = Incident::MAX_ENTITIES.saturating_sub(incident.entities.len());
    let new: Vec<Entity> = group
        .entities
        .difference(&incident.entities)
        .take(room)
        .cloned()
        .collect();
    incident.entities.extend(new);
}

fn furthest(group: &Group) -> Option<super::super::Stage> {
    group.stages.last().copied()
}

fn lead_rank(incident: &Incident) -> (Severity, Option<super::super::Stage>) {
    (incident.severity, incident.stages.last().copied())
}

/// Severity of a group within an incident: one higher on systems of level 4 and 5, whose loss is a matter of the state.
pub(in crate::triage) fn raised(group: &Group) -> Severity {
    match (group.target.level() >= 4, group.severity) {
        (true, Severity::Medium) => Severity::High,
        (true, Severity::High) => Severity::Critical,
        (_, severity) => severity,
    }
}

fn action(entry: &Recorded, phrase: Phrase, text: Option<String>) -> TimelineItem {
    TimelineItem {
        at: entry.time,
        kind: TimelineKind::Action,
        actor: Arc::clone(&entry.actor),
        text,
        phrase,
        group: None,
    }
}

fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
