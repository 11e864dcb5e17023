//! What comes back from the brokers for the records of an outbox.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, DeliveryResult};
use rdkafka::producer::ProducerContext;
use rdkafka::{ClientContext, Message};
use tokio::sync::Notify;

use crate::{Receipt, RecordSum, Witness, quiet};

/// Counts what comes back from the brokers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deliveries(pub(super) Arc<Counts>);

/// What is known of the records of an outbox.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(super) under_way: AtomicI64,
    pub(super) failed: AtomicU64,
    pub(super) acknowledged: AtomicU64,
    pub(super) first_error: Mutex<Option<KafkaError>>,
    pub(super) idle: Notify,
    /// What was acknowledged, by partition; kept of outboxes that write one topic, if asked for.
    pub(super) sums: Option<Mutex<Vec<RecordSum>>>,
    pub(super) witness: Option<Witness>,
}

impl Counts {
    fn sum_up(&self, message: &BorrowedMessage<'_>) {
        let Some(sums) = &self.sums else { return };
        let Ok(partition) = usize::try_from(message.partition()) else { return };
        let mut sums = sums.lock().expect("nobody panics while holding it");
        if sums.len() <= partition {
            sums.resize(partition + 1, RecordSum::default());
        }
        sums[partition].add(message.payload().unwrap_or_default());
    }

    fn show(&self, message: &BorrowedMessage<'_>, mark: usize) {
        let Some(witness) = &self.witness else { return };
        let offset = Some(message.offset()).filter(|offset| *offset >= 0);
        let key = message.key().unwrap_or_default();
        witness.show(Receipt { key, mark, partition: message.partition(), offset });
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        quiet::say(level, facility, text);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        quiet::report(&error, reason);
    }
}

impl ProducerContext for Deliveries {
    /// The mark of a record.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, mark: usize) {
        match result {
            Ok(message) => {
                self.0.sum_up(message);
                self.0.show(message, mark);
                self.0.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Err((error, _)) => {
                self.0.failed.fetch_add(1, Ordering::Relaxed);
                self.0
                    .first_error
                    .lock()
                    .expect("nobody panics while holding it")
                    .get_or_insert_with(|| error.clone());
            }
        }
        if self.0.under_way.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_one();
        }
    }
}
