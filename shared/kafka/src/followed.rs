//! Tables that are read whole by every member, outside the group.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use events::Topic;
use pipeline::Batch;
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::message::record_of;
use crate::patience::{REQUEST_TIMEOUT, patiently};
use crate::quiet::{Quiet, Reader};
use crate::{Settings, config, partitions};

/// Most records taken between two batches, so that a busy table can't starve them.
const SLICE: usize = 2000;

/// A reader of all partitions of a table.
pub(crate) struct Followed {
    consumer: Reader,
    settings: Settings,
    /// Partitions whose end was not reached yet. The end of a partition is told without its topic: one topic a reader.
    behind: BTreeSet<i32>,
}

impl Followed {
    /// Starts at the beginning of all partitions.
    pub(crate) fn start(settings: &Settings, topic: &Topic, member: &str) -> anyhow::Result<Self> {
        let consumer: Reader = config::reader(settings, &format!("{member}-followed"), true)
            .set("fetch.wait.max.ms", "250")
            .create_with_context(Quiet)
            .context("failed to make a Kafka consumer")?;
        let mut list = TopicPartitionList::new();
        let name = settings.full_name(topic.name);
        let partitions = partition_count(&consumer, &name)?;
        for partition in 0..partitions {
            list.add_partition_offset(&name, partition, Offset::Beginning)?;
        }
        consumer.assign(&list).context("failed to read a table")?;
        Ok(Self { consumer, settings: settings.clone(), behind: (0..partitions).collect() })
    }

    /// Adds what came in; the first time waits until the tables are read to their end.
    pub(crate) fn fill(&mut self, batch: &mut Batch) -> anyhow::Result<()> {
        while batch.len() < SLICE || !self.behind.is_empty() {
            let wait = if self.behind.is_empty() { Duration::ZERO } else { Duration::from_millis(100) };
            match self.consumer.poll(wait) {
                Some(Ok(message)) => {
                    batch.push_followed(&record_of(&message, self.settings.base_name(message.topic())))
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    self.behind.remove(&partition);
                }

                Some(Err(error)) => tracing::debug!(%error, "the Kafka client goes on by itself"),
                None if self.behind.is_empty() => break,
                None => (),
            }
        }
        Ok(())
    }
}

/// How many partitions a topic has.
pub(crate) fn partition_count(consumer: &Reader, name: &str) -> anyhow::Result<i32> {
    let count = patiently(&format!("read the partitions of topic {name}"), || {
        partitions::count(consumer.client(), name, REQUEST_TIMEOUT)
    })?;
    count.with_context(|| partitions::no_such_topic(name))
}
