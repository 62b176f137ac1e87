//! Values of settings as people write them: `yes`, `64mb`, `60`.

use std::time::Duration;

/// A value that its key does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {value:?} is not {expected}")]
pub struct ConfigError {
    /// The key.
    pub key: String,
    /// The value that was given.
    pub value: String,
    /// What the key takes.
    pub expected: &'static str,
}

impl ConfigError {
    /// An error that names the key, the value and what was expected.
    pub fn new(key: &str, value: &str, expected: &'static str) -> Self {
        Self {
            key: key.to_owned(),
            value: value.to_owned(),
            expected,
        }
    }
}

/// `yes`, `true`, `on`, `1` and `enabled`, or their opposites, in any case.
pub fn flag(key: &str, value: &str) -> Result<bool, ConfigError> {
    match value.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" | "enabled" => Ok(true),
        "no" | "false" | "off" | "0" | "disabled" => Ok(false),
        _ => Err(ConfigError::new(key, value, "yes or no")),
    }
}

/// A size in bytes: a number, with `kb`, `mb`, `gb` (1024-fold steps; a blank between is allowed), or `unlimited`.
pub fn size(key: &str, value: &str) -> Result<u64, ConfigError> {
    let error = || ConfigError::new(key, value, "a size such as 65536, 64kb, 1mb");
    let text = value.trim().to_ascii_lowercase().replace(' ', "");
    if text == "unlimited" {
        return Ok(u64::MAX);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(error)?;
    let factor = match unit {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(error()),
    };
    let number: u64 = number.parse().map_err(|_| error())?;
    number.checked_mul(factor).ok_or_else(error)
}

/// A size that counts memory.
pub(super) fn memory(key: &str, value: &str) -> Result<usize, ConfigError> {
    size(key, value).map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// Whole seconds.
pub fn seconds(key: &str, value: &str) -> Result<Duration, ConfigError> {
    let number = value.trim().trim_end_matches('s').parse();
    number
        .map(Duration::from_secs)
        .map_err(|_| ConfigError::new(key, value, "a number of seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("k", "1 MiB"), Ok(1 << 20));
        assert_eq!(size("k", "8kb"), Ok(8192));
        assert_eq!(size("k", "0"), Ok(0));
        assert!(size("k", "8 apples").is_err());
        assert!(size("k", "99999999999gb").is_err());
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(
            flag("stream.inline", "maybe").unwrap_err().to_string(),
            "stream.inline: \"maybe\" is not yes or no"
        );
    }
}
