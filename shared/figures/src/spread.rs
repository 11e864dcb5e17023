//! A histogram with the buckets that Prometheus is told, and nothing finer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many values lie below each bound of a metric, and their sum. For Prometheus only: `Histogram` is for those who
/// need exact quantiles.
#[derive(Clone, Debug)]
pub struct Spread(Arc<Mutex<Buckets>>);

/// The values so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Buckets {
    bounds: &'static [f64],
    /// One more than there are bounds.
    counts: Vec<u64>,
    pub(crate) sum: f64,
}

impl Spread {
    pub(crate) fn new(bounds: &'static [f64]) -> Self {
        Self(Arc::new(Mutex::new(Buckets::new(bounds))))
    }

    /// Adds a value, in the unit of the bounds.
    pub fn record(&self, value: f64) {
        self.0.lock().expect("nobody panics while recording").add(value, 1);
    }

    /// Adds a time to a metric in seconds.
    pub fn record_time(&self, time: Duration) {
        self.record(time.as_secs_f64());
    }

    /// Adds a number of things.
    #[expect(clippy::cast_precision_loss, reason = "a batch holds far less than 2^52")]
    pub fn record_count(&self, count: usize) {
        self.record(count as f64);
    }

    pub(crate) fn buckets(&self) -> Buckets {
        self.0.lock().expect("nobody panics while recording").clone()
    }
}

impl Buckets {
    pub(crate) fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    /// Counts a value so many times; a value on a bound lies below it.
    #[expect(clippy::cast_precision_loss, reason = "sums are told as f64")]
    pub(crate) fn add(&mut self, value: f64, count: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket] += count;
        self.sum += value * count as f64;
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Each upper bound and how many values lie between it and the bound before.
    pub(crate) fn parts(&self) -> Vec<(f64, u64)> {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        bounds.zip(self.counts.iter().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_below_their_bounds() {
        let spread = Spread::new(&[1.0, 10.0]);
        [0.0, 1.0, 1.5, 10.0, 11.0].iter().for_each(|value| spread.record(*value));
        spread.record_count(2);
        spread.record_time(Duration::from_millis(500));
        let buckets = spread.buckets();
        assert_eq!(buckets.parts(), [(1.0, 3), (10.0, 3), (f64::INFINITY, 1)]);
        assert_eq!((buckets.count(), buckets.sum), (7, 26.0));
    }
}
