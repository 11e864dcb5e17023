//! What an instance that needs everything reads, and whether it has read its tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use events::Topic;

/// What an instance that needs everything reads.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Topics of which it reads what comes, from the moment it starts.
    pub streams: Vec<&'static Topic>,
    /// Compacted topics that it reads from the beginning and then follows.
    pub tables: Vec<&'static Topic>,
    /// Fetches what comes at once, at the price of many small answers; otherwise up to 100 ms are collected.
    pub eager: bool,
    /// Most records of a batch.
    pub max_records: usize,
    /// Longest wait for a batch.
    pub linger: Duration,
}

/// Whether the tables of a [`Broadcast`](crate::Broadcast) were read to the end they had at its start, and dealt with.
#[derive(Clone, Debug, Default)]
pub struct TablesRead(Arc<AtomicBool>);

impl TablesRead {
    /// Whether they were.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn set_done(&self) {
        self.0.store(true, Ordering::Release);
    }
}
