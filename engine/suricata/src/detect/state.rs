//! What detection remembers of a flow.

use std::sync::Arc;

use smallvec::SmallVec;

use super::working::Extras;

/// Remembered beside each flow by the engine's table.
#[derive(Debug, Default)]
pub struct FlowState {
    /// Which compiled set the rule numbers below belong to.
    generation: u32,
    /// `flowbits` that are set, by the detector's own numbers, sorted: they outlive a reload.
    bits: SmallVec<[u32; 4]>,
    /// `flowint` counters.
    counters: SmallVec<[(u32, u32); 2]>,
    /// Stream offset that was inspected, per direction.
    pub(super) stream_seen: [u64; 2],
    /// Rules that matched in the stream, with the direction and the stream offset from which they may match again.
    pub(super) stream_fired: Vec<(u32, u8, u64)>,
    /// Rules about the flow's protocol that matched.
    pub(super) protocol_fired: SmallVec<[u32; 2]>,
    /// The stream is kept for inspection since the first packet.
    pub(super) stream_kept: bool,
    /// Texts that patterns caught for the flow, in order.
    caught: Vec<(Arc<str>, String)>,
    /// Recording of packets after alerts.
    pub(super) tags: SmallVec<[super::tags::Running; 1]>,
    /// Transactions under inspection.
    pub(super) transactions: Vec<TransactionState>,
}

/// What detection remembers of a transaction.
#[derive(Debug, Default)]
pub(super) struct TransactionState {
    pub(super) id: u64,
    pub(super) sides: [SideState; 2],
    /// Rules that this transaction's events have brought.
    pub(super) fired: SmallVec<[u32; 2]>,
    /// Rules that have matched once for both sides.
    pub(super) matched: SmallVec<[u32; 2]>,
}

/// One direction of a transaction.
#[derive(Debug, Default)]
pub(super) struct SideState {
    pub(super) begun: bool,
    /// Buffer engines of the group that have scanned, by index.
    pub(super) scanned: u128,
    /// Body bytes that the growing buffers' automata have seen.
    pub(super) body_seen: u64,
    pub(super) candidates: Vec<Candidate>,
    pub(super) done: bool,
}

/// A rule that may match on a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) rule: u32,
    /// It matched, or cannot match any more; kept so that another buffer's automaton does not bring it back.
    pub(super) settled: bool,
}

/// Rules that a stream remembers at most; beyond it the oldest are forgotten and may alert again.
const MAX_STREAM_FIRED: usize = 256;
/// Bits and counters of one flow.
const MAX_BITS: usize = 256;
/// Texts caught for one flow.
const MAX_CAUGHT: usize = 16;

impl FlowState {
    /// Forgets rule numbers of a set that was replaced; bits and counters stay.
    pub(super) fn renew(&mut self, generation: u32) {
        if self.generation != generation {
            self.generation = generation;
            self.stream_fired.clear();
            self.protocol_fired.clear();
            self.transactions.clear();
        }
    }

    pub(super) fn bit(&self, bit: u32) -> bool {
        self.bits.binary_search(&bit).is_ok()
    }

    pub(super) fn set_bit(&mut self, bit: u32, on: bool) {
        match (self.bits.binary_search(&bit), on) {
            (Err(at), true) if self.bits.len() < MAX_BITS => self.bits.insert(at, bit),
            (Ok(at), false) => {
                self.bits.remove(at);
            }
            _ => {}
        }
    }

    /// Bits that are set.
    pub(super) fn bits(&self) -> &[u32] {
        &self.bits
    }

    pub(super) fn counter(&self, counter: u32) -> Option<u32> {
        self.counters
            .iter()
            .find(|(name, _)| *name == counter)
            .map(|(_, value)| *value)
    }

    pub(super) fn set_counter(&mut self, counter: u32, value: u32) {
        if let Some((_, place)) = self.counters.iter_mut().find(|(name, _)| *name == counter) {
            *place = value;
        } else if self.counters.len() < MAX_BITS {
            self.counters.push((counter, value));
        }
    }

    /// Counters by number.
    pub(super) fn counters(&self) -> &[(u32, u32)] {
        &self.counters
    }

    /// Keeps what a match caught for the flow.
    pub(super) fn catch(&mut self, extras: &mut Extras) {
        for caught in extras.caught.iter_mut().filter(|caught| caught.of_flow) {
            let text = std::mem::take(&mut caught.text);
            if self.caught.len() < MAX_CAUGHT
                && !self.caught.contains(&(Arc::clone(&caught.name), text.clone()))
            {
                self.caught.push((Arc::clone(&caught.name), text));
            }
        }
        extras.caught.retain(|caught| !caught.of_flow);
    }

    /// Texts caught for the flow, by name.
    pub fn caught(&self) -> &[(Arc<str>, String)] {
        &self.caught
    }

    /// Stream offset from which a rule may match again.
    pub(super) fn stream_from(&self, rule: u32, direction: u8) -> u64 {
        self.stream_fired
            .iter()
            .find(|(fired, way, _)| (*fired, *way) == (rule, direction))
            .map_or(0, |(.., offset)| *offset)
    }

    pub(super) fn stream_fire(&mut self, rule: u32, direction: u8, offset: u64) {
        let known = self
            .stream_fired
            .iter_mut()
            .find(|(fired, way, _)| (*fired, *way) == (rule, direction));
        if let Some((.., from)) = known {
            *from = offset;
            return;
        }
        if self.stream_fired.len() >= MAX_STREAM_FIRED {
            self.stream_fired.remove(0);
        }
        self.stream_fired.push((rule, direction, offset));
    }

    pub(super) fn transaction(&mut self, id: u64) -> &mut TransactionState {
        let at = self
            .transactions
            .iter()
            .position(|state| state.id == id)
            .unwrap_or_else(|| {
                self.transactions.push(TransactionState {
                    id,
                    ..TransactionState::default()
                });
                self.transactions.len() - 1
            });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just above")]
        &mut self.transactions[at]
    }
}

impl SideState {
    /// Adds candidates that are not known yet.
    pub(super) fn add(&mut self, rules: &[u32]) {
        for rule in rules {
            if let Err(at) = self
                .candidates
                .binary_search_by_key(rule, |candidate| candidate.rule)
            {
                self.candidates.insert(
                    at,
                    Candidate {
                        rule: *rule,
                        settled: false,
                    },
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_counters_are_bounded_and_survive_renewal() {
        let mut state = FlowState::default();
        for bit in (0..1000).rev() {
            state.set_bit(bit, true);
            state.set_counter(bit, 1);
        }
        assert_eq!((state.bits().len(), state.counters().len()), (MAX_BITS, MAX_BITS));
        assert!(state.bit(999) && !state.bit(0));
        state.stream_fire(7, 0, 10);
        state.renew(3);
        assert!(state.bit(999) && state.counter(999) == Some(1));
        assert_eq!(state.stream_from(7, 0), 0);
        state.set_bit(999, false);
        assert!(!state.bit(999));
    }
}
