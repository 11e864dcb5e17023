//! Offsets to commit, with the tallies that go with them.

use pipeline::Progress;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::Settings;
use crate::membership::{Committed, Membership};

/// The offsets of a progress, each with the tally it leads to.
pub(crate) fn offsets(
    consumer: &StreamConsumer<Membership>,
    settings: &Settings,
    member: &str,
    progress: &Progress,
) -> anyhow::Result<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    let tallies = consumer.context().tallies();
    for (topic, partition, at) in progress.iter() {
        let slot = (settings.full_name(topic), partition);
        let mut tally = tallies.get(&slot).cloned().unwrap_or_default();
        tally.add(member, at.records);
        let mut element = list.add_partition(&slot.0, partition);
        element.set_offset(Offset::Offset(at.next))?;
        element.set_metadata(tally.encode());
    }
    Ok(list)
}

/// Takes the counts of a committed progress into the tallies.
pub(crate) fn settle(
    consumer: &StreamConsumer<Membership>,
    settings: &Settings,
    member: &str,
    progress: &Progress,
) {
    let mut tallies = consumer.context().tallies();
    for (topic, partition, at) in progress.iter() {
        let slot = (settings.full_name(topic), partition);
        if consumer.context().holds(&slot) {
            consumer
                .context()
                .set_committed(slot.clone(), Committed { next: at.next, last_ms: Some(at.last_ms) });
            tallies.entry(slot).or_default().add(member, at.records);
        }
    }
}
