//! Which records are old enough to be judged.

/// What follows from a record within Kafka and Redis must be there after this long: batches, timers and a
/// take-over by another member (up to 6 s) have passed then.
const SETTLE_MS: i64 = 15_000;

/// The archiver may wait up to 30 s for a full batch.
const ARCHIVE_MS: i64 = SETTLE_MS + 30_000;

/// The moment of an audit and whether the city still runs.
///
/// In a city that runs, records that were written shortly before have consequences that are still to come; they are
/// not judged. In a closed city everything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    now_ms: i64,
    closed: bool,
}

impl Cut {
    /// An audit that began at this (real) time.
    #[must_use]
    pub fn new(now_ms: i64, closed: bool) -> Self {
        Self { now_ms, closed }
    }

    /// When the audit began.
    #[must_use]
    pub fn now_ms(self) -> i64 {
        self.now_ms
    }

    /// Whether the city is closed: no trip is under way, every service has caught up.
    #[must_use]
    pub fn is_closed(self) -> bool {
        self.closed
    }

    /// Whether all that follows from a record of this time in Kafka and Redis must be there.
    #[must_use]
    pub fn is_settled(self, timestamp_ms: i64) -> bool {
        self.closed || timestamp_ms <= self.now_ms - SETTLE_MS
    }

    /// Whether a record of this time must be in MongoDB, or in the dead letters.
    #[must_use]
    pub fn is_archived(self, timestamp_ms: i64) -> bool {
        self.closed || timestamp_ms <= self.now_ms - ARCHIVE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_city_has_time_to_catch_up() {
        let cut = Cut::new(100_000, false);
        assert!(cut.is_settled(85_000) && !cut.is_settled(85_001));
        assert!(cut.is_archived(55_000) && !cut.is_archived(55_001));
        assert!(Cut::new(100_000, true).is_archived(99_999));
    }
}
