//! The present ends of partitions, asked for all at once.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::membership::Slot;

/// One past the last offset of each partition that this reader could read: one request a broker instead of one a
/// partition.
pub(crate) fn ends<C: ConsumerContext>(
    consumer: &impl Consumer<C>,
    slots: &[Slot],
    timeout: Duration,
) -> KafkaResult<BTreeMap<Slot, i64>> {
    if slots.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut list = TopicPartitionList::new();
    for (topic, partition) in slots {
        list.add_partition_offset(topic, *partition, Offset::End)?;
    }
    let list = consumer.offsets_for_times(list, timeout)?;
    let unanswered = || KafkaError::MetadataFetch(RDKafkaErrorCode::LeaderNotAvailable);
    let end = |(topic, partition): &Slot| {
        let element = list.find_partition(topic, *partition).ok_or_else(unanswered)?;
        element.error()?;
        match element.offset() {
            Offset::Offset(offset) => Ok(((topic.clone(), *partition), offset)),
            _ => Err(unanswered()),
        }
    };
    slots.iter().map(end).collect()
}
