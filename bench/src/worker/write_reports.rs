//! Writing reports: as the load generator does, and as a bare loop around the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use domain::CityMs;
use events::driver_locations::LocationReport;
use events::{Contract, OutRecord};
use kafka::{Outbox, Settings};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig, ClientContext};

use super::{Turn, Way};
use crate::clients::{self, Compression, LINGER_MS};
use crate::cpu::{Measured, Sample};
use crate::ground::TOPIC;
use crate::reports::Reports;

/// Written before it counts, unless told otherwise: connections, metadata and memory are there then.
pub(crate) const WARM_UP: u64 = 10_000;

/// Reports handed over at once, as many as the load generator of a large city has in a tick.
const CHUNK: usize = 1_000;

/// A full queue is looked at again after this.
const FULL_QUEUE_PAUSE: Duration = Duration::from_millis(1);

/// Longest wait for the last acknowledgements.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) async fn run(turn: &Turn) -> anyhow::Result<Measured> {
    let mut reports = Reports::from(CityMs(runtime::clock::now_ms()));
    let warm_up = reports.by_ref().take(usize::try_from(turn.warm_up)?);
    let records = usize::try_from(turn.records)?;
    let before;
    match turn.way {
        Way::Ours => {
            let outbox = Outbox::on_schedule(&turn.kafka, "bench-ours", LINGER_MS)?;
            write_as_loadgen(&outbox, warm_up).await?;
            before = Sample::of_self(&turn.servers)?;
            write_as_loadgen(&outbox, reports.take(records)).await?;
        }
        Way::Bare => {
            let mut bare = Bare::new(&turn.kafka, Compression::Lz4)?;
            bare.write(warm_up, None).await?;
            bare.settled().await?;
            before = Sample::of_self(&turn.servers)?;
            bare.write(reports.take(records), None).await?;
            bare.settled().await?;
        }
    }
    Ok(Sample::of_self(&turn.servers)?.since(&before, turn.records))
}

async fn write_as_loadgen(
    outbox: &Outbox,
    mut reports: impl Iterator<Item = LocationReport>,
) -> anyhow::Result<()> {
    loop {
        let records: Vec<OutRecord> = reports.by_ref().take(CHUNK).map(|report| report.to_record()).collect();
        if records.is_empty() {
            return outbox.settled().await;
        }
        outbox.send_all(&records).await?;
    }
}

/// A loop around the client, with nothing in it that could be left out.
pub(crate) struct Bare {
    producer: ThreadedProducer<Failures>,
    topic: String,
    key: Vec<u8>,
    payload: Vec<u8>,
}

/// Records that were not acknowledged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failures(Arc<AtomicU64>);

impl ClientContext for Failures {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "kafka client");
    }
}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Bare {
    pub(crate) fn new(settings: &Settings, compression: Compression) -> anyhow::Result<Self> {
        Self::with(settings, &clients::producer(settings, compression))
    }

    /// One whose records lie between `begin` and `end`.
    pub(crate) fn transactional(settings: &Settings) -> anyhow::Result<Self> {
        let bare = Self::with(settings, &in_transactions(settings))?;
        let ready = tokio::task::block_in_place(|| bare.producer.init_transactions(FLUSH_TIMEOUT));
        ready.context("failed to make transactions ready")?;
        Ok(bare)
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self) -> anyhow::Result<()> {
        self.producer.begin_transaction().context("failed to begin a transaction")
    }

    /// Ends it: now its records are there for all.
    pub(crate) fn end(&self) -> anyhow::Result<()> {
        let ended = tokio::task::block_in_place(|| self.producer.commit_transaction(FLUSH_TIMEOUT));
        ended.context("failed to commit a transaction")
    }

    fn with(settings: &Settings, client: &ClientConfig) -> anyhow::Result<Self> {
        let producer = client.create_with_context(Failures::default());
        Ok(Self {
            producer: producer.context("failed to make a Kafka producer")?,
            topic: settings.full_name(TOPIC),
            key: Vec::new(),
            payload: Vec::new(),
        })
    }

    /// Hands reports to the client, with a time of their own if it is not now.
    pub(crate) async fn write(
        &mut self,
        reports: impl Iterator<Item = LocationReport>,
        timestamp_ms: Option<i64>,
    ) -> anyhow::Result<()> {
        use std::io::Write;
        for report in reports {
            self.key.clear();
            write!(self.key, "{}", report.driver.0)?;
            self.payload.clear();
            serde_json::to_writer(&mut self.payload, &report)?;
            let mut record = BaseRecord::to(&self.topic).key(&self.key).payload(&self.payload);
            record.timestamp = timestamp_ms;
            while let Err((error, unsent)) = self.producer.send(record) {
                let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                ensure!(is_full, "failed to write to {}: {error}", self.topic);
                record = unsent;
                tokio::time::sleep(FULL_QUEUE_PAUSE).await;
            }
        }
        Ok(())
    }

    /// Waits until all are acknowledged.
    pub(crate) async fn settled(&self) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + FLUSH_TIMEOUT;
        while self.producer.in_flight_count() > 0 {
            ensure!(tokio::time::Instant::now() < deadline, "records were not acknowledged in time");
            tokio::time::sleep(FULL_QUEUE_PAUSE).await;
        }
        let failed = self.producer.context().0.load(Ordering::Relaxed);
        ensure!(failed == 0, "{failed} records were not acknowledged");
        Ok(())
    }
}

/// The producer of records that lie in a transaction.
fn in_transactions(settings: &Settings) -> ClientConfig {
    let mut client = clients::producer(settings, Compression::Lz4);
    client.set("transactional.id", settings.full_name("bench-writer"));
    // A record may not wait for longer than the transaction it belongs to.
    for timeout in ["transaction.timeout.ms", "delivery.timeout.ms"] {
        client.set(timeout, FLUSH_TIMEOUT.as_millis().to_string());
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_takes_what_its_producers_are_told() {
        let settings = Settings::new("127.0.0.1:1", "space");
        for client in [clients::producer(&settings, Compression::Lz4), in_transactions(&settings)] {
            assert!(Bare::with(&settings, &client).is_ok());
        }
    }
}
