//! The place reached in each file, remembered over restarts.
//!
//! Written beside and renamed, with the file and then its folder synced: after a power cut there is the old checkpoint
//! or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be read or written.
    #[error("checkpoint {path}: {source}")]
    File {
        /// The checkpoint's path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is no checkpoint.
    #[error(
        "checkpoint {path} is damaged ({source}): move it away to begin anew; files are then read as at a first start"
    )]
    Damaged {
        /// The checkpoint's path.
        path: PathBuf,
        /// What was wrong with it.
        source: serde_json::Error,
    },
}

/// The place reached in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) offset: u64,
    pub(crate) fingerprint: Fingerprint,
}

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    version: u32,
    files: Vec<Place>,
}

const VERSION: u32 = 1;

/// The checkpoint file.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
}

impl Checkpoint {
    pub(crate) fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// What was remembered; `None` at a first start.
    pub(crate) fn load(&self) -> Result<Option<Vec<Place>>, CheckpointError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.failed(source)),
        };
        let content: Content = serde_json::from_slice(&bytes).map_err(|source| CheckpointError::Damaged {
            path: self.path.clone(),
            source,
        })?;
        Ok(Some(content.files))
    }

    /// Remembers; durable when this returns.
    pub(crate) fn save(&self, places: &[Place]) -> Result<(), CheckpointError> {
        self.write(places).map_err(|source| self.failed(source))
    }

    fn write(&self, places: &[Place]) -> io::Result<()> {
        let content = Content {
            version: VERSION,
            files: places.to_vec(),
        };
        let beside = self.path.with_extension("new");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec(&content)?)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    fn failed(&self, source: io::Error) -> CheckpointError {
        CheckpointError::File {
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_and_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::at(&folder.path().join("place.json"));
        assert_eq!(checkpoint.load().unwrap(), None);
        let places = vec![Place {
            path: "/var/log/x".into(),
            device: 1,
            inode: 2,
            offset: 3,
            fingerprint: Fingerprint::default(),
        }];
        checkpoint.save(&places).unwrap();
        checkpoint.save(&places).unwrap();
        assert_eq!(checkpoint.load().unwrap(), Some(places));
    }

    #[test]
    fn damage_is_named_and_not_overlooked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place.json");
        File::create(&path)
            .unwrap()
            .write_all(b"{\"version\":1,\"fil")
            .unwrap();
        let error = Checkpoint::at(&path).load().unwrap_err().to_string();
        assert!(error.contains("place.json is damaged"), "{error}");
        let missing = Checkpoint::at(&folder.path().join("none/place.json"));
        assert!(missing.save(&[]).is_err());
    }
}
