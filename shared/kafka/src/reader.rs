//! Reading whole topics from the beginning, read committed, without a group.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use pipeline::{Batch, Record};
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::followed::partition_count;
use crate::message::record_of;
use crate::quiet::{Quiet, Reader};
use crate::restore::watermarks;
use crate::{DeadLetterHeaders, Settings, config, trace_header};

/// First and end offset of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watermarks {
    /// Partition.
    pub partition: i32,
    /// Offset of the oldest record that is still there.
    pub low: i64,
    /// One past the last offset that a read-committed reader sees.
    pub high: i64,
}

/// Reads all records of a topic up to its present end.
pub struct TopicReader {
    consumer: Reader,
    settings: Settings,
    marks: Vec<Watermarks>,
    open: BTreeSet<i32>,
}

impl TopicReader {
    /// Starts at the beginning of all partitions of a topic (named without the namespace).
    ///
    /// # Errors
    /// If the topic is not there or the broker does not answer.
    pub fn open(settings: &Settings, topic: &str) -> anyhow::Result<Self> {
        let consumer: Reader = config::reader(settings, "topic-reader", true)
            // Per partition: a whole topic is read as fast as it goes, within bounds.
            .set("queued.max.messages.kbytes", "4096")
            .create_with_context(Quiet)
            .context("failed to make a Kafka consumer")?;
        let name = settings.full_name(topic);
        let mut list = TopicPartitionList::new();
        let mut marks = Vec::new();
        for partition in 0..partition_count(&consumer, &name)? {
            let (low, high) = watermarks(&consumer, &name, partition)?;
            marks.push(Watermarks { partition, low, high });
            if low < high {
                list.add_partition_offset(&name, partition, Offset::Beginning)?;
            }
        }
        consumer.assign(&list).with_context(|| format!("failed to read topic {name}"))?;
        let open = marks.iter().filter(|mark| mark.low < mark.high).map(|mark| mark.partition).collect();
        Ok(Self { consumer, settings: settings.clone(), marks, open })
    }

    /// First and end of every partition when the reading began.
    #[must_use]
    pub fn watermarks(&self) -> &[Watermarks] {
        &self.marks
    }

    /// Fills the (cleared) batch with up to `most` records; `false` when all is read.
    ///
    /// # Errors
    /// If the broker goes away for good.
    pub fn next_chunk(&mut self, most: usize, batch: &mut Batch) -> anyhow::Result<bool> {
        self.read(most, |record, _| batch.push(&record))
    }

    /// As `next_chunk`, for dead-letter topics: each record with what its headers say.
    ///
    /// # Errors
    /// As `next_chunk`.
    pub fn next_dead_letters(&mut self, most: usize) -> anyhow::Result<(Vec<DeadLetterHeaders>, bool)> {
        let mut letters = Vec::new();
        let more = self.read(most, |_, headers| letters.extend(headers))?;
        Ok((letters, more))
    }

    fn read(
        &mut self,
        most: usize,
        mut take: impl FnMut(Record<'_>, Option<DeadLetterHeaders>),
    ) -> anyhow::Result<bool> {
        let mut count = 0;
        while count < most && !self.open.is_empty() {
            match self.consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    count += 1;
                    let headers = message.headers().and_then(|headers| DeadLetterHeaders::read(headers).ok());
                    let traceparent = trace_header::read(&self.settings.tracer, &message);
                    let record = record_of(&message, self.settings.base_name(message.topic()));
                    take(Record { traceparent: traceparent.as_ref(), ..record }, headers);
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    self.open.remove(&partition);
                }
                Some(Err(error)) => tracing::debug!(%error, "the Kafka client goes on by itself"),
                None => (),
            }
        }
        Ok(!self.open.is_empty())
    }
}
