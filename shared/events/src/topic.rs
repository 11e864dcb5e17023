//! What a topic is: a name, what its records are kept by, and for how long.

use std::time::Duration;

/// Partitions of every topic unless an option says otherwise.
pub const DEFAULT_PARTITIONS: i32 = 12;

/// Retention of dead letters: long enough for a person to come back from holidays.
pub const DEAD_LETTER_RETENTION: Duration = hours(14 * 24);

/// Which topics share a partitioning, so that equal partition numbers hold equal keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// By driver id (murmur2 of the key, as Java clients do).
    Driver,
    /// By pickup zone (`Zone::partition`), whatever the key.
    Zone,
}

/// What the broker does with old records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    /// Removes records older than this.
    Delete(Duration),
    /// Keeps the newest record of each key; a null payload removes the key.
    Compact,
}

/// The contract of one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The name, without the namespace of a run.
    pub name: &'static str,
    /// What its records are partitioned by.
    pub family: Family,
    /// How long they stay.
    pub cleanup: Cleanup,
}

impl Topic {
    /// The name of the topic that takes this topic's rejected records.
    #[must_use]
    pub fn dead_letters(&self) -> String {
        format!("{}.dlq", self.name)
    }
}

/// A duration in hours, for retention.
#[must_use]
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}
