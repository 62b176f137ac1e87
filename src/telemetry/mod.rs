//! One small struct per thing that happens: it logs and counts at once, so the two can never disagree.
//!
//! Names: `saola_<area>_<what>_total` for counters, units at the end of gauges. Log messages are lower case without a full
//! stop, values are fields. Nothing is logged per packet or per record.

mod happenings;
mod logging;
mod metrics;

pub use happenings::{
    CollectorEnded, CollectorStarted, DaemonReady, DaemonStopping, Happening, LaneRecovered, RulesLoaded,
    RulesNotReloaded,
};
pub use logging::{LogFormat, start_logging};
pub use metrics::{Metrics, ScrapeLabels, SourceCounters};
