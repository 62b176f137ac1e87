//! Settings of the packet pipeline, set by the dotted names that people know from `suricata.yaml`.

use std::sync::Arc;

use arc_swap::ArcSwap;
use saola_net::NetConfig;
use saola_net::eve::EveConfig;
use saola_suricata::RuleConfig;

use super::rules::{BadRules, NetworkRules};
use crate::detect::rules::RuleFile;

/// Everything a shard is made from.
#[derive(Clone)]
pub struct NetworkSettings {
    /// The engine's settings.
    pub net: Arc<NetConfig>,
    /// What is written to EVE.
    pub eve: Arc<EveConfig>,
    /// Whether EVE records are made at all.
    pub writes_eve: bool,
    /// What rules lean on: variables, classes, thresholds.
    pub rule_config: RuleConfig,
    /// The rules in force; swapped whole on reload.
    pub rules: Arc<ArcSwap<NetworkRules>>,
}

/// A setting that cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum BadSetting {
    /// Not of the form `key=value`.
    #[error("'{0}' is not of the form KEY=VALUE")]
    Form(String),
    /// The key is known and the value is not.
    #[error(transparent)]
    Value(#[from] saola_net::ConfigError),
}

impl NetworkSettings {
    /// Settings with no rules and everything as it is when nobody says otherwise.
    pub fn new() -> Result<Self, BadRules> {
        let rule_config = RuleConfig::default();
        Ok(Self {
            net: Arc::default(),
            eve: Arc::default(),
            writes_eve: false,
            rules: Arc::new(ArcSwap::from_pointee(NetworkRules::load(&[], &rule_config)?)),
            rule_config,
        })
    }

    /// Loads rules and puts them in force.
    pub fn load_rules(&self, files: &[RuleFile]) -> Result<(), BadRules> {
        self.rules
            .store(Arc::new(NetworkRules::load(files, &self.rule_config)?));
        Ok(())
    }

    /// Sets one key. `Ok(false)` says that nothing of the packet engine has this name.
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, BadSetting> {
        if self.rule_config.variables.set(key, value) || Arc::make_mut(&mut self.eve).set(key, value)? {
            return Ok(true);
        }
        Ok(Arc::make_mut(&mut self.net).set(key, value)?)
    }

    /// Sets one `KEY=VALUE` and gives back whether the key is known.
    pub fn set_pair(&mut self, pair: &str) -> Result<bool, BadSetting> {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| BadSetting::Form(pair.to_owned()))?;
        self.set(key.trim(), value.trim())
    }
}
