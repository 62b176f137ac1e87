//! When a record says it happened.
//!
//! Devices write instants, dates without a zone, and dates without a year. [`Stamp`] keeps which of the three it was, so
//! that what was assumed (the zone, the year) stays visible beside the resulting instant.

mod format;

use saola_event::Timestamp;

pub(crate) use format::{bare, prefix};

/// A date and time as a record wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// The record named its zone, or counted from the epoch.
    Instant(Timestamp),
    /// A date and time without a zone, read as if it were UTC.
    Local(Timestamp),
    /// Month, day, hour, minute, second, microseconds: no year and no zone (RFC 3164).
    NoYear(MonthDay, Clock),
}

/// Month and day, each from 1.
pub(crate) type MonthDay = (u8, u8);

/// A time of day with its microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hms: (u8, u8, u8),
    pub(crate) micros: u32,
}

/// What is assumed about records that do not say it: the arrival gives the year, the configuration the zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    /// When the record arrived.
    pub(crate) received_at: Timestamp,
    /// Seconds east of UTC of a sender that names no zone.
    pub(crate) zone_secs: i64,
}

const MICROS_PER_SECOND: i64 = 1_000_000;
/// A clock that runs ahead by up to a day does not turn December into last year's.
const AHEAD_MICROS: i64 = 86_400 * MICROS_PER_SECOND;

impl Anchor {
    /// The instant a stamp means under these assumptions.
    pub(crate) fn resolve(&self, stamp: Stamp) -> Option<Timestamp> {
        match stamp {
            Stamp::Instant(time) => Some(time),
            Stamp::Local(local) => self.utc_of(local),
            Stamp::NoYear((month, day), clock) => self.nearest_year(month, day, clock),
        }
    }

    /// The latest year in which the date is not more than a day after the arrival: log lines come from the past.
    fn nearest_year(&self, month: u8, day: u8, clock: Clock) -> Option<Timestamp> {
        let (year, ..) = self.local_arrival().civil();
        let limit = self.received_at.as_micros().saturating_add(AHEAD_MICROS);
        // 29 February may be up to eight years back.
        (0..=8).find_map(|back| {
            let local = Timestamp::from_civil((year + 1 - back, month, day), clock.hms, clock.micros)?;
            self.utc_of(local).filter(|time| time.as_micros() <= limit)
        })
    }

    fn local_arrival(&self) -> Timestamp {
        let shift = self.zone_secs * MICROS_PER_SECOND;
        Timestamp::from_micros(self.received_at.as_micros().saturating_add(shift))
    }

    fn utc_of(&self, local: Timestamp) -> Option<Timestamp> {
        let shift = self.zone_secs * MICROS_PER_SECOND;
        local.as_micros().checked_sub(shift).map(Timestamp::from_micros)
    }
}

impl Stamp {
    /// The field that shows a date whose zone (and year) had to be assumed: its name and text.
    pub(crate) fn shown(&self) -> Option<(&'static str, String)> {
        match *self {
            Self::Instant(_) => None,
            Self::Local(local) => {
                let (year, month, day, hour, minute, second) = local.civil();
                let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
                Some(("time_local", text))
            }
            Self::NoYear((month, day), Clock { hms, .. }) => {
                let (hour, minute, second) = hms;
                let text = format!("{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
                Some(("time_noyear", text))
            }
        }
    }

    /// A local date that a neighbouring field gives the zone of.
    pub(crate) fn in_zone(self, zone_secs: i64) -> Self {
        match self {
            Self::Local(local) => local
                .as_micros()
                .checked_sub(zone_secs * MICROS_PER_SECOND)
                .map_or(self, |micros| Self::Instant(Timestamp::from_micros(micros))),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(received: &str, zone_secs: i64) -> Anchor {
        Anchor {
            received_at: Timestamp::parse_rfc3339(received).unwrap(),
            zone_secs,
        }
    }

    fn resolved(anchor: Anchor, text: &str) -> String {
        let (stamp, _) = prefix(text).unwrap();
        anchor.resolve(stamp).unwrap().to_string()
    }

    #[test]
    fn the_arrival_gives_the_year() {
        let in_january = anchor("2027-01-01T00:10:00Z", 0);
        assert_eq!(
            resolved(in_january, "Dec 31 23:59:58"),
            "2026-12-31T23:59:58.000000Z"
        );
        assert_eq!(
            resolved(in_january, "Jan  1 00:09:00"),
            "2027-01-01T00:09:00.000000Z"
        );
        let in_december = anchor("2026-12-31T23:50:00Z", 0);
        assert_eq!(
            resolved(in_december, "Jan  1 00:00:10"),
            "2027-01-01T00:00:10.000000Z"
        );
        assert_eq!(
            resolved(in_december, "Feb 29 00:00:10"),
            "2024-02-29T00:00:10.000000Z"
        );
    }

    #[test]
    fn the_configuration_gives_the_zone() {
        let hanoi = anchor("2026-11-22T00:00:00Z", 7 * 3600);
        assert_eq!(
            resolved(hanoi, "2026-11-22 06:59:00"),
            "2026-11-21T23:59:00.000000Z"
        );
        assert_eq!(resolved(hanoi, "Nov 22 06:59:00"), "2026-11-21T23:59:00.000000Z");
        assert_eq!(
            resolved(hanoi, "2026-11-22T06:59:00Z"),
            "2026-11-22T06:59:00.000000Z"
        );
    }

    #[test]
    fn what_was_assumed_is_shown() {
        let shown = |text| prefix(text).unwrap().0.shown();
        assert_eq!(
            shown("Nov  2 06:59:00"),
            Some(("time_noyear", "11-02T06:59:00".to_owned()))
        );
        assert_eq!(
            shown("2026-11-02 06:59:00"),
            Some(("time_local", "2026-11-02T06:59:00".to_owned()))
        );
        assert_eq!(shown("2026-11-02 06:59:00 +0700"), None);
    }
}
