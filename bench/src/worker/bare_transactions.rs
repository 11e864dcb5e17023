//! What the exactly-once services make the broker do, in one loop: a batch of records, what is written for them, and
//! their offsets, in a transaction each.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use kafka::Settings;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientContext, Message};
use tokio::sync::Notify;
use tokio::task::block_in_place;

use super::bare_reader::BareReader;
use super::written::{Like, Written};
use crate::clients;
use crate::cpu::Servers;

/// Longest wait for a step of a transaction.
const PATIENCE: Duration = Duration::from_secs(15);

/// A full queue is looked at again after this.
const FULL_QUEUE_PAUSE: Duration = Duration::from_millis(1);

/// In place of which service.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    kafka: Settings,
    #[arg(value_enum)]
    like: Like,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let (settings, like) = (&options.kafka, options.like);
    let mut reader =
        BareReader::join(settings, like.group(), like.topic(), like.batches(), Servers::default())?;
    let writer = Writer::start(settings, like.group())?;
    let names: Vec<String> = like.targets().iter().map(|topic| settings.full_name(topic)).collect();
    let mut written = Vec::new();
    loop {
        written.clear();
        let taken = reader.read(|message| {
            let (payload, sent_ms) = (message.payload().unwrap_or_default(), message.timestamp().to_millis());
            like.follow(payload, message.partition(), sent_ms.unwrap_or_default(), &mut written)
        });
        if taken.await? > 0 {
            writer.transact(&names, &written, &mut reader).await?;
        }
    }
}

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
struct Writer {
    producer: ThreadedProducer<UnderWay>,
    counts: Arc<Counts>,
}

impl Writer {
    fn start(settings: &Settings, group: &str) -> anyhow::Result<Self> {
        let context = UnderWay::default();
        let counts = Arc::clone(&context.0);
        let producer: ThreadedProducer<UnderWay> = clients::transactional(settings, group)
            .create_with_context(context)
            .context("failed to make a Kafka producer")?;
        block_in_place(|| producer.init_transactions(PATIENCE)).context("failed to start transactions")?;
        Ok(Self { producer, counts })
    }

    /// As a service does: the records are acknowledged before the commit begins, which would wait in slices of 100 ms.
    async fn transact(
        &self,
        names: &[String],
        written: &[Written],
        reader: &mut BareReader,
    ) -> anyhow::Result<()> {
        self.producer.begin_transaction().context("failed to begin a transaction")?;
        for record in written {
            self.send(&names[record.target], record).await?;
        }
        self.settled().await?;
        let (offsets, group) = (reader.take_offsets()?, reader.group()?);
        block_in_place(|| {
            self.producer.send_offsets_to_transaction(&offsets, &group, PATIENCE)?;
            self.producer.commit_transaction(PATIENCE)
        })
        .context("failed to commit a transaction")
    }

    async fn send(&self, name: &str, written: &Written) -> anyhow::Result<()> {
        let mut record = BaseRecord::to(name).key(&written.key).payload(&written.payload);
        record.partition = written.partition;
        self.counts.under_way.fetch_add(1, Ordering::AcqRel);
        while let Err((error, unsent)) = self.producer.send(record) {
            let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
            ensure!(is_full, "failed to write to {name}: {error}");
            record = unsent;
            tokio::time::sleep(FULL_QUEUE_PAUSE).await;
        }
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
