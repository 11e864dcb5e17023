//! A member of a consumer group as a `pipeline` source.

mod changes;
mod commits;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;
use pipeline::{Batch, Polled, Progress, Record, Source};
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::Offset;
use tokio::task::block_in_place;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use traces::Tracer;

use crate::followed::Followed;
use crate::membership::Membership;
use crate::message::{next_before, record_of};
use crate::patience::{REQUEST_TIMEOUT, is_passing};
use crate::restore::TableReader;
use crate::vacancy::Vacancy;
use crate::{Reading, Settings, Subscription, config, trace_header};

/// A member of a consumer group.
pub struct KafkaSource {
    pub(crate) consumer: Arc<StreamConsumer<Membership>>,
    pub(crate) member: String,
    pub(crate) settings: Settings,
    pub(crate) subscription: Subscription,
    base_names: BTreeMap<String, String>,
    followed: Vec<Followed>,
    tables: Option<TableReader>,
    active: BTreeSet<i32>,
    /// A record that came together with a change of the group; it waits until the change is told.
    early: Batch,
    /// Dealt with, and still to be committed: the group was changing when it should have been.
    owed: Progress,
    vacancy: Vacancy,
    /// When the last batch with a record in it was handed over.
    last_batch_at: Instant,
    stop: CancellationToken,
}

impl KafkaSource {
    /// Joins a group.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn join(
        settings: &Settings,
        subscription: Subscription,
        member: &str,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let client = config::member(settings, subscription.group, member, subscription.reading);
        let consumer: StreamConsumer<Membership> =
            client.create_with_context(Membership::default()).context("failed to make a Kafka consumer")?;
        let names: Vec<String> =
            subscription.topics.iter().map(|topic| settings.full_name(topic.name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        consumer.subscribe(&names).context("failed to subscribe")?;
        let follow = |topic: &&'static events::Topic| Followed::start(settings, topic, member);
        let followed = subscription.followed.iter().map(follow).collect::<anyhow::Result<_>>()?;
        let base_names =
            subscription.topics.iter().map(|topic| (settings.full_name(topic.name), topic.name.to_owned()));
        Ok(Self {
            consumer: Arc::new(consumer),
            member: member.to_owned(),
            settings: settings.clone(),
            base_names: base_names.collect(),
            subscription,
            followed,
            tables: None,
            active: BTreeSet::new(),
            early: Batch::new(),
            owed: Progress::default(),
            vacancy: Vacancy::begins(Instant::now()),
            last_batch_at: Instant::now(),
            stop,
        })
    }

    /// Adds a message to the batch, or to what came early.
    fn push(
        &mut self,
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
        let topic = self.base_names.get(message.topic()).map_or(message.topic(), String::as_str);
        let traceparent = trace_header::read(&self.settings.tracer, &message);
        let record = Record { traceparent: traceparent.as_ref(), ..record_of(&message, topic) };
        // The same call into the client may run a rebalance and return the first record of a new partition.
        if self.consumer.context().has_changed() {
            self.early.push(&record);
        } else {
            batch.push(&record);
        }
        Ok(())
    }

    /// Takes what came early, now that the change it came with is told.
    fn take_early(&mut self, batch: &mut Batch) {
        let early = std::mem::take(&mut self.early);
        early
            .iter()
            .filter(|record| self.active.contains(&record.partition))
            .for_each(|record| batch.push(&record));
    }

    /// Fills the batch until it is full, time is up, the group changes or shutdown is asked for.
    async fn collect(&mut self, batch: &mut Batch) -> anyhow::Result<()> {
        let mut deadline = Instant::now() + self.subscription.linger;
        let mut pace = match self.subscription.reading {
            Reading::Commands { pace } if batch.is_empty() => Some(pace),
            Reading::Commands { .. } | Reading::Bulk => None,
        };
        let consumer = Arc::clone(&self.consumer);
        let mut stream = consumer.stream();
        while batch.len() < self.subscription.max_records && !consumer.context().has_changed() {
            let Some(message) = next_before(&mut stream, deadline, &self.stop).await? else {
                consumer.context().set_drained();
                break;
            };
            self.push(batch, message)?;
            if let Some(pace) = pace.take_if(|_| !batch.is_empty()) {
                deadline = self.last_batch_at + pace;
            }
        }
        Ok(())
    }
}

impl Source for KafkaSource {
    async fn poll(&mut self, batch: &mut Batch) -> anyhow::Result<Polled> {
        if self.stop.is_cancelled() {
            return Ok(Polled::Stop);
        }
        if let Some(polled) = self.take_change()? {
            return Ok(polled);
        }
        if self.is_surplus() {
            return Ok(Polled::Assigned(Vec::new()));
        }
        self.commit_all(&Progress::default())?;
        if self.tables.take().is_some() {
            tracing::debug!("tables are restored");
        }
        for followed in &mut self.followed {
            block_in_place(|| followed.fill(batch))?;
        }
        self.take_early(batch);
        self.collect(batch).await?;
        if self.consumer.context().has_changed() {
            // Whoever gets them begins with what was committed last: also what is owed is read again.
            let revoked = self.consumer.context().revoked_partitions();
            batch.drop_partitions(&revoked);
            self.owed.drop_partitions(&revoked);
        }
        if !batch.is_empty() {
            self.last_batch_at = Instant::now();
        }
        Ok(Polled::Records)
    }

    async fn restore(&mut self, partition: i32, batch: &mut Batch) -> anyhow::Result<bool> {
        if self.subscription.tables.is_empty() {
            return Ok(false);
        }
        if self.tables.is_none() {
            self.tables = Some(TableReader::start(&self.settings, &self.subscription.tables, &self.member)?);
        }
        let Some(tables) = &mut self.tables else { return Ok(false) };
        block_in_place(|| tables.fill(partition, batch, &self.stop))
    }

    async fn commit(&mut self, progress: &Progress) -> anyhow::Result<()> {
        self.commit_all(progress)
    }

    async fn rewind(&mut self, progress: &Progress) -> anyhow::Result<()> {
        for (topic, partition, at) in progress.iter() {
            let slot = (self.settings.full_name(topic), partition);
            if self.consumer.context().holds(&slot) {
                block_in_place(|| {
                    self.consumer.seek(&slot.0, partition, Offset::Offset(at.first), REQUEST_TIMEOUT)
                })
                .with_context(|| format!("failed to seek {topic}/{partition} to {}", at.first))?;
            }
        }
        Ok(())
    }

    fn partitions(&self) -> Vec<i32> {
        self.active.iter().copied().collect()
    }

    fn tracer(&self) -> Tracer {
        self.settings.tracer_of(self.subscription.group)
    }

    async fn close(&mut self) -> anyhow::Result<()> {
        self.tables = None;
        self.followed.clear();
        self.consumer.unsubscribe();
        Ok(())
    }
}
