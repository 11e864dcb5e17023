//! How bare loops collect records: in batches of the size and the age that the service beside them has.

use std::time::Duration;

use kafka::Reading;

/// When a batch is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batches {
    /// Most records.
    pub(crate) most: usize,
    /// Longest wait.
    pub(crate) linger: Duration,
    /// What matters more, size or haste.
    pub(crate) reading: Reading,
}

impl Batches {
    pub(crate) const LIVE_LOCATION: Self =
        Self::bulk(live_location::MAX_RECORDS, Duration::from_millis(live_location::LINGER_MS));
    pub(crate) const ARCHIVER: Self = Self::bulk(archiver::BATCH as usize, archiver::INTERVAL);
    pub(crate) const ETA: Self = Self::bulk(eta::MAX_RECORDS, eta::LINGER);
    pub(crate) const FARE: Self = Self::bulk(fare::MAX_RECORDS, fare::LINGER);
    pub(crate) const ZONES: Self = Self::bulk(zones::MAX_RECORDS, zones::LINGER);
    pub(crate) const TRIPS: Self = Self::commands(trips::MAX_RECORDS, trips::LINGER, trips::PACE);
    pub(crate) const MATCHING: Self =
        Self::commands(matching::MAX_RECORDS, matching::linger(matching::WINDOW_MS), matching::PACE);
    pub(crate) const DRIVERS: Self = Self::commands(drivers::MAX_RECORDS, drivers::LINGER, drivers::PACE);

    const fn bulk(most: usize, linger: Duration) -> Self {
        Self { most, linger, reading: Reading::Bulk }
    }

    const fn commands(most: usize, linger: Duration, pace: Duration) -> Self {
        Self { most, linger, reading: Reading::Commands { pace } }
    }
}
