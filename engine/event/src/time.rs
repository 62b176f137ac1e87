//! Points in time as the whole engine carries them: microseconds since 1970-01-01T00:00:00Z.
//!
//! The engine never asks a clock. A plain integer is used instead of a date library's type so that no library is part
//! of the public types, and because packets and logs are compared and windowed by the million.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Microseconds since the Unix epoch, UTC. Negative before 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time such as 2026-11-22T07:30:00Z")]
pub struct TimestampError;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds and a fraction in microseconds. Saturates at the ends of the range.
    pub const fn from_secs_micros(secs: i64, micros: u32) -> Self {
        Self(
            secs.saturating_mul(MICROS_PER_SECOND)
                .saturating_add(micros as i64),
        )
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The microseconds within the second, 0 to 999,999.
    pub const fn subsec_micros(self) -> u32 {
        self.0.rem_euclid(MICROS_PER_SECOND) as u32
    }

    /// Time passed since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0).cast_unsigned())
    }

    /// Year, month (1-12), day (1-31), hour, minute, second in UTC (proleptic Gregorian).
    pub fn civil(self) -> (i64, u8, u8, u8, u8, u8) {
        let secs = self.as_secs();
        let (year, month, day) = civil_from_days(secs.div_euclid(SECONDS_PER_DAY));
        let second_of_day = secs.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        (year, month, day, hour as u8, minute as u8, second as u8)
    }

    /// From a civil date and time in UTC; `None` when a part is out of its range. Second 60 (a leap second) is taken
    /// as the first second of the next minute.
    pub fn from_civil(date: (i64, u8, u8), clock: (u8, u8, u8), micros: u32) -> Option<Self> {
        let ((year, month, day), (hour, minute, second)) = (date, clock);
        let ranges_hold = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && (-9999..=9999).contains(&year)
            && hour < 24
            && minute < 60
            && second <= 60
            && micros < 1_000_000;
        if !ranges_hold {
            return None;
        }
        let seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY
            + i64::from(hour) * 3600
            + i64::from(minute) * 60
            + i64::from(second);
        Some(Self::from_secs_micros(seconds, micros))
    }

    /// The form that EVE readers expect: `2016-07-13T22:42:07.199672+0000`.
    pub fn to_eve(self) -> String {
        let (year, month, day, hour, minute, second) = self.civil();
        let micros = self.subsec_micros();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}+0000")
    }

    /// Reads RFC 3339 (`T` or a blank between date and time, any offset, up to nanoseconds, which are cut to
    /// microseconds). `+0000` without the colon is taken too, because EVE writes it.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampError> {
        parse_rfc3339(text.as_bytes()).ok_or(TimestampError)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with microseconds: `2026-11-22T07:30:00.000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second) = self.civil();
        let micros = self.subsec_micros();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        )
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).map_err(serde::de::Error::custom)
    }
}

fn parse_rfc3339(text: &[u8]) -> Option<Timestamp> {
    let (date_and_clock, rest) = text.split_at_checked(19)?;
    let &[
        y1,
        y2,
        y3,
        y4,
        b'-',
        mo1,
        mo2,
        b'-',
        d1,
        d2,
        b'T' | b't' | b' ',
        h1,
        h2,
        b':',
        mi1,
        mi2,
        b':',
        s1,
        s2,
    ] = date_and_clock
    else {
        return None;
    };
    let year = i64::from(two(y1, y2)?) * 100 + i64::from(two(y3, y4)?);
    let date = (year, two(mo1, mo2)?, two(d1, d2)?);
    let clock = (two(h1, h2)?, two(mi1, mi2)?, two(s1, s2)?);
    let (micros, zone) = fraction(rest)?;
    let local = Timestamp::from_civil(date, clock, micros)?;
    Some(Timestamp(
        local.0.checked_sub(offset_secs(zone)? * MICROS_PER_SECOND)?,
    ))
}

/// Microseconds of a leading `.digits` (none is zero) and what follows it.
fn fraction(rest: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.' | b',', digits)) = rest.split_first() else {
        return Some((0, rest));
    };
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let (digits, zone) = digits.split_at_checked(count)?;
    let micros = (0..6).fold(0, |sum, i| {
        sum * 10 + u32::from(digits.get(i).map_or(0, |d| d - b'0'))
    });
    Some((micros, zone))
}

fn offset_secs(zone: &[u8]) -> Option<i64> {
    let (sign, h1, h2, m1, m2) = match *zone {
        [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, h1, h2, m1, m2),
        _ => return None,
    };
    let size = i64::from(two(h1, h2)?) * 3600 + i64::from(two(m1, m2)?) * 60;
    match sign {
        b'+' => Some(size),
        b'-' => Some(-size),
        _ => None,
    }
}

fn two(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}

fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a civil date, by counting in 400-year eras whose years begin in March (so that the leap
/// day is the last day of the year).
fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_back() {
        let time = Timestamp::from_micros(1_468_449_727_199_672);
        assert_eq!(time.to_string(), "2016-07-13T22:42:07.199672Z");
        assert_eq!(time.to_eve(), "2016-07-13T22:42:07.199672+0000");
        assert_eq!(Timestamp::parse_rfc3339(&time.to_eve()), Ok(time));
    }

    #[test]
    fn offsets_and_fractions() {
        let utc = Timestamp::parse_rfc3339("2026-11-22T00:30:00Z").unwrap();
        assert_eq!(Timestamp::parse_rfc3339("2026-11-22 07:30:00+07:00"), Ok(utc));
        let nanos = Timestamp::parse_rfc3339("2026-11-22T00:30:00.123456789Z").unwrap();
        assert_eq!(nanos.as_micros() - utc.as_micros(), 123_456);
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "2026-02-30T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T00:00:00",
            "2026-11-22T00:00:00.Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), Err(TimestampError), "{text}");
        }
    }

    #[test]
    fn every_day_of_eight_centuries_round_trips() {
        for day in -150_000..150_000 {
            let (year, month, date) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, date), day);
        }
    }

    #[test]
    fn before_the_epoch() {
        assert_eq!(
            Timestamp::from_micros(-1).to_string(),
            "1969-12-31T23:59:59.999999Z"
        );
    }
}
