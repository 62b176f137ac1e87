//! What triage looks up: which group an alert belongs to, which groups and incidents share an actor or a target.
//!
//! It follows from the records alone. Entries of finished incidents and closed groups may stay; whoever looks up checks
//! what it finds.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use super::super::{Effect, Entity, Group, GroupId, IncidentNumber, Records};

/// Rule, agency and target: alerts of one key within the window are one group.
pub(super) type GroupKey = (Arc<str>, Arc<str>, String);

#[derive(Debug, Default)]
pub(super) struct Index {
    newest: HashMap<GroupKey, GroupId>,
    keys: HashMap<GroupId, GroupKey>,
    by_actor: HashMap<IpAddr, BTreeSet<GroupId>>,
    by_target: HashMap<String, BTreeSet<GroupId>>,
    by_user: HashMap<String, BTreeSet<GroupId>>,
}

pub(super) fn key_of(group: &Group) -> GroupKey {
    (
        Arc::clone(&group.rule.id),
        Arc::clone(&group.agency),
        target_key(group),
    )
}

pub(super) fn target_key(group: &Group) -> String {
    group.target.label().to_lowercase()
}

/// The address that acts against the target: not one that it called, which is a meeting point of many victims. Of a
/// group that several act in, the first: the others would tie strangers together who use the same trick.
pub(super) fn actors(group: &Group) -> impl Iterator<Item = IpAddr> + '_ {
    let acting = group.actor.iter().filter(|actor| !actor.called);
    acting
        .filter_map(|actor| actor.ip)
        .filter(|ip| Some(*ip) != group.target.ip)
}

fn users(group: &Group) -> impl Iterator<Item = &String> {
    group.entities.iter().filter_map(|entity| match entity {
        Entity::User(user) => Some(user),
        _ => None,
    })
}

impl Index {
    pub(super) fn of(records: &Records) -> Self {
        let mut index = Self::default();
        let mut groups: Vec<&Arc<Group>> = records.groups.values().collect();
        // The newest of a key is put last and stays.
        groups.sort_by_key(|group| (group.last_seen, group.id));
        for group in groups {
            index.put(group);
        }
        index
    }

    pub(super) fn follow(&mut self, effect: &Effect) {
        match effect {
            Effect::Group(group) => self.put(group),
            Effect::GroupGone(id) => self.remove(*id),
            _ => {}
        }
    }

    fn put(&mut self, group: &Group) {
        let key = key_of(group);
        if !self.keys.contains_key(&group.id) {
            self.newest.insert(key.clone(), group.id);
            self.by_target
                .entry(target_key(group))
                .or_default()
                .insert(group.id);
            self.keys.insert(group.id, key);
        }
        for ip in actors(group) {
            self.by_actor.entry(ip).or_default().insert(group.id);
        }
        for entity in &group.entities {
            if let Entity::Host(host) = entity {
                self.by_target.entry(host.clone()).or_default().insert(group.id);
            }
        }
        for user in users(group) {
            self.by_user.entry(user.clone()).or_default().insert(group.id);
        }
    }

    /// Takes a group out everywhere. Rare, so the tables are searched.
    fn remove(&mut self, id: GroupId) {
        let Some(key) = self.keys.remove(&id) else { return };
        if self.newest.get(&key) == Some(&id) {
            self.newest.remove(&key);
        }
        drop_from(&mut self.by_actor, id);
        drop_from(&mut self.by_target, id);
        drop_from(&mut self.by_user, id);
    }

    pub(super) fn newest(&self, key: &GroupKey) -> Option<GroupId> {
        self.newest.get(key).copied()
    }

    pub(super) fn of_actor(&self, ip: IpAddr) -> impl Iterator<Item = GroupId> + '_ {
        self.by_actor.get(&ip).into_iter().flatten().copied()
    }

    /// Groups whose target it is, or whose request it passed on.
    pub(super) fn on_target(&self, target: &str) -> impl Iterator<Item = GroupId> + '_ {
        self.by_target.get(target).into_iter().flatten().copied()
    }

    pub(super) fn of_user(&self, user: &str) -> impl Iterator<Item = GroupId> + '_ {
        self.by_user.get(user).into_iter().flatten().copied()
    }
}

fn drop_from<K: std::hash::Hash + Eq>(table: &mut HashMap<K, BTreeSet<GroupId>>, id: GroupId) {
    table.retain(|_, ids| {
        ids.remove(&id);
        !ids.is_empty()
    });
}

/// Incident numbers are given in order within a year.
pub(super) fn next_number(records: &Records, year: u16) -> IncidentNumber {
    let of_year = IncidentNumber { year, number: 0 }..=IncidentNumber {
        year,
        number: u32::MAX,
    };
    let last = records
        .incidents
        .range(of_year)
        .next_back()
        .map_or(0, |(last, _)| last.number);
    IncidentNumber {
        year,
        number: last.saturating_add(1),
    }
}
