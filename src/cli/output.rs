//! Where commands write.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

/// A writer of JSON lines: a file, standard output for `-`, or nowhere.
pub(super) struct LineWriter(Option<Box<dyn Write>>);

impl LineWriter {
    /// Opens the path; absent writes nothing.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self(None)) };
        if path == Path::new("-") {
            return Ok(Self(Some(Box::new(BufWriter::new(io::stdout())))));
        }
        let file = File::create(path).with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(Self(Some(Box::new(BufWriter::with_capacity(1 << 18, file)))))
    }

    /// Whether anything is written.
    pub(super) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        let Some(out) = &mut self.0 else { return Ok(()) };
        out.write_all(line)?;
        out.write_all(b"\n")
    }

    /// Makes sure that everything is written.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Writes one line to standard output. A reader that went away (`| head`) is no fault.
pub(super) fn say(line: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output cannot be written"),
    }
}

/// Tells what went wrong on standard error.
pub(super) fn failure(error: &anyhow::Error, json: bool) -> ExitCode {
    let text = if json {
        serde_json::json!({ "error": format!("{error:#}") }).to_string()
    } else {
        format!("saola: {error:#}")
    };
    writeln!(io::stderr(), "{text}").ok();
    ExitCode::FAILURE
}
