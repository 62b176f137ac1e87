//! The counters behind `/metrics`, in the Prometheus text form.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// A label set of one or two pairs.
pub(super) type Labels = Vec<(&'static str, String)>;

/// Makes label sets.
pub(super) struct Labelled;

/// Reads the counters of one group of things at the moment of a scrape.
pub trait SourceCounters: Send + Sync + 'static {
    /// Every counter: name without prefix and suffix, labels, value.
    fn read(&self) -> Vec<(&'static str, ScrapeLabels, u64)>;
}

/// Labels of a counter read at scrape time.
pub type ScrapeLabels = Vec<(&'static str, String)>;

/// All metrics. Cloning shares them.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    pub(super) rules: Family<Labels, Gauge>,
    pub(super) reloads: Family<Labels, Counter>,
    pub(super) collectors: Gauge,
    pub(super) collector_faults: Counter,
    pub(super) lane_faults: Family<Labels, Counter>,
    /// Alerts raised, by engine.
    pub alerts: Family<Labels, Counter<u64, AtomicU64>>,
}

impl Labelled {
    pub(super) fn one(name: &'static str, value: &str) -> Labels {
        vec![(name, value.to_owned())]
    }

    pub(super) fn two(first: &'static str, one: &str, second: &'static str, two: &str) -> Labels {
        vec![(first, one.to_owned()), (second, two.to_owned())]
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Arc::new(Mutex::new(Registry::with_prefix("saola"))),
            rules: Family::default(),
            reloads: Family::default(),
            collectors: Gauge::default(),
            collector_faults: Counter::default(),
            lane_faults: Family::default(),
            alerts: Family::default(),
        };
        let mut registry = metrics.registry.lock();
        registry.register("rules", "Rules by engine and state", metrics.rules.clone());
        registry.register(
            "rules_reloads",
            "Rule sets loaded or refused",
            metrics.reloads.clone(),
        );
        registry.register("collectors", "Collectors running", metrics.collectors.clone());
        registry.register(
            "collector_faults",
            "Collectors that ended by themselves",
            metrics.collector_faults.clone(),
        );
        registry.register(
            "engine_faults",
            "Faults that an engine thread recovered from",
            metrics.lane_faults.clone(),
        );
        registry.register("alerts", "Alerts raised by engine", metrics.alerts.clone());
        drop(registry);
        metrics
    }
}

impl Metrics {
    /// Adds counters that are read when somebody looks.
    pub fn add_source(&self, source: impl SourceCounters) {
        self.registry
            .lock()
            .register_collector(Box::new(Scrape(Box::new(source))));
    }

    /// Counts an alert.
    pub fn alert_raised(&self, engine: &'static str) {
        self.alerts.get_or_create(&Labelled::one("engine", engine)).inc();
    }

    /// The text that `/metrics` serves.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut page = String::new();
        text::encode(&mut page, &self.registry.lock())?;
        Ok(page)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

struct Scrape(Box<dyn SourceCounters>);

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl prometheus_client::collector::Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut counters = self.0.read();
        counters.sort_by_key(|(name, ..)| *name);
        for same in counters.chunk_by(|a, b| a.0 == b.0) {
            let Some((name, ..)) = same.first() else { continue };
            let mut described =
                encoder.encode_descriptor(name, "Counted since the start", None, MetricType::Counter)?;
            for (_, labels, value) in same {
                let family: MetricEncoder<'_> = described.encode_family(labels)?;
                ConstCounter::new(*value).encode(family)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Happening, RulesLoaded};
    use super::*;

    struct Two;

    impl SourceCounters for Two {
        fn read(&self) -> Vec<(&'static str, ScrapeLabels, u64)> {
            vec![
                ("records", vec![("source", "b".to_owned())], 2),
                (
                    "lost",
                    vec![("source", "a".to_owned()), ("reason", "kernel".to_owned())],
                    3,
                ),
                ("records", vec![("source", "a".to_owned())], 1),
            ]
        }
    }

    #[test]
    fn the_page_holds_what_happened_and_what_is_read() {
        let metrics = Metrics::default();
        RulesLoaded {
            engine: "log",
            loaded: 5,
            failed: 1,
        }
        .emit(&metrics);
        metrics.add_source(Two);
        let page = metrics.encode().unwrap();
        for line in [
            "saola_rules{engine=\"log\",state=\"failed\"} 1",
            "saola_lost_total{source=\"a\",reason=\"kernel\"} 3",
            "saola_records_total{source=\"a\"} 1",
            "saola_records_total{source=\"b\"} 2",
        ] {
            assert!(page.contains(line), "{line} is not in\n{page}");
        }
        assert_eq!(page.matches("# TYPE saola_records counter").count(), 1);
    }
}
