//! Limits and switches of the protocols (`app-layer.protocols.*`).

use std::collections::{BTreeMap, BTreeSet};

use crate::app::{FileHashes, FrameDemand};
use crate::config::{ConfigError, flag, size};

/// Hashes that the rules in force ask for.
#[derive(Clone, Debug, Default)]
pub struct HashDemand(std::sync::Arc<std::sync::atomic::AtomicU8>);

impl HashDemand {
    /// Says what is asked for from the next file on: MD5, SHA-1, SHA-256.
    pub fn set(&self, wanted: [bool; 3]) {
        let bits = wanted
            .iter()
            .rev()
            .fold(0, |bits, wanted| bits << 1 | u8::from(*wanted));
        self.0.store(bits, std::sync::atomic::Ordering::Relaxed);
    }

    fn wanted(&self) -> [bool; 3] {
        let bits = self.0.load(std::sync::atomic::Ordering::Relaxed);
        [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0]
    }
}

/// Which hashes of files are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashChoice {
    /// MD5.
    pub md5: bool,
    /// SHA-1.
    pub sha1: bool,
    /// SHA-256.
    pub sha256: bool,
}

/// HTTP/1.x (`app-layer.protocols.http.libhtp.default-config.*`).
#[derive(Clone, Copy, Debug)]
pub struct HttpConfig {
    /// Decoded bytes of a request body that are kept for inspection, 0 for no limit.
    pub request_body_limit: u64,
    /// Decoded bytes of a response body that are kept for inspection, 0 for no limit.
    pub response_body_limit: u64,
    /// Content codings that are undone, one inside another, in responses.
    pub decompress_layers: usize,
    /// Decoded output up to this many bytes is never called a bomb.
    pub bomb_limit: u64,
}

/// SMTP and MIME (`app-layer.protocols.smtp.*`).
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// MD5 of message bodies.
    pub body_md5: bool,
    /// Schemes of URLs that are taken out of messages.
    pub url_schemes: Vec<String>,
    /// Whether URLs are recorded with their scheme.
    pub log_url_scheme: bool,
}

/// Limits and switches of the protocols.
#[derive(Clone, Debug)]
pub struct AppConfig {
    /// Which hashes of files are computed (`eve.types.files.force-hash`, or because a rule asks).
    pub hashes: HashChoice,
    /// Hashes that rules ask for; shared with every copy of the settings, because rules come and go while they stay.
    pub hash_demand: HashDemand,
    /// Whether rules ask for frames.
    pub frame_demand: FrameDemand,
    /// Bytes of a file that are kept at a time.
    pub file_window_bytes: usize,
    /// HTTP/1.x.
    pub http: HttpConfig,
    /// SMTP and MIME.
    pub smtp: SmtpConfig,
    /// Transactions that may wait for their answer in one flow.
    pub max_open_transactions: usize,
    /// Longest MQTT message that is taken in (`app-layer.protocols.mqtt.max-msg-length`).
    pub mqtt_max_message_bytes: u64,
    /// HASSH of SSH is computed (`app-layer.protocols.ssh.hassh`).
    pub ssh_hassh: bool,
    detection_only: BTreeSet<String>,
    switches: BTreeMap<String, bool>,
    limits: BTreeMap<String, u64>,
}

/// Bytes of a file or body that are kept when no limit is set.
const UNLIMITED_WINDOW_BYTES: usize = 4 * 1024 * 1024;

const KIB: u64 = 1024;

/// Protocols that are off until a configuration turns them on.
const OFF_BY_DEFAULT: &[&str] = &["dnp3", "modbus", "enip"];

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            request_body_limit: 100 * KIB,
            response_body_limit: 100 * KIB,
            decompress_layers: 2,
            bomb_limit: KIB * KIB,
        }
    }
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            body_md5: false,
            url_schemes: vec!["http".to_owned()],
            log_url_scheme: false,
        }
    }
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            hashes: HashChoice::default(),
            hash_demand: HashDemand::default(),
            frame_demand: FrameDemand::default(),
            file_window_bytes: 100 * KIB as usize,
            http: HttpConfig::default(),
            smtp: SmtpConfig::default(),
            max_open_transactions: 512,
            mqtt_max_message_bytes: KIB * KIB,
            ssh_hassh: false,
            detection_only: BTreeSet::new(),
            switches: BTreeMap::new(),
            limits: BTreeMap::new(),
        }
    }
}

/// Bytes of a window for a configured limit (0: none).
pub(super) fn window_bytes(limit: u64) -> usize {
    match usize::try_from(limit) {
        Ok(0) | Err(_) => UNLIMITED_WINDOW_BYTES,
        Ok(limit) => limit.min(UNLIMITED_WINDOW_BYTES),
    }
}

