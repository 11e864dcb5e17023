//! What contenders find: topics, filled or empty, and nothing of those before them.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use archive::Archive;
use domain::driver::{Driver, DriverStatus};
use domain::{CityMs, DriverId};
use events::Contract;
use kafka::{Outbox, Settings, TopicAdmin};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::RDKafkaErrorCode;

use crate::clients::{self, Compression, LINGER_MS};
use crate::reports::Reports;
use crate::worker::write_reports;

/// The topic of location reports.
pub(crate) const TOPIC: &str = events::driver_locations::TOPIC.name;

/// Records of a topic that services drain lie this far ahead of the clock (the broker allows an hour): else
/// `live-location` would begin to take drivers out of Redis as silent when the topic has been there for half a minute.
pub(crate) const AHEAD_MS: i64 = 30 * 60 * 1000;

/// Records that are handed to the client at once.
const SLICE: usize = 1_000;

/// A group can't be deleted while the broker still thinks that it has a member.
const LEAVE_PATIENCE: Duration = Duration::from_secs(15);

/// How long the broker may take to tell of a topic that it has made, and the pause between two looks.
const TOPIC_PATIENCE: Duration = Duration::from_secs(15);
const TOPIC_LOOK: Duration = Duration::from_millis(20);

/// The servers as one namespace sees them.
pub(crate) struct Ground {
    pub(crate) settings: Settings,
    admin: AdminClient<DefaultClientContext>,
}

impl Ground {
    pub(crate) fn new(settings: Settings) -> anyhow::Result<Self> {
        let admin = clients::admin(&settings).create().context("failed to make a Kafka admin client")?;
        Ok(Self { settings, admin })
    }

    /// All topics of a city, which its services want to be there.
    pub(crate) fn topics(&self) -> anyhow::Result<TopicAdmin> {
        self.topics_of(events::topic::DEFAULT_PARTITIONS)
    }

    /// The same with so many partitions each.
    pub(crate) fn topics_of(&self, partitions: i32) -> anyhow::Result<TopicAdmin> {
        TopicAdmin::new(&self.settings, partitions, 1)
    }

    /// The archive of this namespace.
    pub(crate) async fn archive(&self, mongodb_uri: &str) -> anyhow::Result<Archive> {
        let settings = archive::Settings { mongodb_uri: mongodb_uri.to_owned() };
        Archive::connect(&settings, &self.settings.namespace).await
    }

    /// Creates the topic of reports, empty.
    pub(crate) async fn create_topic(&self) -> anyhow::Result<()> {
        self.create_topics(&[TOPIC], events::topic::DEFAULT_PARTITIONS).await
    }

