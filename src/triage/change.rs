//! What the journal says: every change of state, as it was decided. Names and fields are a file format; only add.

use std::collections::BTreeSet;
use std::sync::Arc;

use saola_event::{Severity, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    AccessEvent, Entity, Group, GroupId, IncidentNumber, KeptAlert, Phrase, SetupLink, Status, User, Verdict,
};

/// A change of state. Applying it needs nothing but the state before: no clock, no configuration, no rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum Change {
    /// A new group, as of its first alert.
    GroupOpened {
        /// The group.
        group: Box<Group>,
        /// Its first alert.
        alert: Box<KeptAlert>,
    },
    /// An alert of a group, kept whole.
    AlertAdded {
        /// The group.
        group: GroupId,
        /// The alert.
        alert: Box<KeptAlert>,
        /// What the group did not know before.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        entities: BTreeSet<Entity>,
    },
    /// Alerts of a group that are only counted.
    AlertsCounted {
        /// The group.
        group: GroupId,
        /// How many, by hour since the epoch.
        hours: Vec<(i64, u32)>,
        /// Event time of the earliest.
        first: Timestamp,
        /// Event time of the newest.
        last: Timestamp,
        /// The worst of them.
        severity: Severity,
    },
    /// Somebody opened the group.
    GroupRead {
        /// The group.
        group: GroupId,
    },
    /// A decision about a group.
    VerdictGiven {
        /// The group.
        group: GroupId,
        /// The decision.
        verdict: Verdict,
        /// In the person's words.
        reason: String,
    },
    /// The last decision was taken back.
    VerdictUndone {
        /// The group.
        group: GroupId,
    },
    /// A group was given to somebody, or to nobody.
    GroupAssigned {
        /// The group.
        group: GroupId,
        /// Account name.
        user: Option<Arc<str>>,
    },
    /// A note at a group.
    GroupNoted {
        /// The group.
        group: GroupId,
        /// The note.
        text: String,
    },
    /// An incident was opened.
    IncidentOpened {
        /// Its number.
        number: IncidentNumber,
        /// Its groups, the leading one first.
        groups: Vec<GroupId>,
        /// Why they are one incident.
        why: Phrase,
        /// What a person called it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// A group became part of an incident.
    IncidentJoined {
        /// The incident.
        number: IncidentNumber,
        /// The group.
        group: GroupId,
        /// Why it belongs there.
        why: Phrase,
    },
    /// An incident became worse or came further.
    IncidentEscalated {
        /// The incident.
        number: IncidentNumber,
        /// How bad it is now.
        severity: Severity,
        /// What made it so.
        why: Phrase,
    },
    /// Where the work stands.
    StatusSet {
        /// The incident.
        number: IncidentNumber,
        /// The new status.
        status: Status,
        /// In the person's words.
        reason: String,
    },
    /// An incident was given to somebody, or to nobody.
    OwnerSet {
        /// The incident.
        number: IncidentNumber,
        /// Account name.
        user: Option<Arc<str>>,
    },
    /// A note at an incident.
    IncidentNoted {
        /// The incident.
        number: IncidentNumber,
        /// The note.
        text: String,
    },
    /// A person said how bad an incident is.
    SeveritySet {
        /// The incident.
        number: IncidentNumber,
        /// The new severity.
        severity: Severity,
        /// In the person's words.
        reason: String,
    },
    /// What became of a mail about an incident.
    MailRecorded {
        /// The incident.
        number: IncidentNumber,
        /// What became of it.
        phrase: Phrase,
    },
    /// An account was made or changed.
    UserPut {
        /// The account.
        user: User,
    },
    /// An account got a link that sets its password.
    SetupIssued {
        /// Account name.
        name: Arc<str>,
        /// The link's hash and end.
        link: SetupLink,
    },
    /// A password was set; the link is used up and sessions of the old one end.
    PasswordSet {
        /// Account name.
        name: Arc<str>,
        /// argon2id in PHC form.
        password: String,
    },
    /// Somebody signed in or out, or was locked out. Changes nothing; it is for the audit.
    Accessed {
        /// Account name.
        name: Arc<str>,
        /// What happened.
        event: AccessEvent,
        /// Address it came from.
        source: String,
    },
}

/// A change with its place in the journal.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Number of the entry.
    pub seq: u64,
    /// When it was decided.
    pub time: Timestamp,
    /// Who; `system` for Saola.
    pub actor: Arc<str>,
    /// What.
    pub change: Change,
}