impl AppConfig {
    /// Takes a key below `app-layer.`; returns whether it is known.
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, ConfigError> {
        let Some((protocol, rest)) = key.strip_prefix("protocols.").and_then(|key| key.split_once('.'))
        else {
            return Ok(false);
        };
        if let Some(limit) = rest.strip_prefix("libhtp.default-config.") {
            return self.set_http(key, limit, value);
        }
        match (protocol, rest) {
            (_, "enabled" | "udp.enabled" | "tcp.enabled") => {
                let detection_only = value == "detection-only";
                if detection_only {
                    self.detection_only.insert(protocol.to_owned());
                }
                let on = detection_only || flag(key, value)?;
                let name = rest
                    .strip_suffix("enabled")
                    .unwrap_or_default()
                    .trim_end_matches('.');
                self.switches.insert(format!("{protocol}/{name}"), on);
            }
            ("mqtt", "max-msg-length") => self.mqtt_max_message_bytes = size(key, value)?,
            ("ssh", "hassh") => self.ssh_hassh = flag(key, value)?,
            ("smtp", "mime.body-md5") => self.smtp.body_md5 = value == "auto" || flag(key, value)?,
            ("smtp", "mime.log-url-scheme") => self.smtp.log_url_scheme = flag(key, value)?,
            ("smtp", scheme) if scheme.starts_with("mime.extract-urls-schemes") => {
                if scheme.ends_with(".0") {
                    self.smtp.url_schemes.clear();
                }
                self.smtp.url_schemes.push(value.to_ascii_lowercase());
            }
            (_, "max-tx" | "max-objects" | "max-points" | "max-write-size" | "max-read-size" | "memcap") => {
                self.limits
                    .insert(format!("{protocol}/{rest}"), size(key, value)?);
            }
            // Taken, and without effect here: ports only break ties, fingerprints are always computed, and the
            // inspection sizes have no counterpart.
            (_, ports) if ports.contains("detection-ports") => {}
            ("tls", "ja3-fingerprints" | "ja4-fingerprints" | "encrypt-handling" | "encryption-handling")
            | ("ssh", "encryption-handling")
            | ("quic" | "http2", _) => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_http(&mut self, key: &str, limit: &str, value: &str) -> Result<bool, ConfigError> {
        match limit {
            "request-body-limit" => self.http.request_body_limit = size(key, value)?,
            "response-body-limit" => self.http.response_body_limit = size(key, value)?,
            "response-body-decompress-layer-limit" => {
                self.http.decompress_layers = usize::try_from(size(key, value)?).unwrap_or(usize::MAX).min(8);
            }
            "compression-bomb-limit" => self.http.bomb_limit = size(key, value)?,
            "request-body-minimal-inspect-size"
            | "request-body-inspect-window"
            | "response-body-minimal-inspect-size"
            | "response-body-inspect-window"
            | "decompression-time-limit" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Adds a hash of files: `force-hash` takes names, `force-md5` a switch.
    pub fn set_hash(&mut self, key: &str, value: &str) -> Result<bool, ConfigError> {
        if key.ends_with("force-md5") {
            self.hashes.md5 |= flag(key, value)?;
            return Ok(true);
        }
        if !key.contains("force-hash") {
            return Ok(false);
        }
        for name in value.trim_matches(['[', ']']).split(',').map(str::trim) {
            match name {
                "md5" => self.hashes.md5 = true,
                "sha1" => self.hashes.sha1 = true,
                "sha256" => self.hashes.sha256 = true,
                "" => {}
                _ => return Err(ConfigError::new(key, value, "md5, sha1 or sha256")),
            }
        }
        Ok(true)
    }

    /// Whether a protocol (named as in EVE) is on over the given transport (`udp` or `tcp`).
    pub fn is_enabled(&self, protocol: &str, transport: &str) -> bool {
        let default = !OFF_BY_DEFAULT.contains(&protocol);
        if self.switches.is_empty() {
            return default;
        }
        let switch = |name: &str| self.switches.get(&format!("{protocol}/{name}")).copied();
        switch(transport).or_else(|| switch("")).unwrap_or(default)
    }

    /// Whether a protocol is told but not parsed (`enabled: detection-only`).
    pub fn is_detection_only(&self, protocol: &str) -> bool {
        self.detection_only.contains(protocol)
    }

    /// A numeric limit such as `max-tx` of a protocol, when one was set.
    pub fn limit(&self, protocol: &str, name: &str) -> Option<u64> {
        self.limits.get(&format!("{protocol}/{name}")).copied()
    }

    /// Fresh hashes for a file, as chosen.
    pub fn file_hashes(&self) -> FileHashes {
        let [md5, sha1, sha256] = self.hash_demand.wanted();
        FileHashes::new(
            self.hashes.md5 || md5,
            self.hashes.sha1 || sha1,
            self.hashes.sha256 || sha256,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_of_protocols_and_their_transports() {
        let mut config = AppConfig::default();
        assert!(config.is_enabled("http", "tcp") && !config.is_enabled("dnp3", "tcp"));
        assert_eq!(config.set("protocols.dnp3.enabled", "yes"), Ok(true));
        assert_eq!(config.set("protocols.dns.udp.enabled", "no"), Ok(true));
        assert!(config.is_enabled("dnp3", "tcp"));
        assert!(!config.is_enabled("dns", "udp") && config.is_enabled("dns", "tcp"));
        assert_eq!(config.set("protocols.dns.enabled", "no"), Ok(true));
        assert!(!config.is_enabled("dns", "tcp"));
    }

    #[test]
    fn limits_take_sizes_and_refuse_nonsense() {
        let mut config = AppConfig::default();
        let key = "protocols.http.libhtp.default-config.response-body-limit";
        assert_eq!(config.set(key, "1mb"), Ok(true));
        assert_eq!(config.http.response_body_limit, 1024 * 1024);
        assert!(config.set(key, "much").is_err());
        assert_eq!(config.set("protocols.smb.max-tx", "3"), Ok(true));
        assert_eq!(config.limit("smb", "max-tx"), Some(3));
        assert_eq!(config.set("unheard.of", "1"), Ok(false));
        assert_eq!(config.set("protocols.http.unheard-of", "1"), Ok(false));
    }

    #[test]
    fn schemes_replace_the_default() {
        let mut config = AppConfig::default();
        config
            .set("protocols.smtp.mime.extract-urls-schemes.0", "FTP")
            .unwrap();
        config
            .set("protocols.smtp.mime.extract-urls-schemes.1", "https")
            .unwrap();
        assert_eq!(config.smtp.url_schemes, ["ftp", "https"]);
    }
}
