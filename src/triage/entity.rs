//! What alerts are joined by: addresses, machines, accounts, names.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One thing that two alerts can have in common. Written `ip:203.0.113.66`, `host:dvc-web01`, `user:admin`,
/// `domain:xau.example`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// An address that is no known asset of ours.
    Ip(IpAddr),
    /// A machine of ours, by its asset or host name, lower case.
    Host(String),
    /// An account, lower case.
    User(String),
    /// A site or queried name, lower case.
    Domain(String),
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => write!(f, "ip:{ip}"),
            Self::Host(host) => write!(f, "host:{host}"),
            Self::User(user) => write!(f, "user:{user}"),
            Self::Domain(domain) => write!(f, "domain:{domain}"),
        }
    }
}

/// A text that names no entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an entity such as ip:203.0.113.66 or host:dvc-web01")]
pub struct EntityError;

impl FromStr for Entity {
    type Err = EntityError;
    fn from_str(text: &str) -> Result<Self, EntityError> {
        let (kind, value) = text.split_once(':').ok_or(EntityError)?;
        match kind {
            "ip" => value.parse().map(Self::Ip).map_err(|_| EntityError),
            "host" => Ok(Self::Host(value.to_owned())),
            "user" => Ok(Self::User(value.to_owned())),
            "domain" => Ok(Self::Domain(value.to_owned())),
            _ => Err(EntityError),
        }
    }
}

impl Serialize for Entity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Entity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
