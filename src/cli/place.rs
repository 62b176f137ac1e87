//! Which data folder a command works on, and the writer for commands that change something while no daemon runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use anyhow::Context;
use saola_collect::now;

use crate::agency::AssetTable;
use crate::commit::{Committer, Desk, Places, desk, open};
use crate::config;
use crate::triage::{Command, Made};

/// Where the data is.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// The configuration, for its data folder and its store.
    #[arg(long, default_value = "/etc/saola/saola.toml")]
    config: PathBuf,
    /// The data folder; the configuration is then not read.
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Place {
    /// Journal and store.
    pub(super) fn places(&self) -> anyhow::Result<Places> {
        if let Some(data) = &self.data {
            return Ok(Places::within(data, crate::store::Backend::default()));
        }
        let config = config::load(&self.config)?;
        Ok(Places::within(&config.data_folder, config.store.backend.into()))
    }

    /// Runs a writer for as long as `work` takes. The daemon must not run.
    pub(super) fn change<T>(
        &self,
        work: impl FnOnce(&Changes<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let places = self.places()?;
        let opened = open(&places).context("changes from the command line need the daemon to be stopped")?;
        let assets = Arc::new(AssetTable::default());
        let (committer, board) = Committer::new(opened.journal, opened.store, opened.state, assets, now);
        let (desk, jobs) = desk(16);
        thread::scope(|scope| {
            scope.spawn(move || committer.run(&jobs));
            let done = work(&Changes {
                desk: &desk,
                board: &board,
            });
            desk.stop();
            done
        })
    }
}

/// Changes asked for from the command line.
pub(super) struct Changes<'a> {
    desk: &'a Desk,
    /// What is there.
    pub(super) board: &'a crate::commit::Board,
}

/// Who changes from the command line: whoever may write the data folder.
const ACTOR: &str = "command-line";

impl Changes<'_> {
    /// Carries a change out; it is safe when this returns.
    pub(super) fn ask(&self, command: Command) -> anyhow::Result<Made> {
        Ok(self.desk.command_blocking(ACTOR, now(), command)?)
    }
}
