//! The ways in which devices write a date and time, each told by its first bytes.
//!
//! `prefix` reads one at the start of a text and gives what follows it. Formats: RFC 3339 and its looser relatives,
//! `2026/11/22 07:30:00`, RFC 3164, the common log format, asctime, day-first and month-first dates, epoch seconds
//! (with fraction), milliseconds, microseconds and nanoseconds.

use saola_event::Timestamp;

use super::{Clock, Stamp};
use crate::part::cursor::Cursor;

type Date = (i64, u8, u8);

/// A date and time at the start of a text, and what follows it.
pub(crate) fn prefix(text: &str) -> Option<(Stamp, &str)> {
    let readers: &[fn(&mut Cursor<'_>) -> Option<Stamp>] = match text.as_bytes().first()? {
        b'0'..=b'9' => &[year_first, day_first, month_first, compact],
        b'A'..=b'Z' | b'a'..=b'z' => &[month_name_first, weekday_first],
        _ => return None,
    };
    readers.iter().find_map(|read| {
        let mut cursor = Cursor::new(text);
        let stamp = read(&mut cursor)?;
        Some((stamp, cursor.rest()))
    })
}

/// A whole field that holds a time: one of the formats of `prefix`, or a number counted from the epoch.
pub(crate) fn bare(text: &str) -> Option<Stamp> {
    let text = text.trim();
    iso(text)
        .or_else(|| epoch(text))
        .or_else(|| prefix(text).map(|(stamp, _)| stamp))
}

/// `2026-11-22T07:30:00.123Z` and the same with a blank or without the zone: what nearly every JSON record has, read by
/// position. Whatever is written differently in any way is left to `prefix`.
fn iso(text: &str) -> Option<Stamp> {
    let two = |tens: u8, ones: u8| -> Option<u8> {
        let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        digits.then(|| (tens - b'0') * 10 + (ones - b'0'))
    };
    let [c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1, b'T' | b' ', rest @ ..] = text.as_bytes() else {
        return None;
    };
    let [h0, h1, b':', n0, n1, b':', s0, s1, rest @ ..] = rest else {
        return None;
    };
    let year = i64::from(two(*c0, *c1)?) * 100 + i64::from(two(*y0, *y1)?);
    let date = (year, two(*m0, *m1)?, two(*d0, *d1)?);
    let hms = (two(*h0, *h1)?, two(*n0, *n1)?, two(*s0, *s1)?);
    let (fraction, zulu) = match rest {
        [] => (rest, false),
        [b'Z'] => (&[][..], true),
        [b'.', fraction @ .., b'Z'] => (fraction, true),
        [b'.', fraction @ ..] => (fraction, false),
        _ => return None,
    };
    if !fraction.iter().all(u8::is_ascii_digit) || (fraction.is_empty() && rest.len() > 1) {
        return None;
    }
    let digits = fraction.iter().chain(std::iter::repeat(&b'0')).take(6);
    let micros = digits.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let local = Timestamp::from_civil(date, hms, micros)?;
    Some(if zulu {
        Stamp::Instant(local)
    } else {
        Stamp::Local(local)
    })
}

/// Seconds since 1970 with an optional fraction, or milli-, micro- or nanoseconds told by their length.
fn epoch(text: &str) -> Option<Stamp> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !(9..=19).contains(&whole.len()) || !digits(whole) || !digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let micros = match whole.len() {
        9 | 10 => number * 1_000_000 + i64::from(micros_of(fraction)),
        13 => number * 1000,
        16 => number,
        19 => number / 1000,
        _ => return None,
    };
    Some(Stamp::Instant(Timestamp::from_micros(micros)))
}

/// `2026-11-22T07:30:00.123+07:00`, `2026-11-22 07:30:00,123`, `2026/11/22 07:30:00`, `2026 Nov 22 07:30:00`.
fn year_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    let year = c.digits(4)?;
    let divider = c.one_of(b"-/ .")?;
    let month = if divider == b' ' {
        let month = month_name(c)?;
        c.blanks();
        month
    } else {
        let month = u8::try_from(c.digits(2)?).ok()?;
        c.byte(divider)?;
        month
    };
    let day = c.digits_up_to(2)? as u8;
    c.one_of(b"Tt _:-")?;
    c.blanks();
    let clock = clock(c)?;
    finish(c, (year, month, day), clock)
}

