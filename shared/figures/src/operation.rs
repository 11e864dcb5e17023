//! An operation on a store: how long it takes, and whether it succeeds.

use std::time::Instant;

use crate::{Metric, Spread, Stats};

/// Times of one kind of operation, by how it ends. Clones share them.
#[derive(Clone, Debug)]
pub struct Operation {
    ok: Spread,
    failed: Spread,
}

impl Operation {
    /// The times of the operation `name` on `system`, in a metric by system, operation and result.
    #[must_use]
    pub fn of(stats: &Stats, metric: &'static Metric, system: &str, name: &str) -> Self {
        let spread = |result| stats.spread_of(metric, &[system, name, result]);
        Self { ok: spread("ok"), failed: spread("error") }
    }

    /// Waits for an operation and takes its time.
    ///
    /// # Errors
    /// Those of the operation.
    pub async fn time<T, E>(&self, operation: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let began = Instant::now();
        let result = operation.await;
        let times = if result.is_ok() { &self.ok } else { &self.failed };
        times.record_time(began.elapsed());
        result
    }
}
