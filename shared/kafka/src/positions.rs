//! How far a reader without a shared group is, told to the brokers now and then, for tools that watch its lag.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::time::Instant;

use crate::membership::Slot;
use crate::quiet::Quiet;

/// Nobody resumes from these positions: telling them more often would cost brokers and help nobody.
const EVERY: Duration = Duration::from_secs(1);

/// Positions that changed since they were last told.
#[derive(Debug)]
pub(crate) struct Positions {
    changed: BTreeMap<Slot, i64>,
    due: Instant,
}

impl Positions {
    pub(crate) fn new() -> Self {
        Self { changed: BTreeMap::new(), due: Instant::now() }
    }

    /// Takes the next offset of a partition.
    pub(crate) fn note(&mut self, slot: Slot, next: i64) {
        self.changed.insert(slot, next);
    }

    /// Tells what has changed, without waiting for an answer, if it was not done just before.
    pub(crate) fn tell_if_due(&mut self, consumer: &StreamConsumer<Quiet>) {
        if self.changed.is_empty() || Instant::now() < self.due {
            return;
        }
        self.due = Instant::now() + EVERY;
        if let Err(error) = self.tell(consumer) {
            tracing::debug!(%error, "positions not committed");
        }
    }

    fn tell(&mut self, consumer: &StreamConsumer<Quiet>) -> KafkaResult<()> {
        let mut list = TopicPartitionList::new();
        for ((topic, partition), next) in std::mem::take(&mut self.changed) {
            list.add_partition_offset(&topic, partition, Offset::Offset(next))?;
        }
        consumer.commit(&list, CommitMode::Async)
    }
}
