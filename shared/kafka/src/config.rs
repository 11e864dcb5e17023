//! Client settings, with the reason for each that differs from the default.

use rdkafka::ClientConfig;

use crate::{GroupProtocol, Reading, Settings};

/// A sixteenth of what a consumer holds: a batch of this many bytes, uncompressed, is what it takes of a partition at once.
const MOST_BYTES_OF_A_BATCH: &str = "65536";

pub(crate) fn base(settings: &Settings, client_id: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.kafka_bootstrap_servers)
        .set("client.id", client_id)
        // A broker that restarts is back within seconds: the default backs off to 10 s.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000");
    config
}

fn consumer(settings: &Settings, client_id: &str) -> ClientConfig {
    let mut config = base(settings, client_id);
    config
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        // Bounds memory after an outage: the default keeps up to 64 MiB of unread records, and that per partition.
        .set("queued.max.messages.kbytes", "1024")
        // A full local queue makes the fetcher sleep for a second by default, which shows as a saw-tooth of lag.
        .set("fetch.queue.backoff.ms", "20");
    config
}

/// A member of a group.
pub(crate) fn member(settings: &Settings, group: &str, member: &str, reading: Reading) -> ClientConfig {
    let mut config = consumer(settings, member);
    config.set("group.id", settings.full_name(group));
    match settings.group_protocol {
        GroupProtocol::Consumer => {
            config.set("group.protocol", "consumer");
            // Equal partition numbers of all topics to one member, so that joins are local; the server's default
            // (uniform) does not promise it.
            config.set("group.remote.assignor", "range");
        }
        GroupProtocol::Classic => {
            config.set("group.protocol", "classic");
            config.set("partition.assignment.strategy", "range");
            config.set("session.timeout.ms", "6000");
            config.set("heartbeat.interval.ms", "1000");
        }
    }
    match reading {
        Reading::Bulk => fetch_in_bulk(&mut config),
        Reading::Commands { .. } => fetch_at_once(&mut config),
    };
    fetch_in_turn(&mut config);
    config
}

/// What one partition gives must leave room for the others. An answer is no larger than the local queue
/// (`fetch.max.bytes` is made so by the client); when that is full the client forgets whose turn it is and asks for the
/// first partition first. With a MiB each, the default, the first had all of the answer for as long as it was behind,
/// and the last nothing. A batch that is larger comes all the same, but alone: see `MOST_BYTES_OF_A_BATCH`.
fn fetch_in_turn(config: &mut ClientConfig) -> &mut ClientConfig {
    config.set("max.partition.fetch.bytes", MOST_BYTES_OF_A_BATCH)
}

/// Many tiny fetches cost the broker more than the data: wait for 64 KiB or 100 ms. More than what is taken of a
/// partition at once would let one that is behind alone wait the whole time, each time.
fn fetch_in_bulk(config: &mut ClientConfig) -> &mut ClientConfig {
    config.set("fetch.min.bytes", MOST_BYTES_OF_A_BATCH).set("fetch.wait.max.ms", "100")
}

/// Somebody waits for each record.
fn fetch_at_once(config: &mut ClientConfig) -> &mut ClientConfig {
    config.set("fetch.min.bytes", "1").set("fetch.wait.max.ms", "250")
}

/// Bounds what a consumer of many partitions holds: one answer of a quarter of a MiB (compressed) under way, and about
/// as much waiting. 20,000 reports a second, some 1.5 MB, flow through that ten times over.
fn hold_little(config: &mut ClientConfig) -> &mut ClientConfig {
    config
        .set("queued.max.messages.kbytes", "256")
        // Each waiting record costs some 350 bytes beside its own.
        .set("queued.min.messages", "5000")
        .set("fetch.max.bytes", "262144")
        // An answer may not be smaller than the largest message: ours are 64 KiB at most.
        .set("message.max.bytes", "262144");
    fetch_in_turn(config)
}

