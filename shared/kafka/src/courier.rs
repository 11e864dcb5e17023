//! A producer whose callers wait for the acknowledgement of each of their records.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::Context;
use events::OutRecord;
use events::contract::MAX_PAYLOAD_BYTES;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::Producer;
use rdkafka::producer::future_producer::{DeliveryFuture, FutureProducer, FutureRecord};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::partitions::{Partitions, partition_of};
use crate::quiet::Quiet;
use crate::{Settings, config, partitions, trace_header};

/// Longest wait of a caller. The client gives a record up after three seconds, and looks for such about once a second.
const PATIENCE: Duration = Duration::from_secs(4);

/// Longest wait for an answer about topics, and how long an answer to `is_up` counts.
const ASK_TIMEOUT: Duration = Duration::from_secs(1);

type Client = FutureProducer<Quiet>;

/// Sends records and waits for the acknowledgement of each; clones share the client.
#[derive(Clone)]
pub struct Courier(Arc<Shared>);

struct Shared {
    settings: Settings,
    config: ClientConfig,
    client: RwLock<Client>,
    partitions: Partitions,
    /// Held while a broker is asked for partitions, so that many callers ask once.
    asking: Mutex<()>,
    /// When a broker last was looked for, and whether it was there.
    seen: Mutex<Option<(Instant, bool)>>,
}

/// Where a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Its partition.
    pub partition: i32,
    /// Its offset in the partition.
    pub offset: i64,
}

/// Why records were not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// Brokers are away or did not answer in time; it may be tried again. Some or all of the records may have been
    /// written, or be written within seconds: a repetition must do no harm.
    #[error("kafka is not available: {0}")]
    Unavailable(String),
    /// They can never be sent: one is too large, or its topic is missing. None was written.
    #[error("kafka refuses a record: {0}")]
    Refused(String),
}

