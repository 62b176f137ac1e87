//! What is written (`eve.*`).

use std::collections::BTreeSet;

use crate::app::RecordOptions;
use crate::config::{ConfigError, flag, size};
use crate::proto::{dns, http, mqtt, smtp, tls};

/// Which anomalies are written (`eve.types.anomaly.types.*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnomalyTypes {
    /// Malformed headers.
    pub decode: bool,
    /// Odd streams.
    pub stream: bool,
    /// Odd application bytes.
    pub app_layer: bool,
}

/// What is written to EVE.
#[derive(Clone, Debug)]
pub struct EveConfig {
    /// Event types that are written; `None` writes all.
    pub types: Option<BTreeSet<String>>,
    /// Event types that are switched off one by one.
    pub off: BTreeSet<String>,
    /// Seed of the community ID; `None` leaves it out.
    pub community_id: Option<u16>,
    /// What rules remember of a flow is written with everything about it.
    pub metadata: bool,
    /// Packets that a rule's `tag` asks for are written.
    pub tagged_packets: bool,
    /// Hardware addresses are written.
    pub ethernet: bool,
    /// Every record says which version wrote it.
    pub version: bool,
    /// Anomalies that are written.
    pub anomaly: AnomalyTypes,
    /// The type of files is told.
    pub file_magic: bool,
    /// What `http` records hold.
    pub http: http::eve::Options,
    /// What `dns` records hold, and which are written.
    pub dns: dns::eve::Options,
    /// What `tls` records hold.
    pub tls: tls::eve::Options,
    /// What `smtp` records hold.
    pub smtp: smtp::eve::Options,
    /// What `mqtt` records hold.
    pub mqtt: mqtt::eve::Options,
    /// Switches of the records of other protocols.
    pub records: RecordOptions,
    community_id_seed: u16,
}

impl Default for EveConfig {
    fn default() -> Self {
        Self {
            types: None,
            // Twice what `flow` says: for those who ask for it.
            off: BTreeSet::from(["netflow".to_owned()]),
            community_id: None,
            metadata: true,
            tagged_packets: true,
            ethernet: false,
            version: false,
            anomaly: AnomalyTypes {
                decode: false,
                stream: false,
                app_layer: true,
            },
            file_magic: true,
            http: http::eve::Options::default(),
            dns: dns::eve::Options::default(),
            tls: tls::eve::Options::default(),
            smtp: smtp::eve::Options::default(),
            mqtt: mqtt::eve::Options::default(),
            records: RecordOptions::default(),
            community_id_seed: 0,
        }
    }
}

impl EveConfig {
    /// Whether records of this type are written. Files are `files` in the settings and `fileinfo` in records.
    pub fn writes(&self, event_type: &str) -> bool {
        let name = if event_type == "fileinfo" {
            "files"
        } else {
            event_type
        };
        !self.off.contains(name) && self.types.as_ref().is_none_or(|types| types.contains(name))
    }

    /// Sets one key below `eve.`. `Ok(false)` says that the key is not of this part.
    ///
    /// `eve.types` takes a list (`alert,http,flow`): only these are written. `eve.types.NAME` or
    /// `eve.types.NAME.enabled` switches one type.
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, ConfigError> {
        if key == "app-layer.protocols.smtp.mime.log-url-scheme" {
            self.smtp.url_scheme = flag(key, value)?;
        }
        let Some(rest) = key.strip_prefix("eve.") else {
            return Ok(false);
        };
        match rest {
            "types" => {
                let types = list(value);
                self.off.retain(|name| !types.contains(name));
                self.types = Some(types);
            }
            "community-id" => {
                self.community_id = flag(key, value)?.then_some(self.community_id_seed);
            }
            "community-id-seed" => {
                let seed = value.trim().parse();
                self.community_id_seed =
                    seed.map_err(|_| ConfigError::new(key, value, "a number up to 65535"))?;
                self.community_id = self.community_id.map(|_| self.community_id_seed);
            }
            "suricata-version" => self.version = flag(key, value)?,
            "ethernet" => self.ethernet = flag(key, value)?,
            "metadata" => self.metadata = flag(key, value)?,
            _ => {
                let Some((name, option)) = rest.strip_prefix("types.").map(split_first) else {
                    return Ok(false);
                };
                return self.set_type(key, name, option, value);
            }
        }
        Ok(true)
    }

