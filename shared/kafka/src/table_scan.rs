//! Reading whole tables once, slice by slice, up to where they ended when the reading began.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use anyhow::Context;
use pipeline::Batch;
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio_util::sync::CancellationToken;

use crate::Settings;
use crate::membership::Slot;
use crate::message::record_of;
use crate::quiet::Reader;

/// Reads one table after the other: the end of a partition is told without its topic.
pub(crate) struct TableScan {
    consumer: Reader,
    settings: Settings,
    /// Tables not yet begun (full names).
    rest: VecDeque<String>,
    /// By table and partition: the first offset not handed over, or the end at the start if that is further.
    next: BTreeMap<String, BTreeMap<i32, i64>>,
    /// Partitions of the present table that are not read to their end, with that end.
    behind: BTreeMap<i32, i64>,
}

impl TableScan {
    /// A scan of tables with the ends of all their partitions, by a reader that tells of ends.
    pub(crate) fn new(consumer: Reader, settings: &Settings, ends: BTreeMap<Slot, i64>) -> Self {
        let mut next: BTreeMap<String, BTreeMap<i32, i64>> = BTreeMap::new();
        for ((table, partition), end) in ends {
            next.entry(table).or_default().insert(partition, end);
        }
        let rest = next.keys().cloned().collect();
        Self { consumer, settings: settings.clone(), rest, next, behind: BTreeMap::new() }
    }

    /// Adds up to `most` records; `false` when all tables are read.
    pub(crate) fn fill(
        &mut self,
        batch: &mut Batch,
        most: usize,
        stop: &CancellationToken,
    ) -> anyhow::Result<bool> {
        while batch.len() < most && !stop.is_cancelled() {
            if self.behind.is_empty() {
                let Some(table) = self.rest.pop_front() else { return Ok(false) };
                self.begin(&table)?;
            } else {
                self.read_one(batch);
            }
        }
        Ok(true)
    }

    /// Where to read on so that nothing is left out; of use when all is read.
    pub(crate) fn next(&self) -> impl Iterator<Item = (Slot, i64)> {
        self.next.iter().flat_map(|(table, partitions)| {
            partitions.iter().map(move |(partition, next)| ((table.clone(), *partition), *next))
        })
    }

    fn begin(&mut self, table: &str) -> anyhow::Result<()> {
        self.behind = self.next.get(table).cloned().unwrap_or_default();
        self.behind.retain(|_, end| *end > 0);
        let mut list = TopicPartitionList::new();
        for partition in self.behind.keys() {
            list.add_partition_offset(table, *partition, Offset::Beginning)?;
        }
        self.consumer.assign(&list).context("failed to read a table")
    }

    fn read_one(&mut self, batch: &mut Batch) {
        match self.consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                let (partition, next) = (message.partition(), message.offset() + 1);
                batch.push_followed(&record_of(&message, self.settings.base_name(message.topic())));
                if self.behind.get(&partition).is_some_and(|end| next >= *end) {
                    self.behind.remove(&partition);
                }
                // Further than the end, if that was written in the meantime; never before it, where a marker of a
                // transaction may lie that no reader sees.
                let partitions = self.next.get_mut(message.topic());
                if let Some(known) = partitions.and_then(|partitions| partitions.get_mut(&partition)) {
                    *known = next.max(*known);
                }
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                self.behind.remove(&partition);
            }
            Some(Err(error)) => tracing::debug!(%error, "the Kafka client goes on by itself"),
            None => (),
        }
    }
}
