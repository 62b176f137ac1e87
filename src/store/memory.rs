//! A store in memory: what a rebuild is compared with, and what tests run on.

use std::collections::BTreeMap;

use parking_lot::RwLock;

use super::{Scan, Store, StoreError, Write};

/// An ordered map in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Store for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.read().get(key).cloned())
    }

    fn scan<'a>(&'a self, prefix: &[u8]) -> Scan<'a> {
        let map = self.0.read();
        let from = map.range(prefix.to_vec()..);
        let pairs: Vec<_> = from
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, value)| Ok((key.clone(), value.clone())))
            .collect();
        Box::new(pairs.into_iter())
    }

    fn apply(&self, batch: &[Write]) -> Result<(), StoreError> {
        let mut map = self.0.write();
        for write in batch {
            match write {
                Write::Put(key, value) => drop(map.insert(key.clone(), value.clone())),
                Write::Delete(key) => drop(map.remove(key)),
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
