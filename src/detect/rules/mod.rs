//! Rule files from disk: what the engine's loaders, which read no files, are handed.

mod texts;

use std::fs;
use std::path::{Path, PathBuf};

pub use texts::{BadSideText, Bilingual, SideText, SideTexts};

/// A rule file's path, as given or found below a folder, and its text.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// Where it stands.
    pub path: PathBuf,
    /// What it says; bytes that are no UTF-8 are replaced (a comment in another encoding must not cost the file).
    pub text: String,
}

/// A path that was given for rules and cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot be read: {source}; give a rule file or a folder that holds some")]
pub struct UnreadablePath {
    /// The path.
    pub path: PathBuf,
    /// The system's reason.
    pub source: std::io::Error,
}

/// Files and folders of one rule language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Suricata's: `*.rules`.
    Network,
    /// Sigma's: `*.yml`, `*.yaml`.
    Log,
}

/// Deepest folder below a given one, and most files of one set: a link that goes in circles ends here.
const MOST_DEPTH: usize = 16;
const MOST_FILES: usize = 200_000;
/// Longest rule file. ET Open in one file is 25 MB.
const MOST_BYTES: u64 = 256 << 20;

impl Language {
    fn owns(self, path: &Path) -> bool {
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        match self {
            Self::Network => extension == "rules",
            Self::Log => extension == "yml" || extension == "yaml",
        }
    }
}

/// Reads every rule file at or below the paths, sorted by path so that the order does not depend on the disk. A path
/// given by name is read whatever it is called; below a folder, only files of the language count.
pub fn read(paths: &[PathBuf], language: Language) -> Result<Vec<RuleFile>, UnreadablePath> {
    let mut found = Vec::new();
    for path in paths {
        let unreadable = |source| UnreadablePath {
            path: path.clone(),
            source,
        };
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            collect(path, language, MOST_DEPTH, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    found.into_iter().map(read_file).collect()
}

fn collect(
    folder: &Path,
    language: Language,
    depth: usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), UnreadablePath> {
    let unreadable = |source| UnreadablePath {
        path: folder.into(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() && depth > 0 && !is_samples(&path) {
            collect(&path, language, depth - 1, found)?;
        } else if language.owns(&path) && found.len() < MOST_FILES {
            found.push(path);
        }
    }
    Ok(())
}

/// Samples stand beside rules and are no rules.
fn is_samples(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "samples")
}

fn read_file(path: PathBuf) -> Result<RuleFile, UnreadablePath> {
    let read = || {
        let length = fs::metadata(&path)?.len();
        if length > MOST_BYTES {
            return Err(std::io::Error::other(format!(
                "{length} bytes are more than a rule file may have ({MOST_BYTES})"
            )));
        }
        fs::read(&path)
    };
    match read() {
        Ok(bytes) => Ok(RuleFile {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            path,
        }),
        Err(source) => Err(UnreadablePath { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "fresh files of the test")]
    fn write(path: PathBuf, text: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn folders_give_files_of_the_language_in_order_and_no_samples() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/z.yml", "a.yaml", "x.rules", "samples/1/s.yml", "note.txt"] {
            write(folder.path().join(name), b"text");
        }
        let found = read(&[folder.path().into()], Language::Log).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|file| file.path.strip_prefix(folder.path()).unwrap().to_owned())
            .collect();
        assert_eq!(names, [PathBuf::from("a.yaml"), PathBuf::from("b/z.yml")]);
    }

    #[test]
    fn a_named_file_is_read_whatever_it_is_called_and_whatever_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.txt");
        write(path.clone(), b"# caf\xe9");
        assert_eq!(read(&[path], Language::Network).unwrap()[0].text, "# caf\u{fffd}");
    }

    #[test]
    fn a_missing_path_is_named() {
        let error = read(&["/nowhere/at/all".into()], Language::Log)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("/nowhere/at/all: cannot be read"), "{error}");
    }
}
