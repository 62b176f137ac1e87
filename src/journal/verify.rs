//! `saola audit verify`: reads everything and says what is not as it was written.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;

use super::JournalError;
use super::entry::{GENESIS, Hash, Read, decode};
use super::file::{HEAD_FILE, segments};
use super::head::{Head, Slots};

/// What is wrong with an entry or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Length or line end are not where they should be.
    Header,
    /// The text does not fit its CRC.
    Checksum,
    /// The text is no entry.
    Content,
    /// The text does not fit its hash.
    Hash,
    /// The entry does not follow the one before: something was edited, removed, added or moved.
    Chain,
    /// The segment does not begin with the entry that its name says.
    Order,
    /// The file ends within an entry.
    Torn,
    /// Entries that were acknowledged are missing at the end.
    TailMissing,
    /// There are entries beyond the last one that was acknowledged.
    BeyondHead,
    /// The head file is missing or a part of it was changed.
    Head,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "length or line end are not where they should be",
            Self::Checksum => "the text does not fit its checksum",
            Self::Content => "the text is no entry",
            Self::Hash => "the text does not fit its hash",
            Self::Chain => "the entry does not follow the one before",
            Self::Order => "the segment does not begin with the entry that its name says",
            Self::Torn => "the file ends within an entry",
            Self::TailMissing => "acknowledged entries are missing at the end",
            Self::BeyondHead => "there are entries beyond the last acknowledged one",
            Self::Head => "the head file is missing or was changed",
        })
    }
}

/// A place where the journal is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the file.
    pub file: String,
    /// Byte at which the entry begins.
    pub offset: u64,
    /// The entry that was expected there.
    pub seq: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What verifying found.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyReport {
    /// Whether everything is as it was written.
    pub intact: bool,
    /// Entries that are.
    pub entries: u64,
    /// Segments read.
    pub segments: usize,
    /// The last acknowledged entry, by the head file.
    pub head_seq: Option<u64>,
    /// Its hash: keep a copy elsewhere, and a rewritten journal is found out too.
    pub head_hash: Option<String>,
    /// What is not as it was written; the first 100.
    pub findings: Vec<Finding>,
}

const MAX_FINDINGS: usize = 100;

/// Reads the whole journal in a folder. Does not need the journal to be closed: what is written meanwhile lies beyond
/// the head that is read first, and `running` says not to take that for a finding.
///
/// # Errors
/// When the files cannot be read.
pub fn verify(folder: &Path, running: bool) -> Result<VerifyReport, JournalError> {
    let read = |path: &Path| {
        fs::read(path).map_err(|source| JournalError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })
    };
    let slots = read(&folder.join(HEAD_FILE)).map_or(Slots([None, None]), |bytes| Slots::read(&bytes));
    let mut walk = Walk::default();
    let segments = segments(folder)?;
    for (first, path) in &segments {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        walk.segment(&name, *first, &read(path)?);
    }
    walk.compare_with_head(&slots, running);
    let head = slots.newest();
    Ok(VerifyReport {
        intact: walk.findings.is_empty(),
        entries: walk.entries,
        segments: segments.len(),
        head_seq: head.map(|head| head.seq),
        head_hash: head.map(|head| head.hash.to_string()),
        findings: walk.findings,
    })
}

struct Walk {
    entries: u64,
    /// The last entry read, whether or not it fitted.
    last: Head,
    /// The entry that the head seals, when it was met: its hash.
    findings: Vec<Finding>,
    hashes_at: Vec<(u64, Hash)>,
    /// A torn end of the newest segment, which a running or killed program leaves.
    torn: Option<Finding>,
}

impl Default for Walk {
    fn default() -> Self {
        let last = Head {
            seq: 0,
            hash: GENESIS,
        };
        Self {
            entries: 0,
            last,
            findings: Vec::new(),
            hashes_at: Vec::new(),
            torn: None,
        }
    }
}

impl Walk {
    fn found(&mut self, file: &str, offset: usize, fault: Fault) {
        let finding = Finding {
            file: file.to_owned(),
            offset: offset as u64,
            seq: self.last.seq + 1,
            fault,
        };
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn segment(&mut self, name: &str, first: u64, bytes: &[u8]) {
        // Only the newest segment may end torn.
        self.findings.extend(self.torn.take());
        if first != self.last.seq + 1 {
            self.found(name, 0, Fault::Order);
        }
        let mut at = 0;
        while let Some(rest) = bytes.get(at..) {
            match decode(rest) {
                Read::End => return,
                Read::Torn => {
                    let (file, offset) = (name.to_owned(), at as u64);
                    self.torn = Some(Finding {
                        file,
                        offset,
                        seq: self.last.seq + 1,
                        fault: Fault::Torn,
                    });
                    return;
                }
                Read::Entry(entry, length) => {
                    if entry.seq != self.last.seq + 1 || entry.prev != self.last.hash {
                        self.found(name, at, Fault::Chain);
                    }
                    self.entries += 1;
                    self.last = Head {
                        seq: entry.seq,
                        hash: entry.hash,
                    };
                    // The head is at most one batch behind the end; a few thousand are enough to meet it.
                    self.hashes_at.push((entry.seq, entry.hash));
                    if self.hashes_at.len() > 100_000 {
                        self.hashes_at.drain(..50_000);
                    }
                    at += length;
                }
                Read::Bad(fault) => {
                    self.found(name, at, fault);
                    // Goes on with the next line, to name as many places as there are.
                    let next = rest.iter().position(|byte| *byte == b'\n');
                    at += next.map_or(rest.len(), |next| next + 1);
                }
            }
        }
    }

    fn compare_with_head(&mut self, slots: &Slots, running: bool) {
        if slots.0.iter().any(Option::is_none) && !(running && slots.newest().is_some()) {
            self.found(HEAD_FILE, 0, Fault::Head);
        }
        let Some(head) = slots.newest() else {
            self.findings.extend(self.torn.take());
            return;
        };
        let sealed = self
            .hashes_at
            .iter()
            .rfind(|(seq, _)| *seq == head.seq)
            .map(|(_, hash)| *hash);
        if head.seq > self.last.seq {
            self.found(HEAD_FILE, 0, Fault::TailMissing);
        } else if sealed.is_some_and(|hash| hash != head.hash) || (sealed.is_none() && head.seq != 0) {
            self.found(HEAD_FILE, 0, Fault::Chain);
        } else if head.seq < self.last.seq && !running {
            self.found(HEAD_FILE, 0, Fault::BeyondHead);
        }
        let torn = self.torn.take();
        if !running {
            self.findings.extend(torn);
        }
    }
}
