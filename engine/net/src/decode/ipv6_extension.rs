//! Extension headers of IPv6 (RFC 8200 section 4, RFC 4302, RFC 6275).

use super::{DecodeEvent, Decoder, be16, be32};
use crate::packet::{ExtensionHeader, Fragment, Ip};

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;
const HIP: u8 = 139;
const SHIM6: u8 = 140;

/// Extension headers that are walked: more than any host sends.
const MAX_HEADERS: usize = 32;

/// Which extension headers came already.
#[derive(Default)]
struct Seen {
    hop_by_hop: u8,
    routing: u8,
    fragment: u8,
    authentication: u8,
    destination: u8,
}

impl<'a> Decoder<'a, '_> {
    /// Walks the chain. Gives the upper protocol and its bytes; `None` when the chain is cut short.
    pub(super) fn ipv6_extensions(&mut self, first: u8, body: &'a [u8]) -> Option<(u8, &'a [u8])> {
        let mut seen = Seen::default();
        let (mut kind, mut rest) = (first, body);
        for _ in 0..MAX_HEADERS {
            let Some(len) = header_len(kind, rest) else {
                return Some((kind, rest));
            };
            let Some((bytes, after)) = rest.split_at_checked(len).filter(|_| rest.len() >= 2) else {
                self.event(DecodeEvent::Ipv6TruncExthdr);
                return None;
            };
            let next = bytes.first().copied().unwrap_or_default();
            let is_fragment = self.ipv6_extension(kind, bytes, after, &mut seen);
            if let Some(Ip::V6(ip)) = &mut self.packet.ip {
                ip.extensions.push(ExtensionHeader { kind, bytes });
            }
            if is_fragment {
                return Some((next, after));
            }
            (kind, rest) = (next, after);
        }
        self.event(DecodeEvent::TooManyLayers);
        None
    }

    /// Looks at one header; says whether the rest belongs to a packet in fragments.
    fn ipv6_extension(&mut self, kind: u8, bytes: &'a [u8], after: &[u8], seen: &mut Seen) -> bool {
        match kind {
            HOP_BY_HOP => {
                self.again(&mut seen.hop_by_hop, 1, DecodeEvent::Ipv6ExthdrDuplHh);
                self.ipv6_options(
                    bytes,
                    DecodeEvent::Ipv6HopoptsUnknownOpt,
                    DecodeEvent::Ipv6HopoptsOnlyPadding,
                );
            }
            DESTINATION => {
                // One may stand before a routing header and one after it.
                self.again(&mut seen.destination, 2, DecodeEvent::Ipv6ExthdrDuplDh);
                self.ipv6_options(
                    bytes,
                    DecodeEvent::Ipv6DstoptsUnknownOpt,
                    DecodeEvent::Ipv6DstoptsOnlyPadding,
                );
            }
            ROUTING => {
                self.again(&mut seen.routing, 1, DecodeEvent::Ipv6ExthdrDuplRh);
                if bytes.get(2) == Some(&0) {
                    self.event(DecodeEvent::Ipv6RhType0);
                }
            }
            AUTHENTICATION => {
                self.again(&mut seen.authentication, 1, DecodeEvent::Ipv6ExthdrDuplAh);
                if be16(bytes, 2) != 0 {
                    self.event(DecodeEvent::Ipv6ExthdrAhResNotNull);
                }
            }
            FRAGMENT => return self.ipv6_fragment(bytes, after, seen),
            _ => {}
        }
        false
    }

    fn again(&mut self, count: &mut u8, allowed: u8, event: DecodeEvent) {
        *count = count.saturating_add(1);
        if *count > allowed {
            self.event(event);
        }
    }

    fn ipv6_fragment(&mut self, bytes: &[u8], after: &[u8], seen: &mut Seen) -> bool {
        let is_again = seen.fragment > 0;
        self.again(&mut seen.fragment, 1, DecodeEvent::Ipv6ExthdrDuplFh);
        if is_again {
            return false;
        }
        let place = be16(bytes, 2);
        let (offset, more) = (place & 0xfff8, place & 1 == 1);
        if bytes.get(1).is_some_and(|reserved| *reserved != 0) || place & 6 != 0 {
            self.event(DecodeEvent::Ipv6FhNonZeroReservedField);
        }
        if offset == 0 && !more {
            // An "atomic" fragment (RFC 6946) is a whole packet.
            self.event(DecodeEvent::Ipv6ExthdrUselessFh);
            return false;
        }
        if more && !after.len().is_multiple_of(8) {
            self.event(DecodeEvent::Ipv6FragInvalidLength);
        }
        if let Some(Ip::V6(ip)) = &mut self.packet.ip {
            ip.fragment = Some(Fragment {
                id: be32(bytes, 4),
                offset,
                more,
            });
        }
        true
    }

    /// Options of hop-by-hop and destination headers.
    fn ipv6_options(&mut self, bytes: &[u8], unknown: DecodeEvent, only_padding: DecodeEvent) {
        let mut rest = bytes.get(2..).unwrap_or_default();
        let mut padding_only = true;
        while let Some((kind, after)) = rest.split_first() {
            if *kind == 0 {
                rest = after;
                continue;
            }
            let value = after
                .split_first()
                .and_then(|(len, after)| after.split_at_checked(usize::from(*len)));
            let Some((value, next)) = value else {
                return self.event(DecodeEvent::Ipv6ExthdrInvalidOptlen);
            };
            rest = next;
            match *kind {
                1 if value.is_empty() => self.event(DecodeEvent::Ipv6ZeroLenPadn),
                1 => {}
                // Router alert, jumbo payload, home address: each has its length.
                5 | 0xc2 | 0xc9 => {
                    padding_only = false;
                    let right = match *kind {
                        5 => 2,
                        0xc2 => 4,
                        _ => 16,
                    };
                    if value.len() != right {
                        return self.event(DecodeEvent::Ipv6ExthdrInvalidOptlen);
                    }
                }
                _ => {
                    padding_only = false;
                    self.event(unknown);
                }
            }
        }
        if padding_only {
            self.event(only_padding);
        }
    }
}

/// Length of an extension header; `None` for what is none.
fn header_len(kind: u8, bytes: &[u8]) -> Option<usize> {
    let units = usize::from(bytes.get(1).copied().unwrap_or_default());
    match kind {
        HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY | HIP | SHIM6 => Some((units + 1) * 8),
        FRAGMENT => Some(8),
        AUTHENTICATION => Some((units + 2) * 4),
        _ => None,
    }
}
