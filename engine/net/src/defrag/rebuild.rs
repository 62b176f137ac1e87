//! Headers of a packet as it was before it was fragmented.

use crate::packet::checksum;
use crate::packet::{Ip, Packet};

/// Headers of the first fragment.
#[derive(Debug)]
pub(super) struct Head {
    bytes: Vec<u8>,
    ip_at: usize,
    is_v4: bool,
}

/// A packet put together.
#[derive(Debug)]
pub(crate) struct Rebuilt {
    /// Link header of the first fragment, then the whole IP packet.
    pub(crate) bytes: Vec<u8>,
    /// Where the IP header begins.
    pub(crate) ip_at: usize,
}

impl Head {
    /// Takes link and network headers out of the first fragment.
    pub(super) fn of(packet: &Packet<'_>, ip: &Ip<'_>) -> Option<Self> {
        let header = ip.header();
        // The header is a part of the packet's bytes: its place tells how long the link header is.
        let ip_at = (header.as_ptr() as usize).checked_sub(packet.data.as_ptr() as usize)?;
        let mut bytes = packet.data.get(..ip_at)?.to_vec();
        bytes.extend_from_slice(header);
        if let Ip::V6(ip) = ip {
            append_unfragmentable(&mut bytes, ip_at, ip);
        }
        Some(Self {
            bytes,
            ip_at,
            is_v4: ip.version() == 4,
        })
    }

    /// Adds the payload and corrects the lengths.
    pub(super) fn complete(mut self, payload: &[u8]) -> Rebuilt {
        self.bytes.extend_from_slice(payload);
        let ip_len = self.bytes.len() - self.ip_at;
        if let Some(ip) = self.bytes.get_mut(self.ip_at..) {
            if self.is_v4 {
                restore_v4(ip, ip_len);
            } else if let Some(len) = ip.get_mut(4..6) {
                len.copy_from_slice(&((ip_len - 40) as u16).to_be_bytes());
            }
        }
        Rebuilt {
            bytes: self.bytes,
            ip_at: self.ip_at,
        }
    }
}

/// The extension headers in front of the fragment header; the last of the chain then names what the fragments carry.
fn append_unfragmentable(bytes: &mut Vec<u8>, ip_at: usize, ip: &crate::packet::Ipv6<'_>) {
    let mut names_next = ip_at + 6;
    for extension in ip.extensions.iter().take_while(|extension| extension.kind != 44) {
        names_next = bytes.len();
        bytes.extend_from_slice(extension.bytes);
    }
    if let Some(next) = bytes.get_mut(names_next) {
        *next = ip.protocol;
    }
}

fn restore_v4(ip: &mut [u8], ip_len: usize) {
    let header_len = ip.first().map_or(20, |byte| usize::from(byte & 0x0f) * 4);
    let total = u16::try_from(ip_len).unwrap_or(u16::MAX);
    for (at, value) in [(2, total), (6, 0), (10, 0)] {
        if let Some(field) = ip.get_mut(at..at + 2) {
            field.copy_from_slice(&value.to_be_bytes());
        }
    }
    let sum = checksum::finish(checksum::sum(ip.get(..header_len).unwrap_or_default(), 0));
    if let Some(field) = ip.get_mut(10..12) {
        field.copy_from_slice(&sum.to_be_bytes());
    }
}
