//! Everything that readers look at, held in memory: groups, incidents, accounts. Cheap to share, record by record.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Account, Group, GroupId, GroupState, Incident, IncidentNumber};

/// The records of the view. Each is shared, so that a change replaces it and readers keep what they hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Groups by id.
    pub groups: HashMap<GroupId, Arc<Group>>,
    /// Incidents by number.
    pub incidents: BTreeMap<IncidentNumber, Arc<Incident>>,
    /// Accounts by name.
    pub accounts: BTreeMap<Arc<str>, Arc<Account>>,
    /// The last journal entry that these records contain; 0 for none.
    pub applied: u64,
    /// Groups let go because there were more than are held; they stay in the journal.
    pub let_go: u64,
}

impl Records {
    /// Groups without a verdict that `seen` admits.
    pub fn open_groups(&self, seen: impl Fn(&Group) -> bool) -> usize {
        let open = |group: &&Arc<Group>| group.state == GroupState::Open && seen(group);
        self.groups.values().filter(open).count()
    }

    /// Unfinished incidents that `seen` admits.
    pub fn open_incidents(&self, seen: impl Fn(&Incident) -> bool) -> usize {
        let open = |incident: &&Arc<Incident>| incident.status.is_open() && seen(incident);
        self.incidents.values().filter(open).count()
    }
}
