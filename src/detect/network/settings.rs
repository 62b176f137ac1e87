//! Settings of the packet pipeline, set by the dotted names that people know from `suricata.yaml`.

use std::sync::Arc;

use arc_swap::ArcSwap;
use saola_net::NetConfig;
use saola_net::eve::EveConfig;
use saola_suricata::{DetectConfig, RuleConfig};

use super::lists::ListsBesideRules;
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
    /// What alert records hold and where looking ends.
    pub detect: DetectConfig,
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
    /// The same, of detection.
    #[error("{0}")]
    Detection(String),
    /// A file that a setting names cannot be used.
    #[error("{key}: {path}: {reason}")]
    File {
        /// The setting.
        key: String,
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl NetworkSettings {
    /// Settings with no rules and everything as it is when nobody says otherwise.
    pub fn new() -> Result<Self, BadRules> {
        let rule_config = RuleConfig {
            lists: Some(Arc::new(ListsBesideRules)),
            ..RuleConfig::default()
        };
        Ok(Self {
            net: Arc::default(),
            eve: Arc::default(),
            writes_eve: false,
            detect: DetectConfig::default(),
            rules: Arc::new(ArcSwap::from_pointee(NetworkRules::load(&[], &rule_config)?)),
            rule_config,
        })
    }

    /// Loads rules and puts them in force.
    pub fn load_rules(&self, files: &[RuleFile]) -> Result<(), BadRules> {
        let rules = NetworkRules::load(files, &self.rule_config)?;
        self.net.app.hash_demand.set(rules.compiled().hashes_wanted());
        self.net.app.frame_demand.set(rules.compiled().wants_frames());
        self.rules.store(Arc::new(rules));
        Ok(())
    }

    /// Sets one key. `Ok(false)` says that nothing of the packet engine has this name.
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, BadSetting> {
        let is_variable = self.rule_config.variables.set(key, value);
        let is_eve = Arc::make_mut(&mut self.eve).set(key, value)?;
        let is_net = Arc::make_mut(&mut self.net).set(key, value)?;
        let is_detection = self.detect.set(key, value).map_err(BadSetting::Detection)?;
        self.detect.eve = EveConfig::clone(&self.eve);
        let is_order = self.rule_config.set(key, value).map_err(BadSetting::Detection)?;
        Ok(is_order || is_variable || is_eve || is_net || is_detection || self.set_file(key, value)?)
    }

    /// Settings whose value is a file that rules lean on.
    fn set_file(&mut self, key: &str, path: &str) -> Result<bool, BadSetting> {
        if !matches!(
            key,
            "classification-file" | "reference-config-file" | "threshold-file"
        ) {
            return Ok(false);
        }
        let fault = |reason: String| BadSetting::File {
            key: key.to_owned(),
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        let (config, mut diagnostics) = (&mut self.rule_config, Vec::new());
        match key {
            "classification-file" => config.classification.parse(path, &text, &mut diagnostics),
            "reference-config-file" => config.references.parse(path, &text, &mut diagnostics),
            _ => config
                .thresholds
                .parse(path, &text, &config.variables, &mut diagnostics),
        }
        for diagnostic in diagnostics {
            tracing::warn!(setting = key, "{diagnostic}");
        }
        Ok(true)
    }

    /// Sets one `KEY=VALUE` and gives back whether the key is known.
    pub fn set_pair(&mut self, pair: &str) -> Result<bool, BadSetting> {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| BadSetting::Form(pair.to_owned()))?;
        self.set(key.trim(), value.trim())
    }
}
