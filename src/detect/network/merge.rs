//! Where the shards' results come together in packet order, and thresholds are decided.

use std::sync::Arc;

use saola_event::Alert;
use saola_suricata::{AlertOrigin, NetAlert, Thresholds};

use super::NetworkSink;
use super::record::{Line, Place, Record, to_line};
use super::rules::NetworkRules;
use super::settings::NetworkSettings;
use super::shard::Found;

/// The merge, with what it remembers between batches.
pub(super) struct Merge {
    settings: Arc<NetworkSettings>,
    thresholds: Thresholds,
    nobody: Arc<str>,
}

enum Item {
    Line(Line),
    Alert(Box<NetAlert>),
}

impl Merge {
    pub(super) fn new(settings: Arc<NetworkSettings>) -> Self {
        Self {
            settings,
            thresholds: Thresholds::new(),
            nobody: Arc::from(""),
        }
    }

    /// Gives what the shards found in one batch to the sink, in order.
    pub(super) fn batch(&mut self, found: Vec<Found>, rules: &NetworkRules, sink: &mut impl NetworkSink) {
        let mut items: Vec<(Place, Item)> = Vec::new();
        for Found { lines, alerts } in found {
            items.extend(lines.into_iter().map(|line| (line.place, Item::Line(line))));
            items.extend(
                alerts
                    .into_iter()
                    .map(|alert| (Place::of_alert(alert.key), Item::Alert(Box::new(alert)))),
            );
        }
        items.sort_by_key(|(a, _)| *a);
        for (_, item) in items {
            match item {
                Item::Line(line) => sink.record(Record {
                    line: line.line,
                    alert: None,
                }),
                Item::Alert(alert) => self.alert(*alert, rules, sink),
            }
        }
    }

    fn alert(&mut self, alert: NetAlert, rules: &NetworkRules, sink: &mut impl NetworkSink) {
        let compiled = rules.compiled();
        if !self.thresholds.pass(compiled, &alert) {
            return;
        }
        let Some(rule) = compiled.rule(alert.rule) else {
            return;
        };
        let writes = self.settings.writes_eve && self.settings.eve.writes("alert");
        let line = if writes { to_line(&alert.event) } else { Vec::new() };
        let (source, agency) = (Arc::clone(&self.nobody), Arc::clone(&self.nobody));
        let received_at = alert.time;
        let mut raised: Alert = alert.into_event(
            rule,
            AlertOrigin {
                source,
                agency,
                received_at,
            },
        );
        if let Some(words) = rules.texts().of(&raised.rule.id) {
            raised.rule.title_vi = words.title.vi.clone().or(raised.rule.title_vi);
        }
        sink.record(Record {
            line,
            alert: Some(Box::new(raised)),
        });
    }
}
