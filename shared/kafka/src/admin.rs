//! Topics as the broker has them against topics as the contracts want them.

use std::time::Duration;

use anyhow::{Context, bail};
use events::topic::DEAD_LETTER_RETENTION;
use events::{Cleanup, Topic};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::RDKafkaErrorCode;

use crate::patience::REQUEST_TIMEOUT;
use crate::topic_state::{compare, settings_of};
use crate::{Difference, Settings, TopicState, config};

/// Creates, describes and compares topics.
pub struct TopicAdmin {
    client: AdminClient<DefaultClientContext>,
    settings: Settings,
    partitions: i32,
    replication: i32,
}

impl TopicAdmin {
    /// An admin that wants this many partitions and replicas of every topic.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn new(settings: &Settings, partitions: i32, replication: i32) -> anyhow::Result<Self> {
        let client =
            config::base(settings, "topic-admin").create().context("failed to make a Kafka admin client")?;
        Ok(Self { client, settings: settings.clone(), partitions, replication })
    }

    /// All topics as they should be: those of the contracts and their dead-letter topics.
    #[must_use]
    pub fn wanted(&self) -> Vec<TopicState> {
        let state = |topic: &Topic| TopicState {
            name: topic.name.to_owned(),
            partitions: self.partitions,
            replication: self.replication,
            cleanup_policy: match topic.cleanup {
                Cleanup::Delete(_) => "delete".to_owned(),
                Cleanup::Compact => "compact".to_owned(),
            },
            retention_ms: match topic.cleanup {
                Cleanup::Delete(retention) => Some(millis(retention)),
                Cleanup::Compact => None,
            },
        };
        // Dead letters are few and read by people: one partition keeps them in one order.
        let dead_letters = |topic: &Topic| TopicState {
            name: topic.dead_letters(),
            partitions: 1,
            cleanup_policy: "delete".to_owned(),
            retention_ms: Some(millis(DEAD_LETTER_RETENTION)),
            ..state(topic)
        };
        events::ALL.iter().flat_map(|topic| [state(topic), dead_letters(topic)]).collect()
    }

    /// Creates what is missing; returns the names of what was created.
    ///
    /// # Errors
    /// If the broker refuses a topic for another reason than that it exists.
    pub async fn create(&self) -> anyhow::Result<Vec<String>> {
        let wanted = self.wanted();
        let specs: Vec<_> =
            wanted.iter().map(|topic| (self.settings.full_name(&topic.name), settings_of(topic))).collect();
        let topics = specs.iter().zip(&wanted).map(|((name, values), topic)| {
            let new = NewTopic::new(name, topic.partitions, TopicReplication::Fixed(topic.replication));
            values.iter().fold(new, |new, (key, value)| new.set(key, value))
        });
        let topics: Vec<NewTopic<'_>> = topics.collect();
        let options = AdminOptions::new()
            .operation_timeout(Some(REQUEST_TIMEOUT))
            .request_timeout(Some(REQUEST_TIMEOUT));
        let results =
            self.client.create_topics(&topics, &options).await.context("failed to create topics")?;
        let mut created = Vec::new();
        for result in results {
            match result {
                Ok(name) => created.push(self.settings.base_name(&name).to_owned()),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => (),
                Err((name, code)) => bail!("failed to create topic {name}: {code}"),
            }
        }
        self.wait_until_known(wanted.len()).await?;
        Ok(created)
    }

    /// A broker tells of a new topic a little after it was created: whoever comes next should find it.
    async fn wait_until_known(&self, topics: usize) -> anyhow::Result<()> {
        let known = async {
            while self.list()?.len() < topics {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(REQUEST_TIMEOUT, known)
            .await
            .context("the broker does not tell of all topics")?
    }

    /// The topics of the contracts as the broker has them; those that are missing are left out.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub async fn describe(&self) -> anyhow::Result<Vec<TopicState>> {
        let mut states = self.list()?;
        self.describe_policies(&mut states).await?;
        Ok(states)
    }

    /// The topics that are there, without their policies.
    fn list(&self) -> anyhow::Result<Vec<TopicState>> {
        let metadata =
            tokio::task::block_in_place(|| self.client.inner().fetch_metadata(None, REQUEST_TIMEOUT))
                .context("failed to read the topics")?;
        let mut states = Vec::new();
        for wanted in self.wanted() {
            let full_name = self.settings.full_name(&wanted.name);
            let Some(topic) = metadata.topics().iter().find(|topic| topic.name() == full_name) else {
                continue;
            };
            let replication =
                topic.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
            states.push(TopicState {
                name: wanted.name,
                partitions: i32::try_from(topic.partitions().len())?,
                replication: i32::try_from(replication)?,
                cleanup_policy: String::new(),
                retention_ms: None,
            });
        }
        Ok(states)
    }

    async fn describe_policies(&self, states: &mut [TopicState]) -> anyhow::Result<()> {
        if states.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = states.iter().map(|state| self.settings.full_name(&state.name)).collect();
        let resources: Vec<_> = names.iter().map(|name| ResourceSpecifier::Topic(name)).collect();
        let options = AdminOptions::new().request_timeout(Some(REQUEST_TIMEOUT));
        let configs = self
            .client
            .describe_configs(&resources, &options)
            .await
            .context("failed to read topic settings")?;
        for (state, config) in states.iter_mut().zip(configs) {
            let config = config.map_err(|code| {
                anyhow::anyhow!("failed to read the settings of topic {}: {code}", state.name)
            })?;
            let value = |name: &str| config.get(name).and_then(|entry| entry.value.clone());
            state.cleanup_policy = value("cleanup.policy").unwrap_or_default();
            if state.cleanup_policy == "delete" {
                state.retention_ms = value("retention.ms").and_then(|text| text.parse().ok());
            }
        }
        Ok(())
    }

    /// All differences between the contracts and the broker.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub async fn check(&self) -> anyhow::Result<Vec<Difference>> {
        let found = self.describe().await?;
        let differences = self.wanted().into_iter().flat_map(|wanted| {
            match found.iter().find(|topic| topic.name == wanted.name) {
                Some(found) => compare(&wanted, found),
                None => vec![Difference {
                    topic: wanted.name,
                    property: "topic",
                    expected: "there".to_owned(),
                    found: "missing".to_owned(),
                }],
            }
        });
        Ok(differences.collect())
    }

    /// Deletes all topics of the namespace; for runs that clean up behind them.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub async fn delete(&self) -> anyhow::Result<()> {
        let names: Vec<String> =
            self.wanted().iter().map(|topic| self.settings.full_name(&topic.name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let options = AdminOptions::new().operation_timeout(Some(REQUEST_TIMEOUT));
        self.client.delete_topics(&names, &options).await.context("failed to delete topics")?;
        Ok(())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).expect("a retention of less than 292 million years")
}
