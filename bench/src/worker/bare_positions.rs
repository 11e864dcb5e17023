//! What the service live-location makes Redis do, in one loop: the newest report of each driver of a batch, in
//! transactions of as many as the service's, checked against a token.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use anyhow::{Context, ensure};
use events::driver_locations::LocationReport;
use kafka::Settings;
use rdkafka::Message;
use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;

use super::bare_reader::BareReader;
use crate::batches::Batches;
use crate::cpu::Servers;
use crate::ground::TOPIC;

/// The group of this loop.
pub(crate) const GROUP: &str = "bench-positions";

/// Stands for the token that a member of the service holds.
const TOKEN: &str = "bench";

/// Longest wait for Redis, which at a rate that is too high for the machine is seconds behind: the client's own 500 ms
/// would end the loop then.
const PATIENCE: Duration = Duration::from_secs(30);

struct Newest {
    driver: u64,
    partition: i32,
    offset: i64,
    lat: f64,
    lon: f64,
    seen_ms: i64,
}

/// Every driver counts as busy, or as idle: either way a report costs Redis the same.
pub(crate) async fn run(settings: &Settings, url: &str, idle: bool) -> anyhow::Result<()> {
    let client = redis::Client::open(url).context("REDIS_URL is no URL of a Redis server")?;
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
    let connection = client.get_multiplexed_async_connection_with_config(&config).await;
    let connection = connection.context("failed to connect to redis")?;
    let (put, take) = if idle { ("idle", "busy") } else { ("busy", "idle") };
    let mut redis = Redis { connection, prefix: settings.namespace.clone(), put, take };
    redis.take_tokens().await?;
    let mut reader = BareReader::join(settings, GROUP, &[TOPIC], Batches::LIVE_LOCATION, Servers::default())?;
    loop {
        let mut newest: HashMap<u64, Newest> = HashMap::new();
        reader
            .read(|message| {
                let report: LocationReport = serde_json::from_slice(message.payload().unwrap_or_default())?;
                let update = Newest {
                    driver: report.driver.0,
                    partition: message.partition(),
                    offset: message.offset(),
                    lat: report.lat,
                    lon: report.lon,
                    seen_ms: message.timestamp().to_millis().unwrap_or_default(),
                };
                newest.insert(update.driver, update);
                Ok(())
            })
            .await?;
        let mut updates: Vec<Newest> = newest.into_values().collect();
        updates.sort_unstable_by_key(|update| (update.partition, update.offset));
        for slice in updates.chunks(live::SLICE) {
            redis.write(slice).await?;
        }
        reader.commit()?;
    }
}

struct Redis {
    connection: MultiplexedConnection,
    prefix: String,
    /// The set that drivers are put into, and that which they are taken out of.
    put: &'static str,
    take: &'static str,
}

impl Redis {
    fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    async fn take_tokens(&mut self) -> anyhow::Result<()> {
        let mut command = redis::cmd("HSET");
        command.arg(self.key("fences"));
        for partition in 0..events::topic::DEFAULT_PARTITIONS {
            command.arg(partition).arg(TOKEN);
        }
        command.query_async(&mut self.connection).await.context("failed to write to redis")
    }

    async fn write(&mut self, slice: &[Newest]) -> anyhow::Result<()> {
        let partitions: BTreeSet<i32> = slice.iter().map(|update| update.partition).collect();
        let mut check = redis::pipe();
        check.cmd("WATCH").arg(self.key("fences")).ignore();
        check.cmd("HMGET").arg(self.key("fences")).arg(partitions.iter().collect::<Vec<_>>());
        let (tokens,): (Vec<Option<String>>,) =
            check.query_async(&mut self.connection).await.context("failed to read from redis")?;
        ensure!(
            tokens.iter().all(|token| token.as_deref() == Some(TOKEN)),
            "somebody else writes these keys"
        );
        let now_ms = runtime::clock::now_ms();
        let mut pipe = redis::pipe();
        pipe.atomic().cmd("GEOADD").arg(self.key(self.put));
        for update in slice {
            pipe.arg(update.lon).arg(update.lat).arg(update.driver);
        }
        pipe.cmd("ZADD").arg(self.key("seen"));
        for update in slice {
            pipe.arg(update.seen_ms.min(now_ms)).arg(update.driver);
        }
        pipe.cmd("ZREM").arg(self.key(self.take));
        pipe.arg(slice.iter().map(|update| update.driver).collect::<Vec<_>>());
        let next: BTreeMap<i32, i64> =
            slice.iter().map(|update| (update.partition, update.offset + 1)).collect();
        pipe.cmd("HSET").arg(self.key("watermarks"));
        for (partition, next) in &next {
            pipe.arg(partition).arg(format!("{next} {now_ms}"));
        }
        let answer: redis::Value =
            pipe.query_async(&mut self.connection).await.context("failed to write to redis")?;
        ensure!(answer != redis::Value::Nil, "a token changed in between");
        Ok(())
    }
}
