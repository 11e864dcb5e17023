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

    /// Waits for an operation and takes its time. One that is given up in between, since it took too long, has failed.
    ///
    /// # Errors
    /// Those of the operation.
    pub async fn time<T, E>(&self, operation: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut under_way = UnderWay { began: Instant::now(), times: &self.failed };
        let result = operation.await;
        if result.is_ok() {
            under_way.times = &self.ok;
        }
        result
    }
}

/// An operation until it ends, however it does.
struct UnderWay<'a> {
    began: Instant,
    times: &'a Spread,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.times.record_time(self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::SECONDS;

    static TIME: Metric =
        Metric::histogram("time_seconds", SECONDS, "Time of an operation").by(&["system", "name", "result"]);

    #[test]
    fn an_operation_counts_by_how_it_ends_also_when_it_is_given_up() {
        let operation = Operation::of(&Stats::default(), &TIME, "redis", "search");
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(operation.time(ready(Ok::<(), ()>(())))).poll(&mut context).is_ready());
        assert!(pin!(operation.time(ready(Err::<(), ()>(())))).poll(&mut context).is_ready());
        {
            let mut endless = pin!(operation.time(pending::<Result<(), ()>>()));
            assert!(endless.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!((operation.ok.buckets().count(), operation.failed.buckets().count()), (1, 2));
    }
}
