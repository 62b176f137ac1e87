//! `saola rules`: check rule files, list what they hold, run their samples, explain why a rule fires on an event.

mod attack;
mod samples;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use saola_event::RawRecord;
use saola_logs::{Config, Parsers};
use serde_json::json;

use super::output::say;
use crate::detect::log::LogRules;
use crate::detect::network::{ListsBesideRules, NetworkRules};
use crate::detect::rules::{Language, read};

/// Subcommands of `saola rules`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Loads rules and says what is wrong with which, by file, line and column.
    Check {
        /// Rule files or folders, of either language.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Lists the rules that load.
    List {
        /// Rule files or folders, of either language.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Writes a layer for the ATT&CK Navigator instead: which techniques the log rules are tagged with; `-` is standard
        /// output.
        #[arg(long, value_name = "FILE")]
        attack: Option<PathBuf>,
    },
    /// Runs each log rule over its samples: `samples/ID/positive.jsonl` must fire it line by line, `negative.jsonl` must not.
    Test {
        /// Rule files or folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Folder of samples; found beside or above the rules when absent.
        #[arg(long, value_name = "FOLDER")]
        samples: Option<PathBuf>,
        /// Writes the results for a build server.
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
    },
    /// Makes the running Saola load its rules again, without losing a packet or a flow.
    Reload {
        /// The configuration that it was started with.
        #[arg(long, default_value = "/etc/saola/saola.toml")]
        config: PathBuf,
    },
    /// Shows why a log rule is true or false of an event: the tree of its conditions.
    Explain {
        /// The rule file.
        rule: PathBuf,
        /// A file whose first line is the event, as its source wrote it.
        event: PathBuf,
    },
}

pub(super) fn run(command: &Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check { paths } => check(paths, json),
        Command::List { paths, attack: None } => list(paths, json),
        Command::List {
            paths,
            attack: Some(file),
        } => attack::write(&load(paths)?.1, file),
        Command::Test {
            paths,
            samples,
            junit,
        } => samples::run(paths, samples.as_deref(), junit.as_deref(), json),
        Command::Reload { config } => reload(config, json),
        Command::Explain { rule, event } => explain(rule, event),
    }
}

fn load(paths: &[PathBuf]) -> anyhow::Result<(NetworkRules, LogRules)> {
    let network = NetworkRules::load(
        &read(&named(paths, Language::Network), Language::Network)?,
        &saola_suricata::RuleConfig {
            lists: Some(Arc::new(ListsBesideRules)),
            ..saola_suricata::RuleConfig::default()
        },
    )?;
    let log = LogRules::load(
        &read(&named(paths, Language::Log), Language::Log)?,
        &saola_sigma::LoadOptions::default(),
    );
    Ok((network, log))
}

/// Folders, and the files of this language by their names: a file named on the command line is read by one loader only.
fn named(paths: &[PathBuf], language: Language) -> Vec<PathBuf> {
    let is_log = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension == "yml" || extension == "yaml")
    };
    paths
        .iter()
        .filter(|path| path.is_dir() || (is_log(path) == (language == Language::Log)))
        .cloned()
        .collect()
}

fn check(paths: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let (network, log) = load(paths)?;
    for diagnostic in network.diagnostics() {
        say(&if json {
            let (path, line, column) = (&diagnostic.path, diagnostic.line, diagnostic.column);
            json!({ "path": path, "line": line, "column": column, "sid": diagnostic.sid, "reason": diagnostic.reason.to_string() })
                .to_string()
        } else {
            diagnostic.to_string()
        })?;
    }
    let lints = log.rule_set().lint(&Parsers::log_sources());
    for diagnostic in log.diagnostics().iter().chain(&lints) {
        say(&if json {
            serde_json::to_string(diagnostic)?
        } else {
            diagnostic.to_string()
        })?;
    }
    let (loaded, failed) = (network.loaded() + log.loaded(), network.failed() + log.failed());
    say(&if json {
        json!({ "loaded": loaded, "failed": failed }).to_string()
    } else {
        format!("{loaded} rules load, {failed} do not")
    })?;
    if loaded + failed == 0 {
        bail!("no rules there: name *.rules or *.yml files, or folders that hold some");
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn list(paths: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let (network, log) = load(paths)?;
    for rule in network.rules() {
        let (id, title) = (rule.id.clone(), rule.title.to_string());
        say(&if json {
            json!({ "id": id, "engine": "network", "title": title }).to_string()
        } else {
            format!("{id}\tnetwork\t{title}")
        })?;
    }
    for rule in log.rule_set().rules() {
        let metadata = &rule.metadata;
        say(&if json {
            json!({ "id": metadata.id, "engine": "log", "title": metadata.title, "level": metadata.level })
                .to_string()
        } else {
            format!("{}\tlog\t{}", metadata.id, metadata.title)
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

fn reload(config: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let config = crate::config::load(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answer = runtime.block_on(crate::node::ask(&config.data_folder, "reload"))?;
    if let Some(error) = answer.get("error") {
        bail!("the old rules stay in force: {error}");
    }
    let count = |name: &str| answer.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let (loaded, failed) = (
        count("network_loaded") + count("log_loaded"),
        count("network_failed") + count("log_failed"),
    );
    say(&if json {
        answer.to_string()
    } else {
        format!("{loaded} rules in force, {failed} refused")
    })?;
    Ok(ExitCode::SUCCESS)
}

fn explain(rule: &Path, event: &Path) -> anyhow::Result<ExitCode> {
    let rules = LogRules::load(
        &read(&[rule.to_owned()], Language::Log)?,
        &saola_sigma::LoadOptions::default(),
    );
    for diagnostic in rules.diagnostics() {
        say(&diagnostic.to_string())?;
    }
    let text = std::fs::read(event).with_context(|| format!("{}: cannot be read", event.display()))?;
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let record = RawRecord {
        source: Arc::from("explain"),
        agency: Arc::from(""),
        parser: None,
        peer: None,
        received_at: saola_collect::now(),
        seq: 1,
        bytes: line.to_vec(),
    };
    let parsers = Parsers::new(Config::default());
    let parsed = parsers.parse(&record);
    say(&format!(
        "parser {}, log sources {}",
        parsed.parser,
        serde_json::to_string(&parsed.sources)?
    ))?;
    for index in 0..rules.rule_set().rules().len() {
        if let Some(tree) = rules.plan().explain_tree(index, &parsed) {
            say_tree(&tree, 0)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A node and its parts, one a line, deeper ones further in.
fn say_tree(node: &saola_sigma::Explanation, depth: usize) -> anyhow::Result<()> {
    let mark = if node.holds { '+' } else { '-' };
    let value = node
        .evidence
        .as_ref()
        .map_or_else(String::new, |evidence| format!("   [{}]", evidence.window));
    say(&format!(
        "{:indent$}{mark} {}{value}",
        "",
        node.text,
        indent = depth * 2
    ))?;
    node.children
        .iter()
        .try_for_each(|child| say_tree(child, depth + 1))
}
