//! Community ID version 1: a hash that all tools give to the same flow
//! (<https://github.com/corelight/community-id-spec>).

use std::net::IpAddr;

use base64::Engine as _;
use sha1::Digest as _;

use crate::flow::{Flow, icmp4_counterpart, icmp6_counterpart};

/// The community ID of a flow.
pub fn community_id(flow: &Flow, seed: u16) -> String {
    let (src, dst, one_way) = ends(flow);
    let ordered = one_way || (octets(src.0), src.1) <= (octets(dst.0), dst.1);
    let (first, second) = if ordered { (src, dst) } else { (dst, src) };
    let mut hash = sha1::Sha1::new();
    hash.update(seed.to_be_bytes());
    hash.update(octets(first.0));
    hash.update(octets(second.0));
    hash.update([flow.protocol, 0]);
    if matches!(flow.protocol, 1 | 6 | 17 | 58 | 132) {
        hash.update(first.1.to_be_bytes());
        hash.update(second.1.to_be_bytes());
    }
    let digest = base64::engine::general_purpose::STANDARD.encode(hash.finalize());
    format!("1:{digest}")
}

type End = (IpAddr, u16);

/// Both ends with what stands for ports, and whether the flow can only go one way.
fn ends(flow: &Flow) -> (End, End, bool) {
    let Some(icmp) = &flow.icmp else {
        return (flow.client, flow.server, false);
    };
    let (kind, code) = icmp.request;
    let counterpart = if flow.protocol == 1 {
        icmp4_counterpart(kind)
    } else {
        icmp6_counterpart(kind)
    };
    let second = counterpart.unwrap_or(code);
    let (client, server) = (flow.client.0, flow.server.0);
    (
        (client, kind.into()),
        (server, second.into()),
        counterpart.is_none(),
    )
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}
