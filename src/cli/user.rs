//! `saola user`: accounts. Listing works beside a running node; changes need it stopped.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use saola_collect::now;
use serde_json::json;

use super::output::say;
use super::place::{Changes, Place};
use crate::api::auth::Token;
use crate::commit::read;
use crate::triage::{Command as Change, Role, User};

/// Subcommands of `saola user`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Lists accounts.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Makes an account, or changes one, and prints a one-time link part that sets its password.
    Add {
        /// Sign-in name: a-z 0-9 . _ -
        name: String,
        /// What it may do.
        #[arg(long, value_parser = ["viewer", "responder", "administrator"], default_value = "responder")]
        role: String,
        /// Name for people.
        #[arg(long)]
        display_name: Option<String>,
        /// Agencies whose subtrees it sees; may be given several times.
        #[arg(long)]
        agency: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Prints a new one-time link part that sets the password of an account (24 hours).
    Link {
        /// Sign-in name.
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Keeps an account from signing in.
    Disable {
        /// Sign-in name.
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: &Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { place } => list(place, json)?,
        Command::Add {
            name,
            role,
            display_name,
            agency,
            place,
        } => {
            let user = User {
                name: name.as_str().into(),
                display_name: display_name.clone().unwrap_or_else(|| name.clone()),
                role: role_of(role),
                language: "vi".to_owned(),
                agencies: agency.iter().map(|agency| agency.as_str().into()).collect(),
                disabled: false,
            };
            let token = place.change(|changes| {
                changes.ask(Change::PutUser(user))?;
                link(changes, name)
            })?;
            tell_link(&token, json)?;
        }
        Command::Link { name, place } => tell_link(&place.change(|changes| link(changes, name))?, json)?,
        Command::Disable { name, place } => place.change(|changes| disable(changes, name))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn role_of(name: &str) -> Role {
    match name {
        "administrator" => Role::Administrator,
        "viewer" => Role::Viewer,
        _ => Role::Responder,
    }
}

fn list(place: &Place, json: bool) -> anyhow::Result<()> {
    let (state, _) = read(&place.places()?)?;
    for account in state.records().accounts.values() {
        let user = &account.user;
        let line = json!({
            "name": user.name, "display_name": user.display_name, "role": user.role, "agencies": user.agencies,
            "disabled": user.disabled, "has_password": account.password.is_some(),
        });
        if json {
            say(&line.to_string())?;
        } else {
            let role = line
                .get("role")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default();
            let off = if user.disabled { "  disabled" } else { "" };
            say(&format!(
                "{:20} {role:14} {}{off}",
                user.name,
                user.agencies.join(",")
            ))?;
        }
    }
    Ok(())
}

fn link(changes: &Changes<'_>, name: &str) -> anyhow::Result<Token> {
    let token = Token::random();
    let expires_at = now() + Duration::from_hours(24);
    changes.ask(Change::IssueSetup {
        name: name.into(),
        token_hash: token.hash(),
        expires_at,
    })?;
    Ok(token)
}

fn tell_link(token: &Token, json: bool) -> anyhow::Result<()> {
    let path = format!("/setup/{}", token.as_text());
    say(&if json {
        json!({ "setup_path": path }).to_string()
    } else {
        format!("open once within 24 hours: <console>{path}")
    })
}

fn disable(changes: &Changes<'_>, name: &str) -> anyhow::Result<()> {
    let found = changes
        .board
        .read()
        .accounts
        .get(name)
        .map(|account| account.user.clone());
    let user = found.with_context(|| format!("there is no account {name}"))?;
    changes.ask(Change::PutUser(User {
        disabled: true,
        ..user
    }))?;
    Ok(())
}
