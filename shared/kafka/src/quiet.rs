//! Clients that keep to themselves what is no trouble, and do not repeat what is.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// A reader's consumer.
pub(crate) type Reader = BaseConsumer<Quiet>;

/// While brokers are away every client says so many times a second: one line in this many seconds is enough.
const SAY_EVERY_S: u64 = 5;

/// A context that only reports errors, in moderation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        say(level, facility, text);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        report(&error, reason);
    }
}

impl ConsumerContext for Quiet {}

/// Logs what the client library says: a constant message, and its words as fields.
pub(crate) fn say(level: RDKafkaLogLevel, facility: &str, text: &str) {
    use RDKafkaLogLevel as Level;
    match level {
        Level::Emerg | Level::Alert | Level::Critical | Level::Error => {
            tracing::error!(target: "librdkafka", facility, text, "the Kafka client says");
        }
        Level::Warning => tracing::warn!(target: "librdkafka", facility, text, "the Kafka client says"),
        Level::Notice | Level::Info => {
            tracing::info!(target: "librdkafka", facility, text, "the Kafka client says");
        }
        Level::Debug => tracing::debug!(target: "librdkafka", facility, text, "the Kafka client says"),
    }
}

/// Logs an error of a client: the end of a partition not at all (readers without a group wait for it), brokers that
/// are away or not ready now and then, anything else always.
pub(crate) fn report(error: &KafkaError, reason: &str) {
    use RDKafkaErrorCode as Code;
    match error.rdkafka_error_code() {
        Some(Code::PartitionEOF) => (),
        Some(
            Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::OperationTimedOut
            // Topics that were just created, or whose broker starts.
            | Code::NotLeaderForPartition
            | Code::UnknownLeaderEpoch
            | Code::LeaderNotAvailable,
        ) => {
            if is_time_to_say() {
                tracing::warn!(%error, reason, "brokers are away, the Kafka client goes on trying");
            }
        }
        _ => tracing::error!(%error, reason, "trouble with Kafka"),
    }
}

fn is_time_to_say() -> bool {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    // Seconds since the first error at which the next line is due.
    static DUE_S: AtomicU64 = AtomicU64::new(0);
    let now_s = STARTED.get_or_init(Instant::now).elapsed().as_secs();
    let due_s = DUE_S.load(Ordering::Relaxed);
    now_s >= due_s
        && DUE_S.compare_exchange(due_s, now_s + SAY_EVERY_S, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}
