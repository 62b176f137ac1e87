//! TCP (RFC 9293) and its options.

use super::{DecodeEvent, Decoder, be16, be32};
use crate::packet::{TcpFlags, TcpHeader, TcpOptions, TcpTimestamps, Transport};

impl<'a> Decoder<'a, '_> {
    pub(super) fn tcp(&mut self, data: &'a [u8]) {
        let Some(fixed) = data.first_chunk::<20>() else {
            return self.event(DecodeEvent::TcpPktTooSmall);
        };
        let [.., offset_and_ns, flags, _, _, _, _, _, _] = *fixed;
        let header_len = usize::from(offset_and_ns >> 4) * 4;
        if header_len < 20 {
            return self.event(DecodeEvent::TcpHlenTooSmall);
        }
        let Some((header, payload)) = data.split_at_checked(header_len) else {
            return self.event(DecodeEvent::TcpInvalidOptlen);
        };
        let options = header.get(20..).unwrap_or_default();
        let parsed = self.tcp_options(options);
        self.packet.transport = Transport::Tcp(TcpHeader {
            header,
            src_port: be16(fixed, 0),
            dst_port: be16(fixed, 2),
            seq: be32(fixed, 4),
            ack: be32(fixed, 8),
            flags: TcpFlags(u16::from(offset_and_ns & 1) << 8 | u16::from(flags)),
            window: be16(fixed, 14),
            urgent: be16(fixed, 18),
            options,
            parsed,
        });
        self.packet.payload = payload;
    }

    fn tcp_options(&mut self, options: &'a [u8]) -> TcpOptions<'a> {
        let mut parsed = TcpOptions::default();
        // The usual case: two NOPs and timestamps.
        if let [1, 1, 8, 10, stamps @ ..] = options
            && stamps.len() == 8
        {
            parsed.timestamps = Some(TcpTimestamps {
                value: be32(stamps, 0),
                echo: be32(stamps, 4),
            });
            return parsed;
        }
        let mut rest = options;
        while let Some((kind, after)) = rest.split_first() {
            match *kind {
                0 => break,
                1 => {
                    rest = after;
                    continue;
                }
                _ => {}
            }
            let len = after.first().copied().map_or(0, usize::from);
            let Some((option, next)) = (len >= 2).then(|| rest.split_at_checked(len)).flatten() else {
                self.event(DecodeEvent::TcpOptInvalidLen);
                break;
            };
            rest = next;
            if let Some(event) = take_option(&mut parsed, *kind, option.get(2..).unwrap_or_default()) {
                self.event(event);
            }
        }
        parsed
    }
}

/// Notes one option; says what is wrong with it.
fn take_option<'a>(parsed: &mut TcpOptions<'a>, kind: u8, value: &'a [u8]) -> Option<DecodeEvent> {
    const WRONG_LEN: Option<DecodeEvent> = Some(DecodeEvent::TcpOptInvalidLen);
    let is_again = match (kind, value) {
        (2, [high, low]) => parsed.mss.replace(u16::from_be_bytes([*high, *low])).is_some(),
        (3, [shift]) => parsed.window_scale.replace(*shift).is_some(),
        (4, []) => std::mem::replace(&mut parsed.sack_permitted, true),
        // An empty block list is pointless and harmless.
        (5, blocks) if blocks.len() % 8 == 0 && blocks.len() <= 32 => parsed.sack.replace(blocks).is_some(),
        (8, stamps) if stamps.len() == 8 => {
            let stamps = TcpTimestamps {
                value: be32(stamps, 0),
                echo: be32(stamps, 4),
            };
            parsed.timestamps.replace(stamps).is_some()
        }
        (19, value) if value.len() == 16 => std::mem::replace(&mut parsed.md5, true),
        (29, value) if value.len() >= 2 => std::mem::replace(&mut parsed.authentication, true),
        (34, cookie) if is_cookie(cookie) => parsed.fast_open.replace(cookie).is_some(),
        // The experimental number with its magic (RFC 7413 section 4.1.1).
        (253 | 254, [0xf9, 0x89, cookie @ ..]) if is_cookie(cookie) => {
            parsed.fast_open.replace(cookie).is_some()
        }
        (2 | 3 | 4 | 5 | 8 | 19 | 34, _) => return WRONG_LEN,
        _ => false,
    };
    is_again.then_some(DecodeEvent::TcpOptDuplicate)
}

fn is_cookie(cookie: &[u8]) -> bool {
    cookie.is_empty() || ((4..=16).contains(&cookie.len()) && cookie.len().is_multiple_of(2))
}
