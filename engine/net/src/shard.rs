//! Which shard a packet belongs to.
//!
//! The same for both directions of a flow and for all fragments of a packet: made of the two IP addresses alone. Only
//! link headers are looked through; packets of a tunnel go by the tunnel's ends, together with the tunnel itself.

use std::net::IpAddr;

use crate::config::DecoderConfig;
use crate::decode::decode;
use crate::packet::{LinkType, RawPacket};

/// A number that is equal for all packets between the same two addresses; 0 for packets without IP.
pub fn shard_hash(raw: &RawPacket<'_>) -> u32 {
    match fast_ends(raw).or_else(|| slow_ends(raw)) {
        Some((a, b)) => mix(a, b),
        None => 0,
    }
}

/// Plain Ethernet with at most one VLAN tag, without decoding the rest.
fn fast_ends(raw: &RawPacket<'_>) -> Option<(u64, u64)> {
    if raw.link != LinkType::Ethernet {
        return None;
    }
    let kind = |at: usize| {
        raw.data
            .get(at..at + 2)?
            .first_chunk::<2>()
            .map(|kind| u16::from_be_bytes(*kind))
    };
    let (ether_type, ip_at) = match kind(12)? {
        0x8100 => (kind(16)?, 18),
        other => (other, 14),
    };
    let ip = raw.data.get(ip_at..)?;
    match ether_type {
        0x0800 => ipv4_ends(reported_ipv4(ip).unwrap_or(ip)),
        0x86dd => {
            let (src, dst) = ip.get(8..40)?.split_first_chunk::<16>()?;
            let dst = dst.first_chunk::<16>()?;
            Some((fold(u128::from_be_bytes(*src)), fold(u128::from_be_bytes(*dst))))
        }
        _ => None,
    }
}

fn ipv4_ends(ip: &[u8]) -> Option<(u64, u64)> {
    let (src, dst) = ip.get(12..20)?.split_first_chunk::<4>()?;
    let dst = dst.first_chunk::<4>()?;
    Some((u32::from_be_bytes(*src).into(), u32::from_be_bytes(*dst).into()))
}

/// The packet that an ICMP error reports: the error belongs to that packet's flow, whoever sent it.
fn reported_ipv4(ip: &[u8]) -> Option<&[u8]> {
    const ICMP: u8 = 1;
    const ERRORS: [u8; 5] = [3, 4, 5, 11, 12];
    let fragment = u16::from_be_bytes(*ip.get(6..8)?.first_chunk()?);
    if *ip.get(9)? != ICMP || fragment & 0x1fff != 0 {
        return None;
    }
    let icmp = ip.get(usize::from(ip.first()? & 0x0f) * 4..)?;
    ERRORS
        .contains(icmp.first()?)
        .then(|| icmp.get(8..))?
        .filter(|inner| inner.len() >= 20)
}

fn slow_ends(raw: &RawPacket<'_>) -> Option<(u64, u64)> {
    let config = DecoderConfig {
        max_tunnels: 0,
        ..DecoderConfig::default()
    };
    let (src, dst) = decode(raw, &config).packet.addresses()?;
    let number = |ip| match ip {
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => fold(ip.to_bits()),
    };
    Some((number(src), number(dst)))
}

fn fold(address: u128) -> u64 {
    (address >> 64) as u64 ^ address as u64
}

/// Symmetric and well spread (a 64-bit finaliser with odd multipliers).
fn mix(a: u64, b: u64) -> u32 {
    let mut hash = a.wrapping_add(b) ^ (a ^ b).rotate_left(32);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (hash >> 32) as u32
}
