//! Reading the tables of one partition back, before its first record is handled.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use events::Topic;
use pipeline::{Batch, Record};
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio_util::sync::CancellationToken;

use crate::message::record_of;
use crate::patience::{REQUEST_TIMEOUT, patiently};
use crate::quiet::{Quiet, Reader};
use crate::{Settings, config, trace_header};

/// Records handed over at a time.
const SLICE: usize = 5000;

/// A transaction of a dead member ends by its time-out (10 s); longer than this is a fault.
const LONGEST_OPEN_TRANSACTION: Duration = Duration::from_secs(60);

/// Reads tables without a group.
///
/// The end is the end of everything written, committed or not, when the restore began: a transaction whose offsets
/// are committed may still wait for the marker that makes its records visible, and missing them would lose state.
/// So it waits until no transaction is open before that end.
pub(crate) struct TableReader {
    committed: Reader,
    uncommitted: Reader,
    settings: Settings,
    topics: Vec<String>,
    under_way: Option<(i32, VecDeque<String>)>,
}

impl TableReader {
    pub(crate) fn start(
        settings: &Settings,
        topics: &[&'static Topic],
        member: &str,
    ) -> anyhow::Result<Self> {
        let reader = |committed| {
            let mut client = config::reader(settings, &format!("{member}-restore"), committed);
            // Partitions are read one after the other: what is waited for at the end of each adds up.
            client.set("fetch.wait.max.ms", "1");
            client.create_with_context(Quiet).context("failed to make a Kafka consumer")
        };
        Ok(Self {
            committed: reader(true)?,
            uncommitted: reader(false)?,
            settings: settings.clone(),
            topics: topics.iter().map(|topic| settings.full_name(topic.name)).collect(),
            under_way: None,
        })
    }

    /// The next slice of the tables of a partition; `false` when all are read.
    pub(crate) fn fill(
        &mut self,
        partition: i32,
        batch: &mut Batch,
        stop: &CancellationToken,
    ) -> anyhow::Result<bool> {
        let mut rest = match self.under_way.take() {
            Some((under_way, rest)) if under_way == partition => rest,
            _ => {
                let rest: VecDeque<String> = self.topics.iter().cloned().collect();
                self.begin(&rest, partition, stop)?;
                rest
            }
        };
        while let Some(topic) = rest.front() {
            if self.read(batch, stop)? {
                self.under_way = Some((partition, rest));
                return Ok(true);
            }
            tracing::debug!(topic, partition, "table restored");
            rest.pop_front();
            self.begin(&rest, partition, stop)?;
        }
        Ok(false)
    }

    /// Turns to the first of the topics that are left; skips it in `read` if it is empty.
    fn begin(&self, rest: &VecDeque<String>, partition: i32, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut list = TopicPartitionList::new();
        if let Some(topic) = rest.front() {
            let (low, end) = watermarks(&self.uncommitted, topic, partition)?;
            if low < end {
                self.wait_for_open_transactions(topic, partition, end, stop)?;
                // The beginning by its name would be asked for once more.
                list.add_partition_offset(topic, partition, Offset::Offset(low))?;
            }
        }
        self.committed.assign(&list).context("failed to read a table")
    }

    fn wait_for_open_transactions(
        &self,
        topic: &str,
        partition: i32,
        end: i64,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        while watermarks(&self.committed, topic, partition)?.1 < end && !stop.is_cancelled() {
            if started.elapsed() > LONGEST_OPEN_TRANSACTION {
                bail!(
                    "a transaction on {topic}/{partition} has been open for {} s: kafka-transactions.sh find-hanging \
                     tells whose it is, if its coordinator has forgotten it",
                    LONGEST_OPEN_TRANSACTION.as_secs()
                );
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Reads on; `true` if there may be more.
    fn read(&self, batch: &mut Batch, stop: &CancellationToken) -> anyhow::Result<bool> {
        if self.committed.assignment().context("failed to read a table")?.count() == 0 {
            return Ok(false);
        }
        while batch.len() < SLICE && !stop.is_cancelled() {
            match self.committed.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    let traceparent = trace_header::read(&self.settings.tracer, &message);
                    let record = record_of(&message, self.settings.base_name(message.topic()));
                    batch.push(&Record { traceparent: traceparent.as_ref(), ..record });
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(false),
                Some(Err(error)) => tracing::debug!(%error, "the Kafka client goes on by itself"),
                None => (),
            }
        }
        Ok(!stop.is_cancelled())
    }
}

/// First and end offset of a partition, as this reader sees it.
pub(crate) fn watermarks(consumer: &Reader, topic: &str, partition: i32) -> anyhow::Result<(i64, i64)> {
    patiently(&format!("read the ends of {topic}/{partition}"), || {
        consumer.fetch_watermarks(topic, partition, REQUEST_TIMEOUT)
    })
}
