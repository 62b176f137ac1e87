//! Settings of a followed set of files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Files to follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// Name of the source.
    pub name: String,
    /// Agency that the source belongs to.
    pub agency: String,
    /// Paths, with `*`, `?`, `[…]` and `**` as in a shell. The folder before the first wildcard must exist.
    pub paths: Vec<String>,
    /// Where the place reached is remembered. Must be a file of this source alone.
    pub checkpoint: PathBuf,
    /// Log parser to use; found from the record when absent.
    #[serde(default)]
    pub parser: Option<String>,
    /// Where to begin in files that are there at the first start: `end` (default) or `beginning`. Files that appear
    /// later are always read from their beginning.
    #[serde(default)]
    pub start_at: StartAt,
    /// Longer lines keep their beginning, in bytes. Default 65536.
    #[serde(default = "max_line_bytes")]
    pub max_line_bytes: usize,
    /// Milliseconds between looks at the files. Default 250.
    #[serde(default = "poll_ms")]
    pub poll_ms: u64,
    /// A last line without a line feed is handed on after so many seconds without growth; 0: never. Default 10.
    #[serde(default = "idle_flush_secs")]
    pub idle_flush_secs: u64,
    /// Files followed at once; more are left out. Default 1024.
    #[serde(default = "max_files")]
    pub max_files: usize,
}

/// Where to begin in files found at the first start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartAt {
    /// Only what is written from now on.
    #[default]
    End,
    /// All of it.
    Beginning,
}

fn max_line_bytes() -> usize {
    64 << 10
}

fn poll_ms() -> u64 {
    250
}

fn idle_flush_secs() -> u64 {
    10
}

fn max_files() -> usize {
    1024
}
