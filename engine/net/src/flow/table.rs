//! The flow table: finding a flow by its key, time limits, the memory cap.

use std::time::Duration;

use hashbrown::HashMap;
use saola_event::Timestamp;

use super::lru::{LinkStore, Links, LruList, Slot};
use super::{Flow, FlowKey, FlowState};
use crate::config::{FlowConfig, FlowTimeouts};

/// A flow and the observers' state of it.
#[derive(Debug)]
pub(crate) struct FlowEntry<S> {
    pub(crate) flow: Flow,
    pub(crate) state: S,
}

#[derive(Debug)]
struct Occupied<S> {
    key: FlowKey,
    class: u8,
    links: Links,
    entry: FlowEntry<S>,
}

/// Where slots live. Boxed, so that a growing table moves pointers only.
#[derive(Debug)]
struct Slots<S>(Vec<Option<Box<Occupied<S>>>>);

/// The flows of one engine.
#[derive(Debug)]
pub(crate) struct FlowTable<S> {
    index: HashMap<FlowKey, Slot>,
    slots: Slots<S>,
    free: Vec<Slot>,
    lists: [LruList; CLASSES],
    limits: [Duration; CLASSES],
    max_flows: usize,
}

/// Four protocols by four states.
const CLASSES: usize = 16;
/// Memory of a flow beside its record: index, boxes, small buffers.
const BYTES_BESIDE: usize = 192;

impl<S> LinkStore for Slots<S> {
    fn links(&mut self, slot: Slot) -> Option<&mut Links> {
        let occupied = self.0.get_mut(slot as usize)?.as_mut()?;
        Some(&mut occupied.links)
    }
}

impl<S> FlowTable<S> {
    pub(crate) fn new(config: &FlowConfig) -> Self {
        let mut limits = [Duration::ZERO; CLASSES];
        let by_protocol = [config.tcp, config.udp, config.icmp, config.other];
        for (four, timeouts) in limits.chunks_exact_mut(4).zip(by_protocol) {
            let FlowTimeouts {
                new,
                established,
                closed,
                bypassed,
            } = timeouts;
            four.copy_from_slice(&[new, established, closed, bypassed]);
        }
        let bytes_per_flow = size_of::<Occupied<S>>() + BYTES_BESIDE;
        Self {
            index: HashMap::new(),
            slots: Slots(Vec::new()),
            free: Vec::new(),
            lists: [LruList::default(); CLASSES],
            limits,
            max_flows: (config.memcap / bytes_per_flow).max(16),
        }
    }

    /// The slot of a key.
    pub(crate) fn find(&self, key: &FlowKey) -> Option<Slot> {
        self.index.get(key).copied()
    }

    /// The flow in a slot.
    pub(crate) fn entry(&mut self, slot: Slot) -> Option<&mut FlowEntry<S>> {
        let occupied = self.slots.0.get_mut(slot as usize)?.as_mut()?;
        Some(&mut occupied.entry)
    }

    /// Whether a further flow would pass the memory cap.
    pub(crate) fn is_full(&self) -> bool {
        self.index.len() >= self.max_flows
    }

    /// How many flows there are.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Puts a new flow in.
    pub(crate) fn insert(&mut self, key: FlowKey, entry: FlowEntry<S>) -> Slot {
        let class = class_of(&entry.flow);
        let occupied = Some(Box::new(Occupied {
            key,
            class,
            links: Links::default(),
            entry,
        }));
        let slot = match self.free.pop() {
            Some(slot) => {
                if let Some(place) = self.slots.0.get_mut(slot as usize) {
                    *place = occupied;
                }
                slot
            }
            None => {
                self.slots.0.push(occupied);
                (self.slots.0.len() - 1) as Slot
            }
        };
        self.index.insert(key, slot);
        if let Some(list) = self.lists.get_mut(usize::from(class)) {
            list.push(slot, &mut self.slots);
        }
        slot
    }

