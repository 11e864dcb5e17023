//! A producer of transactions in a bare loop: records, and the offsets of what they follow from, or nothing of both.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use events::{OutRecord, Placement, Topic};
use kafka::Settings;
use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use tokio::sync::Notify;
use tokio::task::block_in_place;

use super::bare_reader::BareReader;
use crate::clients;

/// Longest wait for a step of a transaction.
const PATIENCE: Duration = Duration::from_secs(15);

/// A full queue is looked at again after this.
const FULL_QUEUE_PAUSE: Duration = Duration::from_millis(1);

/// Records that are under way, and those that were not acknowledged.
#[derive(Clone, Debug, Default)]
struct UnderWay(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    under_way: AtomicI64,
    failed: AtomicU64,
    idle: Notify,
}

impl ClientContext for UnderWay {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "kafka client");
    }
}

impl ProducerContext for UnderWay {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        self.0.failed.fetch_add(u64::from(result.is_err()), Ordering::Relaxed);
        if self.0.under_way.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_one();
        }
    }
}

/// A producer of transactions.
pub(crate) struct BareWriter {
    producer: ThreadedProducer<UnderWay>,
    counts: Arc<Counts>,
    settings: Settings,
    /// Those that were written to, by their names without the namespace.
    targets: BTreeMap<&'static str, Target>,
}

struct Target {
    name: String,
    partitions: i32,
}

impl BareWriter {
    pub(crate) fn start(settings: &Settings, group: &str) -> anyhow::Result<Self> {
        let context = UnderWay::default();
        let counts = Arc::clone(&context.0);
        let producer: ThreadedProducer<UnderWay> = clients::transactional(settings, group)
            .create_with_context(context)
            .context("failed to make a Kafka producer")?;
        block_in_place(|| producer.init_transactions(PATIENCE)).context("failed to start transactions")?;
        Ok(Self { producer, counts, settings: settings.clone(), targets: BTreeMap::new() })
    }

    /// As a service does: the records are acknowledged before the commit begins, which would wait in slices of 100 ms.
    pub(crate) async fn transact(
        &mut self,
        records: &[OutRecord],
        reader: &mut BareReader,
    ) -> anyhow::Result<()> {
        self.producer.begin_transaction().context("failed to begin a transaction")?;
        for record in records {
            self.send(record).await?;
        }
        self.settled().await?;
        let (offsets, group) = (reader.take_offsets()?, reader.group()?);
        block_in_place(|| {
            // What follows from time alone moves no offset.
            if offsets.count() > 0 {
                self.producer.send_offsets_to_transaction(&offsets, &group, PATIENCE)?;
            }
            self.producer.commit_transaction(PATIENCE)
        })
        .context("failed to commit a transaction")
    }

    async fn send(&mut self, record: &OutRecord) -> anyhow::Result<()> {
        self.get_to_know(record.topic)?;
        let target = &self.targets[record.topic.name];
        let mut raw = BaseRecord::to(&target.name).key(&record.key[..]);
        raw.payload = record.payload.as_deref();
        raw.partition = match record.placement {
            Placement::Key => None,
            Placement::Zone(zone) => Some(zone.partition(target.partitions)),
        };
        self.counts.under_way.fetch_add(1, Ordering::AcqRel);
        while let Err((error, unsent)) = self.producer.send(raw) {
            let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
            ensure!(is_full, "failed to write to {}: {error}", target.name);
            raw = unsent;
            tokio::time::sleep(FULL_QUEUE_PAUSE).await;
        }
        Ok(())
    }

    /// Asks for the partitions of a topic before its first record.
    fn get_to_know(&mut self, topic: &'static Topic) -> anyhow::Result<()> {
        if self.targets.contains_key(topic.name) {
            return Ok(());
        }
        let name = self.settings.full_name(topic.name);
        let metadata = block_in_place(|| self.producer.client().fetch_metadata(Some(&name), PATIENCE))
            .with_context(|| format!("failed to look for topic {name}"))?;
        let found = metadata.topics().iter().find(|found| found.error().is_none());
        let partitions = i32::try_from(found.map_or(0, |found| found.partitions().len()))?;
        ensure!(partitions > 0, "there is no topic {name}");
        self.targets.insert(topic.name, Target { name, partitions });
        Ok(())
    }

    async fn settled(&self) -> anyhow::Result<()> {
        while self.counts.under_way.load(Ordering::Acquire) > 0 {
            let told = tokio::time::timeout(PATIENCE, self.counts.idle.notified()).await;
            told.context("records of a transaction were not acknowledged in time")?;
        }
        let failed = self.counts.failed.load(Ordering::Relaxed);
        ensure!(failed == 0, "{failed} records of a transaction were not acknowledged");
        Ok(())
    }
}
