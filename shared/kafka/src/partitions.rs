//! How many partitions topics have, and which of them a record belongs to.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use events::{OutRecord, Placement, Topic};
use rdkafka::client::Client;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::{ClientContext, metadata::MetadataTopic};

/// Counts of partitions, each asked for once.
#[derive(Debug, Default)]
pub(crate) struct Partitions(Mutex<BTreeMap<&'static str, i32>>);

impl Partitions {
    /// The count of a topic, if it was asked for already.
    pub(crate) fn known(&self, topic: &Topic) -> Option<i32> {
        self.counts().get(topic.name).copied()
    }

    /// Remembers the count of a topic.
    pub(crate) fn remember(&self, topic: &Topic, count: i32) {
        self.counts().insert(topic.name, count);
    }

    /// Has the count of a topic asked for again.
    pub(crate) fn forget(&self, topic: &Topic) {
        self.counts().remove(topic.name);
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<&'static str, i32>> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

/// The partition that a record is put into; `None` leaves it to the client, which takes murmur2 of the key.
pub(crate) fn partition_of(record: &OutRecord, count: i32) -> Option<i32> {
    match record.placement {
        Placement::Key => None,
        Placement::Zone(zone) => Some(zone.partition(count)),
    }
}

/// Asks how many partitions a topic (full name) has; `None` if there is no such topic.
pub(crate) fn count<C: ClientContext>(
    client: &Client<C>,
    full_name: &str,
    timeout: Duration,
) -> KafkaResult<Option<i32>> {
    let metadata = client.fetch_metadata(Some(full_name), timeout)?;
    let topic = metadata.topics().iter().find(|topic| topic.name() == full_name);
    topic.map_or(Ok(None), count_in)
}

fn count_in(topic: &MetadataTopic) -> KafkaResult<Option<i32>> {
    let count = i32::try_from(topic.partitions().len()).expect("partitions are numbered with 32 bits");
    match topic.error().map(RDKafkaErrorCode::from) {
        _ if count > 0 => Ok(Some(count)),
        None | Some(RDKafkaErrorCode::UnknownTopicOrPartition) => Ok(None),
        // The broker doesn't know yet: it has just started, say.
        Some(code) => Err(KafkaError::MetadataFetch(code)),
    }
}

/// What to say and do when a topic (full name) is missing.
pub(crate) fn no_such_topic(full_name: &str) -> String {
    format!("topic {full_name} does not exist: create the topics first (hailstorm topics create)")
}