    /// Notes that the flow had a packet, or changed its state.
    pub(crate) fn touch(&mut self, slot: Slot) {
        let Some(occupied) = self.slots.0.get_mut(slot as usize).and_then(Option::as_mut) else {
            return;
        };
        let (old, new) = (occupied.class, class_of(&occupied.entry.flow));
        occupied.class = new;
        if let Some(list) = self.lists.get_mut(usize::from(old)) {
            if old == new && list.is_newest(slot) {
                return;
            }
            list.unlink(slot, &mut self.slots);
        }
        if let Some(list) = self.lists.get_mut(usize::from(new)) {
            list.push(slot, &mut self.slots);
        }
    }

    /// Takes a flow out.
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<FlowEntry<S>> {
        let class = self.slots.0.get(slot as usize)?.as_ref()?.class;
        if let Some(list) = self.lists.get_mut(usize::from(class)) {
            list.unlink(slot, &mut self.slots);
        }
        let occupied = self.slots.0.get_mut(slot as usize)?.take()?;
        self.index.remove(&occupied.key);
        self.free.push(slot);
        Some(occupied.entry)
    }

    /// Whether a flow's time limit has passed.
    pub(crate) fn is_expired(&self, slot: Slot, now: Timestamp) -> bool {
        let occupied = self.slots.0.get(slot as usize).and_then(Option::as_ref);
        occupied.is_some_and(|occupied| {
            let limit = self.limits.get(usize::from(occupied.class)).copied();
            now.since(occupied.entry.flow.last) > limit.unwrap_or_default()
        })
    }

    /// First packet, number and slot of the flows whose time limit has passed.
    pub(crate) fn expired(&self, now: Timestamp) -> Vec<(u64, u64, Slot)> {
        let mut expired = Vec::new();
        for (list, limit) in self.lists.iter().zip(self.limits) {
            let mut next = list.oldest();
            while let Some(slot) = next {
                let Some(occupied) = self.slots.0.get(slot as usize).and_then(Option::as_ref) else {
                    break;
                };
                let flow = &occupied.entry.flow;
                if now.since(flow.last) <= limit {
                    break;
                }
                expired.push((flow.first_packet, flow.id, slot));
                next = occupied.links.next();
            }
        }
        expired
    }

    /// The flow to throw out when the table is full: the oldest that is new, then closed or bypassed, then established.
    /// Floods of half-open connections push each other out and leave established ones alone.
    pub(crate) fn victim(&self) -> Option<Slot> {
        let of_states = |states: [usize; 2]| {
            let lists = self.lists.iter().enumerate();
            let wanted = lists.filter(move |(class, _)| states.contains(&(class & 3)));
            let oldest = wanted.filter_map(|(_, list)| list.oldest());
            oldest.min_by_key(|slot| {
                let occupied = self.slots.0.get(*slot as usize).and_then(Option::as_ref);
                occupied.map(|occupied| (occupied.entry.flow.last, occupied.entry.flow.first_packet))
            })
        };
        of_states([0, 0])
            .or_else(|| of_states([2, 3]))
            .or_else(|| of_states([1, 1]))
    }

    /// All slots in use, in the order of the flows' first packets.
    pub(crate) fn slots_in_order(&self) -> Vec<Slot> {
        let used = self.slots.0.iter().enumerate().filter_map(|(slot, occupied)| {
            let flow = &occupied.as_ref()?.entry.flow;
            Some((flow.first_packet, flow.id, slot as Slot))
        });
        let mut slots: Vec<_> = used.collect();
        slots.sort_unstable();
        slots.into_iter().map(|(_, _, slot)| slot).collect()
    }
}

fn class_of(flow: &Flow) -> u8 {
    let protocol = match flow.protocol {
        6 => 0,
        17 => 1,
        1 | 58 => 2,
        _ => 3,
    };
    let state = match flow.state {
        FlowState::New => 0,
        FlowState::Established => 1,
        FlowState::Closed => 2,
        FlowState::Bypassed => 3,
    };
    protocol * 4 + state
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million flows must fit into a gigabyte (with their sessions beside them).
    #[test]
    fn a_flow_is_small() {
        let flow = size_of::<Occupied<()>>() + BYTES_BESIDE;
        let session = size_of::<crate::tcp::TcpSession>();
        assert!(flow + session <= 1100, "{flow} + {session}");
    }
}
