//! Options of IPv4 (RFC 791 section 3.1, RFC 1108, RFC 1393, RFC 2113).

use super::{DecodeEvent, Decoder};

const END: u8 = 0;
const NOP: u8 = 1;
const RECORD_ROUTE: u8 = 7;
const QUICK_START: u8 = 25;
const TIMESTAMP: u8 = 68;
const TRACEROUTE: u8 = 82;
const SECURITY: u8 = 130;
const LOOSE_SOURCE_ROUTE: u8 = 131;
const EXTENDED_SECURITY: u8 = 133;
const CIPSO: u8 = 134;
const STREAM_ID: u8 = 136;
const STRICT_SOURCE_ROUTE: u8 = 137;
const ROUTER_ALERT: u8 = 148;

impl Decoder<'_, '_> {
    pub(super) fn ipv4_options(&mut self, options: &[u8]) {
        if !options.len().is_multiple_of(4) {
            self.event(DecodeEvent::Ipv4OptPadRequired);
        }
        let mut seen = [false; 256];
        let mut rest = options;
        while let Some((kind, after)) = rest.split_first() {
            match *kind {
                END => return,
                NOP => {
                    rest = after;
                    continue;
                }
                _ => {}
            }
            let Some(len) = after.first().copied().map(usize::from) else {
                return self.event(DecodeEvent::Ipv4OptEolRequired);
            };
            let Some((option, next)) = (len >= 2).then(|| rest.split_at_checked(len)).flatten() else {
                return self.event(DecodeEvent::Ipv4OptInvalidLen);
            };
            rest = next;
            if let Some(event) = fault(*kind, option) {
                self.event(event);
            }
            if let Some(seen) = seen.get_mut(usize::from(*kind))
                && std::mem::replace(seen, true)
            {
                self.event(DecodeEvent::Ipv4OptDuplicate);
            }
        }
    }
}

/// What is wrong with one option.
fn fault(kind: u8, option: &[u8]) -> Option<DecodeEvent> {
    let len = option.len();
    let pointer = option.get(2).copied().unwrap_or(0);
    let invalid_len = match kind {
        RECORD_ROUTE | LOOSE_SOURCE_ROUTE | STRICT_SOURCE_ROUTE => len < 3 || !(len - 3).is_multiple_of(4),
        TIMESTAMP => len < 5,
        QUICK_START => len != 8,
        TRACEROUTE => len != 12,
        SECURITY => len < 3,
        EXTENDED_SECURITY => len < 3,
        CIPSO => len < 10,
        STREAM_ID | ROUTER_ALERT => len != 4,
        _ => return Some(DecodeEvent::Ipv4OptUnknown),
    };
    if invalid_len {
        return Some(DecodeEvent::Ipv4OptInvalidLen);
    }
    let malformed = match kind {
        RECORD_ROUTE | LOOSE_SOURCE_ROUTE | STRICT_SOURCE_ROUTE => pointer < 4 || !pointer.is_multiple_of(4),
        TIMESTAMP => pointer < 5,
        _ => false,
    };
    malformed.then_some(DecodeEvent::Ipv4OptMalformed)
}