    fn set_type(&mut self, key: &str, name: &str, option: &str, value: &str) -> Result<bool, ConfigError> {
        match (name, option) {
            (_, "" | "enabled") => {
                if value.is_empty() || flag(key, value)? {
                    self.off.remove(name);
                    if let Some(types) = &mut self.types {
                        types.insert(name.to_owned());
                    }
                } else {
                    self.off.insert(name.to_owned());
                }
            }
            ("alert", "tagged-packets") => self.tagged_packets = flag(key, value)?,
            ("anomaly", "types.decode") => self.anomaly.decode = flag(key, value)?,
            ("anomaly", "types.stream") => self.anomaly.stream = flag(key, value)?,
            ("anomaly", "types.applayer") => self.anomaly.app_layer = flag(key, value)?,
            ("files", "force-magic") => {
                flag(key, value)?;
            }
            ("http", "extended") => self.http.extended = flag(key, value)?,
            ("http", "dump-all-headers") => {
                self.http.request_headers = matches!(value, "both" | "request");
                self.http.response_headers = matches!(value, "both" | "response");
            }
            ("http", custom) if custom == "custom" || custom.starts_with("custom.") => {
                self.http.custom.extend(list(value));
            }
            // The hashes themselves are a matter of the packet engine ([`crate::NetConfig::set`]).
            ("files", hash) if hash.starts_with("force-hash") || hash == "force-md5" => {}
            ("tls", "extended") => self.tls.extended = flag(key, value)?,
            ("tls", custom) if custom == "custom" || custom.starts_with("custom.") => {
                self.tls.custom.extend(list(value));
            }
            // Fingerprints are always there.
            ("tls", "ja3" | "ja4") => {
                flag(key, value)?;
            }
            ("smtp", "extended") => self.smtp.extended = flag(key, value)?,
            ("smtp", custom) if custom == "custom" || custom.starts_with("custom.") => {
                self.smtp
                    .custom
                    .extend(list(value).into_iter().map(|name| name.to_ascii_lowercase()));
            }
            ("smtp", md5) if md5 == "md5" || md5.starts_with("md5.") => {
                self.smtp.subject_md5 |= list(value).contains("subject");
            }
            ("mqtt", "passwords") => self.mqtt.passwords = flag(key, value)?,
            ("mqtt", "string-log-limit") => {
                self.mqtt.string_limit = usize::try_from(size(key, value)?).unwrap_or(usize::MAX);
            }
            ("dns", _) => return self.set_dns(key, option, value),
            ("dhcp" | "smb" | "pgsql" | "ldap" | "krb5" | "quic" | "http2" | "modbus", _) => {
                self.records.set(name, option, value);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_dns(&mut self, key: &str, option: &str, value: &str) -> Result<bool, ConfigError> {
        let dns = &mut self.dns;
        match option {
            "version" => {
                dns.version = match value.trim() {
                    "1" | "2" => 2,
                    "3" => 3,
                    _ => return Err(ConfigError::new(key, value, "2 or 3")),
                };
            }
            "requests" | "query" => dns.requests = flag(key, value)?,
            "responses" | "answer" => dns.responses = flag(key, value)?,
            formats if formats == "formats" || formats.starts_with("formats.") => {
                let names = list(value);
                if !names.is_empty() {
                    let first = formats == "formats" || formats.ends_with(".0");
                    dns.detailed = names.contains("detailed") || !first && dns.detailed;
                    dns.grouped = names.contains("grouped") || !first && dns.grouped;
                }
            }
            types if types == "types" || types.starts_with("types.") => {
                for name in list(value) {
                    let number = dns_type(key, value, &name)?;
                    dns.types.push(number);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn dns_type(key: &str, value: &str, name: &str) -> Result<u16, ConfigError> {
    dns::type_number(name).ok_or_else(|| ConfigError::new(key, value, "record types such as a, mx, https"))
}

fn list(value: &str) -> BTreeSet<String> {
    let names = value.trim_matches(['[', ']']).split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn split_first(rest: &str) -> (&str, &str) {
    rest.split_once('.').unwrap_or((rest, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_types_writes_only_these() {
        let mut config = EveConfig::default();
        assert!(config.writes("http") && config.writes("fileinfo"));
        assert_eq!(config.set("eve.types", "alert, files"), Ok(true));
        assert!(config.writes("fileinfo") && !config.writes("http"));
        assert_eq!(config.set("eve.types.http", ""), Ok(true));
        assert!(config.writes("http"));
        assert_eq!(config.set("eve.types.http.enabled", "no"), Ok(true));
        assert!(!config.writes("http"));
    }

    #[test]
    fn the_seed_may_come_before_or_after_the_switch() {
        let mut config = EveConfig::default();
        config.set("eve.community-id", "true").unwrap();
        config.set("eve.community-id-seed", "7").unwrap();
        assert_eq!(config.community_id, Some(7));
        let mut config = EveConfig::default();
        config.set("eve.community-id-seed", "9").unwrap();
        assert_eq!(config.community_id, None);
        config.set("eve.community-id", "yes").unwrap();
        assert_eq!(config.community_id, Some(9));
        assert!(config.set("eve.community-id-seed", "many").is_err());
    }
}
