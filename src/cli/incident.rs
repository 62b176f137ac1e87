//! `saola incident`: incidents on the terminal. Reading works beside a running node; changes need it stopped.

use std::process::ExitCode;

use anyhow::Context;

use super::output::say;
use super::place::Place;
use crate::commit::read;
use crate::store::view;
use crate::triage::{Command as Change, Incident, IncidentNumber, Status};

/// Subcommands of `saola incident`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Lists incidents.
    List {
        /// Finished ones too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Shows an incident with its timeline.
    Show {
        /// Such as SC-2026-0001.
        number: String,
        #[command(flatten)]
        place: Place,
    },
    /// Gives an incident to somebody.
    Assign {
        /// Such as SC-2026-0001.
        number: String,
        /// Account name.
        user: String,
        #[command(flatten)]
        place: Place,
    },
    /// Closes an incident.
    Close {
        /// Such as SC-2026-0001.
        number: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: &Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { all, place } => list(place, *all, json)?,
        Command::Show { number, place } => show(place, number_in(number)?, json)?,
        Command::Assign { number, user, place } => {
            let (number, user) = (number_in(number)?, Some(user.as_str().into()));
            place.change(|changes| changes.ask(Change::SetOwner { number, user }))?;
        }
        Command::Close {
            number,
            reason,
            place,
        } => {
            let (number, reason) = (number_in(number)?, reason.clone());
            place.change(|changes| {
                changes.ask(Change::SetStatus {
                    number,
                    status: Status::Closed,
                    reason,
                })
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn number_in(text: &str) -> anyhow::Result<IncidentNumber> {
    text.parse()
        .with_context(|| format!("{text}: no incident number"))
}

fn list(place: &Place, all: bool, json: bool) -> anyhow::Result<()> {
    let (state, _) = read(&place.places()?)?;
    for incident in state
        .records()
        .incidents
        .values()
        .filter(|incident| all || incident.status.is_open())
    {
        say(&if json {
            serde_json::to_string(&**incident)?
        } else {
            line(incident)
        })?;
    }
    Ok(())
}

fn line(incident: &Incident) -> String {
    let title = incident
        .title
        .given
        .as_deref()
        .or(incident.title.rule_vi.as_deref())
        .unwrap_or(&incident.title.rule);
    let (severity, status) = (incident.severity.name(), incident.status.name());
    // Titles come from rules and people: control characters would act on the terminal.
    let title: String = title
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    format!(
        "{}  {severity:13} {status:13} {:3} groups  {title}",
        incident.number,
        incident.groups.len()
    )
}

fn show(place: &Place, number: IncidentNumber, json: bool) -> anyhow::Result<()> {
    let (state, store) = read(&place.places()?)?;
    let incident = state
        .records()
        .incidents
        .get(&number)
        .with_context(|| format!("there is no incident {number}"))?;
    let timeline = view::timeline(&store, number)?;
    if json {
        return say(&serde_json::json!({ "incident": **incident, "timeline": timeline }).to_string());
    }
    say(&line(incident))?;
    for item in timeline {
        let text = item.text.unwrap_or_default().escape_debug().to_string();
        let params: Vec<String> = item
            .phrase
            .params
            .iter()
            .map(|(key, value)| format!("{key}={}", value.escape_debug()))
            .collect();
        say(&format!(
            "{}  {:12} {} {} {text}",
            item.at,
            item.actor,
            item.phrase.code,
            params.join(" ")
        ))?;
    }
    Ok(())
}
