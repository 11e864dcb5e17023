//! What counts of a run: the time between its warm-up and its closing.

use std::time::{Duration, Instant};

use loadgen::WARM_UP;

/// What becomes of a run, in this order; a short one closes before it is warm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// From now on it counts.
    Warm,
    /// From now on it counts no more.
    Closing,
}

/// Tells each turn of a run once.
#[derive(Debug)]
pub(super) struct Phases {
    warms: Option<Instant>,
    is_open: bool,
}

impl Phases {
    /// Of a run whose city opens at this moment, and whose drivers come on shift over so long.
    pub(super) fn new(opens: Instant, ramp: Duration) -> Self {
        Self { warms: Some(opens + ramp + WARM_UP), is_open: true }
    }

    /// The turn that has come since the last look, if one has.
    pub(super) fn look(&mut self, now: Instant, is_closing: bool) -> Option<Turn> {
        if self.is_open && is_closing {
            *self = Self { warms: None, is_open: false };
            return Some(Turn::Closing);
        }
        self.warms.take_if(|at| now > *at).map(|_| Turn::Warm)
    }

    /// Whether it has not begun to close.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The turns of a run with a ramp of ten seconds, looked at each second; it closes after so many.
    fn turns(run_for_s: u64) -> Vec<(u64, Turn)> {
        let opens = Instant::now();
        let mut phases = Phases::new(opens, Duration::from_secs(10));
        let mut look = |s| phases.look(opens + Duration::from_secs(s), s > run_for_s).map(|turn| (s, turn));
        (0..200).filter_map(&mut look).collect()
    }

    #[test]
    fn what_counts_begins_a_minute_after_all_are_on_shift() {
        assert_eq!(turns(120), [(71, Turn::Warm), (121, Turn::Closing)]);
    }

    #[test]
    fn a_run_that_closes_before_it_is_warm_counts_as_a_whole() {
        assert_eq!(turns(60), [(61, Turn::Closing)]);
        assert_eq!(turns(70), [(71, Turn::Closing)]);
    }
}
