//! The state that the journal adds up to, indexed for reading. A view: it can always be rebuilt.
//!
//! sled is the back end, redb stands by one configuration line away, and a map in memory serves comparisons; the same
//! conformance suite runs over all three. No type of theirs leaves this folder.

mod export;
mod memory;
mod redb;
mod sled;
pub mod view;

pub use self::redb::RedbStore;
pub use self::sled::SledStore;
pub use export::{ExportError, export, import};
pub use memory::MemoryStore;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use thiserror::Error;

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Sets a key.
    Put(Vec<u8>, Vec<u8>),
    /// Removes a key.
    Delete(Vec<u8>),
}

/// Pairs of key and value in the order of their keys, or what reading them ran into.
pub type Scan<'a> = Box<dyn Iterator<Item = Result<(Vec<u8>, Vec<u8>), StoreError>> + 'a>;

/// Why the store cannot do what is asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The back end cannot open its files.
    #[error("cannot open the store in {path}: {cause}")]
    Open {
        /// The folder.
        path: std::path::PathBuf,
        /// In the back end's words.
        cause: String,
    },
    /// Somebody else holds its files.
    #[error("the store in {path} is in use; stop the other Saola first")]
    InUse {
        /// The folder.
        path: std::path::PathBuf,
    },
    /// Reading or writing failed.
    #[error("the store cannot {action}: {cause}")]
    Access {
        /// What was tried.
        action: &'static str,
        /// In the back end's words.
        cause: String,
    },
    /// A record is not what it should be.
    #[error("the store's record {key} is damaged: {cause}")]
    Damaged {
        /// The key as text.
        key: String,
        /// What is wrong.
        cause: String,
    },
}

/// An ordered map from keys to values that survives restarts. It need not survive crashes with everything: the
/// journal does.
pub trait Store: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// All pairs whose key begins with `prefix`, in the order of their keys.
    fn scan<'a>(&'a self, prefix: &[u8]) -> Scan<'a>;

    /// Carries all writes out or none of them, in order.
    fn apply(&self, batch: &[Write]) -> Result<(), StoreError>;

    /// Returns when everything applied so far is on the disk.
    fn flush(&self) -> Result<(), StoreError>;
}

/// Which back end keeps the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// sled 1.0 alpha.
    #[default]
    Sled,
    /// redb.
    Redb,
}

/// Opens the store in a folder, or begins one.
///
/// # Errors
/// When the back end cannot read what is there. The folder may then be moved aside and the store rebuilt.
pub fn open(backend: Backend, folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
    let begun = Instant::now();
    loop {
        let opened: Result<Arc<dyn Store>, _> = match backend {
            Backend::Sled => SledStore::open(folder).map(|store| Arc::new(store) as Arc<dyn Store>),
            Backend::Redb => RedbStore::open(folder).map(|store| Arc::new(store) as Arc<dyn Store>),
        };
        match opened {
            Err(StoreError::InUse { .. }) if begun.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
}

/// A process that is being killed still holds its locks for a moment.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_PAUSE: Duration = Duration::from_millis(20);
