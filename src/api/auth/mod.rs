//! Who asks: sessions, passwords, lock-outs, and the extractors that every handler begins with.

mod caller;
mod cookie;
mod lockout;
mod password;
mod session;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

pub use caller::{Administrator, Caller, Responder, Source};
pub(in crate::api) use caller::{forget, keep};
pub use cookie::{clear_cookie, session_cookie};
pub use lockout::Lockouts;
pub use password::{PasswordError, check_strength, hash, verify};
pub use session::{SessionError, SessionRecord, Sessions, Token, session_key, sha256_hex};

/// How sign-in behaves.
#[derive(Clone, Copy, Debug)]
pub struct AuthConfig {
    /// A session unused for this long ends.
    pub idle: Duration,
    /// A session ends this long after sign-in, used or not.
    pub absolute: Duration,
    /// The cookie is for TLS only. Off only where the server itself speaks plain HTTP on loopback.
    pub secure_cookie: bool,
    /// Passwords checked at once; each takes about 19 MiB and a core.
    pub parallel_checks: usize,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(1),
            absolute: Duration::from_hours(12),
            secure_cookie: true,
            parallel_checks: 2,
        }
    }
}

/// Everything about who is signed in.
#[derive(Debug)]
pub struct Auth {
    /// How sign-in behaves.
    pub config: AuthConfig,
    /// Open sessions.
    pub sessions: Sessions,
    /// Who has to wait.
    pub lockouts: Lockouts,
    checks: Arc<Semaphore>,
}

impl Auth {
    /// With the sessions that the store kept over a restart.
    pub fn new(config: AuthConfig, sessions: Sessions) -> Self {
        Self {
            config,
            sessions,
            lockouts: Lockouts::default(),
            checks: Arc::new(Semaphore::new(config.parallel_checks)),
        }
    }

    /// Runs password work on a blocking thread, few at a time, so that a flood of sign-ins takes neither the memory
    /// nor the cores. `None` when the turn did not come within two seconds.
    pub async fn password_work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.checks).acquire_owned();
        let permit = tokio::time::timeout(Duration::from_secs(2), turn)
            .await
            .ok()?
            .ok()?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await.ok()
    }
}
