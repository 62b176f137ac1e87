//! From alerts to work for a person: groups, incidents, verdicts. Pure: time comes with the alerts and commands.
//!
//! [`Triage`] looks at alerts and commands and says what changes ([`Change`]); [`State::apply`] carries a change out.
//! Live and in a rebuild the same `apply` runs over the same journal, so both end in the same state. The rules by which
//! alerts become groups and groups become incidents are in `DESIGN.md` beside this file.

mod change;
mod command;
mod decide;
mod effect;
mod entity;
mod group;
mod id;
mod incident;
mod parties;
mod records;
mod stage;
mod state;
#[cfg(test)]
mod testing;
mod user;

pub use change::{Change, Recorded};
pub use command::{AccessEvent, Command, CommandError, MAX_TEXT_BYTES, Made, UNDO_WINDOW};
pub use decide::{Outcome, SYSTEM, Triage};
pub use effect::Effect;
pub use entity::{Entity, EntityError};
pub use group::{
    Actor, AssetRef, Group, GroupRule, GroupState, Kept, KeptAlert, Target, Verdict, VerdictRecord,
};
pub use id::{AlertId, GroupId, IdError, IncidentNumber};
pub use incident::{Incident, Phrase, Status, TimelineItem, TimelineKind, Title};
pub use records::Records;
pub use stage::Stage;
pub use state::{MAX_GROUPS, State};
pub use user::{Account, Role, SetupLink, User};
