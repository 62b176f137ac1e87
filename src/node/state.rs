//! Journal, store, triage and the single writer between them; the first account.

use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use saola_collect::now;

use crate::agency::AssetTable;
use crate::api::auth::{SessionRecord, Sessions, Token};
use crate::commit::{Board, Committer, Desk, Places, WriterCounters, desk, open};
use crate::config;
use crate::store::{self, Store, view};
use crate::triage::{Command, Role, User};

/// The state of the node, open and being written.
pub(super) struct StateStage {
    pub(super) desk: Desk,
    pub(super) board: Board,
    pub(super) store: Arc<dyn Store>,
    pub(super) counters: Arc<WriterCounters>,
    pub(super) writer: JoinHandle<()>,
}

/// Work that may wait for the writer.
const DESK_CAPACITY: usize = 1024;
/// How long the link that sets the first password is good.
const SETUP_VALID: Duration = Duration::from_hours(24);
/// The first account.
const ADMINISTRATOR: &str = "admin";

impl StateStage {
    /// Opens journal and store, rebuilding the store where it has to be, and starts the writer.
    pub(super) fn start(
        data: &Path,
        backend: config::Backend,
        assets: Arc<AssetTable>,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(data).with_context(|| {
            format!(
                "data_folder {}: cannot be made; create it or give another by data_folder",
                data.display()
            )
        })?;
        let opened = open(&Places::within(data, backend.into()))?;
        if opened.report != crate::commit::Report::default() {
            tracing::warn!(report = ?opened.report, "something was put right at the start");
        }
        let (desk, work) = desk(DESK_CAPACITY);
        let store = Arc::clone(&opened.store);
        let (committer, board) = Committer::new(opened.journal, opened.store, opened.state, assets, now);
        let counters = committer.counters();
        let writer = Builder::new()
            .name("writer".to_owned())
            .spawn(move || committer.run(&work))?;
        Ok(Self {
            desk,
            board,
            store,
            counters,
            writer,
        })
    }

    /// Sessions that outlived the last stop.
    pub(super) fn sessions(&self) -> anyhow::Result<Sessions> {
        let mut kept = Vec::new();
        for pair in self.store.scan(SESSION_PREFIX) {
            let (key, value) = pair?;
            let hash = key
                .get(SESSION_PREFIX.len()..)
                .map(String::from_utf8_lossy)
                .unwrap_or_default()
                .into_owned();
            if let Ok(record) = view::decode::<SessionRecord>(&key, &value) {
                kept.push((hash, record));
            }
        }
        Ok(Sessions::new(kept))
    }

    /// Makes the first account where there is none, and a one-time link to set its password while it has none. The token
    /// is returned and kept nowhere.
    pub(super) fn first_account(&self) -> anyhow::Result<Option<Token>> {
        let known = self.board.read().accounts.get(ADMINISTRATOR).cloned();
        if known.as_ref().is_some_and(|account| account.password.is_some()) {
            return Ok(None);
        }
        if known.is_none() {
            self.command(Command::PutUser(administrator()))?;
        }
        let token = Token::random();
        let (name, token_hash) = (ADMINISTRATOR.into(), token.hash());
        self.command(Command::IssueSetup {
            name,
            token_hash,
            expires_at: now() + SETUP_VALID,
        })?;
        Ok(Some(token))
    }

    fn command(&self, command: Command) -> anyhow::Result<()> {
        self.desk
            .command_blocking("system", now(), command)
            .context("the first account cannot be made")?;
        Ok(())
    }
}

const SESSION_PREFIX: &[u8] = b"s/";

fn administrator() -> User {
    User {
        name: ADMINISTRATOR.into(),
        display_name: "Quản trị viên".to_owned(),
        role: Role::Administrator,
        language: "vi".to_owned(),
        agencies: Vec::new(),
        disabled: false,
    }
}

impl From<config::Backend> for store::Backend {
    fn from(backend: config::Backend) -> Self {
        match backend {
            config::Backend::Sled => Self::Sled,
            config::Backend::Redb => Self::Redb,
        }
    }
}
