//! Kafka clients of the bare loops: the settings of ours, so that what differs is our code.

use kafka::Settings;
use rdkafka::ClientConfig;

/// Records that are collected for so long before they are sent, as the load generator does with reports.
pub(crate) const LINGER_MS: u32 = 20;

/// Most records of a batch, and how long one is collected: those of the service live-location.
pub(crate) const BATCH: usize = 5_000;
pub(crate) const BATCH_MS: u64 = 40;

/// How records are compressed on their way to the broker, which keeps them so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// As our services do.
    Lz4,
    /// Readable for clients that bring no lz4, as kafkajs.
    None,
}

impl Compression {
    fn name(self) -> &'static str {
        match self {
            Self::Lz4 => "lz4",
            Self::None => "none",
        }
    }
}

fn base(settings: &Settings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.kafka_bootstrap_servers)
        .set("client.id", "bench-bare")
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000");
    config
}

/// The settings of `kafka::Outbox`, but for the compression.
pub(crate) fn producer(settings: &Settings, compression: Compression) -> ClientConfig {
    let mut config = base(settings);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", compression.name())
        .set("linger.ms", LINGER_MS.to_string())
        .set("partitioner", "murmur2_random")
        .set("delivery.timeout.ms", "60000");
    config
}

/// The settings of `kafka::KafkaSource` that reads in bulk.
pub(crate) fn consumer(settings: &Settings, group: &str) -> ClientConfig {
    let mut config = base(settings);
    config
        .set("group.id", settings.full_name(group))
        .set("group.protocol", "consumer")
        .set("group.remote.assignor", "range")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        .set("queued.max.messages.kbytes", "1024")
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.min.bytes", "100000")
        .set("fetch.wait.max.ms", "100");
    config
}

/// A client that only administers.
pub(crate) fn admin(settings: &Settings) -> ClientConfig {
    base(settings)
}
