//! The one place that reads the wall clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds of real time since the Unix epoch.
#[must_use]
pub fn now_ms() -> i64 {
    i64::try_from(since_epoch().as_millis()).expect("fits until the year 292 million")
}

/// Nanoseconds of real time since the Unix epoch.
#[must_use]
pub fn now_ns() -> u64 {
    u64::try_from(since_epoch().as_nanos()).expect("fits until the year 2554")
}

#[expect(clippy::disallowed_methods, reason = "the one clock")]
fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock shows a time after 1970")
}
