//! What a group reads, and how.

use std::time::Duration;

use events::Topic;

/// What a group reads.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The group, without the namespace.
    pub group: &'static str,
    /// Topics whose partitions the members share.
    pub topics: Vec<&'static Topic>,
    /// Compacted topics restored partition by partition on assignment.
    pub tables: Vec<&'static Topic>,
    /// Compacted topics that every member reads whole.
    pub followed: Vec<&'static Topic>,
    /// How eagerly to fetch.
    pub reading: Reading,
    /// Most records of a batch.
    pub max_records: usize,
    /// Longest wait for a batch.
    pub linger: Duration,
}

/// What matters more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Few large fetches; a batch is collected for the whole linger time.
    Bulk,
    /// Low latency; a batch ends with its first record, but begins `pace` after the last one at the earliest: what a
    /// transaction or a commit costs, servers included, hardly depends on how much is in it. A command that comes
    /// after a quiet moment does not wait at all.
    Commands {
        /// Shortest time from batch to batch.
        pace: Duration,
    },
}
