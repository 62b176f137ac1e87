//! What applying a change does to the records, one by one: what the store writes and what readers are told.

use std::sync::Arc;

use super::{Account, Group, GroupId, Incident, IncidentNumber, KeptAlert, TimelineItem};

/// One record made, changed or removed.
#[derive(Clone, Debug)]
pub enum Effect {
    /// A group was made or changed.
    Group(Arc<Group>),
    /// A group was let go.
    GroupGone(GroupId),
    /// An alert of a group is kept whole.
    AlertKept {
        /// The group.
        group: GroupId,
        /// Running number within the group.
        number: u64,
        /// The alert.
        kept: Arc<KeptAlert>,
    },
    /// An alert makes room for newer ones.
    AlertGone {
        /// The group.
        group: GroupId,
        /// Running number within the group.
        number: u64,
    },
    /// A note was written at a group.
    GroupNote {
        /// The group.
        group: GroupId,
        /// Journal entry.
        seq: u64,
        /// The note.
        item: TimelineItem,
    },
    /// A note went with its group.
    GroupNoteGone {
        /// The group.
        group: GroupId,
        /// Journal entry.
        seq: u64,
    },
    /// An incident was made or changed.
    Incident(Arc<Incident>),
    /// A line was added to an incident's timeline.
    Timeline {
        /// The incident.
        incident: IncidentNumber,
        /// Journal entry.
        seq: u64,
        /// The line.
        item: TimelineItem,
    },
    /// An account was made or changed.
    Account(Arc<Account>),
}
