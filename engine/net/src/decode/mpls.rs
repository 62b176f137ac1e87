//! MPLS label stacks (RFC 3032, RFC 7274).

use super::{DecodeEvent, Decoder, be32};

/// Labels that are looked through.
const MAX_LABELS: usize = 8;

impl<'a> Decoder<'a, '_> {
    pub(super) fn mpls(&mut self, data: &'a [u8]) {
        let mut rest = data;
        for _ in 0..MAX_LABELS {
            let Some((entry, after)) = rest.split_first_chunk::<4>() else {
                self.event(DecodeEvent::MplsHeaderTooSmall);
                return;
            };
            rest = after;
            let entry = be32(entry, 0);
            let is_bottom = entry & 0x100 != 0;
            if is_bottom {
                self.mpls_payload(entry >> 12, rest);
                return;
            }
        }
        self.event(DecodeEvent::TooManyLayers);
    }

    fn mpls_payload(&mut self, label: u32, data: &'a [u8]) {
        match label {
            0 => return self.ipv4(data),
            2 => return self.ipv6(data),
            1 => return self.event(DecodeEvent::MplsBadLabelRouterAlert),
            3 => return self.event(DecodeEvent::MplsBadLabelImplicitNull),
            4..=15 => return self.event(DecodeEvent::MplsBadLabelReserved),
            _ => {}
        }
        match data.first().map(|byte| byte >> 4) {
            Some(4) => self.ipv4(data),
            Some(6) => self.ipv6(data),
            // A pseudowire's control word (RFC 4385), then Ethernet.
            Some(0) => self.ethernet(data.get(4..).unwrap_or_default()),
            Some(_) => self.event(DecodeEvent::MplsUnknownPayloadType),
            None => self.event(DecodeEvent::MplsPktTooSmall),
        }
    }
}
