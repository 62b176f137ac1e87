//! The one place where collectors ask what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use saola_event::Timestamp;

/// The wall clock, for stamping arrivals at the edge of the system. The engine never calls this.
#[expect(clippy::disallowed_methods, reason = "the edge where arrival times are made")]
pub fn now() -> Timestamp {
    let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
    };
    Timestamp::from_micros(micros)
}
