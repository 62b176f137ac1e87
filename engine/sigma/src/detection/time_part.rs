//! Parts of a time, for the modifiers `minute`, `hour`, `day`, `week`, `month` and `year`.

use saola_event::{Timestamp, Value};

use super::Number;

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Day of the month, 1 to 31.
    Day,
    /// ISO 8601 week, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// The year.
    Year,
}

impl TimePart {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// This part of the time that a value says: RFC 3339 (a missing zone is taken as UTC), or a number of seconds,
    /// milliseconds, microseconds or 100 ns since 1970, told apart by size. Read on a clock `zone_offset_secs` east of UTC.
    pub(crate) fn of_value(self, value: &Value<'_>, zone_offset_secs: i32) -> Option<Number> {
        let time = match value {
            Value::Text(text) => from_text(text)?,
            other => match Number::of_value(other)? {
                Number::Int(int) => from_epoch(i64::try_from(int).ok()?)?,
                Number::Float(secs) => Timestamp::from_micros((secs * 1e6) as i64),
            },
        };
        let local = time
            .as_micros()
            .checked_add(i64::from(zone_offset_secs) * 1_000_000)?;
        Some(Number::Int(i128::from(self.of_micros(local))))
    }

    fn of_micros(self, micros: i64) -> i64 {
        let seconds = micros.div_euclid(1_000_000);
        let days = seconds.div_euclid(86_400);
        let (year, month, day) = civil(days);
        match self {
            Self::Minute => seconds.div_euclid(60).rem_euclid(60),
            Self::Hour => seconds.div_euclid(3600).rem_euclid(24),
            Self::Day => day,
            Self::Month => month,
            Self::Year => year,
            Self::Week => {
                // The week belongs to the year of its Thursday; day 0 was a Thursday.
                let thursday = days - (days + 3).rem_euclid(7) + 3;
                let (year, _, _) = civil(thursday);
                let mut first = thursday;
                while civil(first - 7).0 == year {
                    first -= 7;
                }
                (thursday - first) / 7 + 1
            }
        }
    }
}

fn from_text(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = Timestamp::parse_rfc3339(text) {
        return Some(time);
    }
    if let Ok(time) = Timestamp::parse_rfc3339(&format!("{text}Z")) {
        return Some(time);
    }
    match Number::parse(text)? {
        Number::Int(int) => from_epoch(i64::try_from(int).ok()?),
        Number::Float(secs) => Some(Timestamp::from_micros((secs * 1e6) as i64)),
    }
}

fn from_epoch(number: i64) -> Option<Timestamp> {
    let micros = match number.unsigned_abs() {
        0..100_000_000_000 => number.checked_mul(1_000_000)?,
        100_000_000_000..100_000_000_000_000 => number.checked_mul(1_000)?,
        100_000_000_000_000..10_000_000_000_000_000 => number,
        _ => number / 10,
    };
    Some(Timestamp::from_micros(micros))
}

/// Year, month and day of a count of days since 1970-01-01 (eras of 400 years that begin in March).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(part: TimePart, text: &str) -> i128 {
        match part.of_value(&Value::from(text), 7 * 3600) {
            Some(Number::Int(int)) => int,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn parts_on_the_clock_of_hanoi() {
        let text = "2026-11-22T19:30:00Z";
        assert_eq!(part(TimePart::Hour, text), 2);
        assert_eq!(part(TimePart::Minute, text), 30);
        assert_eq!(part(TimePart::Day, text), 23);
        assert_eq!(part(TimePart::Month, "2026-11-22 10:00:00"), 11);
        assert_eq!(part(TimePart::Year, "1763800000"), 2025);
    }

    #[test]
    fn iso_weeks_at_the_turn_of_years() {
        for (day, week) in [
            ("2020-12-31", 53),
            ("2021-01-03", 53),
            ("2021-01-04", 1),
            ("2024-12-30", 1),
            ("2026-01-01", 1),
            ("2027-01-01", 53),
        ] {
            assert_eq!(part(TimePart::Week, &format!("{day}T05:00:00Z")), week, "{day}");
        }
    }

    #[test]
    fn what_is_no_time_has_no_parts() {
        assert!(TimePart::Hour.of_value(&Value::from("noon"), 0).is_none());
        assert!(TimePart::Hour.of_value(&Value::Bool(true), 0).is_none());
        assert!(TimePart::Year.of_value(&Value::Int(i64::MIN), 0).is_some());
    }
}
