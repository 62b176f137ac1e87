//! Lists of flows, one for each time limit, in the order of their last packet.
//!
//! All flows of a list have the same limit, so the next to expire is always the first: expiry costs as much as expires.

/// Index of a flow's slot.
pub(crate) type Slot = u32;

const NONE: Slot = Slot::MAX;

/// Neighbours of a slot in its list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links {
    previous: Slot,
    next: Slot,
}

impl Links {
    /// The slot after this one.
    pub(crate) fn next(self) -> Option<Slot> {
        (self.next != NONE).then_some(self.next)
    }
}

impl Default for Links {
    fn default() -> Self {
        Self {
            previous: NONE,
            next: NONE,
        }
    }
}

/// Gives access to the links that live inside the slots.
pub(crate) trait LinkStore {
    /// The links of a slot in use.
    fn links(&mut self, slot: Slot) -> Option<&mut Links>;
}

/// One list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LruList {
    first: Slot,
    last: Slot,
}

impl Default for LruList {
    fn default() -> Self {
        Self {
            first: NONE,
            last: NONE,
        }
    }
}

impl LruList {
    /// The slot whose last packet is longest ago.
    pub(crate) fn oldest(self) -> Option<Slot> {
        (self.first != NONE).then_some(self.first)
    }

    /// Whether the slot is the newest already.
    pub(crate) fn is_newest(self, slot: Slot) -> bool {
        self.last == slot
    }

    /// Adds a slot as the newest.
    pub(crate) fn push(&mut self, slot: Slot, store: &mut impl LinkStore) {
        if let Some(links) = store.links(slot) {
            *links = Links {
                previous: self.last,
                next: NONE,
            };
        }
        match store.links(self.last) {
            Some(links) => links.next = slot,
            None => self.first = slot,
        }
        self.last = slot;
    }

    /// Takes a slot out.
    pub(crate) fn unlink(&mut self, slot: Slot, store: &mut impl LinkStore) {
        let Some(links) = store.links(slot).map(std::mem::take) else {
            return;
        };
        match store.links(links.previous) {
            Some(previous) => previous.next = links.next,
            None => self.first = links.next,
        }
        match store.links(links.next) {
            Some(next) => next.previous = links.previous,
            None => self.last = links.previous,
        }
    }
}
