//! All partitions of some topics, for one instance alone: a `pipeline` source without a shared group.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use events::Topic;
use pipeline::{Batch, Polled, Progress, Record, Source};
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::task::block_in_place;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use traces::Tracer;

use crate::ends::ends;
use crate::membership::Slot;
use crate::message::{next_before, record_of};
use crate::patience::{is_passing, persistently};
use crate::positions::Positions;
use crate::quiet::{Quiet, Reader};
use crate::table_scan::TableScan;
use crate::{Listening, Settings, TablesRead, config, partitions, trace_header};

/// How long one question to a broker may take before shutdown is looked at and it is asked again.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);

/// Reads all partitions of some topics, for one instance alone.
///
/// It first tells all partition numbers as assigned. Then come the tables, in batches of followed records only, so that
/// a large table never lies in memory as a whole; then streams and tables together, as they are written. Streams begin
/// where they ended when the reading began, before the tables were read, so that nothing falls in between.
/// [`TablesRead`] tells when the tables are dealt with.
///
/// While brokers are away it goes on trying. It tells its positions in streams to a group named like the member, about
/// once a second, for tools that watch lag, and never resumes from them.
pub struct Broadcast {
    consumer: Arc<StreamConsumer<Quiet>>,
    settings: Settings,
    member: String,
    listening: Listening,
    /// By full name: the name without the namespace, and whether it is a table.
    topics: BTreeMap<String, (&'static str, bool)>,
    partitions: Vec<i32>,
    /// Where the streams begin; of use until the tables are read.
    starts: BTreeMap<Slot, i64>,
    scan: Option<TableScan>,
    tables: TablesRead,
    positions: Positions,
    stop: CancellationToken,
}

impl Broadcast {
    /// A source that begins to read at its first poll.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn start(
        settings: &Settings,
        listening: Listening,
        member: &str,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let client = config::broadcast(settings, member, listening.eager);
        let consumer: StreamConsumer<Quiet> =
            client.create_with_context(Quiet).context("failed to make a Kafka consumer")?;
        let named = |topics: &[&'static Topic], is_table: bool| {
            let named = topics.iter().map(|topic| (settings.full_name(topic.name), (topic.name, is_table)));
            named.collect::<Vec<_>>()
        };
        let topics = named(&listening.streams, false).into_iter().chain(named(&listening.tables, true));
        Ok(Self {
            consumer: Arc::new(consumer),
            settings: settings.clone(),
            member: member.to_owned(),
            topics: topics.collect(),
            listening,
            partitions: Vec::new(),
            starts: BTreeMap::new(),
            scan: None,
            tables: TablesRead::default(),
            positions: Positions::new(),
            stop,
        })
    }

    /// Tells later on whether the tables are read.
    #[must_use]
    pub fn tables_read(&self) -> TablesRead {
        self.tables.clone()
    }

    /// Asks for partitions and their ends; `None` if shutdown is asked for before brokers answer.
    fn begin(&mut self) -> anyhow::Result<Option<Vec<i32>>> {
        let reader: Reader = config::scan(&self.settings, &self.member)
            .create_with_context(Quiet)
            .context("failed to make a Kafka consumer")?;
        let mut slots: Vec<Slot> = Vec::new();
        for name in self.topics.keys() {
            let what = format!("read the partitions of topic {name}");
            let request = || partitions::count(reader.client(), name, ASK_TIMEOUT);
            let Some(count) = persistently(&what, &self.stop, request)? else { return Ok(None) };
            let count = count.with_context(|| partitions::no_such_topic(name))?;
            slots.extend((0..count).map(|partition| (name.clone(), partition)));
        }
        let request = || ends(&reader, &slots, ASK_TIMEOUT);
        let Some(ends) = persistently("read the ends of topics", &self.stop, request)? else {
            return Ok(None);
        };
        let is_table = |(slot, _): &(Slot, i64)| self.topics.get(&slot.0).is_some_and(|(_, table)| *table);
        let (tables, streams): (BTreeMap<_, _>, BTreeMap<_, _>) = ends.into_iter().partition(is_table);
        streams.iter().for_each(|(slot, start)| self.positions.note(slot.clone(), *start));
        self.starts = streams;
        self.scan = Some(TableScan::new(reader, &self.settings, tables));
        let most = slots.iter().map(|(_, partition)| partition + 1).max().unwrap_or(0);
        self.partitions = (0..most).collect();
        Ok(Some(self.partitions.clone()))
    }

