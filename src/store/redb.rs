//! redb behind the store's trait: one file, one table.

use std::path::Path;

use redb::{Database, DatabaseError, Durability, ReadableDatabase as _, TableDefinition, TableError};

use super::{Scan, Store, StoreError, Write};

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("view");
const FILE: &str = "view.redb";

/// A store kept by redb.
pub struct RedbStore(Database);

impl RedbStore {
    /// Opens the store in a folder, or begins one.
    ///
    /// # Errors
    /// When redb cannot read what is there.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let failed = |cause: String| StoreError::Open {
            path: folder.to_owned(),
            cause,
        };
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        Database::create(folder.join(FILE))
            .map(Self)
            .map_err(|error| match error {
                DatabaseError::DatabaseAlreadyOpen => StoreError::InUse {
                    path: folder.to_owned(),
                },
                error => failed(error.to_string()),
            })
    }

    /// Commits nothing or a batch; `now` waits for the disk.
    fn commit(&self, batch: &[Write], now: bool) -> Result<(), redb::Error> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(if now {
            Durability::Immediate
        } else {
            Durability::None
        })?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for write in batch {
                match write {
                    Write::Put(key, value) => drop(table.insert(key.as_slice(), value.as_slice())?),
                    Write::Delete(key) => drop(table.remove(key.as_slice())?),
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn read<T>(
        &self,
        nothing: T,
        take: impl FnOnce(redb::ReadOnlyTable<&'static [u8], &'static [u8]>) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        match self.0.begin_read()?.open_table(TABLE) {
            Ok(table) => take(table),
            // Nothing was ever written.
            Err(TableError::TableDoesNotExist(_)) => Ok(nothing),
            Err(error) => Err(error.into()),
        }
    }
}

fn failed(action: &'static str) -> impl Fn(redb::Error) -> StoreError {
    move |error| StoreError::Access {
        action,
        cause: error.to_string(),
    }
}

impl Store for RedbStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.read(None, |table| {
            Ok(table.get(key)?.map(|value| value.value().to_vec()))
        });
        value.map_err(failed("read"))
    }

    fn scan<'a>(&'a self, prefix: &[u8]) -> Scan<'a> {
        let pairs = self.read(Vec::new(), |table| {
            let mut pairs = Vec::new();
            for pair in table.range(prefix..)? {
                let (key, value) = pair?;
                if !key.value().starts_with(prefix) {
                    break;
                }
                pairs.push(Ok((key.value().to_vec(), value.value().to_vec())));
            }
            Ok(pairs)
        });
        Box::new(
            pairs
                .unwrap_or_else(|error| vec![Err(failed("read")(error))])
                .into_iter(),
        )
    }

    fn apply(&self, batch: &[Write]) -> Result<(), StoreError> {
        self.commit(batch, false).map_err(failed("write"))
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.commit(&[], true).map_err(failed("flush"))
    }
}
