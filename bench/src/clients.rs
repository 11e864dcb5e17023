//! Kafka clients of the bare loops: told what ours are told, so that what differs is our code.

use kafka::told::{self, Told};
use kafka::{Reading, Settings};
use rdkafka::ClientConfig;

/// Records that are collected for so long before they are sent, as the load generator does with reports.
pub(crate) const LINGER_MS: u32 = loadgen::REPORT_LINGER_MS;

/// What the clients of bare loops are called.
const NAME: &str = "bench-bare";

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

/// What the load generator tells the producer of its reports, but for the compression.
pub(crate) fn producer(settings: &Settings, compression: Compression) -> ClientConfig {
    let mut told = told::scheduled(settings, NAME, LINGER_MS);
    told.insert("compression.type".to_owned(), compression.name().to_owned());
    client(told)
}

/// One thing of what that producer is told, for a tool that calls it the same.
pub(crate) fn told_to_producer(settings: &Settings, name: &str) -> Option<String> {
    told::scheduled(settings, NAME, LINGER_MS).remove(name)
}

/// What an exactly-once service tells its producer.
pub(crate) fn transactional(settings: &Settings, group: &str) -> ClientConfig {
    client(told::transactional(settings, group))
}

/// What a service that reads so tells its member of the group.
pub(crate) fn consumer(settings: &Settings, group: &str, reading: Reading) -> ClientConfig {
    client(told::member(settings, group, NAME, reading))
}

/// A client that only administers.
pub(crate) fn admin(settings: &Settings) -> ClientConfig {
    client(told::any(settings, NAME))
}

fn client(told: Told) -> ClientConfig {
    told.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the two are told differently, by name.
    fn differing(bare: &ClientConfig, ours: &Told) -> Vec<String> {
        let bare = bare.config_map();
        let names = bare.keys().copied().chain(ours.keys().map(String::as_str));
        let mut names: Vec<String> = names
            .filter(|name| bare.get(name).copied() != ours.get(*name).map(String::as_str))
            .map(str::to_owned)
            .collect();
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn bare_loops_are_told_what_services_are_told_but_for_names() {
        let settings = Settings::new("127.0.0.1:1", "space");
        for reading in [Reading::Bulk, Reading::Commands { pace: trips::PACE }] {
            let ours = told::member(&settings, "archiver", "archiver-1", reading);
            let bare = consumer(&settings, "bench-documents", reading);
            assert_eq!(differing(&bare, &ours), ["client.id", "group.id"], "{reading:?}");
        }
        let ours = told::scheduled(&settings, "loadgen-reports", LINGER_MS);
        assert_eq!(differing(&producer(&settings, Compression::Lz4), &ours), ["client.id"]);
        let other = ["client.id", "compression.type"];
        assert_eq!(differing(&producer(&settings, Compression::None), &ours), other);
        let ours = told::transactional(&settings, "trips-1");
        let names = ["client.id", "transactional.id"];
        assert_eq!(differing(&transactional(&settings, "bench-trips"), &ours), names);
    }

    #[test]
    fn what_would_make_a_loop_unequal_is_among_what_it_is_told() {
        let settings = Settings::new("127.0.0.1:1", "");
        let consumer = consumer(&settings, "bench", Reading::Bulk);
        for name in ["fetch.min.bytes", "fetch.wait.max.ms", "max.partition.fetch.bytes", "isolation.level"] {
            assert!(consumer.get(name).is_some(), "{name}");
        }
        for name in ["batch.size", "linger.ms", "acks", "enable.idempotence", "partitioner"] {
            assert!(producer(&settings, Compression::Lz4).get(name).is_some(), "{name}");
        }
        assert!(told_to_producer(&settings, "batch.size").is_some());
    }
}
