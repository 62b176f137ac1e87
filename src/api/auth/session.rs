//! Sessions: a random token in the cookie, its hash here and in the store.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::RwLock;
use saola_event::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::AuthConfig;

/// 256 random bits as text. Shown to the browser once; `Debug` does not print it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// From a request; `None` when it cannot be one.
    pub fn from_text(text: &str) -> Option<Self> {
        let plain = text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok();
        plain.then(|| Self(text.to_owned()))
    }

    /// As cookies and links carry it.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// SHA-256 in lower-case hex: what is kept.
    pub fn hash(&self) -> String {
        sha256_hex(self.0.as_bytes())
    }

    /// The CSRF token that belongs to the session: follows from the token and says nothing about it.
    pub fn csrf(&self) -> String {
        sha256_hex(format!("csrf:{}", self.0).as_bytes())
    }

    /// Whether `given` is the CSRF token, in time that does not depend on where they differ.
    pub fn csrf_matches(&self, given: &str) -> bool {
        self.csrf().as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            use fmt::Write as _;
            // Writing to a string cannot fail.
            write!(hex, "{byte:02x}").expect("a string takes what is written");
            hex
        })
}

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Account name.
    pub user: Arc<str>,
    /// The account's password generation at sign-in.
    pub generation: u32,
    /// Sign-in.
    pub created_at: Timestamp,
    /// Last request.
    pub used_at: Timestamp,
}

impl SessionRecord {
    /// Too long unused, too old, or of a time that has not come yet (a clock set back).
    fn has_ended(&self, now: Timestamp, config: &AuthConfig) -> bool {
        now.since(self.used_at) > config.idle
            || now.since(self.created_at) > config.absolute
            || now < self.created_at
    }
}

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// No such session, or it has ended.
    #[error("there is no such session")]
    None,
}

/// Key of a session in the store's aside space.
pub fn session_key(hash: &str) -> Vec<u8> {
    [b"s/", hash.as_bytes()].concat()
}

/// Open sessions by the hash of their token.
#[derive(Debug, Default)]
pub struct Sessions {
    open: RwLock<HashMap<String, SessionRecord>>,
}

/// Most sessions kept; the longest unused one goes when another is opened.
const MAX_SESSIONS: usize = 10_000;
/// A use is written to the store when the one written before is this old.
const WRITE_USE_SECS: u64 = 60;

impl Sessions {
    /// With sessions kept over a restart, by the hash of their token.
    pub fn new(kept: impl IntoIterator<Item = (String, SessionRecord)>) -> Self {
        Self {
            open: RwLock::new(kept.into_iter().collect()),
        }
    }

    /// Opens a session. Gives the hashes of sessions that had to go.
    pub fn open(&self, hash: String, record: SessionRecord) -> Vec<String> {
        let mut open = self.open.write();
        let mut gone = Vec::new();
        while open.len() >= MAX_SESSIONS {
            let oldest = open
                .iter()
                .min_by_key(|(_, kept)| kept.used_at)
                .map(|(hash, _)| hash.clone());
            let Some(oldest) = oldest else { break };
            open.remove(&oldest);
            gone.push(oldest);
        }
        open.insert(hash, record);
        gone
    }

    /// The session of this hash if it has not ended, noting the use. The flag says that the use should be written.
    pub fn touch(
        &self,
        hash: &str,
        now: Timestamp,
        config: &AuthConfig,
    ) -> Result<(SessionRecord, bool), SessionError> {
        let found = self.open.read().get(hash).cloned().ok_or(SessionError::None)?;
        if found.has_ended(now, config) {
            self.close(hash);
            return Err(SessionError::None);
        }
        let write = now.since(found.used_at).as_secs() >= WRITE_USE_SECS;
        let mut used = found;
        if write {
            used.used_at = now;
            self.open.write().insert(hash.to_owned(), used.clone());
        }
        Ok((used, write))
    }

    /// The session of this hash if it has not ended, without noting a use.
    pub fn find(&self, hash: &str, now: Timestamp, config: &AuthConfig) -> Option<SessionRecord> {
        self.open
            .read()
            .get(hash)
            .filter(|record| !record.has_ended(now, config))
            .cloned()
    }

    /// Ends a session.
    pub fn close(&self, hash: &str) {
        self.open.write().remove(hash);
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.read().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs_micros(secs, 0)
    }

    fn opened() -> (Sessions, AuthConfig) {
        let sessions = Sessions::default();
        let record = SessionRecord {
            user: "a".into(),
            generation: 0,
            created_at: at(0),
            used_at: at(0),
        };
        sessions.open("h".to_owned(), record);
        (sessions, AuthConfig::default())
    }

    #[test]
    fn a_session_ends_when_it_is_not_used() {
        let (sessions, config) = opened();
        assert!(sessions.touch("h", at(3599), &config).is_ok());
        assert!(sessions.touch("h", at(3599 + 3600), &config).is_ok());
        assert_eq!(
            sessions.touch("h", at(3599 + 3600 + 3601), &config),
            Err(SessionError::None)
        );
        assert_eq!(sessions.count(), 0);
    }

    #[test]
    fn a_session_ends_however_much_it_is_used_and_a_clock_set_back_ends_it_too() {
        let (sessions, config) = opened();
        for hour in 1..=12 {
            assert!(sessions.touch("h", at(hour * 3600), &config).is_ok());
        }
        assert!(sessions.touch("h", at(12 * 3600 + 1), &config).is_err());
        let (sessions, config) = opened();
        assert!(sessions.touch("h", at(-1), &config).is_err());
    }

    #[test]
    fn the_csrf_token_fits_its_session_alone() {
        let (one, other) = (Token::random(), Token::random());
        assert!(one.csrf_matches(&one.csrf()) && !one.csrf_matches(&other.csrf()) && !one.csrf_matches(""));
        assert_eq!(format!("{one:?}"), "Token(…)");
    }
}
