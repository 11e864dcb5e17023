//! The course of a turn: ours and the bare pipeline's.

use std::time::Duration;

use crate::scenario::Plan;

/// How long a turn takes, part by part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// Drivers come on shift.
    pub(super) ramp: Duration,
    /// All drivers report, but it does not count yet: compilers and caches warm up, and groups make up for what they
    /// left lying. What `hailstorm load` leaves out of its figures.
    warm_up: Duration,
    /// What counts.
    pub(super) counted: Duration,
}

impl Times {
    pub(super) fn of(plan: Plan) -> Self {
        let counted_s = if plan.quick { 15 } else { 60 };
        let [ramp, counted] = [60, counted_s].map(Duration::from_secs);
        Self { ramp, warm_up: loadgen::WARM_UP, counted }
    }

    /// From the first report until it counts.
    pub(super) fn before(self) -> Duration {
        self.ramp + self.warm_up
    }

    /// From the first report until the city closes.
    pub(super) fn whole(self) -> Duration {
        self.before() + self.counted
    }
}

/// As an option takes it, in whole seconds.
pub(super) fn option(time: Duration) -> String {
    format!("{}s", time.as_secs())
}
