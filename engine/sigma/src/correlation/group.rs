//! One group's matches within the time span, and the figure they give.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{CorrelationKind, CorrelationRule};
use crate::detection::{Number, Relation};

/// One match in a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Match {
    /// Event time in microseconds.
    pub(super) time: i64,
    /// Which member.
    pub(super) member: u32,
    /// The value counted or computed with.
    pub(super) value: MatchValue,
}

/// What a match brings to the figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum MatchValue {
    Nothing,
    Text(Box<str>),
    Number(f64),
}

/// The matches of a group, oldest first, with what is computed from them kept up to date.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) matches: VecDeque<Match>,
    /// How often each value is among the matches.
    distinct: FxHashMap<Box<str>, u32>,
    /// Numbers in rising order.
    sorted: Vec<f64>,
    /// End of the silence after an alert.
    pub(super) quiet_until: i64,
    /// When the window opened, for conditions judged at its close.
    pub(super) opened: Option<i64>,
    /// Newest event time.
    pub(super) newest: i64,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            matches: VecDeque::with_capacity(1),
            distinct: FxHashMap::default(),
            sorted: Vec::new(),
            quiet_until: i64::MIN,
            opened: None,
            newest: i64::MIN,
        }
    }
}

/// What became of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    Kept,
    Late,
    /// Kept, and the oldest was dropped for it.
    Crowded,
}

impl Group {
    /// Adds a match and forgets what has left the window. `cap` bounds how many are kept.
    pub(super) fn add(&mut self, found: Match, timespan: i64, cap: usize) -> Added {
        if self.matches.is_empty() {
            self.newest = found.time;
        } else if found.time <= self.newest.saturating_sub(timespan) {
            return Added::Late;
        }
        self.newest = self.newest.max(found.time);
        self.count(&found);
        let behind = self
            .matches
            .iter()
            .rev()
            .take_while(|known| known.time > found.time)
            .count();
        self.matches.insert(self.matches.len() - behind, found);
        self.forget(self.newest.saturating_sub(timespan));
        if self.matches.len() <= cap.max(1) {
            return Added::Kept;
        }
        self.drop_oldest();
        Added::Crowded
    }

    /// Forgets matches at or before a time.
    fn forget(&mut self, until: i64) {
        while self.matches.front().is_some_and(|oldest| oldest.time <= until) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some(oldest) = self.matches.pop_front() else {
            return;
        };
        match oldest.value {
            MatchValue::Nothing => {}
            MatchValue::Text(text) => {
                if let Some(count) = self.distinct.get_mut(&text) {
                    *count -= 1;
                    if *count == 0 {
                        self.distinct.remove(&text);
                    }
                }
            }
            MatchValue::Number(number) => {
                let at = self
                    .sorted
                    .partition_point(|known| known.total_cmp(&number).is_lt());
                if at < self.sorted.len() {
                    self.sorted.remove(at);
                }
            }
        }
    }

    fn count(&mut self, found: &Match) {
        match &found.value {
            MatchValue::Nothing => {}
            MatchValue::Text(text) => *self.distinct.entry(text.clone()).or_default() += 1,
            MatchValue::Number(number) => {
                let at = self
                    .sorted
                    .partition_point(|known| known.total_cmp(number).is_lt());
                self.sorted.insert(at, *number);
            }
        }
    }

    /// Rebuilds what is computed from the matches, after they were read back.
    pub(super) fn of_matches(matches: Vec<Match>, quiet_until: i64, opened: Option<i64>) -> Self {
        let mut group = Self {
            quiet_until,
            opened,
            newest: matches.last().map_or(i64::MIN, |newest| newest.time),
            ..Self::default()
        };
        for found in matches {
            group.count(&found);
            group.matches.push_back(found);
        }
        group
    }

    /// Whether the correlation's condition holds now.
    pub(super) fn satisfies(&self, rule: &CorrelationRule) -> bool {
        if let Some(condition) = &rule.temporal {
            let seen = self.seen(rule.members.len());
            return condition.holds(&|member| seen.get(member).copied().unwrap_or(false));
        }
        let Some(figure) = self.figure(rule) else {
            return false;
        };
        match rule.kind {
            CorrelationKind::Temporal | CorrelationKind::TemporalOrdered if rule.bounds.is_empty() => {
                Relation::GreaterOrEqual.holds(figure, Number::Int(rule.members.len() as i128))
            }
            _ => rule
                .bounds
                .iter()
                .all(|bound| bound.relation.holds(figure, bound.number)),
        }
    }

    /// The figure that the bounds are about; none without a match.
    pub(super) fn figure(&self, rule: &CorrelationRule) -> Option<Number> {
        if self.matches.is_empty() {
            return None;
        }
        let count = |count: usize| Some(Number::Int(count as i128));
        let float = |value: f64| Some(Number::Float(value));
        match &rule.kind {
            CorrelationKind::EventCount => count(self.matches.len()),
            CorrelationKind::ValueCount(_) => count(self.distinct.len()),
            CorrelationKind::Temporal => count(
                self.seen(rule.members.len())
                    .into_iter()
                    .filter(|seen| *seen)
                    .count(),
            ),
            CorrelationKind::TemporalOrdered => count(self.in_order(rule.members.len())),
            CorrelationKind::ValueSum(_) => float(self.sorted.iter().sum()),
            CorrelationKind::ValueAvg(_) => {
                float(self.sorted.iter().sum::<f64>() / self.sorted.len().max(1) as f64)
            }
            CorrelationKind::ValuePercentile(_, percentile) => {
                self.percentile(*percentile).map(Number::Float)
            }
        }
    }

    fn seen(&self, members: usize) -> Vec<bool> {
        let mut seen = vec![false; members];
        for found in &self.matches {
            if let Some(member) = seen.get_mut(found.member as usize) {
                *member = true;
            }
        }
        seen
    }

    /// How many members were seen one after the other in the order written.
    fn in_order(&self, members: usize) -> usize {
        let mut next = 0;
        for found in &self.matches {
            if next < members && found.member as usize == next {
                next += 1;
            }
        }
        next
    }

    /// By linear interpolation between the closest ranks.
    fn percentile(&self, percentile: f64) -> Option<f64> {
        let rank = percentile / 100.0 * self.sorted.len().checked_sub(1)? as f64;
        let low = *self.sorted.get(rank.floor() as usize)?;
        let high = *self.sorted.get(rank.ceil() as usize)?;
        Some(low + (high - low) * rank.fract())
    }
}
