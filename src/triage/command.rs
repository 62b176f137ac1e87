//! What people ask to be changed.

use std::sync::Arc;

use saola_event::{Severity, Timestamp};

use super::{GroupId, IncidentNumber, Phrase, Status, User, Verdict};

/// A change that somebody asks for. It becomes [`Change`](super::Change)s in the journal, or an error and nothing.
#[derive(Clone, Debug)]
pub enum Command {
    /// Decides about a group and closes it.
    GiveVerdict {
        /// The group.
        group: GroupId,
        /// The decision.
        verdict: Verdict,
        /// In the person's words; may be empty.
        reason: String,
    },
    /// Takes the last verdict back, within [`UNDO_WINDOW`].
    UndoVerdict {
        /// The group.
        group: GroupId,
    },
    /// Gives a group to somebody, or to nobody.
    Assign {
        /// The group.
        group: GroupId,
        /// Account name.
        user: Option<Arc<str>>,
    },
    /// Writes a note at a group.
    NoteGroup {
        /// The group.
        group: GroupId,
        /// The note.
        text: String,
    },
    /// Marks a group as seen.
    MarkRead {
        /// The group.
        group: GroupId,
    },
    /// Makes an incident of groups.
    OpenIncident {
        /// The groups, the leading one first.
        groups: Vec<GroupId>,
        /// What to call it; otherwise the leading rule's title.
        title: Option<String>,
    },
    /// Adds groups to an incident.
    AddGroups {
        /// The incident.
        number: IncidentNumber,
        /// The groups.
        groups: Vec<GroupId>,
    },
    /// Says where the work stands.
    SetStatus {
        /// The incident.
        number: IncidentNumber,
        /// The new status.
        status: Status,
        /// In the person's words.
        reason: String,
    },
    /// Gives an incident to somebody, or to nobody.
    SetOwner {
        /// The incident.
        number: IncidentNumber,
        /// Account name.
        user: Option<Arc<str>>,
    },
    /// Writes a note at an incident.
    NoteIncident {
        /// The incident.
        number: IncidentNumber,
        /// The note.
        text: String,
    },
    /// Sets how bad an incident is; it is not raised by itself any more.
    SetSeverity {
        /// The incident.
        number: IncidentNumber,
        /// The new severity.
        severity: Severity,
        /// In the person's words.
        reason: String,
    },
    /// Says in the timeline what became of a mail.
    RecordMail {
        /// The incident.
        number: IncidentNumber,
        /// What became of it.
        phrase: Phrase,
    },
    /// Makes or changes an account.
    PutUser(User),
    /// Gives an account a link that sets its password once.
    IssueSetup {
        /// Account name.
        name: Arc<str>,
        /// SHA-256 of the token, lower-case hex.
        token_hash: String,
        /// Not valid from here on.
        expires_at: Timestamp,
    },
    /// Sets a password with such a link. Refused when the link is used up or too old.
    RedeemSetup {
        /// SHA-256 of the token, lower-case hex.
        token_hash: String,
        /// argon2id in PHC form.
        password: String,
    },
    /// Writes a sign-in, sign-out or lock-out into the audit trail.
    RecordAccess {
        /// Account name.
        name: Arc<str>,
        /// What happened.
        event: AccessEvent,
        /// Address it came from.
        source: String,
    },
}

/// What happened at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessEvent {
    /// Signed in.
    SignedIn,
    /// Signed out.
    SignedOut,
    /// Locked after too many wrong passwords.
    LockedOut,
}

/// How long a verdict can be taken back.
pub const UNDO_WINDOW: std::time::Duration = std::time::Duration::from_mins(10);

/// Longest text of a person: note, reason, title, in bytes.
pub const MAX_TEXT_BYTES: usize = 8192;

/// Why a command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no such group.
    #[error("there is no group {0}")]
    NoGroup(GroupId),
    /// There is no such incident.
    #[error("there is no incident {0}")]
    NoIncident(IncidentNumber),
    /// There is no such account.
    #[error("there is no account {0}")]
    NoUser(Arc<str>),
    /// The incident is resolved or closed: reopen it first.
    #[error("incident {0} is finished: set it back to investigating first")]
    IncidentFinished(IncidentNumber),
    /// The group is part of another incident.
    #[error("group {0} is part of incident {1}")]
    GroupTaken(GroupId, IncidentNumber),
    /// The incident holds as many groups as it can.
    #[error("incident {0} holds as many groups as it can")]
    IncidentFull(IncidentNumber),
    /// No groups were given.
    #[error("give at least one group")]
    NoGroups,
    /// There is no verdict to take back.
    #[error("group {0} has no verdict to take back")]
    NothingToUndo(GroupId),
    /// The verdict is older than ten minutes.
    #[error("the verdict on {0} is older than ten minutes")]
    UndoTooLate(GroupId),
    /// A text is empty or too long.
    #[error("the text is empty or longer than {MAX_TEXT_BYTES} bytes")]
    BadText,
    /// The link is used up, too old or never was.
    #[error("the setup link is used up or too old")]
    SetupInvalid,
    /// An account name is not of the form asked for.
    #[error("an account name has 1 to 64 of a-z 0-9 . _ -")]
    BadName,
}

/// What a command made, where the asker needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// Nothing with a name of its own.
    Nothing,
    /// An incident.
    Incident(IncidentNumber),
    /// The account whose password was set.
    Password(Arc<str>),
}
