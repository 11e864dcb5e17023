//! A member of a group in a bare loop: batches of messages, and a commit behind each.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::OnceLock;

use anyhow::Context;
use futures::StreamExt;
use kafka::{Reading, Settings};
use rdkafka::consumer::{
    BaseConsumer, CommitMode, Consumer, ConsumerContext, ConsumerGroupMetadata, Rebalance, StreamConsumer,
};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::{ClientContext, Message};
use tokio::time::Instant;

use crate::batches::Batches;
use crate::clients;
use crate::cpu::{Sample, Servers};

/// Looks at the clock when the group gives it partitions.
#[derive(Debug, Default)]
pub(crate) struct Assignment {
    servers: Servers,
    seen: OnceLock<Sample>,
}

impl ClientContext for Assignment {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "kafka client");
    }
}

impl ConsumerContext for Assignment {
    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let (Rebalance::Assign(_), Ok(sample)) = (rebalance, Sample::of_self(&self.servers)) {
            // Only the first counts.
            let _ = self.seen.set(sample);
        }
    }
}

/// A consumer of topics.
pub(crate) struct BareReader {
    consumer: StreamConsumer<Assignment>,
    topics: Vec<String>,
    batches: Batches,
    /// By the topic's place among them, and the partition.
    next: BTreeMap<(usize, i32), i64>,
    /// When the last batch with a record in it was complete.
    last_batch_at: Instant,
}

impl BareReader {
    pub(crate) fn join(
        settings: &Settings,
        group: &str,
        topics: &[&str],
        batches: Batches,
        servers: Servers,
    ) -> anyhow::Result<Self> {
        let context = Assignment { servers, seen: OnceLock::new() };
        let consumer: StreamConsumer<Assignment> = clients::consumer(settings, group, batches.reading)
            .create_with_context(context)
            .context("failed to make a Kafka consumer")?;
        let topics: Vec<String> = topics.iter().map(|topic| settings.full_name(topic)).collect();
        let names: Vec<&str> = topics.iter().map(String::as_str).collect();
        consumer.subscribe(&names).context("failed to subscribe")?;
        Ok(Self { consumer, topics, batches, next: BTreeMap::new(), last_batch_at: Instant::now() })
    }

    /// Takes messages until the batch is full, or until time is up, and says how many there were.
    pub(crate) async fn read(
        &mut self,
        mut take: impl FnMut(&BorrowedMessage<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<usize> {
        let mut time_is_up = pin!(tokio::time::sleep(self.batches.linger));
        let mut stream = self.consumer.stream();
        let mut count = 0;
        while count < self.batches.most {
            let message = tokio::select! {
                biased;
                message = stream.next() => message.context("the stream of a consumer never ends")?,
                () = &mut time_is_up => break,
            };
            let message = message.context("failed to read from Kafka")?;
            take(&message)?;
            let topic = place(&self.topics, &message)?;
            self.next.insert((topic, message.partition()), message.offset() + 1);
            count += 1;
            if let (1, Reading::Commands { pace }) = (count, self.batches.reading) {
                time_is_up.as_mut().reset(self.last_batch_at + pace);
            }
        }
        if count > 0 {
            self.last_batch_at = Instant::now();
        }
        Ok(count)
    }

    /// What was taken and not yet committed, as offsets to commit.
    pub(crate) fn take_offsets(&mut self) -> anyhow::Result<TopicPartitionList> {
        let mut list = TopicPartitionList::new();
        for ((topic, partition), next) in std::mem::take(&mut self.next) {
            list.add_partition_offset(&self.topics[topic], partition, Offset::Offset(next))?;
        }
        Ok(list)
    }

    /// Commits what was taken.
    pub(crate) fn commit(&mut self) -> anyhow::Result<()> {
        let list = self.take_offsets()?;
        if list.count() == 0 {
            return Ok(());
        }
        tokio::task::block_in_place(|| self.consumer.commit(&list, CommitMode::Sync))
            .context("failed to commit")
    }

    /// The group as a transaction that commits offsets has to name it.
    pub(crate) fn group(&self) -> anyhow::Result<ConsumerGroupMetadata> {
        self.consumer.group_metadata().context("the consumer is in no group")
    }

    /// How things were when partitions came.
    pub(crate) fn assigned(&self) -> Option<&Sample> {
        self.consumer.context().seen.get()
    }
}

/// Where the topic of a message stands among those that are read; asked of every report, so its name is not looked at
/// where there is only one.
fn place(topics: &[String], message: &BorrowedMessage<'_>) -> anyhow::Result<usize> {
    if topics.len() == 1 {
        return Ok(0);
    }
    let topic = message.topic();
    topics.iter().position(|name| name == topic).with_context(|| format!("{topic} was not asked for"))
}
