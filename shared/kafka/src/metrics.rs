//! What is told of Kafka. The names and labels of lag are those of kafka-exporter, which public dashboards know.

use figures::{Metric, SECONDS};

/// All metrics of this crate.
pub static ALL: [&Metric; 4] = [&LAG, &LAG_TIME, &TRANSACTIONS_BEGUN, &TRANSACTION_TIME];

/// Lag in records.
pub static LAG: Metric = Metric::gauge(
    "kafka_consumergroup_lag",
    "Offsets between what the group has committed and the end of the partition, told by the member that holds it; \
     markers of transactions count too",
)
.by(&["consumergroup", "topic", "partition"]);

/// Lag in time.
pub static LAG_TIME: Metric = Metric::gauge(
    "kafka_consumergroup_lag_seconds",
    "Age of the next record to be dealt with, at most; 0 if all of the partition is dealt with",
)
.by(&["consumergroup", "topic", "partition"])
.in_ms();

/// Transactions begun.
pub static TRANSACTIONS_BEGUN: Metric = Metric::counter(
    "hailstorm_transactions_begun_total",
    "Transactions begun, of services that read and write exactly once",
);

/// Time of transactions.
pub static TRANSACTION_TIME: Metric = Metric::histogram(
    "hailstorm_transaction_duration_seconds",
    SECONDS,
    "Time from the beginning of a transaction until it was committed, or aborted",
)
.by(&["result"]);
