//! How far a group is: committed offsets, tallies of its members, lag.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::ends::ends;
use crate::ledger::Tally;
use crate::patience::{REQUEST_TIMEOUT, patiently};
use crate::quiet::{Quiet, Reader};
use crate::{Settings, config};

/// How far a group is in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupProgress {
    /// Topic, without the namespace.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// The committed offset, if any.
    pub committed: Option<i64>,
    /// Records dealt with, by member.
    pub consumed: BTreeMap<String, u64>,
}

/// Lag of a group: offsets between what is committed and the ends of its partitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupLag {
    /// In offsets (transaction markers count too).
    pub offsets: i64,
    /// Sum of the ends of all partitions: grows with every record.
    pub ends: i64,
}

/// Looks at one group from outside, without joining it.
pub struct GroupWatch {
    consumer: Reader,
    slots: Vec<(String, i32)>,
    settings: Settings,
}

impl GroupWatch {
    /// A watch over a group and its topics (named without the namespace).
    ///
    /// # Errors
    /// If a topic is not there or the broker does not answer.
    pub fn new(settings: &Settings, group: &str, topics: &[&str]) -> anyhow::Result<Self> {
        let mut client = config::reader(settings, "group-watch", true);
        client.set("group.id", settings.full_name(group));
        let consumer: Reader =
            client.create_with_context(Quiet).context("failed to make a Kafka consumer")?;
        let mut slots = Vec::new();
        for topic in topics {
            let name = settings.full_name(topic);
            let count = crate::followed::partition_count(&consumer, &name)?;
            slots.extend((0..count).map(|partition| (name.clone(), partition)));
        }
        Ok(Self { consumer, slots, settings: settings.clone() })
    }

    /// How far the group is in each partition.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub fn progress(&self) -> anyhow::Result<Vec<GroupProgress>> {
        let mut list = TopicPartitionList::new();
        for (topic, partition) in &self.slots {
            list.add_partition(topic, *partition);
        }
        let committed = patiently("read committed offsets", || {
            self.consumer.committed_offsets(list.clone(), REQUEST_TIMEOUT)
        })?;
        let elements = committed.elements();
        let progress = elements.iter().map(|element| GroupProgress {
            topic: self.settings.base_name(element.topic()).to_owned(),
            partition: element.partition(),
            committed: match element.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            },
            consumed: Tally::decode(element.metadata()).0,
        });
        Ok(progress.collect())
    }

    /// How far the group is behind.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub fn lag(&self) -> anyhow::Result<GroupLag> {
        let ends =
            patiently("read the ends of topics", || ends(&self.consumer, &self.slots, REQUEST_TIMEOUT))?;
        let (mut offsets, mut all_ends) = (0, 0);
        for progress in self.progress()? {
            let slot = (self.settings.full_name(&progress.topic), progress.partition);
            if let Some(end) = ends.get(&slot) {
                all_ends += end;
                offsets += (end - progress.committed.unwrap_or(0)).max(0);
            }
        }
        Ok(GroupLag { offsets, ends: all_ends })
    }

    /// Whether no record is left to read: between a committed offset and the end there may still lie what no reader
    /// sees, as the markers of transactions, and records of those that were aborted.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub fn is_at_end(&self) -> anyhow::Result<bool> {
        let ends =
            patiently("read the ends of topics", || ends(&self.consumer, &self.slots, REQUEST_TIMEOUT))?;
        let mut behind = TopicPartitionList::new();
        for progress in self.progress()? {
            let slot = (self.settings.full_name(&progress.topic), progress.partition);
            let from = progress.committed.unwrap_or(0);
            if ends.get(&slot).is_some_and(|end| from < *end) {
                behind.add_partition_offset(&slot.0, slot.1, Offset::Offset(from))?;
            }
        }
        self.sees_nothing(&behind)
    }

    /// Reads until the first record, or the ends of all these partitions.
    fn sees_nothing(&self, behind: &TopicPartitionList) -> anyhow::Result<bool> {
        self.consumer.assign(behind).context("failed to read topics")?;
        let deadline = Instant::now() + REQUEST_TIMEOUT;
        let mut open = behind.count();
        while open > 0 && Instant::now() < deadline {
            match self.consumer.poll(Duration::from_millis(100)) {
                Some(Ok(_record)) => break,
                Some(Err(KafkaError::PartitionEOF(_))) => open -= 1,
                Some(Err(error)) => tracing::debug!(%error, "the Kafka client goes on by itself"),
                None => (),
            }
        }
        self.consumer.unassign().context("failed to stop reading topics")?;
        Ok(open == 0)
    }
}
