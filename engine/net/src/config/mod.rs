//! Settings of the packet engine, under the names that people know from Suricata's configuration.

mod keys;
mod text;

use std::net::IpAddr;
use std::time::Duration;

use crate::proto::AppConfig;
use crate::tcp::OverlapPolicy;

pub use text::{ConfigError, flag, seconds, size};

/// All settings of the packet engine.
#[derive(Clone, Debug, Default)]
pub struct NetConfig {
    /// Whether TCP and UDP checksums are checked.
    pub checksums: ChecksumValidation,
    /// Decoders.
    pub decoder: DecoderConfig,
    /// Defragmentation.
    pub defrag: DefragConfig,
    /// Flow table.
    pub flow: FlowConfig,
    /// TCP streams.
    pub stream: StreamConfig,
    /// Which operating system answers for which addresses, for overlaps of segments and fragments.
    pub host_policies: Vec<HostPolicy>,
    /// Application protocols.
    pub app: AppConfig,
}

/// Whether transport checksums are checked (`checksum-validation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChecksumValidation {
    /// Segments with a wrong checksum do not reach the stream.
    Yes,
    /// Wrong checksums are taken for good.
    No,
    /// As `Yes`, until the first packets turn out mostly wrong (the capturing card fills checksums in later).
    #[default]
    Auto,
}

/// Decoders (`decoder.*`).
#[derive(Clone, Debug)]
pub struct DecoderConfig {
    /// VXLAN (`decoder.vxlan.enabled`).
    pub vxlan: bool,
    /// UDP ports of VXLAN (`decoder.vxlan.ports`).
    pub vxlan_ports: Vec<u16>,
    /// Whether VXLAN with reserved bits set is opened (`decoder.vxlan.reserved-bits-check: permissive`).
    pub vxlan_lenient: bool,
    /// GENEVE (`decoder.geneve.enabled`).
    pub geneve: bool,
    /// UDP ports of GENEVE.
    pub geneve_ports: Vec<u16>,
    /// Teredo (`decoder.teredo.enabled`).
    pub teredo: bool,
    /// UDP ports of Teredo.
    pub teredo_ports: Vec<u16>,
    /// How many tunnels inside each other are opened.
    pub max_tunnels: u8,
    /// Whether inner flows are told apart by their tunnel depth (`decoder.recursion-level.use-for-tracking`).
    pub depth_in_flow: bool,
}

/// Defragmentation (`defrag.*`).
#[derive(Clone, Debug)]
pub struct DefragConfig {
    /// Bytes of fragments that are kept (`defrag.memcap`).
    pub memcap: usize,
    /// Incomplete packets that are kept (`defrag.trackers`).
    pub max_trackers: usize,
    /// Fragments of one packet that are kept.
    pub max_fragments: usize,
    /// How long the parts of a packet are waited for (`defrag.timeout`).
    pub timeout: Duration,
    /// Which fragment wins where two overlap.
    pub policy: OverlapPolicy,
}

/// Flow table (`flow.*`, `flow-timeouts.*`, `vlan.use-for-tracking`).
#[derive(Clone, Debug)]
pub struct FlowConfig {
    /// Bytes of memory for flows without their stream data (`flow.memcap`).
    pub memcap: usize,
    /// Whether VLAN identifiers tell flows apart.
    pub vlan_in_flow: bool,
    /// Time limits of TCP flows.
    pub tcp: FlowTimeouts,
    /// Time limits of UDP flows.
    pub udp: FlowTimeouts,
    /// Time limits of ICMP flows.
    pub icmp: FlowTimeouts,
    /// Time limits of others.
    pub other: FlowTimeouts,
}

/// How long a flow without packets is kept, by state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowTimeouts {
    /// Not answered yet.
    pub new: Duration,
    /// Both directions spoke.
    pub established: Duration,
    /// Ended by FIN or RST.
    pub closed: Duration,
    /// No longer inspected.
    pub bypassed: Duration,
}