    /// Reads the next part of the tables; behind their end, turns to what is written from now on.
    fn read_tables(&mut self, batch: &mut Batch) -> anyhow::Result<()> {
        let Some(scan) = &mut self.scan else { return Ok(()) };
        if scan.fill(batch, self.listening.max_records, &self.stop)? {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        for ((topic, partition), next) in scan.next().chain(std::mem::take(&mut self.starts)) {
            list.add_partition_offset(&topic, partition, Offset::Offset(next))?;
        }
        self.consumer.assign(&list).context("failed to read topics")?;
        self.scan = None;
        Ok(())
    }

    /// Fills the batch until it is full, time is up or shutdown is asked for.
    async fn collect(&mut self, batch: &mut Batch) -> anyhow::Result<()> {
        let deadline = Instant::now() + self.listening.linger;
        let consumer = Arc::clone(&self.consumer);
        let mut stream = consumer.stream();
        while batch.len() < self.listening.max_records {
            let Some(message) = next_before(&mut stream, deadline, &self.stop).await? else { break };
            self.push(batch, message)?;
        }
        Ok(())
    }

    fn push(
        &self,
        batch: &mut Batch,
        message: Result<BorrowedMessage<'_>, KafkaError>,
    ) -> anyhow::Result<()> {
        let message = match message {
            Ok(message) => message,
            Err(error) if is_passing(&error) => {
                tracing::debug!(%error, "the Kafka client goes on by itself");
                return Ok(());
            }
            Err(error) => return Err(error).context("failed to read from Kafka"),
        };
        let Some((topic, is_table)) = self.topics.get(message.topic()) else { return Ok(()) };
        let traceparent = trace_header::read(&self.settings.tracer, &message);
        let record = Record { traceparent: traceparent.as_ref(), ..record_of(&message, topic) };
        if *is_table {
            batch.push_followed(&record)
        } else {
            batch.push(&record)
        }
        Ok(())
    }
}

impl Source for Broadcast {
    async fn poll(&mut self, batch: &mut Batch) -> anyhow::Result<Polled> {
        if self.stop.is_cancelled() {
            return Ok(Polled::Stop);
        }
        if self.partitions.is_empty() {
            return Ok(block_in_place(|| self.begin())?.map_or(Polled::Stop, Polled::Assigned));
        }
        self.positions.tell_if_due(&self.consumer);
        if self.scan.is_some() {
            block_in_place(|| self.read_tables(batch))?;
        } else {
            // What was handed over before this poll is dealt with.
            self.tables.set_done();
            self.collect(batch).await?;
        }
        Ok(Polled::Records)
    }

    async fn restore(&mut self, _partition: i32, _batch: &mut Batch) -> anyhow::Result<bool> {
        Ok(false)
    }

    async fn commit(&mut self, progress: &Progress) -> anyhow::Result<()> {
        for (topic, partition, at) in progress.iter() {
            self.positions.note((self.settings.full_name(topic), partition), at.next);
        }
        Ok(())
    }

    /// Goes on: whoever sees everything sees the next state of each thing, too.
    async fn rewind(&mut self, _progress: &Progress) -> anyhow::Result<()> {
        Ok(())
    }

    fn partitions(&self) -> Vec<i32> {
        self.partitions.clone()
    }

    fn tracer(&self) -> Tracer {
        self.settings.tracer_of(&self.member)
    }

    async fn close(&mut self) -> anyhow::Result<()> {
        self.scan = None;
        self.consumer.unassign().context("failed to stop reading")
    }
}