/// `22/Nov/2026:07:30:00 +0700`, `22-Nov-2026 07:30:00.123`, `22 Nov 2026 07:30:00`, `22.11.2026 07:30:00`.
fn day_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    let day = c.digits_up_to(2)? as u8;
    let divider = c.one_of(b"/-. ")?;
    let month = match month_name(c) {
        Some(month) => month,
        None if divider == b'.' => c.digits_up_to(2)? as u8,
        None => return None,
    };
    c.one_of(b"/-. ")?;
    let year = c.digits(4)?;
    c.one_of(b": T,")?;
    c.blanks();
    let clock = clock(c)?;
    finish(c, (year, month, day), clock)
}

/// `11/22/2026 07:30:00 AM`; day first where the first number cannot be a month.
fn month_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    let first = c.digits_up_to(2)? as u8;
    let divider = c.one_of(b"/-")?;
    let second = c.digits_up_to(2)? as u8;
    c.byte(divider)?;
    let year = c.digits(4)?;
    c.one_of(b" ,:-")?;
    c.blanks();
    let mut clock = clock(c)?;
    half_day(c, &mut clock)?;
    let (month, day) = if first > 12 {
        (second, first)
    } else {
        (first, second)
    };
    finish(c, (year, month, day), clock)
}

fn half_day(c: &mut Cursor<'_>, clock: &mut Clock) -> Option<()> {
    let hour = &mut clock.hms.0;
    let after = c.rest();
    match after.get(..3) {
        Some(" PM" | " pm") if *hour < 12 => *hour += 12,
        Some(" AM" | " am") if *hour == 12 => *hour = 0,
        Some(" PM" | " pm" | " AM" | " am") => {}
        _ => return Some(()),
    }
    c.skip(3)
}

/// `20261122 07:30:00`, `20261122-073000`, `261122  7:30:00` (old MySQL).
fn compact(c: &mut Cursor<'_>) -> Option<Stamp> {
    let run = c.rest().bytes().take_while(u8::is_ascii_digit).count();
    let year = match run {
        8 => c.digits(4)?,
        6 => 2000 + c.digits(2)?,
        _ => return None,
    };
    let (month, day) = (c.digits(2)? as u8, c.digits(2)? as u8);
    c.one_of(b" -T")?;
    c.blanks();
    let clock = clock(c).or_else(|| {
        let hms = (c.digits(2)? as u8, c.digits(2)? as u8, c.digits(2)? as u8);
        Some(Clock { hms, micros: 0 })
    })?;
    finish(c, (year, month, day), clock)
}

/// `Nov 22 07:30:00`, `Nov 22 2026 07:30:00`, `Nov 22 07:30:00 2026`, `Nov 22 07:30:00.123 ICT`.
fn month_name_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    let month = month_name(c)?;
    c.blanks();
    let day = c.digits_up_to(2)? as u8;
    if c.peek() == Some(b',') {
        c.skip(1)?;
    }
    c.byte(b' ')?;
    c.blanks();
    if let Some(year) = c.attempt(|c| {
        let year = c.digits(4)?;
        c.one_of(b" ,")?;
        c.blanks();
        Some(year)
    }) {
        let mut clock = clock(c)?;
        half_day(c, &mut clock)?;
        return finish(c, (year, month, day), clock);
    }
    let clock = clock(c)?;
    let zone = c.attempt(|c| {
        c.byte(b' ')?;
        zone(c).or_else(|| zone_name(c))
    });
    let year = c.attempt(|c| {
        c.byte(b' ')?;
        // A zone whose offset nobody knows may stand before the year.
        c.attempt(|c| {
            let name = c.take_while(|b| b.is_ascii_uppercase());
            (!name.is_empty()).then(|| c.byte(b' ')).flatten()
        });
        let year = c.digits(4).filter(|year| (1970..2100).contains(year))?;
        (!matches!(
            c.peek(),
            Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_')
        ))
        .then_some(year)
    });
    match (year, zone) {
        (Some(year), zone) => {
            let local = Timestamp::from_civil((year, month, day), clock.hms, clock.micros)?;
            let stamp = Stamp::Local(local);
            Some(zone.map_or(stamp, |secs| stamp.in_zone(secs)))
        }
        (None, _) => {
            // A leap year: 29 February must be taken.
            Timestamp::from_civil((2024, month, day), clock.hms, clock.micros)?;
            Some(Stamp::NoYear((month, day), clock))
        }
    }
}

