//! What live-location counts beside what every runner does.

use runtime::{Metric, SECONDS};

/// All metrics of this crate.
pub static ALL: [&Metric; 5] = [&REPORT_TO_REDIS, &WRITTEN, &FENCED, &BELOW_WATERMARK, &SWEPT];

/// Time from report to Redis.
pub static REPORT_TO_REDIS: Metric = Metric::histogram(
    "hailstorm_report_to_redis_seconds",
    SECONDS,
    "Time from when a location report was due (by the API: was written to Kafka) until Redis had it",
)
.in_ms()
.in_lines("report_to_redis_ms");

/// Drivers written.
pub static WRITTEN: Metric =
    Metric::counter("hailstorm_redis_updates_total", "Updates of drivers that were written to Redis")
        .in_lines("redis_updates");

/// Updates refused.
pub static FENCED: Metric = Metric::counter(
    "hailstorm_redis_fenced_updates_total",
    "Updates that were left out since another member has the partition",
)
.in_lines("redis_fenced");

/// Updates too old.
pub static BELOW_WATERMARK: Metric = Metric::counter(
    "hailstorm_redis_old_updates_total",
    "Updates that were left out since Redis has newer ones of the partition",
)
.in_lines("redis_below_watermark");

/// Drivers swept.
pub static SWEPT: Metric =
    Metric::counter("hailstorm_redis_swept_drivers_total", "Silent drivers that were taken out of Redis")
        .in_lines("redis_swept");
