//! The control socket: one line in, one line of JSON out. Only the user that runs Saola (and root) can open it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use super::rules::RuleBook;

/// Longest command line.
const MOST_LINE_BYTES: u64 = 256;

/// Where the socket of a data folder is.
pub(super) fn socket_path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Asks a running node to do something and gives its answer.
pub async fn ask(data: &Path, command: &str) -> anyhow::Result<serde_json::Value> {
    let path = socket_path(data);
    let mut stream = UnixStream::connect(&path).await.with_context(|| {
        format!(
            "{}: no running Saola answers here; is it started with this data folder?",
            path.display()
        )
    })?;
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    serde_json::from_str(&answer).context("the answer cannot be read")
}

/// Opens the socket; one left by a crash is replaced.
pub(super) fn bind(data: &Path) -> anyhow::Result<UnixListener> {
    let path = socket_path(data);
    if path.exists() {
        std::fs::remove_file(&path).with_context(|| format!("{}: cannot be replaced", path.display()))?;
    }
    let listener =
        UnixListener::bind(&path).with_context(|| format!("{}: cannot be opened", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until the stop.
pub(super) async fn run(listener: UnixListener, rules: Arc<RuleBook>, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        if let Ok((stream, _)) = accepted
            && let Err(error) = answer(stream, &rules).await
        {
            tracing::warn!(%error, "a control command was not answered");
        }
    }
}

async fn answer(stream: UnixStream, rules: &Arc<RuleBook>) -> anyhow::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    BufReader::new(reading)
        .take(MOST_LINE_BYTES)
        .read_line(&mut line)
        .await?;
    let answer = match line.trim() {
        "hello" => json!({ "version": env!("CARGO_PKG_VERSION") }),
        "reload" => {
            let rules = Arc::clone(rules);
            match tokio::task::spawn_blocking(move || rules.reload()).await? {
                Ok(done) => serde_json::to_value(done)?,
                Err(error) => json!({ "error": format!("{error:#}") }),
            }
        }
        other => json!({ "error": format!("unknown command '{other}'") }),
    };
    writing.write_all(answer.to_string().as_bytes()).await?;
    Ok(())
}
