//! Fragments of IPv4 (RFC 815) and IPv6 (RFC 8200 section 4.5) put together again.
//!
//! A fragment goes into the tracker of its packet; overlaps are resolved as the receiving host would. When all parts
//! are there, the packet is rebuilt as it was before it was fragmented. Trackers are bounded in number, memory and
//! time; what is given up is counted.

mod rebuild;

use std::collections::VecDeque;
use std::net::IpAddr;

use hashbrown::HashMap;
use saola_event::Timestamp;

use crate::config::NetConfig;
use crate::decode::DecodeEvent;
use crate::packet::{Ip, Packet};
use crate::tcp::{StreamBuffer, StreamMemory};

pub(crate) use rebuild::Rebuilt;

/// What makes two fragments parts of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    id: u32,
    /// 0 for IPv6, whose fragments share an identification whatever they carry.
    protocol: u8,
    vlan: [u16; 3],
    depth: u8,
}

/// The parts of one packet.
#[derive(Debug)]
struct Tracker {
    parts: StreamBuffer,
    fragments: usize,
    /// Length of the payload, once the last fragment came.
    total: Option<u64>,
    /// Link and network headers, once the first fragment came.
    head: Option<rebuild::Head>,
    /// Tells this tracker's entry in the queue from that of an earlier one with the same key.
    generation: u64,
}

/// Packets that are not whole yet.
#[derive(Debug)]
pub(crate) struct Defragmenter {
    trackers: HashMap<Key, Tracker>,
    /// In the order they were opened.
    queue: VecDeque<(Timestamp, Key, u64)>,
    memory: StreamMemory,
    next_generation: u64,
    /// Fragments that were not kept.
    pub(crate) dropped: u64,
    /// Packets given up because their time passed.
    pub(crate) timed_out: u64,
}

/// Largest payload of an IP packet.
const MAX_PACKET: u64 = 65_535;

impl Defragmenter {
    pub(crate) fn new(config: &NetConfig) -> Self {
        Self {
            trackers: HashMap::new(),
            queue: VecDeque::new(),
            memory: StreamMemory::with_cap(config.defrag.memcap),
            next_generation: 0,
            dropped: 0,
            timed_out: 0,
        }
    }

    /// Takes a fragment in; gives the packet when it is whole. What is wrong is added to the fragment's anomalies.
    pub(crate) fn fragment(&mut self, packet: &mut Packet<'_>, config: &NetConfig) -> Option<Rebuilt> {
        self.expire(packet.time, config);
        let ip = packet.ip.clone()?;
        let fragment = ip.fragment()?;
        let payload = ip.payload();
        let end = u64::from(fragment.offset) + payload.len() as u64;
        let is_v4 = ip.version() == 4;
        let pick = |v4, v6| if is_v4 { v4 } else { v6 };
        if end > MAX_PACKET {
            let event = pick(DecodeEvent::Ipv4FragPktTooLarge, DecodeEvent::Ipv6FragPktTooLarge);
            packet.anomalies.push(event);
            return None;
        }
        let key = key_of(packet, &ip, fragment.id);
        self.make_room(&key, config);
        let generation = self.next_generation;
        let queue = &mut self.queue;
        let tracker = self.trackers.entry(key).or_insert_with(|| {
            queue.push_back((packet.time, key, generation));
            Tracker::new(generation)
        });
        if tracker.generation == generation {
            self.next_generation += 1;
        }
        let policy = config.policy_of(key.dst, config.defrag.policy);
        let refused = tracker.fragments >= config.defrag.max_fragments || {
            let inserted = tracker
                .parts
                .insert(fragment.offset.into(), payload, policy, &mut self.memory);
            if inserted.overlaps {
                let event = pick(DecodeEvent::Ipv4FragOverlap, DecodeEvent::Ipv6FragOverlap);
                packet.anomalies.push(event);
            }
            inserted.refused
        };
        if refused {
            self.dropped += 1;
            let event = pick(DecodeEvent::Ipv4FragIgnored, DecodeEvent::Ipv6FragIgnored);
            packet.anomalies.push(event);
            return None;
        }
        tracker.fragments += 1;
        if !fragment.more {
            tracker.total.get_or_insert(end);
        }
        if fragment.offset == 0 && tracker.head.is_none() {
            tracker.head = rebuild::Head::of(packet, &ip);
        }
        if !tracker.is_whole() {
            return None;
        }
        self.finish(&key)
    }

    fn finish(&mut self, key: &Key) -> Option<Rebuilt> {
        let mut tracker = self.trackers.remove(key)?;
        let total = tracker.total.unwrap_or_default();
        let rebuilt = tracker.head.take()?.complete(tracker.parts.deliverable(total));
        tracker.parts.clear(&mut self.memory);
        Some(rebuilt)
    }

    /// Gives up packets whose parts did not come in time.
    pub(crate) fn expire(&mut self, now: Timestamp, config: &NetConfig) {
        while let Some((opened, _, _)) = self.queue.front() {
            if now.since(*opened) <= config.defrag.timeout {
                break;
            }
            if self.drop_oldest() {
                self.timed_out += 1;
            }
        }
    }

    fn make_room(&mut self, key: &Key, config: &NetConfig) {
        while self.trackers.len() >= config.defrag.max_trackers && !self.trackers.contains_key(key) {
            if self.queue.is_empty() {
                break;
            }
            if self.drop_oldest() {
                self.dropped += 1;
            }
        }
    }

    /// Drops the oldest entry of the queue; says whether its tracker was still open.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, key, generation)) = self.queue.pop_front() else {
            return false;
        };
        let is_open = self
            .trackers
            .get(&key)
            .is_some_and(|tracker| tracker.generation == generation);
        if let Some(mut tracker) = is_open.then(|| self.trackers.remove(&key)).flatten() {
            tracker.parts.clear(&mut self.memory);
        }
        is_open
    }
}

impl Tracker {
    fn new(generation: u64) -> Self {
        Self {
            parts: StreamBuffer::default(),
            fragments: 0,
            total: None,
            head: None,
            generation,
        }
    }

    fn is_whole(&self) -> bool {
        self.head.is_some() && self.total.is_some_and(|total| self.parts.contiguous() >= total)
    }
}

fn key_of(packet: &Packet<'_>, ip: &Ip<'_>, id: u32) -> Key {
    let mut vlan = [0; 3];
    for (place, id) in vlan.iter_mut().zip(&packet.vlan) {
        *place = *id;
    }
    Key {
        src: ip.src(),
        dst: ip.dst(),
        id,
        protocol: if ip.version() == 4 { ip.protocol() } else { 0 },
        vlan,
        depth: packet.tunnel_depth,
    }
}
