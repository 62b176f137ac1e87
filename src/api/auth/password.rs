//! Passwords: argon2id with the parameters that OWASP gives first (19 MiB, 2 passes, 1 lane).

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short, too long, or of too few different characters, or it holds the account's name.
    #[error("a password has 12 to 256 characters, at least 5 different ones, and not the account's name")]
    Weak,
    /// The system gave no randomness.
    #[error("the password cannot be hashed")]
    Hash,
}

/// Whether a password may be used for an account.
pub fn check_strength(password: &str, account: &str) -> Result<(), PasswordError> {
    let length = password.chars().count();
    let different = password.chars().collect::<std::collections::BTreeSet<_>>().len();
    let named =
        !account.is_empty() && password.to_lowercase().contains(account) && length < account.len() + 12;
    if (12..=256).contains(&length) && different >= 5 && !named {
        Ok(())
    } else {
        Err(PasswordError::Weak)
    }
}

/// The PHC text to keep. Slow on purpose: run it through [`Auth::password_work`](super::Auth::password_work).
pub fn hash(password: &str) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Hash)
}

/// Whether the password is the one hashed. Without a hash (unknown account, no password yet) the same work is done
/// and the answer is no, so that the time does not tell which accounts exist. Slow on purpose.
pub fn verify(password: &str, kept: Option<&str>) -> bool {
    static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody's password").ok());
    let Some(phc) = kept.or(NOBODYS.as_deref()) else {
        return false;
    };
    let right = PasswordHash::new(phc).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    });
    right && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_of_a_known_account_is_right() {
        let kept = hash("correct horse battery").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("correct horse battery", Some(&kept)));
        assert!(!verify("correct horse batterz", Some(&kept)));
        assert!(!verify("nobody's password", None));
        assert!(!verify("x", Some("not a hash")));
    }

    #[test]
    fn weak_ones_are_refused() {
        for weak in ["short", "aaaaaaaaaaaaaaaa", "admin1234567", "ababababababab"] {
            assert_eq!(check_strength(weak, "admin"), Err(PasswordError::Weak), "{weak}");
        }
        assert_eq!(check_strength("Mật khẩu dài của tôi", "admin"), Ok(()));
    }
}
