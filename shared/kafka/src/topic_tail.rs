//! Reading a topic whole or from a moment on, and then what is written to it, without a group.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;
use events::Topic;
use pipeline::Batch;
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::message::record_of;
use crate::patience::is_passing;
use crate::quiet::{Quiet, Reader};
use crate::{Settings, config, partitions};

/// Somebody waits for the first line: a broker that takes longer to answer is not there.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads all partitions of a topic: first up to their ends, then on.
pub struct TopicTail {
    consumer: Reader,
    settings: Settings,
    /// Partitions whose end was not reached yet.
    before_end: BTreeSet<i32>,
}

impl TopicTail {
    /// Starts at the beginning of all partitions, or at the first records that were written at `since_ms` or later
    /// (milliseconds of real time since the Unix epoch).
    ///
    /// # Errors
    /// If the topic is not there or the broker does not answer within seconds.
    pub fn open(settings: &Settings, topic: &Topic, since_ms: Option<i64>) -> anyhow::Result<Self> {
        let consumer: Reader = config::reader(settings, "topic-tail", true)
            // It may be looked at for hours: a request that waits for records is one a quarter of a second.
            .set("fetch.wait.max.ms", "250")
            .set("queued.max.messages.kbytes", "4096")
            .create_with_context(Quiet)
            .context("failed to make a Kafka consumer")?;
        let name = settings.full_name(topic.name);
        let count = partitions::count(consumer.client(), &name, ASK_TIMEOUT)
            .with_context(|| format!("failed to read the partitions of topic {name}"))?
            .with_context(|| partitions::no_such_topic(&name))?;
        let starts = starts(&consumer, &name, count, since_ms)
            .with_context(|| format!("failed to find the beginning in topic {name}"))?;
        consumer.assign(&starts).with_context(|| format!("failed to read topic {name}"))?;
        Ok(Self { consumer, settings: settings.clone(), before_end: (0..count).collect() })
    }

    /// Whether all has been read that was there when the end of each partition was reached.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.before_end.is_empty()
    }

    /// Adds what comes until the batch holds `most` records, the wait is over, or the last end is reached.
    ///
    /// # Errors
    /// If the broker refuses for good. While it is away it is waited for.
    pub fn read(&mut self, most: usize, wait: Duration, batch: &mut Batch) -> anyhow::Result<()> {
        let (deadline, was_at_end) = (Instant::now() + wait, self.is_at_end());
        while batch.len() < most && self.is_at_end() == was_at_end {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.consumer.poll(left) {
                Some(Ok(message)) => {
                    batch.push(&record_of(&message, self.settings.base_name(message.topic())));
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    self.before_end.remove(&partition);
                }
                Some(Err(error)) if is_passing(&error) => {
                    tracing::debug!(%error, "the Kafka client goes on by itself");
                }
                Some(Err(error)) => return Err(error).context("failed to read from Kafka"),
                None => break,
            }
        }
        Ok(())
    }
}

/// Where to begin in each partition.
fn starts(
    consumer: &Reader,
    name: &str,
    count: i32,
    since_ms: Option<i64>,
) -> anyhow::Result<TopicPartitionList> {
    let from = since_ms.map_or(Offset::Beginning, Offset::Offset);
    let mut list = TopicPartitionList::new();
    for partition in 0..count {
        list.add_partition_offset(name, partition, from)?;
    }
    if since_ms.is_none() {
        return Ok(list);
    }
    // Asked with times for offsets, it answers with offsets; the end where nothing is that young.
    Ok(consumer.offsets_for_times(list, ASK_TIMEOUT)?)
}
