//! Times in milliseconds by how often they came: small enough to keep one a second and member.

use std::collections::BTreeMap;

use serde::Serialize;

/// How often each time came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times(BTreeMap<u64, u64>);

/// Median and 99th percentile, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: u64,
    pub(crate) p99: u64,
}

impl Times {
    /// The times of an encoded histogram; none if it can't be read.
    pub(crate) fn decode(encoded: &str) -> Self {
        let histogram = runtime::merge_histograms([encoded]);
        let recorded = histogram.iter_recorded();
        Self(recorded.map(|step| (step.value_iterated_to(), step.count_at_value())).collect())
    }

    /// Counts a time; a negative one (clocks differ) as 0.
    pub(crate) fn record_ms(&mut self, ms: i64) {
        *self.0.entry(u64::try_from(ms).unwrap_or(0)).or_default() += 1;
    }

    /// Adds others to these.
    pub(crate) fn add(&mut self, others: &Self) {
        for (ms, count) in &others.0 {
            *self.0.entry(*ms).or_default() += count;
        }
    }

    /// What came since an earlier count; `None` if that one had more of anything: the counting began anew.
    pub(crate) fn since(&self, before: &Self) -> Option<Self> {
        let mut grown = self.clone();
        for (ms, count) in &before.0 {
            let now = grown.0.get_mut(ms)?;
            *now = now.checked_sub(*count)?;
        }
        grown.0.retain(|_, count| *count > 0);
        Some(grown)
    }

    /// Median and 99th percentile; `None` of nothing.
    pub(crate) fn quantiles(&self) -> Option<Quantiles> {
        let all: u64 = self.0.values().sum();
        if all == 0 {
            return None;
        }
        // The time of the n-th of them in order, n counted from 1 and rounded up.
        let nth = |percent: u64| {
            let wanted = (all * percent).div_ceil(100);
            let mut passed = 0;
            self.0.iter().find_map(|(ms, count)| {
                passed += count;
                (passed >= wanted).then_some(*ms)
            })
        };
        Some(Quantiles { p50: nth(50)?, p99: nth(99)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(parts: &[(i64, usize)]) -> Times {
        let mut times = Times::default();
        parts.iter().for_each(|(ms, count)| (0..*count).for_each(|_| times.record_ms(*ms)));
        times
    }

    #[test]
    fn quantiles_are_times_that_came() {
        for (parts, expected) in [
            (&[][..], None),
            (&[(-5, 1)], Some((0, 0))),
            (&[(10, 1), (20, 1)], Some((10, 20))),
            (&[(10, 98), (500, 2)], Some((10, 500))),
            (&[(10, 99), (500, 1)], Some((10, 10))),
            (&[(7, 1000)], Some((7, 7))),
        ] {
            let quantiles = times(parts).quantiles().map(|Quantiles { p50, p99 }| (p50, p99));
            assert_eq!(quantiles, expected, "{parts:?}");
        }
    }

    #[test]
    fn what_came_since_is_the_difference_unless_counting_began_anew() {
        let before = times(&[(10, 3), (20, 1)]);
        let after = times(&[(10, 5), (20, 1), (30, 2)]);
        assert_eq!(after.since(&before), Some(times(&[(10, 2), (30, 2)])));
        assert_eq!(before.since(&before), Some(Times::default()));
        assert_eq!(times(&[(10, 9)]).since(&before), None);
        assert_eq!(times(&[(10, 2), (20, 1)]).since(&before), None);
    }

    #[test]
    fn a_histogram_of_the_figures_is_read_back() {
        static X: runtime::Metric = runtime::Metric::only_in_lines("x_ms", "x");
        let stats = runtime::Stats::default();
        let histogram = stats.histogram(&X);
        [3, 3, 40].iter().for_each(|ms| histogram.record_ms(*ms));
        let line = stats.line("m-1");
        assert_eq!(Times::decode(&line.histograms["x_ms"]), times(&[(3, 2), (40, 1)]));
        assert_eq!(Times::decode("no histogram"), Times::default());
    }
}
