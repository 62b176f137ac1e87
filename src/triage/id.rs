//! Names of groups, alerts and incidents, as people and links write them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {0}")]
pub struct IdError(&'static str);

/// An alert group: `g-0123456789abcdef`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u64);

/// An alert that was kept: `a-0123456789abcdef`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub u64);

/// An incident: `SC-2026-0001`, counted from 1 in each year of opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentNumber {
    /// Year of opening, UTC.
    pub year: u16,
    /// Number within the year.
    pub number: u32,
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g-{:016x}", self.0)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a-{:016x}", self.0)
    }
}

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SC-{:04}-{:04}", self.year, self.number)
    }
}

fn hex_after(text: &str, prefix: &str) -> Option<u64> {
    let digits = text.strip_prefix(prefix)?;
    let plain = digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    u64::from_str_radix(digits, 16).ok().filter(|_| plain)
}

impl FromStr for GroupId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        hex_after(text, "g-")
            .map(Self)
            .ok_or(IdError("g-0123456789abcdef"))
    }
}

impl FromStr for AlertId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        hex_after(text, "a-")
            .map(Self)
            .ok_or(IdError("a-0123456789abcdef"))
    }
}

impl FromStr for IncidentNumber {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = text.strip_prefix("SC-").and_then(|rest| rest.split_once('-'));
        parts
            .filter(|(year, number)| {
                let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
                year.len() == 4 && (4..=9).contains(&number.len()) && digits(year) && digits(number)
            })
            .and_then(|(year, number)| {
                Some(Self {
                    year: year.parse().ok()?,
                    number: number.parse().ok()?,
                })
            })
            .ok_or(IdError("SC-2026-0001"))
    }
}

macro_rules! written_as_text {
    ($($id:ty),+) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

written_as_text!(GroupId, AlertId, IncidentNumber);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_back() {
        let group = GroupId(0xab);
        assert_eq!(group.to_string(), "g-00000000000000ab");
        assert_eq!(group.to_string().parse(), Ok(group));
        let number = IncidentNumber {
            year: 2026,
            number: 12_345,
        };
        assert_eq!(number.to_string(), "SC-2026-12345");
        assert_eq!(number.to_string().parse(), Ok(number));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "g-",
            "g-00000000000000AB",
            "g-+0000000000000ab",
            "a-00000000000000ab",
            "g-0000000000000ab\n",
        ] {
            assert!(text.parse::<GroupId>().is_err(), "{text}");
        }
        for text in [
            "SC-2026-1",
            "SC-2026-+001",
            "SC-26-0001",
            "SC-2026-0001/..",
            "SC-2026-9999999999",
        ] {
            assert!(text.parse::<IncidentNumber>().is_err(), "{text}");
        }
    }
}
