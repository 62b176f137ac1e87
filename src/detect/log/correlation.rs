//! Correlations over the matches of all lanes, kept over a reload.

use std::sync::Arc;

use saola_event::{Alert, Event};
use saola_sigma::{Correlator, CorrelatorLimits};

use super::rules::LogRules;

/// The correlator of the rules in force.
pub(super) struct Correlation {
    rules: Arc<LogRules>,
    correlator: Correlator,
}

impl Correlation {
    pub(super) fn new(rules: &Arc<LogRules>) -> Self {
        let correlator = Correlator::new(Arc::clone(rules.rule_set()), CorrelatorLimits::default());
        Self {
            rules: Arc::clone(rules),
            correlator,
        }
    }

    /// Takes another set of rules; what unchanged correlations have counted stays.
    pub(super) fn use_rules(&mut self, rules: &Arc<LogRules>) {
        if Arc::ptr_eq(&self.rules, rules) {
            return;
        }
        let counted = self.correlator.snapshot();
        *self = Self::new(rules);
        self.correlator.restore(counted);
    }

    /// What a match completes. Event time drives the windows, so nothing is asked of a clock.
    pub(super) fn observe(&mut self, rule: usize, event: &Event<'_>) -> Vec<Alert> {
        let mut alerts = self.correlator.advance(event.time);
        alerts.extend(self.correlator.observe(rule, event));
        alerts
    }
}
