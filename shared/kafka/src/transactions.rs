//! How many transactions there are, how they end and how long they take.

use std::time::Instant;

use figures::{Counter, Spread, Stats};

use crate::metrics;

/// Figures of a transactional producer.
#[derive(Clone, Debug)]
pub(crate) struct Transactions {
    begun: Counter,
    committed: Spread,
    aborted: Spread,
}

impl Transactions {
    pub(crate) fn shown_in(stats: &Stats) -> Self {
        let ended = |result| stats.spread_of(&metrics::TRANSACTION_TIME, &[result]);
        Self {
            begun: stats.counter(&metrics::TRANSACTIONS_BEGUN),
            committed: ended("committed"),
            aborted: ended("aborted"),
        }
    }

    /// One begins, at the moment that is given back.
    pub(crate) fn begin(&self) -> Instant {
        self.begun.add(1);
        Instant::now()
    }

    pub(crate) fn committed(&self, began: Instant) {
        self.committed.record_time(began.elapsed());
    }

    pub(crate) fn aborted(&self, began: Instant) {
        self.aborted.record_time(began.elapsed());
    }
}
