//! UDP (RFC 768), and the tunnels that are told by their port.

use super::{DecodeEvent, Decoder, be16};
use crate::packet::{Transport, UdpHeader};

impl<'a> Decoder<'a, '_> {
    pub(super) fn udp(&mut self, data: &'a [u8]) {
        let Some((header, rest)) = data.split_at_checked(8) else {
            return self.event(DecodeEvent::UdpHlenTooSmall);
        };
        let udp = UdpHeader {
            header,
            src_port: be16(header, 0),
            dst_port: be16(header, 2),
            len: be16(header, 4),
        };
        let payload = match usize::from(udp.len) {
            len if len < 8 => return self.event(DecodeEvent::UdpLenInvalid),
            len if len > data.len() => return self.event(DecodeEvent::UdpPktTooSmall),
            len if len < data.len() => {
                self.event(DecodeEvent::UdpHlenInvalid);
                rest.get(..len - 8).unwrap_or(rest)
            }
            _ => rest,
        };
        self.packet.transport = Transport::Udp(udp);
        self.packet.payload = payload;
        let is = |enabled: bool, ports: &[u16]| {
            enabled && (ports.contains(&udp.dst_port) || ports.contains(&udp.src_port))
        };
        let config = self.config;
        if is(config.teredo, &config.teredo_ports) {
            self.teredo(payload);
        }
        if config.vxlan && config.vxlan_ports.contains(&udp.dst_port) {
            self.vxlan(payload);
        }
        if is(config.geneve, &config.geneve_ports) {
            self.geneve(payload);
        }
    }
}
