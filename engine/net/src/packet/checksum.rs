//! The Internet checksum (RFC 1071).

use super::{Checksum, Checksums, Ip, Packet, Transport};

/// Adds bytes to a running one's complement sum; an odd last byte counts as the high half of a word.
pub(crate) fn sum(bytes: &[u8], start: u64) -> u64 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut sum = start;
    for word in words {
        sum += u64::from(u32::from_be_bytes(*word));
    }
    match *rest {
        [a] => sum + u64::from(u32::from_be_bytes([a, 0, 0, 0])),
        [a, b] => sum + u64::from(u32::from_be_bytes([a, b, 0, 0])),
        [a, b, c] => sum + u64::from(u32::from_be_bytes([a, b, c, 0])),
        _ => sum,
    }
}

/// Folds a sum to 16 bits and inverts it.
pub(crate) fn finish(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

impl Packet<'_> {
    /// Computes the checksums of the network and transport headers. A UDP checksum of 0 over IPv4 means none was made.
    pub fn verify_checksums(&self) -> Checksums {
        let Some(ip) = &self.ip else {
            return Checksums::default();
        };
        let network = match ip {
            Ip::V4(ip) => verdict(finish(sum(ip.header, 0)) == 0),
            Ip::V6(_) => Checksum::Unchecked,
        };
        Checksums {
            ip: network,
            transport: self.verify_transport(ip),
        }
    }

    /// Computes the checksum of the transport header alone.
    pub(crate) fn verify_transport(&self, ip: &Ip<'_>) -> Checksum {
        let bytes = ip.payload();
        match self.transport {
            Transport::Udp(udp) if udp.header.get(6..8) == Some(&[0, 0]) => match ip {
                Ip::V4(_) => Checksum::Unchecked,
                Ip::V6(_) => Checksum::Bad,
            },
            Transport::Udp(udp) => {
                let bytes = bytes.get(..usize::from(udp.len)).unwrap_or(bytes);
                verdict(finish(sum(bytes, pseudo_header(ip, bytes.len()))) == 0)
            }
            Transport::Tcp(_) | Transport::Icmp6(_) => {
                verdict(finish(sum(bytes, pseudo_header(ip, bytes.len()))) == 0)
            }
            Transport::Icmp4(_) => verdict(finish(sum(bytes, 0)) == 0),
            Transport::Sctp(_) | Transport::Other(_) | Transport::None => Checksum::Unchecked,
        }
    }
}

fn verdict(is_good: bool) -> Checksum {
    if is_good { Checksum::Good } else { Checksum::Bad }
}

/// Sum of the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1).
fn pseudo_header(ip: &Ip<'_>, len: usize) -> u64 {
    let start = u64::from(ip.protocol()) + len as u64;
    match ip {
        Ip::V4(ip) => sum(&ip.dst.octets(), sum(&ip.src.octets(), start)),
        Ip::V6(ip) => sum(&ip.dst.octets(), sum(&ip.src.octets(), start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_rfc_1071_style_examples() {
        // A well-known IPv4 header whose checksum is 0xb861.
        let header = [
            0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0x00, 0x01, 0xc0,
            0xa8, 0x00, 0xc7,
        ];
        assert_eq!(finish(sum(&header, 0)), 0xb861);
    }

    #[test]
    fn odd_lengths_are_padded_with_zero() {
        assert_eq!(finish(sum(&[1, 2, 3], 0)), finish(sum(&[1, 2, 3, 0], 0)));
        assert_eq!(finish(sum(&[1], 0)), finish(sum(&[1, 0], 0)));
    }
}
