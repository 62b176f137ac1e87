//! Headers, from the link layer to the transport, read leniently: what can be read is, and what is wrong is an event.
//!
//! A packet that carries another (a tunnel) decodes to itself and an [`Inner`]; the engine shows the outer one first
//! and decodes the inner one after it.

mod event;
mod icmp;
mod ipv4;
mod ipv4_options;
mod ipv6;
mod ipv6_extension;
mod link;
mod mpls;
mod ppp;
mod sctp;
mod tcp;
mod tunnel;
mod udp;

use smallvec::SmallVec;

use crate::config::DecoderConfig;
use crate::packet::{Checksums, LinkType, Packet, PacketSource, RawPacket, StreamVerdict, Transport};

pub use event::DecodeEvent;
pub(crate) use icmp::quoted_packet;

/// A packet carried inside another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inner<'a> {
    /// What `data` begins with.
    pub(crate) layer: Layer,
    /// The inner packet's bytes.
    pub(crate) data: &'a [u8],
    /// Kind of the tunnel, as EVE names it in `pkt_src`.
    pub(crate) kind: &'static str,
}

/// The first header of an inner packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Ethernet,
    Ip,
    Ppp,
    Mpls,
    Arp,
}

/// A decoded packet and what it carries.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) packet: Packet<'a>,
    pub(crate) inner: Option<Inner<'a>>,
}

/// Layers inside each other (VLAN, MPLS, PPPoE, NSH …) that are looked through in one packet.
const MAX_LAYERS: u8 = 16;

/// One packet on its way through the layers.
pub(super) struct Decoder<'a, 'c> {
    packet: Packet<'a>,
    inner: Option<Inner<'a>>,
    config: &'c DecoderConfig,
    layers: u8,
}

/// Decodes a captured packet.
pub(crate) fn decode<'a>(raw: &RawPacket<'a>, config: &DecoderConfig) -> Decoded<'a> {
    let mut decoder = Decoder {
        packet: Packet {
            number: raw.number,
            time: raw.time,
            wire_len: raw.wire_len,
            link: raw.link,
            ethernet: None,
            vlan: raw.vlan.into_iter().collect(),
            ip: None,
            transport: Transport::None,
            payload: &[],
            data: raw.data,
            arp: None,
            tunnel_depth: 0,
            anomalies: SmallVec::new(),
            stream_events: SmallVec::new(),
            stream: StreamVerdict::NotTracked,
            checksums: Checksums::default(),
            source: PacketSource::Wire,
        },
        inner: None,
        config,
        layers: 0,
    };
    decoder.link(raw.link, raw.data);
    decoder.done()
}

/// Decodes the packet inside `outer`.
pub(crate) fn decode_inner<'a>(outer: &Packet<'_>, inner: &Inner<'a>, config: &DecoderConfig) -> Decoded<'a> {
    let mut decoder = Decoder {
        packet: Packet {
            number: outer.number,
            time: outer.time,
            wire_len: inner.data.len() as u32,
            link: match inner.layer {
                Layer::Ethernet => LinkType::Ethernet,
                Layer::Ppp => LinkType::Ppp,
                Layer::Ip | Layer::Mpls | Layer::Arp => LinkType::Raw,
            },
            ethernet: None,
            vlan: outer.vlan.clone(),
            ip: None,
            transport: Transport::None,
            payload: &[],
            data: inner.data,
            arp: None,
            tunnel_depth: outer.tunnel_depth + 1,
            anomalies: SmallVec::new(),
            stream_events: SmallVec::new(),
            stream: StreamVerdict::NotTracked,
            checksums: Checksums::default(),
            source: PacketSource::Tunnel(inner.kind),
        },
        inner: None,
        config,
        layers: 0,
    };
    match inner.layer {
        Layer::Ethernet => decoder.ethernet(inner.data),
        Layer::Ip => decoder.ip_by_version(inner.data),
        Layer::Ppp => decoder.ppp(inner.data),
        Layer::Mpls => decoder.mpls(inner.data),
        Layer::Arp => decoder.arp(inner.data),
    }
    decoder.done()
}

/// Decodes a packet put together from fragments: `data` is the first fragment's link header, then the IP packet from
/// `ip_at` on.
pub(crate) fn decode_rebuilt<'a>(
    fragment: &Packet<'_>,
    data: &'a [u8],
    ip_at: usize,
    config: &DecoderConfig,
) -> Decoded<'a> {
    let mut decoder = Decoder {
        packet: Packet {
            number: fragment.number,
            time: fragment.time,
            wire_len: data.len() as u32,
            link: fragment.link,
            ethernet: fragment.ethernet,
            vlan: fragment.vlan.clone(),
            ip: None,
            transport: Transport::None,
            payload: &[],
            data,
            arp: None,
            tunnel_depth: fragment.tunnel_depth,
            anomalies: SmallVec::new(),
            stream_events: SmallVec::new(),
            stream: StreamVerdict::NotTracked,
            checksums: Checksums::default(),
            source: PacketSource::Defragmented,
        },
        inner: None,
        config,
        layers: 0,
    };
    decoder.ip_by_version(data.get(ip_at..).unwrap_or_default());
    decoder.done()
}

impl<'a> Decoder<'a, '_> {
    fn done(self) -> Decoded<'a> {
        Decoded {
            packet: self.packet,
            inner: self.inner,
        }
    }

    fn event(&mut self, event: DecodeEvent) {
        self.packet.anomalies.push(event);
    }

    /// Counts a layer; `false` when there are too many.
    fn enter_layer(&mut self) -> bool {
        self.layers += 1;
        if self.layers > MAX_LAYERS {
            self.event(DecodeEvent::TooManyLayers);
            return false;
        }
        true
    }

    /// Hands on a carried packet, unless tunnels are too deep.
    fn carry(&mut self, layer: Layer, data: &'a [u8], kind: &'static str) {
        if self.packet.tunnel_depth >= self.config.max_tunnels {
            self.event(DecodeEvent::TooManyLayers);
        } else {
            self.inner = Some(Inner { layer, data, kind });
        }
    }

    /// IPv4 or IPv6 by the version field.
    fn ip_by_version(&mut self, data: &'a [u8]) {
        match data.first().map(|byte| byte >> 4) {
            Some(4) => self.ipv4(data),
            Some(6) => self.ipv6(data),
            _ => self.event(DecodeEvent::IprawInvalidIpVersion),
        }
    }
}

/// Big-endian 16 bits at a place; 0 beyond the end.
fn be16(data: &[u8], at: usize) -> u16 {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u16::from_be_bytes(*bytes))
}

/// Big-endian 32 bits at a place; 0 beyond the end.
fn be32(data: &[u8], at: usize) -> u32 {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
