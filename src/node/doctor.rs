//! `saola doctor`: what a start would need, tried one by one, without starting. Each finding says what to do.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

use super::{collect, control, rule_book, sender};
use crate::config::Config;
use crate::telemetry::Metrics;

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Good,
    /// Works, and somebody should look.
    Warning,
    /// A start would fail, or something would not work.
    Fault,
}

/// What one check found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at, such as `capture span-dc`.
    pub subject: String,
    /// How it is.
    pub outcome: Outcome,
    /// In words; for a fault also what to do.
    pub words: String,
}

/// Longest wait for a running Saola's answer and for the mail server.
const PATIENCE: Duration = Duration::from_secs(15);
/// Less free space than this in the data folder is worth a warning.
const ROOMY_BYTES: u64 = 5 << 30;

/// Tries everything that the configuration names.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let running = is_running(&config.data_folder).await;
    let mut findings = vec![data_folder(&config.data_folder), rules(config)];
    findings.push(finding(
        "daemon",
        Ok(if running {
            "runs with this data folder; its ports and interfaces are not tried"
        } else {
            "does not run; ports and interfaces are tried"
        }
        .to_owned()),
    ));
    if !running {
        findings.push(listeners(config).await);
        findings.extend(config.capture.iter().map(capture));
    }
    if config.mail.is_some() {
        findings.push(mail(config).await);
    }
    findings
}

fn finding(subject: impl Into<String>, tried: anyhow::Result<String>) -> Finding {
    let (outcome, words) = match tried {
        Ok(words) => (Outcome::Good, words),
        Err(error) => (Outcome::Fault, format!("{error:#}")),
    };
    Finding {
        subject: subject.into(),
        outcome,
        words,
    }
}

async fn is_running(data: &Path) -> bool {
    let asked = tokio::time::timeout(PATIENCE, control::ask(data, "hello")).await;
    matches!(asked, Ok(Ok(_)))
}

/// A file is written and removed; and there must be room.
fn data_folder(data: &Path) -> Finding {
    let subject = format!("data folder {}", data.display());
    let tried = (|| {
        std::fs::create_dir_all(data)
            .context("cannot be made; make it and give it to the user that runs Saola")?;
        let probe = data.join(".doctor");
        std::fs::File::create(&probe).context("cannot be written; give it to the user that runs Saola")?;
        std::fs::remove_file(&probe).context("cannot be written")?;
        let free = rustix::fs::statvfs(data).context("cannot be asked for its free space")?;
        Ok(free.f_bavail * free.f_frsize)
    })();
    match tried {
        Ok(free) if free < ROOMY_BYTES => Finding {
            subject,
            outcome: Outcome::Warning,
            words: format!("only {} MiB are free; a province needs gigabytes", free >> 20),
        },
        tried => finding(
            subject,
            tried.map(|free| format!("can be written, {} MiB free", free >> 20)),
        ),
    }
}

fn rules(config: &Config) -> Finding {
    let loaded = rule_book(config, &Metrics::default()).and_then(|book| book.reload());
    match loaded {
        Ok(done) if done.network_failed + done.log_failed > 0 => Finding {
            subject: "rules".to_owned(),
            outcome: Outcome::Warning,
            words: format!(
                "{} network and {} log rules load, {} and {} do not; `saola rules check` names each",
                done.network_loaded, done.log_loaded, done.network_failed, done.log_failed
            ),
        },
        loaded => finding(
            "rules",
            loaded.map(|done| {
                format!(
                    "{} network and {} log rules load",
                    done.network_loaded, done.log_loaded
                )
            }),
        ),
    }
}

/// Every port is opened and closed again.
async fn listeners(config: &Config) -> Finding {
    let tried = async {
        super::Server::bind(config.console.listen, config.console.tls.as_ref()).await?;
        Ok(format!(
            "console and {} listeners can be opened",
            collect::bind(config)?.len()
        ))
    };
    finding("ports", tried.await)
}

fn capture(capture: &crate::config::Capture) -> Finding {
    let opened = capture
        .backend
        .parse()
        .map_err(anyhow::Error::msg)
        .and_then(|backend| {
            saola_capture::open_interface(&capture.interface, backend, None)?;
            Ok(format!(
                "{} can be listened to by {}",
                capture.interface, capture.backend
            ))
        });
    finding(format!("capture {}", capture.name), opened)
}

/// The server is greeted, with TLS and password as they are set; no mail is sent.
async fn mail(config: &Config) -> Finding {
    let tried = async {
        let mail = config.mail.as_ref().context("no [mail]")?;
        let sender = sender(mail)?;
        tokio::time::timeout(PATIENCE, sender.greet())
            .await
            .context("does not answer; check mail.server, mail.port and the firewall")??;
        Ok(format!("{} takes our sign-in", mail.server))
    };
    finding("mail", tried.await)
}
