//! What the API needs of Kafka, so that its tests need no broker.

use anyhow::Context;
use domain::TripId;
use events::OutRecord;
use events::trip_events::{self, TripEvent};
use futures::FutureExt;
use futures::future::BoxFuture;
use kafka::{Courier, Replayed, Settings, Undelivered};

use super::caller::Caller;
use super::problem::Problem;
use super::problem_kind as kinds;

/// A broker that was away is looked for again after this long.
const RETRY_AFTER_S: u64 = 2;

/// Takes records and tells again what was written.
pub trait EventLog: Send + Sync {
    /// Writes records in their order; done when all are acknowledged.
    fn deliver(&self, records: Vec<OutRecord>) -> BoxFuture<'_, Result<(), Undelivered>>;

    /// Whether a broker answers, within about a second.
    fn is_up(&self) -> BoxFuture<'_, bool>;

    /// What happened to a trip behind an offset of its partition of `trip-events`. Blocks for seconds at most.
    ///
    /// # Errors
    /// If brokers do not answer in time, or too much lies behind that offset.
    fn missed(&self, trip: TripId, partition: i32, after_offset: i64) -> anyhow::Result<Vec<Missed>>;
}

/// A fact that was written while nobody listened.
#[derive(Clone, Debug, PartialEq)]
pub struct Missed {
    /// Its offset.
    pub offset: i64,
    /// What happened.
    pub event: TripEvent,
}

/// Kafka itself.
pub struct KafkaLog {
    /// Writes.
    pub courier: Courier,
    /// Where to read.
    pub settings: Settings,
}

impl EventLog for KafkaLog {
    fn deliver(&self, records: Vec<OutRecord>) -> BoxFuture<'_, Result<(), Undelivered>> {
        async move { self.courier.deliver(&records).await.map(drop) }.boxed()
    }

    fn is_up(&self) -> BoxFuture<'_, bool> {
        self.courier.is_up().boxed()
    }

    fn missed(&self, trip: TripId, partition: i32, after_offset: i64) -> anyhow::Result<Vec<Missed>> {
        let key = trip.to_string();
        let replayed =
            kafka::replay(&self.settings, &trip_events::TOPIC, partition, after_offset, key.as_bytes())?;
        replayed.into_iter().map(|record| decoded(&key, record)).collect()
    }
}

fn decoded(key: &str, record: Replayed) -> anyhow::Result<Missed> {
    let event = events::decode(Some(key.as_bytes()), record.payload.as_deref(), None);
    let event = event.with_context(|| format!("trip-events holds a broken record at {}", record.offset))?;
    Ok(Missed { offset: record.offset, event })
}

/// Writes records for a caller who waits for the answer.
pub(crate) async fn write(
    log: &dyn EventLog,
    Caller(traceparent): Caller,
    records: impl IntoIterator<Item = OutRecord>,
) -> Result<(), Problem> {
    let records = records.into_iter().map(|record| OutRecord { traceparent, ..record }).collect();
    let Err(undelivered) = log.deliver(records).await else { return Ok(()) };
    if let Undelivered::Refused(reason) = &undelivered {
        tracing::error!(reason, "kafka refuses a record of the api");
    }
    let detail = "kafka did not acknowledge it; send the same again";
    Err(Problem::new(&kinds::KAFKA_UNAVAILABLE, detail).retry_after_s(RETRY_AFTER_S))
}