    /// Creates topics, empty, with so many partitions each and the broker's defaults for the rest.
    pub(crate) async fn create_topics(&self, topics: &[&str], partitions: i32) -> anyhow::Result<()> {
        let names: Vec<String> = topics.iter().map(|topic| self.settings.full_name(topic)).collect();
        let new = |name| NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let topics: Vec<NewTopic<'_>> = names.iter().map(|name| new(name)).collect();
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)));
        let results =
            self.admin.create_topics(&topics, &options).await.context("failed to create a topic")?;
        for result in results {
            result.map_err(|(name, code)| anyhow::anyhow!("failed to create topic {name}: {code}"))?;
        }
        for name in &names {
            self.wait_for_topic(name, partitions).await?;
        }
        Ok(())
    }

    /// Waits until the broker tells clients of a topic; it does so a while after it has made it, the more so while it
    /// deletes another of many partitions.
    async fn wait_for_topic(&self, name: &str, partitions: i32) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + TOPIC_PATIENCE;
        while self.partition_count(name)? != partitions {
            ensure!(tokio::time::Instant::now() < deadline, "topic {name} was created and is not told of");
            tokio::time::sleep(TOPIC_LOOK).await;
        }
        Ok(())
    }

    /// Partitions of a topic that the broker tells clients of.
    fn partition_count(&self, name: &str) -> anyhow::Result<i32> {
        let ask = || self.admin.inner().fetch_metadata(Some(name), TOPIC_PATIENCE);
        let metadata = tokio::task::block_in_place(ask).context("failed to look for a topic")?;
        let topic = metadata.topics().iter().find(|topic| topic.error().is_none());
        Ok(i32::try_from(topic.map_or(0, |topic| topic.partitions().len()))?)
    }

    /// Deletes topics; the next contender shall not pay for their cleaning.
    pub(crate) async fn delete_topics(&self, topics: &[&str]) -> anyhow::Result<()> {
        let names: Vec<String> = topics.iter().map(|topic| self.settings.full_name(topic)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.admin.delete_topics(&names, &AdminOptions::new()).await.context("failed to delete topics")?;
        Ok(())
    }

    /// Deletes the topic of reports.
    pub(crate) async fn delete_topic(&self) -> anyhow::Result<()> {
        self.delete_topics(&[TOPIC]).await
    }

    /// Fills the topic with reports measured from now on, with this (real) time as that of their records.
    pub(crate) async fn fill(
        &self,
        records: u64,
        timestamp_ms: i64,
        compression: Compression,
    ) -> anyhow::Result<()> {
        let reports = Reports::from(CityMs(runtime::clock::now_ms()));
        let mut writer = write_reports::Bare::new(&self.settings, compression)?;
        writer.write(reports.take(usize::try_from(records)?), Some(timestamp_ms)).await?;
        writer.settled().await
    }

    /// Fills the topic like `fill`, but so that who reads it sees nothing of it until all of it is there.
    pub(crate) async fn fill_at_once(&self, records: u64, timestamp_ms: i64) -> anyhow::Result<()> {
        let reports = Reports::from(CityMs(runtime::clock::now_ms()));
        let mut writer = write_reports::Bare::transactional(&self.settings)?;
        writer.begin()?;
        writer.write(reports.take(usize::try_from(records)?), Some(timestamp_ms)).await?;
        writer.settled().await?;
        writer.end()
    }

    /// Fills the table of drivers: so many, all of them free.
    pub(crate) async fn fill_drivers(&self, drivers: u64) -> anyhow::Result<()> {
        let since = CityMs(runtime::clock::now_ms());
        let idle = |id| Driver {
            id: DriverId(id),
            status: DriverStatus::Idle,
            since,
            assignment: None,
            leaving: false,
        };
        let outbox = Outbox::new(&self.settings, "bench-table", LINGER_MS)?;
        let mut ids = 1..=drivers;
        loop {
            let records: Vec<_> = ids.by_ref().take(SLICE).map(|id| idle(id).to_record()).collect();
            if records.is_empty() {
                return outbox.settled().await;
            }
            outbox.send_all(&records).await?;
        }
    }

    /// Makes the group forget how far it was.
    pub(crate) async fn delete_group(&self, group: &str) -> anyhow::Result<()> {
        let name = self.settings.full_name(group);
        let deadline = tokio::time::Instant::now() + LEAVE_PATIENCE;
        loop {
            let options = AdminOptions::new().request_timeout(Some(Duration::from_secs(10)));
            let results = self.admin.delete_groups(&[&name], &options).await;
            let results = results.with_context(|| format!("failed to delete group {name}"))?;
            match results.into_iter().next() {
                None | Some(Ok(_) | Err((_, RDKafkaErrorCode::GroupIdNotFound))) => return Ok(()),
                Some(Err((_, RDKafkaErrorCode::NonEmptyGroup))) if tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Some(Err((name, code))) => bail!("failed to delete group {name}: {code}"),
            }
        }
    }

    /// Removes every key of the namespace from Redis.
    pub(crate) async fn clear_redis(&self, url: &str) -> anyhow::Result<()> {
        let client = redis::Client::open(url).context("REDIS_URL is no URL of a Redis server")?;
        let mut connection =
            client.get_multiplexed_async_connection().await.context("failed to connect to redis")?;
        let pattern = format!("{}:*", self.settings.namespace);
        let keys: Vec<String> = redis::cmd("KEYS")
            .arg(pattern)
            .query_async(&mut connection)
            .await
            .context("failed to list keys")?;
        if !keys.is_empty() {
            // Not DEL: freeing the sets of a million drivers takes longer than the client waits.
            let () = redis::cmd("UNLINK")
                .arg(keys)
                .query_async(&mut connection)
                .await
                .context("failed to clear redis")?;
        }
        Ok(())
    }
}
