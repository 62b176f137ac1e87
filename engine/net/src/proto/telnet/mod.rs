//! Telnet (RFC 854): told by the negotiation of options at its beginning, and not parsed.

use crate::app::{AppProto, DetectionOnly, Probe};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// Telnet for the table of protocols.
pub const PROTOCOL: Protocol = Protocol {
    proto: AppProto::Telnet,
    transports: &[6],
    ports: &[23],
    bound: false,
    probe,
    parser: |_: &AppConfig, _: u8| Box::new(DetectionOnly),
};

/// Looks at the first bytes of a direction: "interpret as command", WILL to DONT, and an option.
pub fn probe(_: Direction, bytes: &[u8]) -> Probe {
    match bytes {
        [0xff, 0xfb..=0xfe, 0..=0x31, 0xff, ..] => Probe::Yes,
        [0xff, 0xfb..=0xfe, 0..=0x31] | [] | [0xff] | [0xff, 0xfb..=0xfe] => Probe::Unsure,
        _ => Probe::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes() {
        for (bytes, verdict) in [
            (&b"\xff\xfd\x03\xff\xfb\x18"[..], Probe::Yes),
            (b"\xff\xfd\x03", Probe::Unsure),
            (b"\xffSMB", Probe::No),
        ] {
            assert_eq!(probe(Direction::ToServer, bytes), verdict);
        }
    }
}
