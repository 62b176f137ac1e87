//! Commands of people: allowed or not, and what they change.

use std::sync::Arc;

use super::super::{
    Change, Command, CommandError, Group, GroupId, Incident, IncidentNumber, MAX_TEXT_BYTES, Made, Phrase,
    SetupLink, UNDO_WINDOW, User,
};
use super::Making;
use super::index::next_number;

type Done = Result<Made, CommandError>;

pub(super) fn carry_out(making: &mut Making<'_>, command: Command) -> Done {
    match command {
        Command::GiveVerdict {
            group,
            verdict,
            reason,
        } => {
            said_well(&reason, true)?;
            on_group(making, group, |_| {
                Ok(Change::VerdictGiven {
                    group,
                    verdict,
                    reason,
                })
            })
        }
        Command::UndoVerdict { group } => {
            let at = making.at;
            on_group(making, group, |found| match &found.verdict {
                None => Err(CommandError::NothingToUndo(group)),
                Some(verdict) if at.since(verdict.at) > UNDO_WINDOW => Err(CommandError::UndoTooLate(group)),
                Some(_) => Ok(Change::VerdictUndone { group }),
            })
        }
        Command::Assign { group, user } => {
            known_user(making, user.as_ref())?;
            on_group(making, group, |_| Ok(Change::GroupAssigned { group, user }))
        }
        Command::NoteGroup { group, text } => {
            said_well(&text, false)?;
            on_group(making, group, |_| Ok(Change::GroupNoted { group, text }))
        }
        Command::MarkRead { group } => mark_read(making, group),
        Command::OpenIncident { groups, title } => open(making, groups, title),
        Command::AddGroups { number, groups } => add(making, number, &groups),
        Command::SetStatus {
            number,
            status,
            reason,
        } => {
            said_well(&reason, true)?;
            on_incident(making, number, |_| {
                Ok(Change::StatusSet {
                    number,
                    status,
                    reason,
                })
            })
        }
        Command::SetOwner { number, user } => {
            known_user(making, user.as_ref())?;
            on_incident(making, number, |_| Ok(Change::OwnerSet { number, user }))
        }
        Command::NoteIncident { number, text } => {
            said_well(&text, false)?;
            on_incident(making, number, |_| Ok(Change::IncidentNoted { number, text }))
        }
        Command::SetSeverity {
            number,
            severity,
            reason,
        } => {
            said_well(&reason, true)?;
            on_incident(making, number, |_| {
                Ok(Change::SeveritySet {
                    number,
                    severity,
                    reason,
                })
            })
        }
        Command::RecordMail { number, phrase } => {
            on_incident(making, number, |_| Ok(Change::MailRecorded { number, phrase }))
        }
        Command::PutUser(user) => put_user(making, user),
        Command::IssueSetup {
            name,
            token_hash,
            expires_at,
        } => {
            known_user(making, Some(&name))?;
            making.make(Change::SetupIssued {
                name,
                link: SetupLink {
                    token_hash,
                    expires_at,
                },
            });
            Ok(Made::Nothing)
        }
        Command::RedeemSetup { token_hash, password } => redeem(making, &token_hash, password),
        Command::RecordAccess { name, event, source } => {
            known_user(making, Some(&name))?;
            making.make(Change::Accessed { name, event, source });
            Ok(Made::Nothing)
        }
    }
}

fn on_group(
    making: &mut Making<'_>,
    id: GroupId,
    change: impl FnOnce(&Group) -> Result<Change, CommandError>,
) -> Done {
    let change = change(find_group(making, id)?)?;
    making.make(change);
    Ok(Made::Nothing)
}

fn on_incident(
    making: &mut Making<'_>,
    number: IncidentNumber,
    change: impl FnOnce(&Incident) -> Result<Change, CommandError>,
) -> Done {
    let change = change(find_incident(making, number)?)?;
    making.make(change);
    Ok(Made::Nothing)
}

fn find_group<'a>(making: &'a Making<'_>, id: GroupId) -> Result<&'a Group, CommandError> {
    let found = making.records().groups.get(&id);
    found.map(|group| &**group).ok_or(CommandError::NoGroup(id))
}

