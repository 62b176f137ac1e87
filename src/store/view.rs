//! Which records the store holds and how: the keys, the version byte, the typed reads.
//!
//! | key | record |
//! |---|---|
//! | `g/<group>` | [`Group`] |
//! | `a/<group>/<number>` | [`KeptAlert`], the newest of a group |
//! | `n/<group>/<seq>` | [`TimelineItem`], a note of a group |
//! | `i/<incident>` | [`Incident`] |
//! | `t/<incident>/<seq>` | [`TimelineItem`] |
//! | `u/<name>` | [`Account`] |
//! | `m/applied` | the last journal entry that the view contains |
//! | `s/…` | beside the journal: sessions |
//!
//! Numbers are fixed-width hex, so that the order of keys is the order of numbers. A value is one version byte and
//! JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Store, StoreError, Write};
use crate::triage::{
    Account, Effect, Group, GroupId, Incident, IncidentNumber, KeptAlert, Records, TimelineItem,
};

/// Version of the records' form.
const VERSION: u8 = 1;

/// Key of the number of the last journal entry contained.
const APPLIED: &[u8] = b"m/applied";

/// What is kept of the view's own state.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Applied {
    /// The last journal entry contained.
    pub seq: u64,
    /// Its hash: a store of another journal is noticed.
    pub hash: String,
    /// Groups let go for want of room.
    pub let_go: u64,
}

/// The prefixes of everything that follows from the journal; sessions are beside it.
pub const JOURNALLED: [&[u8]; 7] = [b"a/", b"g/", b"i/", b"m/", b"n/", b"t/", b"u/"];

/// The writes that carry effects out.
pub fn writes(effects: &[Effect]) -> Vec<Write> {
    effects.iter().map(write).collect()
}

/// The write that notes how far the view has come.
pub fn applied_write(applied: &Applied) -> Write {
    Write::Put(APPLIED.to_vec(), encode(applied))
}

fn write(effect: &Effect) -> Write {
    match effect {
        Effect::Group(group) => Write::Put(group_key(group.id), encode(&**group)),
        Effect::GroupGone(id) => Write::Delete(group_key(*id)),
        Effect::AlertKept { group, number, kept } => {
            Write::Put(numbered("a", group, *number), encode(&**kept))
        }
        Effect::AlertGone { group, number } => Write::Delete(numbered("a", group, *number)),
        Effect::GroupNote { group, seq, item } => Write::Put(numbered("n", group, *seq), encode(item)),
        Effect::GroupNoteGone { group, seq } => Write::Delete(numbered("n", group, *seq)),
        Effect::Incident(incident) => Write::Put(incident_key(incident.number), encode(&**incident)),
        Effect::Timeline { incident, seq, item } => Write::Put(numbered("t", incident, *seq), encode(item)),
        Effect::Account(account) => Write::Put(account_key(&account.user.name), encode(&**account)),
    }
}

fn group_key(id: GroupId) -> Vec<u8> {
    format!("g/{id}").into_bytes()
}

/// Year and number at fixed width, so that keys sort like incidents.
fn incident_key(number: IncidentNumber) -> Vec<u8> {
    format!("i/{:04}-{:08}", number.year, number.number).into_bytes()
}

fn account_key(name: &str) -> Vec<u8> {
    format!("u/{name}").into_bytes()
}

fn numbered(space: &str, of: &impl std::fmt::Display, number: u64) -> Vec<u8> {
    format!("{space}/{of}/{number:016x}").into_bytes()
}

/// One version byte and JSON.
pub fn encode<T: Serialize>(record: &T) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    serde_json::to_writer(&mut bytes, record)
        .expect("records are made of texts, numbers and maps with text keys");
    bytes
}

/// Reads what [`encode`] wrote.
pub fn decode<T: DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
    let damaged = |cause: String| StoreError::Damaged {
        key: String::from_utf8_lossy(key).into_owned(),
        cause,
    };
    match bytes.split_first() {
        Some((&VERSION, json)) => serde_json::from_slice(json).map_err(|error| damaged(error.to_string())),
        Some((version, _)) => Err(damaged(format!("version {version} is not known to this program"))),
        None => Err(damaged("empty".to_owned())),
    }
}

fn scan<T: DeserializeOwned>(store: &dyn Store, prefix: &[u8]) -> Result<Vec<T>, StoreError> {
    store
        .scan(prefix)
        .map(|pair| pair.and_then(|(key, value)| decode(&key, &value)))
        .collect()
}

/// The alerts kept of a group, oldest first.
pub fn alerts(store: &dyn Store, group: &Group) -> Result<Vec<KeptAlert>, StoreError> {
    scan(store, format!("a/{}/", group.id).as_bytes())
}

/// The notes of a group, oldest first.
pub fn notes(store: &dyn Store, group: GroupId) -> Result<Vec<TimelineItem>, StoreError> {
    scan(store, format!("n/{group}/").as_bytes())
}

/// The timeline of an incident, oldest first.
pub fn timeline(store: &dyn Store, incident: IncidentNumber) -> Result<Vec<TimelineItem>, StoreError> {
    scan(store, format!("t/{incident}/").as_bytes())
}

/// How far the view has come; 0 for an empty one.
pub fn applied(store: &dyn Store) -> Result<Applied, StoreError> {
    let kept = store.get(APPLIED)?;
    kept.map_or(Ok(Applied::default()), |bytes| decode(APPLIED, &bytes))
}

/// All records that are held in memory.
pub fn records(store: &dyn Store) -> Result<Records, StoreError> {
    let Applied { seq, let_go, .. } = applied(store)?;
    let groups: Vec<Group> = scan(store, b"g/")?;
    let incidents: Vec<Incident> = scan(store, b"i/")?;
    let accounts: Vec<Account> = scan(store, b"u/")?;
    Ok(Records {
        groups: groups.into_iter().map(|group| (group.id, group.into())).collect(),
        incidents: incidents
            .into_iter()
            .map(|incident| (incident.number, incident.into()))
            .collect(),
        accounts: accounts
            .into_iter()
            .map(|account| (account.user.name.clone(), account.into()))
            .collect(),
        applied: seq,
        let_go,
    })
}
