//! Configuration: the file as written ([`file`]), and the checked model that everything else is built from.
//!
//! Nothing is opened or bound until the whole file has been read and checked. A fault names the file, the line and the
//! key, and says what would be right.

mod check;
mod file;
mod locate;

use std::path::{Path, PathBuf};

pub use file::{
    Backend, Capture, Config, Console, FileSource, HttpSource, Intake, Mail, MailTls, Network, Rules, Site,
    Start, Store, SyslogSource, Tls,
};

/// Why a configuration is refused. Nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source}; give another file by --config")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not TOML, or a key is unknown or of the wrong type.
    #[error("{path}: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        message: String,
    },
    /// A value makes no sense.
    #[error("{path}:{line}: {key}: {reason}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Line of the key, from 1; 0 when the key is absent.
        line: usize,
        /// The key, such as `capture[0].interface`.
        key: String,
        /// What is wrong and what would be right.
        reason: String,
    },
}

/// Reads and checks a configuration file. Relative paths in it count from the file's folder.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.into(),
        source,
    })?;
    let mut config = parse(&text, path)?;
    if let Some(folder) = path.parent() {
        config.resolve_paths(folder);
    }
    Ok(config)
}

/// Reads and checks a configuration text; `path` is for messages.
pub fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
    let config: Config = toml::from_str(text).map_err(|error| ConfigError::Syntax {
        path: path.into(),
        message: locate::message(text, &error),
    })?;
    match check::first_fault(&config) {
        None => Ok(config),
        Some(check::Fault { key, reason }) => Err(ConfigError::Value {
            path: path.into(),
            line: locate::line_of(text, &key),
            key,
            reason,
        }),
    }
}

#[cfg(test)]
mod tests;
