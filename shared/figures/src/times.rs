//! Times to three significant figures, for exact quantiles.

use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer, V2Serializer};

use crate::spread::Buckets;

/// The longest time a histogram holds: an hour, in ms. Longer ones count as that.
const LONGEST_MS: u64 = 3_600_000;

/// Times in milliseconds, to three significant figures.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Mutex<Times>>);

#[derive(Debug)]
struct Times {
    recorded: hdrhistogram::Histogram<u64>,
    /// Exact, unlike what could be made of the histogram.
    sum_ms: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Times { recorded: empty(), sum_ms: 0 })))
    }
}

impl Histogram {
    /// Adds a time; negative ones (clocks differ) count as 0.
    pub fn record_ms(&self, ms: i64) {
        self.record_many_ms(ms, 1);
    }

    /// Adds the same time several times.
    pub fn record_many_ms(&self, ms: i64, count: u64) {
        let ms = u64::try_from(ms).unwrap_or(0);
        let mut times = self.lock();
        times.recorded.saturating_record_n(ms, count);
        times.sum_ms = times.sum_ms.saturating_add(ms.saturating_mul(count));
    }

    pub(crate) fn encode(&self) -> String {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.lock().recorded, &mut bytes).expect("writing to memory succeeds");
        STANDARD.encode(bytes)
    }

    /// The times by these bounds, `parts` ms (or whatever was recorded) being one of the bounds' unit.
    #[expect(clippy::cast_precision_loss, reason = "an hour in ms is far below 2^52, sums are told as f64")]
    pub(crate) fn buckets(&self, bounds: &'static [f64], parts: u32) -> Buckets {
        let times = self.lock();
        let mut buckets = Buckets::new(bounds);
        for step in times.recorded.iter_recorded() {
            let value = times.recorded.lowest_equivalent(step.value_iterated_to());
            buckets.add(value as f64 / f64::from(parts), step.count_at_value());
        }
        buckets.sum = times.sum_ms as f64 / f64::from(parts);
        buckets
    }

    fn lock(&self) -> MutexGuard<'_, Times> {
        self.0.lock().expect("nobody panics while recording")
    }
}

pub(crate) fn empty() -> hdrhistogram::Histogram<u64> {
    hdrhistogram::Histogram::new_with_bounds(1, LONGEST_MS, 3).expect("the bounds are valid")
}
