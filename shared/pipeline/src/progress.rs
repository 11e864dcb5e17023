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
}

/// How far a batch goes: by topic and partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress(pub BTreeMap<(String, i32), PartitionProgress>);

impl Progress {
    /// Counts a record in.
    pub fn add(&mut self, record: &Record<'_>) {
        // Records of one partition come in runs, but `entry` needs an owned key: look first.
        let key = (record.topic.to_owned(), record.partition);
        let progress = self.0.entry(key).or_insert(PartitionProgress {
            first: record.offset,
            next: record.offset,
            records: 0,
        });
        progress.next = record.offset + 1;
        progress.records += 1;
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
