//! A producer that knows how many of its records are still under way.

mod deliveries;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, bail};
use events::{OutRecord, Placement, Topic};
use rdkafka::ClientConfig;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use self::deliveries::{Counts, Deliveries};
use crate::partitions::{Partitions, partition_of};
use crate::patience::REQUEST_TIMEOUT;
use crate::polled::Polled;
use crate::{RecordSum, Settings, Witness, config, partitions, trace_header};

/// Writes records and waits for their acknowledgement in bulk, not one by one.
pub struct Outbox {
    producer: Polled<Deliveries>,
    settings: Settings,
    partitions: Partitions,
    /// Its records are those of apps: nothing caused them that lies in a trace, so traces begin here.
    of_apps: bool,
}

impl Outbox {
    /// An outbox that collects records for `linger_ms` before it sends them.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn new(settings: &Settings, client_id: &str, linger_ms: u32) -> anyhow::Result<Self> {
        Self::with(settings, &config::producer(settings, client_id, linger_ms))
    }

    /// An outbox for the records of apps, which leave on schedule: it is never waited for but at the end, outlasts
    /// brokers that are away for minutes, and sums up what was acknowledged.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn on_schedule(settings: &Settings, client_id: &str, linger_ms: u32) -> anyhow::Result<Self> {
        Self::witnessed(settings, client_id, linger_ms, None)
    }

    /// As `on_schedule`, with somebody who sees every receipt.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn witnessed(
        settings: &Settings,
        client_id: &str,
        linger_ms: u32,
        witness: Option<Witness>,
    ) -> anyhow::Result<Self> {
        let counts = Counts { sums: Some(Mutex::default()), witness, ..Counts::default() };
        let outbox = Self::counting(settings, &config::scheduled(settings, client_id, linger_ms), counts)?;
        Ok(Self { of_apps: true, ..outbox })
    }

    pub(crate) fn with(settings: &Settings, client: &rdkafka::ClientConfig) -> anyhow::Result<Self> {
        Self::counting(settings, client, Counts::default())
    }

    fn counting(settings: &Settings, client: &ClientConfig, counts: Counts) -> anyhow::Result<Self> {
        let producer = Polled::start(client, Deliveries(Arc::new(counts)))?;
        Ok(Self { producer, settings: settings.clone(), partitions: Partitions::default(), of_apps: false })
    }

    pub(crate) fn producer(&self) -> &BaseProducer<Deliveries> {
        &self.producer
    }

    /// Asks for the partitions of topics now, so that handing over their first records does not wait for brokers.
    ///
    /// # Errors
    /// If a topic is not there or the broker does not answer.
    pub fn prepare(&self, topics: &[&Topic]) -> anyhow::Result<()> {
        topics.iter().try_for_each(|topic| self.partition_count(topic).map(drop))
    }

    /// Hands a record to the client; `false` if its queue is full: wait, then hand it over again.
    ///
    /// # Errors
    /// If the record can never be sent: too large, or its topic is not there.
    pub fn try_send(&self, record: &OutRecord) -> anyhow::Result<bool> {
        self.try_send_due(record, None, 0)
    }

    /// As `try_send`, of a record that was due at this moment (real time), which becomes its timestamp in place of that of the
    /// hand-over: whoever reads it then counts what it had to wait before. The mark stands on its receipt.
    ///
    /// # Errors
    /// As `try_send`.
    pub fn try_send_due(&self, record: &OutRecord, due_ms: Option<i64>, mark: usize) -> anyhow::Result<bool> {
        let partition = match record.placement {
            Placement::Key => None,
            Placement::Zone(_) => partition_of(record, self.partition_count(record.topic)?),
        };
        let topic = self.settings.full_name(record.topic.name);
        let mut raw = BaseRecord::with_opaque_to(&topic, mark).key(&record.key[..]);
        raw.partition = partition;
        raw.payload = record.payload.as_deref();
        raw.timestamp = due_ms;
        let tracer = &self.settings.tracer;
        // Of what apps make the header is the span of sending, as with a courier; what they go back to is a link of that.
        let sending = if self.of_apps { trace_header::begin_sending(tracer, record) } else { None };
        let handled = record.traceparent.filter(|_| !self.of_apps);
        let cause = sending.as_ref().map(|span| span.context).or(handled);
        raw.headers = trace_header::of(tracer, cause);
        let is_sent = self.enqueue(raw)?;
        tracer.end(sending.filter(|_| is_sent));
        Ok(is_sent)
    }

    pub(crate) fn send_raw(
        &self,
        topic: &str,
        key: Option<&[u8]>,
        payload: Option<&[u8]>,
        headers: OwnedHeaders,
    ) -> anyhow::Result<bool> {
        let mut record = BaseRecord::with_opaque_to(topic, 0).headers(headers);
        record.key = key;
        record.payload = payload;
        self.enqueue(record)
    }

    fn enqueue(&self, record: BaseRecord<'_, [u8], [u8], usize>) -> anyhow::Result<bool> {
        let topic = record.topic;
        let counts = &self.producer.context().0;
        counts.under_way.fetch_add(1, Ordering::AcqRel);
        match self.producer.send(record) {
            Ok(()) => Ok(true),
            Err((error, _)) => {
                counts.under_way.fetch_sub(1, Ordering::AcqRel);
                match error.rdkafka_error_code() {
                    Some(RDKafkaErrorCode::QueueFull) => Ok(false),
                    _ => Err(error).with_context(|| format!("failed to send to topic {topic}")),
                }
            }
        }
    }

    /// Hands all records over, waiting whenever the client's queue is full.
    ///
    /// # Errors
    /// As `try_send`.
    pub async fn send_all(&self, records: &[OutRecord]) -> anyhow::Result<()> {
        for record in records {
            while !self.try_send(record)? {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Ok(())
    }

    /// Waits until every record handed over is acknowledged.
    ///
    /// # Errors
    /// If some were not, with the first reason.
    pub async fn settled(&self) -> anyhow::Result<()> {
        let counts = &self.producer.context().0;
        while counts.under_way.load(Ordering::Acquire) > 0 {
            counts.idle.notified().await;
        }
        let failed = counts.failed.swap(0, Ordering::AcqRel);
        if failed == 0 {
            return Ok(());
        }
        let error = counts.first_error.lock().expect("nobody panics while holding it").take();
        match error {
            Some(error) => Err(error).with_context(|| format!("{failed} records were not acknowledged")),
            None => bail!("{failed} records were not acknowledged"),
        }
    }

    /// The same, but for as long as this at most: whoever waits within a transaction does not rely on the client to end
    /// it.
    ///
    /// # Errors
    /// If some were not acknowledged, by then or ever.
    pub(crate) async fn settled_within(&self, patience: Duration) -> anyhow::Result<()> {
        match tokio::time::timeout(patience, self.settled()).await {
            Ok(settled) => settled,
            Err(_) => {
                bail!("{} records are still under way after {} ms", self.under_way(), patience.as_millis())
            }
        }
    }

    /// What was acknowledged so far, by partition; nothing unless the outbox was made `on_schedule`.
    #[must_use]
    pub fn sums(&self) -> Vec<RecordSum> {
        let sums = self.producer.context().0.sums.as_ref();
        sums.map_or_else(Vec::new, |sums| sums.lock().expect("nobody panics while holding it").clone())
    }

    /// How many records were acknowledged so far.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.producer.context().0.acknowledged.load(Ordering::Relaxed)
    }

    /// How many records failed and were not yet asked for by `settled`.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.producer.context().0.failed.load(Ordering::Relaxed)
    }

    /// How many records are under way.
    #[must_use]
    pub fn under_way(&self) -> i64 {
        self.producer.context().0.under_way.load(Ordering::Relaxed)
    }

    /// How many partitions a topic has, asked for once.
    fn partition_count(&self, topic: &Topic) -> anyhow::Result<i32> {
        if let Some(count) = self.partitions.known(topic) {
            return Ok(count);
        }
        let full_name = self.settings.full_name(topic.name);
        let count = partitions::count(self.producer.client(), &full_name, REQUEST_TIMEOUT)
            .with_context(|| format!("failed to read the partitions of topic {full_name}"))?
            .with_context(|| partitions::no_such_topic(&full_name))?;
        self.partitions.remember(topic, count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_records_that_no_broker_takes_is_told_when_patience_is_at_its_end() {
        let settings = Settings::new("127.0.0.1:1", "");
        let outbox = Outbox::with(&settings, &config::producer(&settings, "test", 0)).unwrap();
        outbox.settled_within(Duration::from_secs(5)).await.expect("nothing is under way");
        let topic = &events::ride_requests::TOPIC;
        let record = OutRecord {
            topic,
            key: b"a".to_vec(),
            payload: Some(b"{}".to_vec()),
            placement: Placement::Key,
            traceparent: None,
        };
        assert!(outbox.try_send(&record).unwrap());
        let error = outbox.settled_within(Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(error.to_string(), "1 records are still under way after 20 ms");
    }

    #[tokio::test]
    async fn a_full_queue_is_said_and_nothing_is_lost_of_what_it_holds() {
        let settings = Settings::new("127.0.0.1:1", "");
        let mut client = config::scheduled(&settings, "test", 0);
        client.set("queue.buffering.max.messages", "2");
        let outbox = Outbox::with(&settings, &client).unwrap();
        let record = OutRecord {
            topic: &events::driver_locations::TOPIC,
            key: b"1".to_vec(),
            payload: Some(b"{}".to_vec()),
            placement: Placement::Key,
            traceparent: None,
        };
        let taken = [(); 4].map(|()| outbox.try_send_due(&record, Some(7), 7).unwrap());
        assert_eq!((taken, outbox.under_way()), ([true, true, false, false], 2));
    }
}
