//! All spans of time of the service, from the speed of the city's clock.

use domain::CityClock;
use domain::window::{Intervals, at_least_a_real_second};

/// Spans of time; city time unless a name says real.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// What reports are summed over.
    pub intervals: Intervals,
    /// How late a report may be, by event time, and still count.
    pub lateness_ms: i64,
    /// Idle drivers are averaged over this.
    pub supply_window_ms: i64,
    /// Speeds are averaged over this.
    pub speed_window_ms: i64,
    /// Requests are counted over this.
    pub demand_window_ms: i64,
    /// Without observations for this long the clock moves the windows on.
    pub silence_ms: i64,
    /// An active zone is published at least this often.
    pub refresh_ms: i64,
    /// A zone without requests and drivers for this long is retired.
    pub quiet_ms: i64,
    /// Real time between evaluations.
    pub evaluate_every_real_ms: i64,
    /// Real time between emissions of observations.
    pub emit_every_real_ms: i64,
}

/// A zone is evaluated after this much city time at the earliest ...
const EVALUATE_EVERY_CITY_MS: f64 = 10_000.0;

/// ... and after this much real time at the latest, in however slow a city.
const EVALUATE_AT_LATEST_REAL_MS: f64 = 60_000.0;

impl Pace {
    /// Intervals of ten seconds, windows of one, two and five minutes; in a fast city none is shorter than a second
    /// of real time, so that the work is bound by real time.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "clamped to at most a minute first"
    )]
    pub fn new(clock: &CityClock, evaluate_every_real_ms: i64) -> Self {
        let span_ms = |city_ms| at_least_a_real_second(city_ms, clock.speed());
        let ten_city_seconds = EVALUATE_EVERY_CITY_MS / clock.speed();
        let evaluate = ten_city_seconds.max(evaluate_every_real_ms as f64).min(EVALUATE_AT_LATEST_REAL_MS);
        Self {
            intervals: Intervals { length_ms: span_ms(10_000) },
            lateness_ms: span_ms(15_000),
            supply_window_ms: span_ms(60_000),
            speed_window_ms: span_ms(120_000),
            demand_window_ms: span_ms(300_000),
            silence_ms: 10 * span_ms(12_000),
            refresh_ms: span_ms(30_000),
            quiet_ms: span_ms(600_000),
            evaluate_every_real_ms: evaluate as i64,
            emit_every_real_ms: 1_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CityMs, RealMs};

    #[test]
    fn work_is_bound_by_real_time_however_fast_the_city() {
        for (speed, interval_ms, evaluate_ms) in
            [(1.0, 10_000, 10_000), (4.0, 10_000, 5_000), (60.0, 60_000, 5_000), (0.01, 10_000, 60_000)]
        {
            let pace = Pace::new(&CityClock::new(RealMs(0), CityMs(0), speed), 5_000);
            assert_eq!(pace.intervals.length_ms, interval_ms, "speed {speed}");
            assert_eq!(pace.evaluate_every_real_ms, evaluate_ms, "speed {speed}");
        }
    }
}
