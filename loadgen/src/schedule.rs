//! How often it is looked who is due, and how long reports then wait for company: they belong together.

use std::time::Duration;

/// The time between two looks at the clock, and so how late a report may leave on a machine with time to spare. Everybody
/// who is due meanwhile reports at once, which wakes each thread on the way to the broker once: with 20 ms the load
/// generator took a third more processor time for a report.
pub(crate) const STEP: Duration = Duration::from_millis(50);

/// Reports of one look go to the broker together; the next ones are too far off to be waited for.
pub const REPORT_LINGER_MS: u32 = 5;

/// Lag, and what processes take, count from so long after all drivers are on shift: before, compilers and caches warm
/// up, and groups make up for what they left lying meanwhile.
pub const WARM_UP: Duration = Duration::from_secs(60);
