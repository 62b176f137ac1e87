//! The command line: one file per command. The only place besides `node` where errors lose their type.

mod audit;
mod doctor;
mod incident;
mod input;
mod logs;
mod output;
mod place;
mod replay;
mod rules;
mod serve;
mod store;
mod user;

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
    /// Run the centre (and, alone, everything).
    Serve(serve::ServeArgs),
    /// Run a centre on 127.0.0.1 with recorded attacks and ordinary traffic.
    Demo(serve::DemoArgs),
    /// Run captures and logs through the engine; no daemon needed.
    Replay(replay::Args),
    /// Check rules, list them, explain why one fires.
    #[command(subcommand)]
    Rules(rules::Command),
    /// The log parsers: their names, and what they make of a file.
    #[command(subcommand)]
    Logs(logs::Command),
    /// Incidents on the terminal.
    #[command(subcommand)]
    Incident(incident::Command),
    /// Accounts.
    #[command(subcommand)]
    User(user::Command),
    /// The view that the journal adds up to: check, rebuild, export, import.
    #[command(subcommand)]
    Store(store::Command),
    /// Tries what a start would need, without starting: data folder, rules, ports, interfaces, mail.
    Doctor(doctor::Args),
    /// Whether the journal is as it was written.
    #[command(subcommand)]
    Audit(audit::Command),
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
        Command::Serve(args) => serve::serve(args, cli.json),
        Command::Demo(args) => serve::demo(args, cli.json),
        Command::Replay(args) => replay::run(args),
        Command::Rules(command) => rules::run(command, cli.json),
        Command::Logs(command) => logs::run(command, cli.json),
        Command::Incident(command) => incident::run(command, cli.json),
        Command::User(command) => user::run(command, cli.json),
        Command::Store(command) => store::run(command, cli.json),
        Command::Doctor(args) => doctor::run(args, cli.json),
        Command::Audit(command) => audit::run(command, cli.json),
    };
    result.unwrap_or_else(|error| output::failure(&error, cli.json))
}
