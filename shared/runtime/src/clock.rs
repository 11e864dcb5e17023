//! The one place that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds of real time since the Unix epoch.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one clock")]
pub fn now_ms() -> i64 {
    let since_epoch =
        SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock shows a time after 1970");
    i64::try_from(since_epoch.as_millis()).expect("fits until the year 292 million")
}
