//! How long clients waited for their answers.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Figures};

/// Longer waits count as this: five minutes, which no turn takes.
const LONGEST_US: u64 = 300_000_000;

/// Waits that are still being collected, in microseconds, with three figures each.
#[derive(Clone, Debug)]
pub(crate) struct WaitTimes(Histogram<u64>);

/// What clients felt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waits {
    p50_ms: f64,
    p99_ms: f64,
    longest_s: f64,
}

impl Default for WaitTimes {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are valid"))
    }
}

impl WaitTimes {
    pub(crate) fn add(&mut self, wait: Duration) {
        self.0.saturating_record(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn add_all(&mut self, others: &Self) {
        self.0.add(&others.0).expect("all have the same bounds");
    }

    pub(crate) fn sum_up(&self) -> Waits {
        let ms = |us: u64| us as f64 / 1e3;
        Waits {
            p50_ms: ms(self.0.value_at_quantile(0.5)),
            p99_ms: ms(self.0.value_at_quantile(0.99)),
            longest_s: ms(self.0.max()) / 1e3,
        }
    }
}

impl Waits {
    /// Those of most clients.
    pub(crate) fn usual(&self) -> Figures {
        Figures::from([(Figure::WaitP50Ms, self.p50_ms), (Figure::WaitP99Ms, self.p99_ms)])
    }

    /// The longest too, which says something where there was trouble.
    pub(crate) fn all(&self) -> Figures {
        let mut figures = self.usual();
        figures.insert(Figure::LongestWaitS, self.longest_s);
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_of_many_clients_are_summed_up_together() {
        let (mut all, mut others) = (WaitTimes::default(), WaitTimes::default());
        (0..99).for_each(|_| all.add(Duration::from_millis(2)));
        others.add(Duration::from_secs(12));
        all.add_all(&others);
        let figures = all.sum_up().all();
        let near = |figure, value: f64| (figures[&figure] - value).abs() < value * 0.01;
        assert!(near(Figure::WaitP50Ms, 2.0) && near(Figure::WaitP99Ms, 2.0), "{figures:?}");
        assert!(near(Figure::LongestWaitS, 12.0), "{figures:?}");
        assert_eq!(all.sum_up().usual().len(), 2);
    }

    #[test]
    fn a_wait_without_end_counts_as_the_longest() {
        let mut all = WaitTimes::default();
        all.add(Duration::MAX);
        assert!((299.0..301.0).contains(&all.sum_up().longest_s));
    }
}
