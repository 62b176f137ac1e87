//! Which key sets what.

use super::text::memory;
use super::{ChecksumValidation, ConfigError, FlowTimeouts, HostPolicy, NetConfig, UrgentPolicy};
use super::{flag, seconds, size};
use crate::tcp::OverlapPolicy;

impl NetConfig {
    /// Sets one key of the packet engine. `Ok(false)` says that the key is not of this part of Saola.
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, ConfigError> {
        let (section, rest) = key.split_once('.').unwrap_or((key, ""));
        match section {
            "checksum-validation" => self.checksums = checksum_validation(key, value)?,
            "pcap-file" if rest == "checksum-checks" => self.checksums = checksum_validation(key, value)?,
            "stream" => return self.set_stream(key, rest, value),
            "decoder" => return self.set_decoder(key, rest, value),
            "defrag" => return self.set_defrag(key, rest, value),
            "flow" if rest == "memcap" => self.flow.memcap = memory(key, value)?,
            "flow-timeouts" => return self.set_timeout(key, rest, value),
            "vlan" if rest == "use-for-tracking" => self.flow.vlan_in_flow = flag(key, value)?,
            "host-os-policy" => return self.set_host_policy(key, rest, value),
            "app-layer" => return self.app.set(rest, value),
            "eve" if rest.starts_with("types.files.force-") => return self.app.set_hash(key, value),
            "file-store" if rest.starts_with("force-hash") => return self.app.set_hash(key, value),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_stream(&mut self, key: &str, rest: &str, value: &str) -> Result<bool, ConfigError> {
        let stream = &mut self.stream;
        match rest {
            "midstream" => stream.midstream = flag(key, value)?,
            "async-oneside" => stream.async_oneside = flag(key, value)?,
            // "auto" means inline when the capture is; Saola never is.
            "inline" => stream.inline = value != "auto" && flag(key, value)?,
            "checksum-validation" => self.checksums = checksum_validation(key, value)?,
            "memcap" => stream.session_memcap = memory(key, value)?,
            "bypass" => stream.bypass = flag(key, value)?,
            "reassembly.memcap" => stream.memcap = memory(key, value)?,
            "reassembly.depth" => stream.depth = size(key, value)?,
            "reassembly.urgent.policy" => {
                stream.urgent = match value {
                    "inline" => UrgentPolicy::Inline,
                    "oob" => UrgentPolicy::OutOfBand,
                    "drop" => UrgentPolicy::Drop,
                    _ => return Err(ConfigError::new(key, value, "inline, oob or drop")),
                };
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_decoder(&mut self, key: &str, rest: &str, value: &str) -> Result<bool, ConfigError> {
        let decoder = &mut self.decoder;
        match rest {
            "vxlan.enabled" => decoder.vxlan = flag(key, value)?,
            "vxlan.ports" => decoder.vxlan_ports = ports(key, value)?,
            "vxlan.reserved-bits-check" => decoder.vxlan_lenient = value == "permissive",
            "geneve.enabled" => decoder.geneve = flag(key, value)?,
            "geneve.ports" => decoder.geneve_ports = ports(key, value)?,
            "teredo.enabled" => decoder.teredo = flag(key, value)?,
            "teredo.ports" => decoder.teredo_ports = ports(key, value)?,
            "recursion-level.use-for-tracking" => decoder.depth_in_flow = flag(key, value)?,
            // Type I is always opened.
            "erspan.typeI.enabled" => {
                flag(key, value)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_defrag(&mut self, key: &str, rest: &str, value: &str) -> Result<bool, ConfigError> {
        match rest {
            "memcap" => self.defrag.memcap = memory(key, value)?,
            "trackers" => self.defrag.max_trackers = memory(key, value)?,
            "max-frags" => self.defrag.max_fragments = memory(key, value)?,
            "timeout" => self.defrag.timeout = seconds(key, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_timeout(&mut self, key: &str, rest: &str, value: &str) -> Result<bool, ConfigError> {
        let Some((protocol, state)) = rest.split_once('.') else {
            return Ok(false);
        };
        let timeouts: &mut FlowTimeouts = match protocol {
            "tcp" => &mut self.flow.tcp,
            "udp" => &mut self.flow.udp,
            "icmp" => &mut self.flow.icmp,
            "default" => &mut self.flow.other,
            _ => return Ok(false),
        };
        match state {
            "new" => timeouts.new = seconds(key, value)?,
            "established" => timeouts.established = seconds(key, value)?,
            "closed" => timeouts.closed = seconds(key, value)?,
            "bypassed" => timeouts.bypassed = seconds(key, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `host-os-policy.NAME` or `host-os-policy.NAME.INDEX`: an address or network.
    fn set_host_policy(&mut self, key: &str, rest: &str, value: &str) -> Result<bool, ConfigError> {
        let name = rest.split('.').next().unwrap_or_default();
        let Some(policy) = OverlapPolicy::from_name(name) else {
            return Ok(false);
        };
        for network in value.trim_matches(['[', ']']).split(',').map(str::trim) {
            let error = || ConfigError::new(key, value, "an address or a network such as 10.0.0.0/8");
            let (address, prefix) = network.split_once('/').unwrap_or((network, ""));
            let network: std::net::IpAddr = address.parse().map_err(|_| error())?;
            let full = if network.is_ipv4() { 32 } else { 128 };
            let prefix = if prefix.is_empty() {
                full
            } else {
                prefix
                    .parse()
                    .ok()
                    .filter(|bits| *bits <= full)
                    .ok_or_else(error)?
            };
            self.host_policies.push(HostPolicy {
                network,
                prefix,
                policy,
            });
        }
        Ok(true)
    }
}

fn checksum_validation(key: &str, value: &str) -> Result<ChecksumValidation, ConfigError> {
    if value == "auto" {
        return Ok(ChecksumValidation::Auto);
    }
    Ok(if flag(key, value)? {
        ChecksumValidation::Yes
    } else {
        ChecksumValidation::No
    })
}

/// A port or a list such as `[4789, 8472]`; names of port groups are not looked up here.
fn ports(key: &str, value: &str) -> Result<Vec<u16>, ConfigError> {
    let list = value.trim_matches(['[', ']']).split(',').map(str::trim);
    list.map(|port| {
        port.parse()
            .map_err(|_| ConfigError::new(key, value, "a port or a list of ports"))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn known_keys_are_taken_and_others_left() {
        let mut config = NetConfig::default();
        assert_eq!(config.set("stream.midstream", "true"), Ok(true));
        assert_eq!(config.set("stream.reassembly.depth", "8kb"), Ok(true));
        assert_eq!(config.set("checksum-validation", "no"), Ok(true));
        assert_eq!(config.set("flow-timeouts.udp.new", "7"), Ok(true));
        assert_eq!(config.set("eve.types.flow", "yes"), Ok(false));
        assert!(config.set("stream.midstream", "perhaps").is_err());
        assert!(config.stream.midstream);
        assert_eq!(config.stream.depth, 8192);
        assert_eq!(config.checksums, ChecksumValidation::No);
        assert_eq!(config.flow.udp.new.as_secs(), 7);
    }

    #[test]
    fn the_most_exact_network_decides_the_policy() {
        let mut config = NetConfig::default();
        config.set("host-os-policy.windows", "10.0.0.0/8").unwrap();
        config.set("host-os-policy.linux.0", "10.1.0.0/16").unwrap();
        let ip: IpAddr = "10.1.2.3".parse().unwrap();
        assert_eq!(config.policy_of(ip, OverlapPolicy::Bsd), OverlapPolicy::Linux);
        let other: IpAddr = "192.0.2.1".parse().unwrap();
        assert_eq!(config.policy_of(other, OverlapPolicy::Bsd), OverlapPolicy::Bsd);
        assert!(config.set("host-os-policy.linux", "10.0.0.0/40").is_err());
    }
}