/// A reader of everything: a group of its own, in which it only tells its positions.
pub(crate) fn broadcast(settings: &Settings, member: &str, eager: bool) -> ClientConfig {
    let mut config = consumer(settings, member);
    config.set("group.id", settings.full_name(member));
    let fetch = if eager { fetch_at_once } else { fetch_in_bulk };
    hold_little(fetch(&mut config));
    config
}

/// A reader of whole tables, in little memory.
pub(crate) fn scan(settings: &Settings, member: &str) -> ClientConfig {
    let mut config = reader(settings, &format!("{member}-tables"), true);
    hold_little(&mut config);
    config
}

/// A reader without a group; the id is never used to join or commit.
pub(crate) fn reader(settings: &Settings, client_id: &str, committed: bool) -> ClientConfig {
    let mut config = consumer(settings, client_id);
    config
        .set("group.id", format!("{}-reader", settings.full_name(client_id)))
        .set("enable.partition.eof", "true")
        .set("isolation.level", if committed { "read_committed" } else { "read_uncommitted" })
        // The end of a partition is only said once a fetch comes back: don't wait long for what is not there.
        .set("fetch.wait.max.ms", "10");
    config
}

/// A producer that waits for all replicas and never writes twice or out of order.
pub(crate) fn producer(settings: &Settings, client_id: &str, linger_ms: u32) -> ClientConfig {
    let mut config = base(settings, client_id);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        .set("linger.ms", linger_ms.to_string())
        .set("batch.size", MOST_BYTES_OF_A_BATCH)
        // What Java clients do; the default (CRC32) would put the same key elsewhere.
        .set("partitioner", "murmur2_random")
        .set("delivery.timeout.ms", "60000");
    config
}

/// A producer whose records leave on schedule, whatever the brokers do.
pub(crate) fn scheduled(settings: &Settings, client_id: &str, linger_ms: u32) -> ClientConfig {
    let mut config = producer(settings, client_id, linger_ms);
    // Nobody waits, and what is lost here is lost: outlast a broker that is away for a while.
    config.set("delivery.timeout.ms", "300000");
    config
}

/// A producer whose callers wait for each record.
pub(crate) fn courier(settings: &Settings, client_id: &str) -> ClientConfig {
    // Collects what many callers send at the same time.
    let mut config = producer(settings, client_id, 2);
    config
        // Somebody waits for the answer, and may come again.
        .set("delivery.timeout.ms", "3000")
        // What piles up while brokers are away; a gigabyte by default. Further callers wait until there is room.
        .set("queue.buffering.max.messages", "10000")
        .set("queue.buffering.max.kbytes", "8192");
    config
}

/// A producer of transactions.
pub(crate) fn transactional(settings: &Settings, client_id: &str, transactional_id: &str) -> ClientConfig {
    let mut config = producer(settings, client_id, 0);
    config
        .set("transactional.id", transactional_id)
        // A member that freezes inside a transaction holds back every read-committed reader until this ends.
        .set("transaction.timeout.ms", "10000")
        // While the markers of the last transaction are written the next one is told to try again: after 100 ms by
        // default, which would be most of the time a transaction takes.
        .set("retry.backoff.ms", "3")
        .set("delivery.timeout.ms", "10000");
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_partition_gives_at_once_holds_a_batch_and_is_worth_an_answer() {
        let settings = Settings::new("127.0.0.1:1", "");
        let bytes = |config: &ClientConfig, name: &str| config.get(name).unwrap().parse::<u64>().unwrap();
        let batch = bytes(&producer(&settings, "a", 20), "batch.size");
        for config in [member(&settings, "group", "a", Reading::Bulk), broadcast(&settings, "a", false)] {
            let share = bytes(&config, "max.partition.fetch.bytes");
            assert!(bytes(&config, "fetch.min.bytes") <= share, "one that is behind alone would wait");
            assert!(batch <= share, "a larger batch would come alone");
            let queued = bytes(&config, "queued.max.messages.kbytes") * 1024;
            assert!(share * 4 <= queued, "one would leave no room for others");
        }
    }
}
