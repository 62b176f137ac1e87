//! The state that the journal adds up to, and how a change is carried out.
//!
//! [`State::apply`] is the only way in which records change, live and in a rebuild. It is total: a change that speaks of
//! a group or incident that is not there (let go, or a journal of a newer program) changes nothing.

mod groups;
mod incidents;
mod people;

pub(super) use incidents::{OPENED_BY_SEVERITY, raised};

use std::collections::BTreeSet;
use std::sync::Arc;

use saola_event::Timestamp;

use super::{Account, Change, Effect, Group, GroupId, Incident, IncidentNumber, Recorded, Records};

/// Groups held at once; beyond it the longest unseen goes (the journal keeps it).
pub const MAX_GROUPS: usize = 50_000;

/// Records with what is needed to keep them bounded.
#[derive(Clone, Debug)]
pub struct State {
    records: Records,
    by_age: BTreeSet<(Timestamp, GroupId)>,
    max_groups: usize,
}

impl Default for State {
    fn default() -> Self {
        Self::new(Records::default())
    }
}

impl State {
    /// A state of these records.
    pub fn new(records: Records) -> Self {
        Self::with_room(records, MAX_GROUPS)
    }

    /// The same with other room for groups. Live and rebuild must agree on it.
    pub fn with_room(records: Records, max_groups: usize) -> Self {
        let by_age = records
            .groups
            .values()
            .map(|group| (group.last_seen, group.id))
            .collect();
        Self {
            records,
            by_age,
            max_groups,
        }
    }

    /// The records.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Carries a change out. What it did to the records is added to `effects`.
    ///
    /// An entry that the state contains already is passed over, so that a replay may begin early.
    pub fn apply(&mut self, entry: &Recorded, effects: &mut Vec<Effect>) {
        if entry.seq <= self.records.applied {
            return;
        }
        self.records.applied = entry.seq;
        match &entry.change {
            Change::GroupOpened { .. }
            | Change::AlertAdded { .. }
            | Change::AlertsCounted { .. }
            | Change::GroupRead { .. }
            | Change::VerdictGiven { .. }
            | Change::VerdictUndone { .. }
            | Change::GroupAssigned { .. }
            | Change::GroupNoted { .. } => self.apply_to_group(entry, effects),
            Change::IncidentOpened { .. }
            | Change::IncidentJoined { .. }
            | Change::IncidentEscalated { .. }
            | Change::StatusSet { .. }
            | Change::OwnerSet { .. }
            | Change::IncidentNoted { .. }
            | Change::SeveritySet { .. }
            | Change::MailRecorded { .. } => self.apply_to_incident(entry, effects),
            Change::UserPut { .. }
            | Change::SetupIssued { .. }
            | Change::PasswordSet { .. }
            | Change::Accessed { .. } => self.apply_to_account(entry, effects),
        }
    }

    fn group(&self, id: GroupId) -> Option<Group> {
        self.records.groups.get(&id).map(|group| Group::clone(group))
    }

    fn incident(&self, number: IncidentNumber) -> Option<Incident> {
        self.records
            .incidents
            .get(&number)
            .map(|incident| Incident::clone(incident))
    }

    fn put_group(&mut self, group: Group, effects: &mut Vec<Effect>) {
        let group = Arc::new(group);
        let before = self.records.groups.insert(group.id, Arc::clone(&group));
        if let Some(before) = before {
            self.by_age.remove(&(before.last_seen, before.id));
        }
        self.by_age.insert((group.last_seen, group.id));
        effects.push(Effect::Group(group));
    }

    fn put_incident(&mut self, mut incident: Incident, entry: &Recorded, effects: &mut Vec<Effect>) {
        incident.updated_at = incident.updated_at.max(entry.time);
        let incident = Arc::new(incident);
        self.records
            .incidents
            .insert(incident.number, Arc::clone(&incident));
        effects.push(Effect::Incident(incident));
    }

    fn put_account(&mut self, account: Account, effects: &mut Vec<Effect>) {
        let account = Arc::new(account);
        self.records
            .accounts
            .insert(Arc::clone(&account.user.name), Arc::clone(&account));
        effects.push(Effect::Account(account));
    }
}
