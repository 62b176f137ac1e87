//! Changes of groups.

use saola_event::{Alert, Severity, Timestamp};

use super::super::group::hour_of;
use super::super::{
    Change, Effect, Entity, Group, GroupId, GroupState, KeptAlert, Phrase, Recorded, TimelineItem,
    TimelineKind, Verdict, VerdictRecord,
};
use super::State;

impl State {
    pub(super) fn apply_to_group(&mut self, entry: &Recorded, effects: &mut Vec<Effect>) {
        match &entry.change {
            Change::GroupOpened { group, alert } => self.open_group(group, alert, effects),
            Change::AlertAdded {
                group,
                alert,
                entities,
            } => {
                self.add_alert(*group, alert, entities, entry, effects);
            }
            Change::AlertsCounted {
                group,
                hours,
                first,
                last,
                severity,
            } => {
                let Some(mut found) = self.group(*group) else {
                    return;
                };
                for &(hour, count) in hours {
                    found.count = found.count.saturating_add(u64::from(count));
                    found.count_hour(hour, count);
                }
                seen(&mut found, *first, *last, *severity);
                self.put_seen(found, entry, effects);
            }
            Change::GroupRead { group } => self.change_group(*group, effects, |found| found.unread = false),
            Change::VerdictGiven {
                group,
                verdict,
                reason,
            } => {
                self.change_group(*group, effects, |found| decide(found, *verdict, reason, entry));
            }
            Change::VerdictUndone { group } => self.change_group(*group, effects, undo),
            Change::GroupAssigned { group, user } => {
                self.change_group(*group, effects, |found| found.assignee.clone_from(user));
            }
            Change::GroupNoted { group, text } => {
                self.change_group(*group, effects, |found| found.notes.push(entry.seq));
                effects.push(Effect::GroupNote {
                    group: *group,
                    seq: entry.seq,
                    item: note(entry, *group, text),
                });
            }
            _ => {}
        }
    }

    fn change_group(&mut self, id: GroupId, effects: &mut Vec<Effect>, change: impl FnOnce(&mut Group)) {
        if let Some(mut group) = self.group(id) {
            change(&mut group);
            self.put_group(group, effects);
        }
    }

    fn open_group(&mut self, group: &Group, alert: &KeptAlert, effects: &mut Vec<Effect>) {
        effects.push(kept(group.id, 0, alert));
        self.put_group(group.clone(), effects);
        while self.records.groups.len() > self.max_groups {
            let Some(id) = self.longest_unseen() else { return };
            self.let_go(id, effects);
        }
    }

    fn add_alert(
        &mut self,
        id: GroupId,
        alert: &KeptAlert,
        entities: &std::collections::BTreeSet<Entity>,
        entry: &Recorded,
        effects: &mut Vec<Effect>,
    ) {
        let Some(mut group) = self.group(id) else { return };
        let Alert { time, severity, .. } = alert.alert;
        effects.push(kept(id, group.kept.to, alert));
        group.kept.to += 1;
        while group.kept.to - group.kept.from > Group::MAX_KEPT {
            effects.push(Effect::AlertGone {
                group: id,
                number: group.kept.from,
            });
            group.kept.from += 1;
        }
        group.count = group.count.saturating_add(1);
        group.count_hour(hour_of(time), 1);
        let room = Group::MAX_ENTITIES.saturating_sub(group.entities.len());
        group.entities.extend(entities.iter().take(room).cloned());
        seen(&mut group, time, time, severity);
        self.put_seen(group, entry, effects);
    }

    /// Puts a group that has new alerts; its incident is as new as they are.
    fn put_seen(&mut self, group: Group, entry: &Recorded, effects: &mut Vec<Effect>) {
        let incident = group.incident.and_then(|number| self.incident(number));
        if let Some(mut incident) = incident {
            incident.last_event = incident.last_event.max(group.last_seen);
            incident.t0 = incident.t0.min(group.first_seen);
            self.put_incident(incident, entry, effects);
        }
        self.put_group(group, effects);
    }

    /// The group to let go: the longest unseen that is part of no incident, else the longest unseen.
    fn longest_unseen(&self) -> Option<GroupId> {
        let loose = |id: &GroupId| {
            self.records
                .groups
                .get(id)
                .is_some_and(|group| group.incident.is_none())
        };
        // Looking further would cost more than the difference is worth.
        let mut oldest = self.by_age.iter().map(|(_, id)| *id).take(1000);
        oldest.clone().find(loose).or_else(|| oldest.next())
    }

    fn let_go(&mut self, id: GroupId, effects: &mut Vec<Effect>) {
        let Some(group) = self.records.groups.remove(&id) else {
            return;
        };
        self.by_age.remove(&(group.last_seen, id));
        self.records.let_go += 1;
        let alerts = group.kept.from..group.kept.to;
        effects.extend(alerts.map(|number| Effect::AlertGone { group: id, number }));
        effects.extend(
            group
                .notes
                .iter()
                .map(|&seq| Effect::GroupNoteGone { group: id, seq }),
        );
        effects.push(Effect::GroupGone(id));
    }
}

fn kept(group: GroupId, number: u64, alert: &KeptAlert) -> Effect {
    Effect::AlertKept {
        group,
        number,
        kept: alert.clone().into(),
    }
}

/// Notes the times and the severity of new alerts; a group that became worse is unread again.
fn seen(group: &mut Group, first: Timestamp, last: Timestamp, severity: Severity) {
    group.first_seen = group.first_seen.min(first);
    group.last_seen = group.last_seen.max(last);
    if severity > group.severity {
        group.severity = severity;
        group.unread = true;
    }
}

fn decide(group: &mut Group, verdict: Verdict, reason: &str, entry: &Recorded) {
    let record = VerdictRecord {
        verdict,
        reason: reason.to_owned(),
        by: entry.actor.clone(),
        at: entry.time,
    };
    group.replaced = group.verdict.replace(record);
    group.state = GroupState::Closed;
    group.unread = false;
}

fn undo(group: &mut Group) {
    group.verdict = group.replaced.take();
    group.state = if group.verdict.is_some() {
        GroupState::Closed
    } else {
        GroupState::Open
    };
}

fn note(entry: &Recorded, group: GroupId, text: &str) -> TimelineItem {
    TimelineItem {
        at: entry.time,
        kind: TimelineKind::Note,
        actor: entry.actor.clone(),
        text: Some(text.to_owned()),
        phrase: Phrase::new("timeline.note", []),
        group: Some(group),
    }
}
