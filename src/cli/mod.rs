//! The command line: one file per command. The only place besides `node` where errors lose their type.

mod input;
mod logs;
mod output;
mod replay;
mod rules;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::telemetry::{LogFormat, start_logging};

/// Saola: the security operations centre of a province in one program.
#[derive(Debug, Parser)]
#[command(name = "saola", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// Write results (and the program's own log) as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run captures and logs through the engine; no daemon needed.
    Replay(replay::Args),
    /// Check rules, list them, explain why one fires.
    #[command(subcommand)]
    Rules(rules::Command),
    /// The log parsers: their names, and what they make of a file.
    #[command(subcommand)]
    Logs(logs::Command),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(if cli.json {
        LogFormat::Json
    } else {
        LogFormat::Text
    });
    let result = match &cli.command {
        Command::Replay(args) => replay::run(args),
        Command::Rules(command) => rules::run(command, cli.json),
        Command::Logs(command) => logs::run(command, cli.json),
    };
    result.unwrap_or_else(|error| output::failure(&error, cli.json))
}
