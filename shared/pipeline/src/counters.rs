//! What a runner counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Counts of one runner, shared with whoever shows them.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Mutex<Snapshot>>);

/// The counts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Records handled.
    pub records: u64,
    /// Batches with at least one record.
    pub batches: u64,
    /// Effects delivered.
    pub effects: u64,
    /// Records skipped, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Records rejected, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Sink failures that were tried again.
    pub retries: u64,
    /// Transactions that were aborted.
    pub aborts: u64,
    /// Assignments and revocations.
    pub rebalances: u64,
    /// Table records taken in while restoring.
    pub restored: u64,
    /// Partition numbers held now.
    pub partitions: u64,
    /// Timestamp of the oldest record of the batch that is being dealt with; 0 between batches.
    pub pending_since_ms: i64,
    /// The greatest age (now minus record time, ms) of a record when its batch was done, since the last look.
    pub max_age_ms: i64,
}

impl Counters {
    /// All counts; the greatest age starts anew.
    #[must_use]
    pub fn take(&self) -> Snapshot {
        let mut counts = self.lock();
        let snapshot = counts.clone();
        counts.max_age_ms = 0;
        snapshot
    }

    /// Changes the counts.
    pub fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        self.0.lock().expect("nobody panics while counting")
    }
}

impl Snapshot {
    /// The counts as named numbers.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, i64)> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut pairs = vec![
            ("records".to_owned(), number(self.records)),
            ("batches".to_owned(), number(self.batches)),
            ("effects".to_owned(), number(self.effects)),
            ("retries".to_owned(), number(self.retries)),
            ("aborts".to_owned(), number(self.aborts)),
            ("rebalances".to_owned(), number(self.rebalances)),
            ("restored".to_owned(), number(self.restored)),
            ("partitions".to_owned(), number(self.partitions)),
            ("pending_since_ms".to_owned(), self.pending_since_ms),
            ("max_age_ms".to_owned(), self.max_age_ms),
        ];
        pairs
            .extend(self.skipped.iter().map(|(reason, count)| (format!("skipped.{reason}"), number(*count))));
        pairs.extend(
            self.rejected.iter().map(|(reason, count)| (format!("rejected.{reason}"), number(*count))),
        );
        pairs
    }
}
