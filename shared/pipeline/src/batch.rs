//! Records as a handler sees them, and the batch that holds their bytes.

use std::sync::Arc;

use traces::TraceParent;

/// One record, borrowed from its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Topic, without the namespace of the run.
    pub topic: &'a str,
    /// Partition of the topic.
    pub partition: i32,
    /// Offset in the partition.
    pub offset: i64,
    /// When it was written: milliseconds of real time since the Unix epoch.
    pub timestamp_ms: i64,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<&'a [u8]>,
    /// The span it goes back to, if it lies in a trace: to a source the one of its header, to a handler the one in
    /// which it is being handled.
    pub traceparent: Option<&'a TraceParent>,
}

/// Records in the order they were read. All bytes lie in one buffer, so a record costs no allocation of its own,
/// and a batch that is cleared and filled again costs none at all.
#[derive(Debug, Default)]
pub struct Batch {
    topics: Vec<Arc<str>>,
    bytes: Vec<u8>,
    /// Of the few records that lie in a trace.
    traceparents: Vec<TraceParent>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    topic: u32,
    partition: i32,
    offset: i64,
    timestamp_ms: i64,
    start: usize,
    key_end: usize,
    end: usize,
    /// Place among the trace parents, counted from 1; 0 if there is none.
    traceparent: u32,
    has_key: bool,
    has_payload: bool,
    followed: bool,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the records, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.traceparents.clear();
        self.entries.clear();
    }

    /// How many records it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a copy of a record of a group's own partitions.
    pub fn push(&mut self, record: &Record<'_>) {
        self.add(record, false);
    }

    /// Adds a copy of a record of a table that is followed as a whole, outside the group: it is observed, not
    /// handled, and nothing is committed for it.
    pub fn push_followed(&mut self, record: &Record<'_>) {
        self.add(record, true);
    }

    fn add(&mut self, record: &Record<'_>, followed: bool) {
        let topic = self.topics.iter().position(|known| **known == *record.topic).unwrap_or_else(|| {
            self.topics.push(Arc::from(record.topic));
            self.topics.len() - 1
        });
        let start = self.bytes.len();
        self.bytes.extend_from_slice(record.key.unwrap_or_default());
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(record.payload.unwrap_or_default());
        let traceparent = record.traceparent.map_or(0, |traceparent| {
            self.traceparents.push(*traceparent);
            place(self.traceparents.len())
        });
        self.entries.push(Entry {
            topic: place(topic),
            partition: record.partition,
            offset: record.offset,
            timestamp_ms: record.timestamp_ms,
            start,
            key_end,
            end: self.bytes.len(),
            traceparent,
            has_key: record.key.is_some(),
            has_payload: record.payload.is_some(),
            followed,
        });
    }

    /// The record at a place in the batch.
    ///
    /// # Panics
    /// If there is none at that place.
    #[must_use]
    pub fn get(&self, index: usize) -> Record<'_> {
        let entry = &self.entries[index];
        Record {
            topic: &self.topics[entry.topic as usize],
            partition: entry.partition,
            offset: entry.offset,
            timestamp_ms: entry.timestamp_ms,
            key: entry.has_key.then(|| &self.bytes[entry.start..entry.key_end]),
            payload: entry.has_payload.then(|| &self.bytes[entry.key_end..entry.end]),
            traceparent: entry.traceparent.checked_sub(1).map(|place| &self.traceparents[place as usize]),
        }
    }

    /// Whether the record at a place belongs to a followed table.
    #[must_use]
    pub fn is_followed(&self, index: usize) -> bool {
        self.entries[index].followed
    }

    /// All records in order.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Drops the records of partitions that are no longer ours; followed records stay.
    pub fn drop_partitions(&mut self, revoked: &[i32]) {
        self.entries.retain(|entry| entry.followed || !revoked.contains(&entry.partition));
    }
}

/// A place in one of a batch's lists, in half the room.
fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a batch has fewer than four billion records")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_out_as_it_went_in() {
        let traceparent = TraceParent::of("x");
        let record = |partition, key, payload| Record {
            topic: "t",
            partition,
            offset: 7,
            timestamp_ms: 9,
            key,
            payload,
            traceparent: (partition != 0).then_some(&traceparent),
        };
        let records = [
            record(0, Some(&b"k"[..]), Some(&b"value"[..])),
            record(1, None, None),
            record(2, Some(&b""[..]), Some(&b""[..])),
        ];
        let mut batch = Batch::new();
        for record in &records {
            batch.push(record);
        }
        assert!(batch.iter().eq(records.iter().copied()));
        batch.drop_partitions(&[1]);
        assert!(batch.iter().eq([records[0], records[2]]));
        batch.clear();
        assert!(batch.is_empty());
    }
}
