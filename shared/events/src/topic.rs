//! What a topic is: a name, what its records are kept by, and for how long.

use std::time::Duration;

/// Partitions of every topic unless an option says otherwise.
pub const DEFAULT_PARTITIONS: i32 = 12;

/// Partitions for a load on this machine: one for each processor, the default at most. They are how many members can
/// share the work; more only make batches smaller, and each is a request to the broker.
#[must_use]
pub fn partitions_for_this_machine() -> i32 {
    partitions_for(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

fn partitions_for(processors: usize) -> i32 {
    i32::try_from(processors).unwrap_or(i32::MAX).min(DEFAULT_PARTITIONS)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_has_a_partition_for_each_processor_up_to_the_default() {
        assert_eq!([1, 2, 12, 64].map(partitions_for), [1, 2, 12, 12]);
    }
}
