//! sled 1.0 alpha behind the store's trait. Batches are atomic there, also over a crash.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parking_lot::Mutex;

use super::{Scan, Store, StoreError, Write};

/// Records per leaf: sled's default.
const LEAF_FANOUT: usize = 1024;

/// A store kept by sled. Its handle is for one thread at a time, so that threads take turns.
pub struct SledStore(Mutex<sled::Db<LEAF_FANOUT>>);

impl SledStore {
    /// Opens the store in a folder, or begins one. sled may panic over damaged files: that is an error here.
    ///
    /// # Errors
    /// When sled cannot read what is there.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let failed = |cause: String| StoreError::Open {
            path: folder.to_owned(),
            cause,
        };
        let config = sled::Config::new()
            .path(folder)
            .cache_capacity_bytes(32 * 1024 * 1024);
        let opened = catch_unwind(AssertUnwindSafe(|| config.open::<LEAF_FANOUT>()));
        match opened {
            Ok(Ok(db)) => Ok(Self(Mutex::new(db))),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                let path = folder.to_owned();
                Err(StoreError::InUse { path })
            }
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed("sled panicked over its files".to_owned())),
        }
    }
}

fn failed(action: &'static str) -> impl Fn(std::io::Error) -> StoreError {
    move |error| StoreError::Access {
        action,
        cause: error.to_string(),
    }
}

impl Store for SledStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.0.lock().get(key).map_err(failed("read"))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan<'a>(&'a self, prefix: &[u8]) -> Scan<'a> {
        // Taken whole: a slow reader must not keep the others waiting.
        let pairs: Vec<_> = self
            .0
            .lock()
            .scan_prefix(prefix)
            .map(|pair| {
                pair.map(|(key, value)| (key.to_vec(), value.to_vec()))
                    .map_err(failed("read"))
            })
            .collect();
        Box::new(pairs.into_iter())
    }

    fn apply(&self, batch: &[Write]) -> Result<(), StoreError> {
        let mut changes = sled::Batch::default();
        for write in batch {
            match write {
                Write::Put(key, value) => changes.insert(key.as_slice(), value.as_slice()),
                Write::Delete(key) => changes.remove(key.as_slice()),
            }
        }
        self.0.lock().apply_batch(changes).map_err(failed("write"))
    }

    fn flush(&self) -> Result<(), StoreError> {
        // A handle of its own: readers need not wait for the disk.
        let db = self.0.lock().clone();
        db.flush().map(drop).map_err(failed("flush"))
    }
}
