//! `saola doctor`: says what a start would find, and what to do about it.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output::say;
use super::serve::prepare_tls;
use crate::config;
use crate::node::{Finding, Outcome, examine};

/// Arguments of `saola doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The configuration to try.
    #[arg(long, default_value = "/etc/saola/saola.toml")]
    config: PathBuf,
}

pub(super) fn run(args: &Args, json: bool) -> anyhow::Result<ExitCode> {
    let config = config::load(&args.config)?;
    prepare_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let findings = runtime.block_on(examine(&config));
    if json {
        say(&serde_json::json!({ "findings": findings }).to_string())?;
    } else {
        say(&format!("good     configuration {}", args.config.display()))?;
        findings.iter().try_for_each(|finding| say(&line(finding)))?;
    }
    let faulty = findings.iter().any(|finding| finding.outcome == Outcome::Fault);
    Ok(if faulty {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn line(finding: &Finding) -> String {
    let mark = match finding.outcome {
        Outcome::Good => "good",
        Outcome::Warning => "WARNING",
        Outcome::Fault => "FAULT",
    };
    format!("{mark:8} {}: {}", finding.subject, finding.words)
}
