//! What parsing assumes where records are silent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Settings of the parsers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Minutes east of UTC of senders that write local times without a zone. Default 0; Vietnam is 420.
    pub zone_minutes: i32,
    /// The same for single sources, by their configured name.
    pub source_zone_minutes: BTreeMap<String, i32>,
}

impl Config {
    /// Seconds east of UTC that are assumed for a source.
    pub(crate) fn zone_secs(&self, source: &str) -> i64 {
        let minutes = self.source_zone_minutes.get(source).unwrap_or(&self.zone_minutes);
        i64::from(*minutes) * 60
    }
}