fn find_incident<'a>(making: &'a Making<'_>, number: IncidentNumber) -> Result<&'a Incident, CommandError> {
    let found = making.records().incidents.get(&number);
    found
        .map(|incident| &**incident)
        .ok_or(CommandError::NoIncident(number))
}

/// Opening a group that was opened before writes nothing.
fn mark_read(making: &mut Making<'_>, group: GroupId) -> Done {
    if find_group(making, group)?.unread {
        making.make(Change::GroupRead { group });
    }
    Ok(Made::Nothing)
}

fn open(making: &mut Making<'_>, mut groups: Vec<GroupId>, title: Option<String>) -> Done {
    let mut seen = std::collections::BTreeSet::new();
    groups.retain(|id| seen.insert(*id));
    if groups.is_empty() {
        return Err(CommandError::NoGroups);
    }
    let title = title
        .map(|title| title.trim().to_owned())
        .filter(|title| !title.is_empty());
    title.as_deref().map_or(Ok(()), |title| said_well(title, false))?;
    for &id in &groups {
        free(find_group(making, id)?, None)?;
    }
    let (year, ..) = making.at.civil();
    let number = next_number(making.records(), u16::try_from(year).unwrap_or_default());
    if groups.len() > Incident::MAX_GROUPS {
        return Err(CommandError::IncidentFull(number));
    }
    let why = Phrase::new("why.person", [("value", making.actor.to_string())]);
    making.make(Change::IncidentOpened {
        number,
        groups,
        why,
        title,
    });
    Ok(Made::Incident(number))
}

fn add(making: &mut Making<'_>, number: IncidentNumber, groups: &[GroupId]) -> Done {
    let incident = find_incident(making, number)?;
    if !incident.status.is_open() {
        return Err(CommandError::IncidentFinished(number));
    }
    if groups.is_empty() {
        return Err(CommandError::NoGroups);
    }
    if incident.groups.len() + groups.len() > Incident::MAX_GROUPS {
        return Err(CommandError::IncidentFull(number));
    }
    for &id in groups {
        free(find_group(making, id)?, Some(number))?;
    }
    for &group in groups {
        let why = Phrase::new("why.person", [("value", making.actor.to_string())]);
        let new = find_group(making, group)?.incident.is_none();
        if new {
            making.make(Change::IncidentJoined { number, group, why });
        }
    }
    Ok(Made::Incident(number))
}

/// A group is part of one incident at most.
fn free(group: &Group, except: Option<IncidentNumber>) -> Result<(), CommandError> {
    match group.incident {
        Some(number) if Some(number) != except => Err(CommandError::GroupTaken(group.id, number)),
        _ => Ok(()),
    }
}

fn known_user(making: &Making<'_>, name: Option<&Arc<str>>) -> Result<(), CommandError> {
    match name {
        Some(name) if !making.records().accounts.contains_key(name) => {
            Err(CommandError::NoUser(Arc::clone(name)))
        }
        _ => Ok(()),
    }
}

fn put_user(making: &mut Making<'_>, user: User) -> Done {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    if !(1..=64).contains(&user.name.len()) || !user.name.bytes().all(plain) || &*user.name == super::SYSTEM {
        return Err(CommandError::BadName);
    }
    said_well(&user.display_name, true)?;
    making.make(Change::UserPut { user });
    Ok(Made::Nothing)
}

fn redeem(making: &mut Making<'_>, token_hash: &str, password: String) -> Done {
    let at = making.at;
    let holds = |link: &SetupLink| link.token_hash == token_hash && at < link.expires_at;
    let mut accounts = making.records().accounts.values();
    let found = accounts.find(|account| account.setup.as_ref().is_some_and(holds) && !account.user.disabled);
    let name = found
        .map(|account| Arc::clone(&account.user.name))
        .ok_or(CommandError::SetupInvalid)?;
    making.make(Change::PasswordSet {
        name: Arc::clone(&name),
        password,
    });
    Ok(Made::Password(name))
}

fn said_well(text: &str, may_be_empty: bool) -> Result<(), CommandError> {
    let empty = text.trim().is_empty() && !may_be_empty;
    if empty || text.len() > MAX_TEXT_BYTES {
        Err(CommandError::BadText)
    } else {
        Ok(())
    }
}