/// TCP streams (`stream.*`).
#[derive(Clone, Debug)]
pub struct StreamConfig {
    /// Pick up connections whose handshake was not seen (`stream.midstream`).
    pub midstream: bool,
    /// Follow connections of which one side is not captured (`stream.async-oneside`).
    pub async_oneside: bool,
    /// Show data to parsers when it comes, not when it is acknowledged (`stream.inline`).
    pub inline: bool,
    /// Bytes of each direction that are reassembled, 0 for no limit (`stream.reassembly.depth`).
    pub depth: u64,
    /// Bytes of stream data kept in all (`stream.reassembly.memcap`).
    pub memcap: usize,
    /// Bytes of session state kept in all (`stream.memcap`).
    pub session_memcap: usize,
    /// Which segment wins where two overlap.
    pub policy: OverlapPolicy,
    /// What the urgent pointer does (`stream.reassembly.urgent.policy`).
    pub urgent: UrgentPolicy,
    /// Bytes that stay in the window after observers have seen them, for patterns that span packets. 0 when no
    /// observer looks at streams.
    pub overlap: usize,
    /// Leave encrypted streams alone after the handshake (`stream.bypass`, `encryption-handling: bypass`).
    pub bypass: bool,
}

/// What becomes of urgent bytes (`stream.reassembly.urgent.policy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UrgentPolicy {
    /// They are ordinary bytes.
    Inline,
    /// They are out of band: the last urgent byte is taken out of the stream.
    #[default]
    OutOfBand,
    /// The whole segment is dropped.
    Drop,
}

/// Addresses that a policy holds for (`host-os-policy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPolicy {
    /// Network address.
    pub network: IpAddr,
    /// Its prefix length in bits.
    pub prefix: u8,
    /// Which overlap policy its hosts follow.
    pub policy: OverlapPolicy,
}

impl HostPolicy {
    /// Whether the address is of this network.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let host_bits = |total: u8| u32::from(total.saturating_sub(self.prefix));
        match (self.network, ip) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                let differ = net.to_bits() ^ ip.to_bits();
                differ.checked_shr(host_bits(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                let differ = net.to_bits() ^ ip.to_bits();
                differ.checked_shr(host_bits(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl NetConfig {
    /// The policy of a host, by its most exact network.
    pub fn policy_of(&self, ip: IpAddr, default: OverlapPolicy) -> OverlapPolicy {
        let of_host = self.host_policies.iter().filter(|policy| policy.contains(ip));
        of_host
            .max_by_key(|policy| policy.prefix)
            .map_or(default, |policy| policy.policy)
    }
}

impl NetConfig {
    /// The settings of one of `shards` engines that share the work: memory caps are divided, so that the sum stays what
    /// was asked for.
    #[must_use]
    pub fn shared_among(&self, shards: usize) -> Self {
        let (shards, mut part) = (shards.max(1), self.clone());
        for cap in [
            &mut part.flow.memcap,
            &mut part.stream.memcap,
            &mut part.stream.session_memcap,
            &mut part.defrag.memcap,
            &mut part.defrag.max_trackers,
        ] {
            *cap = cap.div_ceil(shards);
        }
        part
    }
}

const MIB: usize = 1024 * 1024;

impl Default for DecoderConfig {
    fn default() -> Self {
        Self {
            vxlan: true,
            vxlan_ports: vec![4789],
            vxlan_lenient: false,
            geneve: true,
            geneve_ports: vec![6081],
            teredo: true,
            teredo_ports: vec![3544],
            max_tunnels: 8,
            depth_in_flow: true,
        }
    }
}

impl Default for DefragConfig {
    fn default() -> Self {
        Self {
            memcap: 32 * MIB,
            max_trackers: 65_535,
            max_fragments: 1024,
            timeout: Duration::from_mins(1),
            policy: OverlapPolicy::Bsd,
        }
    }
}

impl Default for FlowConfig {
    fn default() -> Self {
        let timeouts = |new, established, closed| FlowTimeouts {
            new: Duration::from_secs(new),
            established: Duration::from_secs(established),
            closed: Duration::from_secs(closed),
            bypassed: Duration::from_secs(100),
        };
        Self {
            memcap: 256 * MIB,
            vlan_in_flow: true,
            tcp: timeouts(60, 600, 60),
            udp: timeouts(30, 300, 0),
            icmp: timeouts(30, 300, 0),
            other: timeouts(30, 300, 0),
        }
    }
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            midstream: false,
            async_oneside: false,
            inline: false,
            depth: MIB as u64,
            memcap: 256 * MIB,
            session_memcap: 64 * MIB,
            policy: OverlapPolicy::Bsd,
            urgent: UrgentPolicy::OutOfBand,
            overlap: 0,
            bypass: false,
        }
    }
}
