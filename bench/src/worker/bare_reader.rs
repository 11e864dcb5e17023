//! A member of a group in a bare loop: batches of messages, and a commit behind each.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use futures::StreamExt;
use kafka::Settings;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::{ClientContext, Message};

use crate::clients;
use crate::cpu::{Sample, Servers};
use crate::ground::TOPIC;

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

/// A consumer of the reports' topic.
pub(crate) struct BareReader {
    consumer: StreamConsumer<Assignment>,
    topic: String,
    next: BTreeMap<i32, i64>,
}

impl BareReader {
    pub(crate) fn join(settings: &Settings, group: &str, servers: Servers) -> anyhow::Result<Self> {
        let context = Assignment { servers, seen: OnceLock::new() };
        let consumer: StreamConsumer<Assignment> = clients::consumer(settings, group)
            .create_with_context(context)
            .context("failed to make a Kafka consumer")?;
        let topic = settings.full_name(TOPIC);
        consumer.subscribe(&[&topic]).context("failed to subscribe")?;
        Ok(Self { consumer, topic, next: BTreeMap::new() })
    }

    /// Takes messages until there are so many, or until time is up, and says how many there were.
    pub(crate) async fn read(
        &mut self,
        most: usize,
        linger: Duration,
        mut take: impl FnMut(&BorrowedMessage<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<usize> {
        let mut time_is_up = pin!(tokio::time::sleep(linger));
        let mut stream = self.consumer.stream();
        for count in 0..most {
            let message = tokio::select! {
                biased;
                message = stream.next() => message.context("the stream of a consumer never ends")?,
                () = &mut time_is_up => return Ok(count),
            };
            let message = message.context("failed to read from Kafka")?;
            take(&message)?;
            self.next.insert(message.partition(), message.offset() + 1);
        }
        Ok(most)
    }

    /// Commits what was taken.
    pub(crate) fn commit(&mut self) -> anyhow::Result<()> {
        if self.next.is_empty() {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        for (partition, next) in std::mem::take(&mut self.next) {
            list.add_partition_offset(&self.topic, partition, Offset::Offset(next))?;
        }
        tokio::task::block_in_place(|| self.consumer.commit(&list, CommitMode::Sync))
            .context("failed to commit")
    }

    /// How things were when partitions came.
    pub(crate) fn assigned(&self) -> Option<&Sample> {
        self.consumer.context().seen.get()
    }
}
