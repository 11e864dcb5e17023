//! What is told of Kafka. The names and labels of lag are those of kafka-exporter, which public dashboards know.

use figures::Metric;

/// All metrics of this crate.
pub static ALL: [&Metric; 2] = [&LAG, &LAG_TIME];

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
