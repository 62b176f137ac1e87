//! What a recording says about itself: `manifest.toml` in its folder, written by `tests/record/collect.py`.

use std::net::IpAddr;

use ipnet::IpNet;
use saola_collect::Timestamp;
use serde::Deserialize;

use crate::agency::{Agency, Asset, AssetRole};

/// The file. Keys that are for people and tests (attacks, checks) are passed over.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) recording: Times,
    #[serde(default)]
    pub(super) agency: Vec<Agency>,
    #[serde(default)]
    pub(super) capture: Vec<Capture>,
    #[serde(default)]
    pub(super) log: Vec<Log>,
    #[serde(default)]
    pub(super) asset: Vec<Machine>,
}

/// A recorded machine: it has one address.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Machine {
    ip: IpAddr,
    host: String,
    #[serde(default)]
    names: Vec<String>,
    agency: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    level: u8,
    #[serde(default)]
    title_vi: String,
    #[serde(default)]
    title_en: String,
    #[serde(default)]
    role: Option<AssetRole>,
}

impl From<Machine> for Asset {
    fn from(machine: Machine) -> Self {
        Self {
            host: machine.host.into(),
            ips: vec![machine.ip],
            names: machine.names,
            agency: machine.agency.into(),
            system: machine.system.into(),
            level: machine.level,
            title_vi: machine.title_vi,
            title_en: machine.title_en,
            role: machine.role,
        }
    }
}

/// When and where it was recorded.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Times {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// Zone of logs that name none.
    pub(super) time_zone: String,
    #[serde(default)]
    pub(super) home_net: Vec<IpNet>,
}

/// A capture file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Capture {
    pub(super) path: String,
    pub(super) sensor: String,
    pub(super) agency: String,
}

/// A log file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Log {
    pub(super) path: String,
    pub(super) host: String,
    pub(super) agency: String,
}

impl Times {
    /// Minutes east of UTC of the recording's zone; recordings are made in Vietnam.
    pub(super) fn zone_minutes(&self) -> i32 {
        if self.time_zone == "Asia/Ho_Chi_Minh" {
            420
        } else {
            0
        }
    }
}

impl Log {
    /// The name of the source that follows it: host and file.
    pub(super) fn source_name(&self) -> String {
        let file = self
            .path
            .rsplit('/')
            .next()
            .unwrap_or(&self.path)
            .trim_end_matches(".zst")
            .trim_end_matches(".log");
        format!(
            "{}-{}",
            self.host,
            file.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
        )
    }
}