/// `Sun Nov 22 07:30:00.123 2026`, `Sun, 22 Nov 2026 07:30:00 +0700`, `Sunday November 22 …`.
fn weekday_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    const DAYS: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let word = c.take_while(|b| b.is_ascii_alphabetic());
    if !DAYS
        .iter()
        .any(|day| word == *day || (word.len() == 3 && day.starts_with(word)))
    {
        return None;
    }
    if c.peek() == Some(b',') {
        c.skip(1)?;
    }
    c.byte(b' ')?;
    c.blanks();
    if c.peek()?.is_ascii_digit() {
        day_first(c)
    } else {
        month_name_first(c)
    }
}

/// `07:30:00`, `7:30:00.123456`, `07:30:00,123`.
fn clock(c: &mut Cursor<'_>) -> Option<Clock> {
    c.attempt(|c| {
        let hour = c.digits_up_to(2)? as u8;
        c.byte(b':')?;
        let minute = c.digits(2)? as u8;
        c.byte(b':')?;
        let second = c.digits(2)? as u8;
        let fraction = c.attempt(|c| {
            c.one_of(b".,:")?;
            let digits = c.take_while(|b| b.is_ascii_digit());
            (!digits.is_empty()).then_some(digits)
        });
        Some(Clock {
            hms: (hour, minute, second),
            micros: fraction.map_or(0, micros_of),
        })
    })
}

fn micros_of(fraction: &str) -> u32 {
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    digits.fold(0, |sum, digit| {
        sum * 10 + u32::from(digit.saturating_sub(b'0').min(9))
    })
}

fn finish(c: &mut Cursor<'_>, date: Date, clock: Clock) -> Option<Stamp> {
    let local = Timestamp::from_civil(date, clock.hms, clock.micros)?;
    let secs = c.attempt(|c| {
        c.attempt(|c| c.byte(b' '));
        zone(c).or_else(|| zone_name(c))
    });
    let stamp = Stamp::Local(local);
    Some(secs.map_or(stamp, |secs| stamp.in_zone(secs)))
}

