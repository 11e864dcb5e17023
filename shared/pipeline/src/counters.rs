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
