//! Mail files on disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::OutboxError;
use crate::notify::mail::{Mail, MailId};

/// Longest mail file that is read back.
const MOST_BYTES: u64 = 4 << 20;

/// The folder that holds `<id>.json` for each mail.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, OutboxError> {
        fs::create_dir_all(path).map_err(|source| OutboxError::Folder {
            path: path.into(),
            source,
        })?;
        Ok(Self(path.into()))
    }

    /// Every mail, and the files that are none.
    pub(super) fn load(&self) -> Result<(Vec<Mail>, Vec<PathBuf>), OutboxError> {
        let (mut mails, mut unreadable) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.0).map_err(|source| self.fault(source))? {
            let path = entry.map_err(|source| self.fault(source))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match read(&path) {
                Ok(mail) => mails.push(mail),
                Err(_) => unreadable.push(path),
            }
        }
        unreadable.sort();
        Ok((mails, unreadable))
    }

    /// Writes a mail so that after a crash it is there whole or not at all.
    pub(super) fn write(&self, mail: &Mail) -> Result<(), OutboxError> {
        let (path, beside) = (
            self.file(&mail.id),
            self.0.join(format!("{}.new", mail.id.as_str())),
        );
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&beside)?;
            file.write_all(&serde_json::to_vec(mail).map_err(io::Error::other)?)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|source| OutboxError::Folder {
            path: path.clone(),
            source,
        })
    }

    pub(super) fn remove(&self, id: &MailId) -> Result<(), OutboxError> {
        fs::remove_file(self.file(id)).map_err(|source| self.fault(source))
    }

    fn file(&self, id: &MailId) -> PathBuf {
        self.0.join(format!("{}.json", id.as_str()))
    }

    fn fault(&self, source: io::Error) -> OutboxError {
        OutboxError::Folder {
            path: self.0.clone(),
            source,
        }
    }
}

fn read(path: &Path) -> io::Result<Mail> {
    if fs::metadata(path)?.len() > MOST_BYTES {
        return Err(io::Error::other("longer than a mail may be"));
    }
    let mail: Mail = serde_json::from_slice(&fs::read(path)?)?;
    let name = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    if mail.id.as_str() != name || mail.version != Mail::VERSION {
        return Err(io::Error::other("not the mail its name says"));
    }
    Ok(mail)
}