/// `Z`, `+07:00`, `+0700`, `+07`, with `GMT` or `UTC` before it or not. The inner value is seconds east.
fn zone(c: &mut Cursor<'_>) -> Option<i64> {
    c.attempt(|c| {
        if c.attempt(|c| c.one_of(b"Zz")).is_some() {
            let ends = !matches!(c.peek(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'));
            return ends.then_some(0);
        }
        c.attempt(|c| c.tag("GMT").or_else(|| c.tag("UTC")));
        let sign = c.one_of(b"+-")?;
        let hours = c.digits(2)?;
        c.attempt(|c| c.byte(b':'));
        let minutes = c.attempt(|c| c.digits(2)).unwrap_or(0);
        let ends = !c.peek().is_some_and(|b| b.is_ascii_digit());
        let size = hours * 3600 + minutes * 60;
        ends.then_some(if sign == b'-' { -size } else { size })
    })
}

/// Names of zones that mean one offset wherever they are written. (`CST`, `IST` and their like do not.)
fn zone_name(c: &mut Cursor<'_>) -> Option<i64> {
    c.attempt(|c| {
        let name = c.take_while(|b| b.is_ascii_uppercase());
        let ends = !matches!(c.peek(), Some(b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.'));
        if !ends {
            return None;
        }
        match name {
            "UTC" | "GMT" => Some(0),
            "ICT" => Some(7 * 3600),
            "CET" => Some(3600),
            "CEST" | "EET" => Some(2 * 3600),
            "EEST" | "MSK" => Some(3 * 3600),
            "EDT" => Some(-4 * 3600),
            "EST" | "CDT" => Some(-5 * 3600),
            "MDT" => Some(-6 * 3600),
            "PDT" | "MST" => Some(-7 * 3600),
            "PST" => Some(-8 * 3600),
            "JST" | "KST" => Some(9 * 3600),
            _ => None,
        }
    })
}

fn month_name(c: &mut Cursor<'_>) -> Option<u8> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    c.attempt(|c| {
        let word = c.take_while(|b| b.is_ascii_alphabetic());
        let head = word.get(..3)?;
        let number = MONTHS
            .iter()
            .position(|month| month.eq_ignore_ascii_case(head))
            .filter(|_| word.len() <= 9)?;
        Some(number as u8 + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Anchor;

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        for text in [
            "2026-11-22T07:30:00Z",
            "2026-11-22T07:30:00.123Z",
            "2026-11-22 07:30:00.123456789",
            "2024-02-29T23:59:60Z",
            "2026-11-22T07:30:00",
        ] {
            let long = prefix(text)
                .filter(|(_, rest)| rest.is_empty())
                .map(|(stamp, _)| stamp);
            assert_eq!(iso(text), long, "{text}");
        }
        for text in [
            "2026-11-22T07:30:00+07:00",
            "2026-11-22T07:30:00.Z",
            "2026-13-22T07:30:00Z",
            "2026-11-22T07:30:0xZ",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    fn read(text: &str) -> String {
        let anchor = Anchor {
            received_at: Timestamp::parse_rfc3339("2026-11-23T00:00:00Z").unwrap(),
            zone_secs: 0,
        };
        match prefix(text) {
            Some((stamp, rest)) => format!("{} |{rest}", anchor.resolve(stamp).unwrap()),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn every_way_of_writing_the_same_second() {
        for text in [
            "2026-11-22T07:30:00+07:00",
            "2026-11-22T00:30:00Z",
            "2026-11-22 00:30:00",
            "2026-11-22 00:30:00,000",
            "2026-11-22 07:30:00 +0700",
            "2026/11/22 00:30:00",
            "2026 Nov 22 00:30:00",
            "22/Nov/2026:07:30:00 +0700",
            "22-Nov-2026 00:30:00.000",
            "22 Nov 2026 00:30:00",
            "22.11.2026 00:30:00",
            "22/11/2026 00:30:00",
            "11/22/2026 12:30:00 AM",
            "20261122 00:30:00",
            "20261122-003000",
            "261122  0:30:00",
            "Nov 22 00:30:00",
            "Nov 22 2026 00:30:00",
            "Nov 22 00:30:00 2026",
            "Nov 22, 2026 12:30:00 AM",
            "Sun Nov 22 00:30:00 2026",
            "Sun Nov 22 00:30:00.000000 2026",
            "Sun Nov 22 07:30:00 ICT 2026",
            "Sun, 22 Nov 2026 00:30:00 GMT",
            "Sun, 22 Nov 2026 07:30:00 +0700",
        ] {
            assert_eq!(read(text), "2026-11-22T00:30:00.000000Z |", "{text}");
        }
    }

    #[test]
    fn what_follows_is_left() {
        assert_eq!(
            read("Nov 22 00:30:00 host x"),
            "2026-11-22T00:30:00.000000Z | host x"
        );
        assert_eq!(
            read("Nov 22 00:30:00 2023-host x"),
            "2026-11-22T00:30:00.000000Z | 2023-host x"
        );
        assert_eq!(
            read("2026-11-22 00:30:00 Zebra"),
            "2026-11-22T00:30:00.000000Z | Zebra"
        );
        assert_eq!(
            read("2026-11-22 00:30:00.5 [x]"),
            "2026-11-22T00:30:00.500000Z | [x]"
        );
    }

    #[test]
    fn no_dates() {
        for text in [
            "",
            "Nov",
            "Nov 22",
            "Nov 32 00:30:00",
            "Nov 22 25:30:00",
            "Feb 30 00:00:00",
            "2026-13-01 00:00:00",
            "2026-11-22",
            "Monday",
            "Monkey 22 Nov 2026 00:00:00",
            "99999999999999999999",
            "1/2/3",
            "Nov 22 00:30",
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }

    #[test]
    fn counted_from_the_epoch() {
        for text in [
            "1795307400",
            "1795307400.000",
            "1795307400000",
            "1795307400000000",
            "1795307400000000000",
        ] {
            let whole = Stamp::Instant(Timestamp::from_secs_micros(1_795_307_400, 0));
            assert_eq!(bare(text), Some(whole), "{text}");
        }
        assert_eq!(bare("12345"), None);
        assert_eq!(bare("1795307400x"), None);
    }
}
