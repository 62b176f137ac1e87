//! Starting: journal and store are opened, compared, and brought to the same place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::record::{UnknownEntry, recorded};
use crate::journal::{FileJournal, Journal, JournalConfig, JournalError, Notice, read_sealed};
use crate::store::view::{self, Applied};
use crate::store::{self, Backend, MemoryStore, Store, StoreError, Write};
use crate::triage::{Effect, State};

/// Where things are.
#[derive(Clone, Debug)]
pub struct Places {
    /// Folder of the journal.
    pub journal: PathBuf,
    /// Folder of the store.
    pub store: PathBuf,
    /// What keeps the store.
    pub backend: Backend,
}

impl Places {
    /// `journal` and `store` within a data folder.
    pub fn within(data: &Path, backend: Backend) -> Self {
        Self {
            journal: data.join("journal"),
            store: data.join("store"),
            backend,
        }
    }
}

/// Why the state cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store, and a new one could not be made either.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal is of a newer program.
    #[error(transparent)]
    Unknown(#[from] UnknownEntry),
    /// A store that cannot be opened is in the way.
    #[error("cannot move the store {path} aside: {source}")]
    MoveAside {
        /// Its folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// What starting did, to be said on the console and in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What the journal put right.
    pub journal: Notice,
    /// The store could not be used and was made anew from the journal: why, and where the old one is.
    pub rebuilt: Option<(String, PathBuf)>,
    /// Entries that the store did not contain yet.
    pub replayed: u64,
}

/// Everything that the writer needs.
pub struct Opened {
    /// The journal, for writing.
    pub journal: FileJournal,
    /// The store, holding all that the journal says.
    pub store: Arc<dyn Store>,
    /// The state.
    pub state: State,
    /// What was done.
    pub report: Report,
}

/// Opens journal and store. A store that cannot be read, or that does not fit the journal, is moved aside and made anew.
///
/// # Errors
/// When the journal misses anything acknowledged or cannot be read, or no store can be made.
pub fn open(places: &Places) -> Result<Opened, OpenError> {
    let (journal, notice) = FileJournal::open(JournalConfig::new(&places.journal))?;
    let mut report = Report {
        journal: notice,
        ..Report::default()
    };
    let store = match usable(places, &journal) {
        Ok(store) => store,
        Err(why) => {
            let aside = move_aside(&places.store)?;
            tracing::error!(why, aside = %aside.display(), "store not usable, moved aside and rebuilt from the journal");
            report.rebuilt = Some((why, aside));
            store::open(places.backend, &places.store)?
        }
    };
    let mut state = State::new(view::records(&*store)?);
    report.replayed = replay(&journal, &mut state, &*store)?;
    Ok(Opened {
        journal,
        store,
        state,
        report,
    })
}

/// The store when it opens, its records can be read, and it contains what the journal said at that place.
fn usable(places: &Places, journal: &FileJournal) -> Result<Arc<dyn Store>, String> {
    let store = store::open(places.backend, &places.store).map_err(|error| error.to_string())?;
    view::records(&*store).map_err(|error| error.to_string())?;
    let applied = view::applied(&*store).map_err(|error| error.to_string())?;
    if applied.seq > journal.head().seq {
        return Err(format!(
            "it contains entry {} and the journal ends with {}",
            applied.seq,
            journal.head().seq
        ));
    }
    if applied.seq > 0 && hash_at(journal, applied.seq).as_ref() != Some(&applied.hash) {
        return Err(format!("its entry {} is not the journal's", applied.seq));
    }
    Ok(store)
}

fn hash_at(journal: &FileJournal, seq: u64) -> Option<String> {
    let entry = journal.read_from(seq).ok()?.next()?.ok()?;
    (entry.seq == seq).then(|| entry.hash.to_string())
}

fn move_aside(store: &Path) -> Result<PathBuf, OpenError> {
    let named = |n: u32| {
        store.with_file_name(format!(
            "{}.aside-{n}",
            store.file_name().unwrap_or_default().to_string_lossy()
        ))
    };
    // After a thousand of them somebody has to look; the last is then written over.
    let aside = (1..1000)
        .map(named)
        .find(|path| !path.exists())
        .unwrap_or_else(|| named(1000));
    std::fs::rename(store, &aside).map_err(|source| OpenError::MoveAside {
        path: store.to_owned(),
        source,
    })?;
    Ok(aside)
}

/// Entries applied between two writes to the store.
const CHUNK: u64 = 512;

/// Applies what the journal has beyond the state, and brings the store there too. Gives how many entries.
pub(super) fn replay(journal: &FileJournal, state: &mut State, store: &dyn Store) -> Result<u64, OpenError> {
    let from = state.records().applied + 1;
    let (mut effects, mut count, mut last) = (Vec::new(), 0, None);
    for entry in journal.read_from(from)? {
        let entry = entry?;
        state.apply(&recorded(&entry)?, &mut effects);
        last = Some(entry.hash.to_string());
        count += 1;
        if count % CHUNK == 0 {
            store.apply(&batch(&effects, state, last.as_deref()))?;
            effects.clear();
        }
    }
    if count > 0 {
        store.apply(&batch(&effects, state, last.as_deref()))?;
        store.flush()?;
    }
    Ok(count)
}

/// The writes of some effects, and how far the store is then.
pub(super) fn batch(effects: &[Effect], state: &State, hash: Option<&str>) -> Vec<Write> {
    let records = state.records();
    let applied = Applied {
        seq: records.applied,
        hash: hash.unwrap_or_default().to_owned(),
        let_go: records.let_go,
    };
    let mut writes = view::writes(effects);
    writes.push(view::applied_write(&applied));
    writes
}

/// The state and the timelines as the journal has them, without taking anything from a program that runs.
///
/// # Errors
/// When the journal cannot be read.
pub fn read(places: &Places) -> Result<(State, MemoryStore), OpenError> {
    let (_, entries) = read_sealed(&places.journal)?;
    let (mut state, store) = (State::default(), MemoryStore::default());
    let mut effects = Vec::new();
    for entry in entries {
        state.apply(&recorded(&entry?)?, &mut effects);
        store.apply(&view::writes(&effects))?;
        effects.clear();
    }
    Ok((state, store))
}

/// What comparing the store with the journal found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CheckReport {
    /// Entries in the journal.
    pub entries: u64,
    /// Records in the store that follow from the journal.
    pub records: u64,
    /// Keys of records that differ, are missing or should not be there; the first 100.
    pub differing: Vec<String>,
}

