//! How far a batch goes in each partition.

use std::collections::BTreeMap;

use crate::Record;

/// First and last of a batch in one partition, and how many records lie between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionProgress {
    /// Offset of the first record.
    pub first: i64,
    /// One past the offset of the last record: what is committed.
    pub next: i64,
    /// How many records (transaction markers take offsets but are no records).
    pub records: u64,
    /// Timestamp of the first record, real time in ms.
    pub first_ms: i64,
    /// Timestamp of the last record.
    pub last_ms: i64,
}

/// How far a batch goes, by topic and partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress(BTreeMap<String, BTreeMap<i32, PartitionProgress>>);

impl Progress {
    /// Counts a record in.
    pub fn add(&mut self, record: &Record<'_>) {
        // Looks before it inserts: a topic's name is copied once a batch, not once a record.
        let partitions = match self.0.get_mut(record.topic) {
            Some(partitions) => partitions,
            None => self.0.entry(record.topic.to_owned()).or_default(),
        };
        let (first, first_ms) = (record.offset, record.timestamp_ms);
        let start = PartitionProgress { first, next: first, records: 0, first_ms, last_ms: first_ms };
        let progress = partitions.entry(record.partition).or_insert(start);
        progress.next = record.offset + 1;
        progress.records += 1;
        progress.last_ms = record.timestamp_ms;
    }

    /// Counts in how far a later batch goes.
    pub fn extend(&mut self, later: &Self) {
        for (topic, partition, at) in later.iter() {
            let progress = self
                .0
                .entry(topic.to_owned())
                .or_default()
                .entry(partition)
                .or_insert(PartitionProgress { records: 0, ..at });
            progress.next = at.next;
            progress.records += at.records;
            progress.last_ms = at.last_ms;
        }
    }

    /// Takes partitions out, of all topics.
    pub fn drop_partitions(&mut self, partitions: &[i32]) {
        self.0.retain(|_, of_topic| {
            of_topic.retain(|partition, _| !partitions.contains(partition));
            !of_topic.is_empty()
        });
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How far it goes in one partition, if at all.
    #[must_use]
    pub fn of(&self, topic: &str, partition: i32) -> Option<PartitionProgress> {
        self.0.get(topic)?.get(&partition).copied()
    }

    /// Topic, partition and how far it goes there.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i32, PartitionProgress)> {
        self.0.iter().flat_map(|(topic, partitions)| {
            partitions.iter().map(move |(partition, progress)| (topic.as_str(), *partition, *progress))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(records: &[(i32, i64)]) -> Progress {
        let mut progress = Progress::default();
        for (partition, offset) in records {
            let (topic, timestamp_ms) = ("trips", offset * 10);
            progress.add(&Record {
                topic,
                partition: *partition,
                offset: *offset,
                timestamp_ms,
                key: None,
                payload: None,
                traceparent: None,
            });
        }
        progress
    }

    #[test]
    fn a_later_batch_goes_on_where_the_earlier_one_ended() {
        let mut progress = of(&[(0, 3), (0, 5), (1, 7)]);
        progress.extend(&of(&[(0, 6), (0, 9), (2, 1)]));
        assert_eq!(progress, of(&[(0, 3), (0, 5), (1, 7), (0, 6), (0, 9), (2, 1)]));
    }

    #[test]
    fn of_a_partition_that_is_taken_out_nothing_is_left() {
        let mut progress = of(&[(0, 3), (1, 7)]);
        progress.drop_partitions(&[0, 2]);
        assert_eq!(progress, of(&[(1, 7)]));
        progress.drop_partitions(&[1]);
        assert!(progress.is_empty());
    }
}
