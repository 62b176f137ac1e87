//! How much memory correlations may use.

/// Bounds of a [`super::Correlator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorrelatorLimits {
    /// Groups kept over all correlations; beyond it those seen longest ago are evicted, a tenth at a time.
    pub groups: usize,
    /// Matches kept in one group; beyond it the oldest are dropped. Counting needs no more than the condition's number.
    pub matches_per_group: usize,
    /// Longest value kept of a field, in bytes; longer ones are cut (and then may be taken for equal).
    pub value_bytes: usize,
}

impl Default for CorrelatorLimits {
    /// A million groups of at most ten thousand matches; a group of a plain count is about 200 bytes.
    fn default() -> Self {
        Self {
            groups: 1_000_000,
            matches_per_group: 10_000,
            value_bytes: 256,
        }
    }
}