impl Courier {
    /// A courier whose client carries this name.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn new(settings: &Settings, client_id: &str) -> anyhow::Result<Self> {
        let config = config::courier(settings, client_id);
        let client = config.create_with_context(Quiet).context("failed to make a Kafka producer")?;
        Ok(Self(Arc::new(Shared {
            settings: settings.clone(),
            config,
            client: RwLock::new(client),
            partitions: Partitions::default(),
            asking: Mutex::default(),
            seen: Mutex::default(),
        })))
    }

    /// Sends records, in their order, and waits until all are acknowledged; says where each was written.
    ///
    /// # Errors
    /// `Unavailable` after about four seconds at most, `Refused` at once.
    pub async fn deliver(&self, records: &[OutRecord]) -> Result<Vec<Delivered>, Undelivered> {
        let client = self.0.client.read().expect("nobody panics while holding it").clone();
        let delivered = timeout(PATIENCE, self.send(&client, records)).await;
        let delivered = delivered.unwrap_or_else(|_elapsed| {
            Err(Undelivered::Unavailable(format!("no acknowledgement within {} s", PATIENCE.as_secs())))
        });
        if delivered.is_err() {
            self.replace_if_broken(&client);
        }
        delivered
    }

    /// Whether a broker answers; takes a second at most, and is asked at most once a second.
    pub async fn is_up(&self) -> bool {
        let mut seen = self.0.seen.lock().await;
        if let Some((_, up)) = seen.filter(|(at, _)| at.elapsed() < ASK_TIMEOUT) {
            return up;
        }
        let client = self.0.client.read().expect("nobody panics while holding it").clone();
        let topic = self.0.settings.full_name(events::ride_requests::TOPIC.name);
        let ask = move || partitions::count(client.client(), &topic, ASK_TIMEOUT).is_ok();
        let up = tokio::task::spawn_blocking(ask).await.unwrap_or(false);
        *seen = Some((Instant::now(), up));
        up
    }

    async fn send(&self, client: &Client, records: &[OutRecord]) -> Result<Vec<Delivered>, Undelivered> {
        let mut places = Vec::with_capacity(records.len());
        for record in records {
            places.push(self.place(client, record).await?);
        }
        let tracer = &self.0.settings.tracer;
        let mut under_way = Vec::with_capacity(records.len());
        for (record, partition) in records.iter().zip(places) {
            // Whoever sends by a courier is the gateway, for an app: here traces begin.
            let sending = trace_header::begin_sending(tracer, record);
            let headers = trace_header::of(tracer, sending.as_ref().map(|span| span.context));
            under_way.push((self.hand_over(client, record, partition, headers).await?, sending));
        }
        let mut delivered = Vec::with_capacity(records.len());
        for (record, (acknowledgement, sending)) in records.iter().zip(under_way) {
            delivered.push(self.acknowledged(record, acknowledgement).await?);
            tracer.end(sending);
        }
        Ok(delivered)
    }

    /// Checks what can be checked before anything is sent; says the partition, if it is not the client's to choose.
    async fn place(&self, client: &Client, record: &OutRecord) -> Result<Option<i32>, Undelivered> {
        let length = record.key.len() + record.payload.as_ref().map_or(0, Vec::len);
        if length > MAX_PAYLOAD_BYTES {
            let topic = record.topic.name;
            let reason = format!("{length} bytes for {topic}, at most {MAX_PAYLOAD_BYTES} are allowed");
            return Err(Undelivered::Refused(reason));
        }
        let count = match self.0.partitions.known(record.topic) {
            Some(count) => count,
            None => self.ask_for_partitions(client, record).await?,
        };
        Ok(partition_of(record, count))
    }

    async fn ask_for_partitions(&self, client: &Client, record: &OutRecord) -> Result<i32, Undelivered> {
        let _turn = self.0.asking.lock().await;
        if let Some(count) = self.0.partitions.known(record.topic) {
            return Ok(count);
        }
        let (client, topic) = (client.clone(), self.0.settings.full_name(record.topic.name));
        let ask = move || match partitions::count(client.client(), &topic, ASK_TIMEOUT) {
            Ok(Some(count)) => Ok(count),
            Ok(None) => Err(Undelivered::Refused(partitions::no_such_topic(&topic))),
            Err(error) => Err(Undelivered::Unavailable(error.to_string())),
        };
        let asked = tokio::task::spawn_blocking(ask).await;
        let count = asked.unwrap_or_else(|error| Err(Undelivered::Unavailable(error.to_string())))?;
        self.0.partitions.remember(record.topic, count);
        Ok(count)
    }

    /// Hands a record to the client, waiting while its queue is full.
    async fn hand_over(
        &self,
        client: &Client,
        record: &OutRecord,
        partition: Option<i32>,
        headers: Option<OwnedHeaders>,
    ) -> Result<DeliveryFuture, Undelivered> {
        let topic = self.0.settings.full_name(record.topic.name);
        let mut message = FutureRecord::<[u8], [u8]>::to(&topic).key(&record.key);
        message.partition = partition;
        message.payload = record.payload.as_deref();
        message.headers = headers;
        loop {
            match client.send_result(message) {
                Ok(acknowledgement) => return Ok(acknowledgement),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), again)) => {
                    message = again;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                Err((error, _)) => return Err(self.undelivered(record, &error)),
            }
        }
    }

    async fn acknowledged(
        &self,
        record: &OutRecord,
        acknowledgement: DeliveryFuture,
    ) -> Result<Delivered, Undelivered> {
        match acknowledgement.await {
            Ok(Ok(delivery)) => Ok(Delivered { partition: delivery.partition, offset: delivery.offset }),
            Ok(Err((error, _))) => Err(self.undelivered(record, &error)),
            Err(_canceled) => Err(Undelivered::Unavailable("the client was replaced".to_owned())),
        }
    }

    fn undelivered(&self, record: &OutRecord, error: &KafkaError) -> Undelivered {
        use RDKafkaErrorCode as Code;
        let reason = format!("topic {}: {error}", record.topic.name);
        match error.rdkafka_error_code() {
            Some(Code::MessageSizeTooLarge | Code::TopicAuthorizationFailed | Code::InvalidTopic) => {
                Undelivered::Refused(reason)
            }
            // It was there before: the next call asks for it anew.
            Some(Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition) => {
                self.0.partitions.forget(record.topic);
                Undelivered::Unavailable(reason)
            }
            _ => Undelivered::Unavailable(reason),
        }
    }

    /// A client that can no longer keep order and number of its records says so once and never works again.
    fn replace_if_broken(&self, used: &Client) {
        let Some((code, reason)) = used.client().fatal_error() else { return };
        let mut client = self.0.client.write().expect("nobody panics while holding it");
        if client.client().fatal_error().is_none() {
            return;
        }
        match self.0.config.create_with_context(Quiet) {
            Ok(new) => {
                tracing::warn!(%code, reason, "the Kafka producer is replaced");
                *client = new;
            }
            Err(error) => tracing::error!(%error, "failed to make a Kafka producer"),
        }
    }
}
