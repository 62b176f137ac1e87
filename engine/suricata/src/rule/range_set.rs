//! Sets of numbers as sorted ranges: ports, IPv4 and IPv6 addresses of a rule's header.

/// A number that has a next and a previous one.
pub(crate) trait Bound: Copy + Ord {
    const MIN: Self;
    const MAX: Self;
    fn next(self) -> Option<Self>;
    fn previous(self) -> Option<Self>;
}

macro_rules! bound {
    ($($number:ty),*) => {$(
        impl Bound for $number {
            const MIN: Self = <$number>::MIN;
            const MAX: Self = <$number>::MAX;
            fn next(self) -> Option<Self> { self.checked_add(1) }
            fn previous(self) -> Option<Self> { self.checked_sub(1) }
        }
    )*};
}
bound!(u16, u32, u128);

/// Sorted, disjoint, inclusive ranges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RangeSet<T>(Vec<(T, T)>);

impl<T: Bound> RangeSet<T> {
    pub(crate) const fn empty() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn full() -> Self {
        Self(vec![(T::MIN, T::MAX)])
    }

    /// From ranges in any order, overlapping or not; ranges the wrong way round hold nothing.
    pub(crate) fn from_ranges(mut ranges: Vec<(T, T)>) -> Self {
        ranges.retain(|(low, high)| low <= high);
        ranges.sort_unstable();
        let mut merged: Vec<(T, T)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                // Touching ranges join: a range that reaches the top has no next and takes all that follow.
                Some((_, last)) if last.next().is_none_or(|next| low <= next) => *last = high.max(*last),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }

    pub(crate) fn contains(&self, value: T) -> bool {
        let after = self.0.partition_point(|(low, _)| *low <= value);
        after
            .checked_sub(1)
            .and_then(|index| self.0.get(index))
            .is_some_and(|(_, high)| value <= *high)
    }

    /// The ranges, in order.
    pub(crate) fn ranges(&self) -> &[(T, T)] {
        &self.0
    }

    pub(crate) fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut start = Some(T::MIN);
        for (low, high) in &self.0 {
            if let (Some(from), Some(to)) = (start, low.previous())
                && from <= to
            {
                gaps.push((from, to));
            }
            start = high.next();
        }
        if let Some(from) = start {
            gaps.push((from, T::MAX));
        }
        Self(gaps)
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.0.iter().chain(&other.0).copied().collect())
    }

    pub(crate) fn subtract(&self, other: &Self) -> Self {
        // A \ B is the complement of (complement of A, joined with B).
        self.complement().union(other).complement()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        matches!(self.0.as_slice(), [(low, high)] if *low == T::MIN && *high == T::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_operations_agree_with_a_bitmap() {
        // A small linear congruential sequence is enough to vary the shapes; every set is checked value by value.
        let mut state = 7_u32;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as u16
        };
        for _ in 0..50 {
            let make = |next: &mut dyn FnMut() -> u16| {
                let ranges: Vec<_> = (0..5)
                    .map(|_| (next(), next() % 9000))
                    .map(|(low, size)| (low, low.saturating_add(size)))
                    .collect();
                (ranges.clone(), RangeSet::from_ranges(ranges))
            };
            let (raw_a, a) = make(&mut next);
            let (raw_b, b) = make(&mut next);
            let inside =
                |raw: &[(u16, u16)], value| raw.iter().any(|(low, high)| (*low..=*high).contains(&value));
            let (difference, union, outside) = (a.subtract(&b), a.union(&b), a.complement());
            for value in 0..=u16::MAX {
                let (in_a, in_b) = (inside(&raw_a, value), inside(&raw_b, value));
                assert_eq!(a.contains(value), in_a);
                assert_eq!(difference.contains(value), in_a && !in_b);
                assert_eq!(union.contains(value), in_a || in_b);
                assert_eq!(outside.contains(value), !in_a);
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        assert!(RangeSet::<u16>::full().complement().is_empty());
        assert!(RangeSet::<u16>::empty().complement().is_full());
        let top = RangeSet::from_ranges(vec![(u16::MAX, u16::MAX), (5, 4)]);
        assert!(top.contains(u16::MAX) && !top.contains(5));
        assert!(top.complement().contains(0) && !top.complement().contains(u16::MAX));
    }
}
