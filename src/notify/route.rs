//! Who is told of what, and how often.

use std::collections::VecDeque;
use std::time::Duration;

use saola_event::{Severity, Timestamp};

/// Receivers of incidents from one severity on, with a cap on how much they get.
#[derive(Clone, Debug)]
pub struct Route {
    /// Receivers.
    pub to: Vec<String>,
    /// Least severity.
    pub min_severity: Severity,
    /// Most mails in an hour.
    pub most_per_hour: usize,
    recent: VecDeque<Timestamp>,
    held_back: u64,
}

/// What a route does with an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not severe enough.
    NotOurs,
    /// Send; `earlier` more were held back since the last one and are told of in this mail.
    Send {
        /// Mails held back.
        earlier: u64,
    },
    /// Held back: too many within the hour. The next one says how many there were.
    HeldBack,
}

const HOUR: Duration = Duration::from_hours(1);

impl Route {
    /// A route that has sent nothing yet.
    pub fn new(to: Vec<String>, min_severity: Severity, most_per_hour: usize) -> Self {
        Self {
            to,
            min_severity,
            most_per_hour,
            recent: VecDeque::new(),
            held_back: 0,
        }
    }

    /// Decides about an incident of `severity` at `now`. Critical ones are never held back: a flood of small ones must
    /// not hide the one that matters.
    pub fn decide(&mut self, severity: Severity, now: Timestamp) -> Verdict {
        if severity < self.min_severity {
            return Verdict::NotOurs;
        }
        while self.recent.front().is_some_and(|sent| now.since(*sent) >= HOUR) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.most_per_hour && severity < Severity::Critical {
            self.held_back += 1;
            return Verdict::HeldBack;
        }
        self.recent.push_back(now);
        Verdict::Send {
            earlier: std::mem::take(&mut self.held_back),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_holds_back_says_how_many_and_lets_critical_through() {
        let at = |minute: i64| Timestamp::from_secs_micros(minute * 60, 0);
        let mut route = Route::new(vec!["a@b".to_owned()], Severity::High, 2);
        assert_eq!(route.decide(Severity::Medium, at(0)), Verdict::NotOurs);
        assert_eq!(route.decide(Severity::High, at(0)), Verdict::Send { earlier: 0 });
        assert_eq!(route.decide(Severity::High, at(1)), Verdict::Send { earlier: 0 });
        assert_eq!(route.decide(Severity::High, at(2)), Verdict::HeldBack);
        assert_eq!(
            route.decide(Severity::Critical, at(3)),
            Verdict::Send { earlier: 1 }
        );
        assert_eq!(route.decide(Severity::High, at(64)), Verdict::Send { earlier: 0 });
    }
}
