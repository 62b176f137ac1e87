//! `threshold` and `detection_filter`.

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Track {
    /// The packet's source address.
    BySource,
    /// The packet's destination address.
    ByDestination,
    /// The pair of addresses, either way round.
    ByBoth,
    /// All alerts of the rule.
    ByRule,
    /// Each flow for itself.
    ByFlow,
}

/// How alerts are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdKind {
    /// Every `count`th within `seconds`.
    Threshold,
    /// The first `count` within `seconds`.
    Limit,
    /// One within `seconds`, once `count` is reached.
    Both,
    /// All after the first `count` within `seconds`.
    DetectionFilter,
    /// The `count`th, then ever rarer by `multiplier`.
    Backoff {
        /// Factor between alerts.
        multiplier: u32,
    },
}

/// `unique_on`: only different values count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueOn {
    /// Source port.
    SourcePort,
    /// Destination port.
    DestinationPort,
}

/// A rule's threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// How.
    pub kind: ThresholdKind,
    /// What is counted together.
    pub track: Track,
    /// How many.
    pub count: u32,
    /// Within how many seconds of packet time.
    pub seconds: u32,
    /// Count different values only.
    pub unique_on: Option<UniqueOn>,
}