impl CheckReport {
    /// Whether the store is what the journal adds up to.
    pub fn is_equal(&self) -> bool {
        self.differing.is_empty()
    }
}

/// Compares the store with what the journal adds up to, without changing either.
///
/// # Errors
/// When one of them cannot be read. The store must not be in use.
pub fn check(places: &Places) -> Result<CheckReport, OpenError> {
    let (journal, _) = FileJournal::open(JournalConfig::new(&places.journal))?;
    let store = store::open(places.backend, &places.store)?;
    let rebuilt = MemoryStore::default();
    replay(&journal, &mut State::default(), &rebuilt)?;
    let (mut records, mut differing) = (0, Vec::new());
    for prefix in view::JOURNALLED {
        let as_map = |store: &dyn Store| {
            store
                .scan(prefix)
                .collect::<Result<std::collections::BTreeMap<Vec<u8>, Vec<u8>>, StoreError>>()
        };
        let (is, should) = (as_map(&*store)?, as_map(&rebuilt)?);
        records += is.len() as u64;
        let keys: std::collections::BTreeSet<_> = is.keys().chain(should.keys()).collect();
        let differ = keys.into_iter().filter(|key| is.get(*key) != should.get(*key));
        differing.extend(differ.map(|key| String::from_utf8_lossy(key).into_owned()));
    }
    differing.truncate(100);
    Ok(CheckReport {
        entries: journal.head().seq,
        records,
        differing,
    })
}

/// Moves the store aside and makes it anew from the journal. Gives how many entries it was made of, and where the old
/// one is.
///
/// # Errors
/// When the journal cannot be read or the store not written. The store must not be in use.
pub fn rebuild(places: &Places) -> Result<(u64, Option<PathBuf>), OpenError> {
    let (journal, _) = FileJournal::open(JournalConfig::new(&places.journal))?;
    let aside = places
        .store
        .exists()
        .then(|| move_aside(&places.store))
        .transpose()?;
    let store = store::open(places.backend, &places.store)?;
    let entries = replay(&journal, &mut State::default(), &*store)?;
    Ok((entries, aside))
}
