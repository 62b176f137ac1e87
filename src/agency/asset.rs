//! The machines the province owns: which address or host name is which asset of which agency and system.
//!
//! The table joins what packets say (addresses) with what logs say (host names): both lead to one asset, so one attack
//! seen both ways has one target.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What an asset does for others, where that changes how its traffic is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetRole {
    /// Many users come from its address (proxy, NAT, mail gateway, resolver): it never joins two attacks as their actor.
    Shared,
    /// A vulnerability scanner of our own: what it does opens no incident by itself.
    Scanner,
}

/// One machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Host name as its logs write it; the asset's short name.
    pub host: Arc<str>,
    /// Its addresses.
    #[serde(default)]
    pub ips: Vec<IpAddr>,
    /// Other names: sites it serves, aliases.
    #[serde(default)]
    pub names: Vec<String>,
    /// The agency that owns it.
    pub agency: Arc<str>,
    /// The information system it is part of.
    #[serde(default)]
    pub system: Arc<str>,
    /// Legal level of the system, 1 to 5; 0 where none is given.
    #[serde(default)]
    pub level: u8,
    /// Title in Vietnamese.
    #[serde(default)]
    pub title_vi: String,
    /// Title in English.
    #[serde(default)]
    pub title_en: String,
    /// What it does for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<AssetRole>,
}

/// All assets, found by address or by name.
#[derive(Clone, Debug, Default)]
pub struct AssetTable {
    by_ip: HashMap<IpAddr, Arc<Asset>>,
    by_name: HashMap<String, Arc<Asset>>,
}

impl AssetTable {
    /// A table of the given assets; of two with one address the later wins.
    pub fn new(assets: impl IntoIterator<Item = Asset>) -> Self {
        let mut table = Self::default();
        for asset in assets.into_iter().map(Arc::new) {
            for ip in &asset.ips {
                table.by_ip.insert(*ip, Arc::clone(&asset));
            }
            for name in asset.names.iter().map(String::as_str).chain([&*asset.host]) {
                table.by_name.insert(name.to_lowercase(), Arc::clone(&asset));
            }
        }
        table
    }

    /// The asset with this address.
    pub fn by_ip(&self, ip: IpAddr) -> Option<&Arc<Asset>> {
        self.by_ip.get(&ip)
    }

    /// The asset that a source is named after: `dvc-web01-access` belongs to `dvc-web01` where no longer name fits.
    pub fn by_source(&self, source: &str) -> Option<&Arc<Asset>> {
        let ends = source.rmatch_indices('-').map(|(end, _)| end);
        std::iter::once(source.len())
            .chain(ends)
            .find_map(|end| self.by_name(source.get(..end)?))
    }

    /// The asset of this host or site name, in any case, with or without its domain.
    pub fn by_name(&self, name: &str) -> Option<&Arc<Asset>> {
        let name = name.trim_end_matches('.').to_lowercase();
        self.by_name
            .get(&name)
            .or_else(|| self.by_name.get(name.split('.').next()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_by_address_host_and_site() {
        let asset = Asset {
            host: "dvc-web01".into(),
            ips: vec!["10.10.20.10".parse().unwrap()],
            names: vec!["dvc.saola.example".to_owned()],
            agency: "skhcn".into(),
            system: "dvc".into(),
            level: 3,
            title_vi: String::new(),
            title_en: String::new(),
            role: None,
        };
        let table = AssetTable::new([asset]);
        for name in ["DVC-WEB01", "dvc-web01.saola.example", "dvc.saola.example."] {
            assert_eq!(&*table.by_name(name).unwrap().host, "dvc-web01", "{name}");
        }
        assert_eq!(&*table.by_source("dvc-web01-access").unwrap().host, "dvc-web01");
        assert!(table.by_source("dvc-access").is_none());
        assert!(table.by_name("other").is_none() && table.by_ip("10.10.20.11".parse().unwrap()).is_none());
        assert!(table.by_ip("10.10.20.10".parse().unwrap()).is_some());
    }
}
