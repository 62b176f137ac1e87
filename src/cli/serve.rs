//! `saola serve`: the centre, and, alone, everything. `saola demo`: the same on a recording.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::output::say;
use crate::config::{self, Config};
use crate::node::{self, Recording, Started};

/// Arguments of `saola serve`.
#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// The configuration; `saola.example.toml` shows every key.
    #[arg(long, default_value = "/etc/saola/saola.toml")]
    config: PathBuf,
}

/// Arguments of `saola demo`.
#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8480)]
    port: u16,
    /// Where the demo keeps its data; made anew at each start.
    #[arg(long, default_value = ".saola-demo")]
    data: PathBuf,
    /// The recording's folder; found beside the program or in the working folder when absent.
    #[arg(long)]
    recording: Option<PathBuf>,
    /// The rule folder; found like the recording.
    #[arg(long)]
    rules: Option<PathBuf>,
}

pub(super) fn serve(args: &ServeArgs, json: bool) -> anyhow::Result<ExitCode> {
    run(config::load(&args.config)?, None, json)
}

pub(super) fn demo(args: &DemoArgs, json: bool) -> anyhow::Result<ExitCode> {
    fresh_folder(&args.data)?;
    let folder = found(
        args.recording.as_deref(),
        &["tests/fixtures/demo", "/usr/share/saola/demo"],
        "--recording",
    )?;
    let rules = found(
        args.rules.as_deref(),
        &["rules", "/usr/share/saola/rules"],
        "--rules",
    )?;
    let recording = Recording::open(&folder, &args.data.join("logs"))?;
    recording.make_files()?;
    let config = demo_config(args, &recording, &rules)?;
    run(config, Some(recording), json)
}

fn demo_config(args: &DemoArgs, recording: &Recording, rules: &Path) -> anyhow::Result<Config> {
    let mut config = Config {
        data_folder: std::path::absolute(&args.data)?,
        agency: recording.agencies(),
        asset: recording.assets(),
        file: recording.file_sources(),
        ..Config::default()
    };
    config.console.listen.set_port(args.port);
    config.rules.network = vec![rules.join("network")];
    config.rules.log = vec![rules.join("log")];
    config.network.home = recording.home_net().to_vec();
    for source in &mut config.file {
        source.path = std::path::absolute(&source.path)?;
    }
    if let Some(agency) = recording.first_agency() {
        agency.clone_into(&mut config.site.agency);
    }
    Ok(config)
}

/// The folder given, or the first of the usual places that is there.
fn found(given: Option<&Path>, places: &[&str], option: &str) -> anyhow::Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let there = places.iter().map(Path::new).find(|place| place.is_dir());
    there
        .map(Path::to_owned)
        .with_context(|| format!("none of {places:?} is there; say where it is by {option}"))
}

/// Removes what an earlier demo left. A folder that is no demo's is not touched.
fn fresh_folder(data: &Path) -> anyhow::Result<()> {
    let mark = data.join("this-is-a-saola-demo");
    if data.exists() {
        if !mark.exists() {
            bail!(
                "{}: is there and is not a demo's folder; give another by --data",
                data.display()
            );
        }
        std::fs::remove_dir_all(data).with_context(|| format!("{}: cannot be cleared", data.display()))?;
    }
    std::fs::create_dir_all(data).with_context(|| format!("{}: cannot be made", data.display()))?;
    std::fs::File::create(&mark).with_context(|| format!("{}: cannot be made", mark.display()))?;
    Ok(())
}

fn run(config: Config, recording: Option<Recording>, json: bool) -> anyhow::Result<ExitCode> {
    prepare_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(node::run(config, recording, |started| tell(started, json)))?;
    Ok(ExitCode::SUCCESS)
}

/// Chooses the TLS implementation of the whole program.
pub(super) fn prepare_tls() {
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        tracing::debug!("a TLS provider was chosen before");
    }
}

/// What the person at the terminal needs: where the console is, and the link of the first sign-in.
fn tell(started: &Started, json: bool) {
    let console = format!("http://{}", started.console);
    let text = match (&started.setup_link, json) {
        (link, true) => serde_json::json!({ "console": console, "setup_link": link }).to_string(),
        (None, false) => format!("Saola: {console}"),
        (Some(link), false) => format!(
            "Saola: {console}\n\n  Mở một lần để đặt mật khẩu cho tài khoản 'admin' (24 giờ):\n  Open once to set the password of 'admin' (24 hours):\n\n  {link}\n"
        ),
    };
    if let Err(error) = say(&text) {
        tracing::warn!(%error, "the address of the console could not be printed");
    }
}
