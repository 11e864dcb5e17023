//! Every record once in MongoDB, and nothing else.

use std::collections::BTreeMap;

use super::acknowledged::Held;
use super::offsets::OffsetRanges;
use super::{Cut, FindingKind, Findings, Place};

/// The partitions of all topics: what they hold, and what MongoDB holds of them.
#[derive(Debug, Default)]
pub(super) struct Stored(BTreeMap<(&'static str, i32), Shelf>);

/// One partition of a topic.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Offset of the oldest record that is still there.
    low: i64,
    /// One past the last offset that was read; what lies behind was written during the audit.
    high: Option<i64>,
    /// How many records were read.
    records: u64,
    /// Records that can be decoded.
    known: OffsetRanges,
    /// Those of them that must be in MongoDB by now.
    due: OffsetRanges,
    /// Documents.
    found: OffsetRanges,
}

impl Shelf {
    /// Where retention has got to.
    pub(super) fn low(&self) -> i64 {
        self.low
    }

    /// Records that can be decoded.
    pub(super) fn known(&self) -> &OffsetRanges {
        &self.known
    }

    /// Those of them that must be in MongoDB by now.
    pub(super) fn due(&self) -> &OffsetRanges {
        &self.due
    }

    /// Documents.
    pub(super) fn found(&self) -> &OffsetRanges {
        &self.found
    }

    /// How many records were read.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// How many documents were found.
    pub(super) fn documents(&self) -> u64 {
        self.found.len()
    }
}

impl Stored {
    /// Says from where to where a partition is read.
    pub(super) fn watermarks(&mut self, topic: &'static str, partition: i32, low: i64, high: i64) {
        let shelf = self.0.entry((topic, partition)).or_default();
        shelf.low = low;
        shelf.high = Some(high);
    }

    /// A record was read.
    pub(super) fn record(&mut self, place: Place) {
        self.0.entry((place.topic, place.partition)).or_default().records += 1;
    }

    /// The record that was read can be decoded.
    pub(super) fn decoded(&mut self, place: Place, is_due: bool) {
        let shelf = self.0.entry((place.topic, place.partition)).or_default();
        shelf.known.push(place.offset);
        if is_due {
            shelf.due.push(place.offset);
        }
    }

    /// A document was found; they come in ascending order.
    pub(super) fn document(&mut self, place: Place) {
        self.0.entry((place.topic, place.partition)).or_default().found.push(place.offset);
    }

    /// Whether retention has removed nothing of a partition.
    pub(super) fn is_whole(&self, topic: &'static str, partition: i32) -> bool {
        self.0.get(&(topic, partition)).is_none_or(|shelf| shelf.low == 0)
    }

    /// One partition, if anything is known of it.
    pub(super) fn shelf(&self, topic: &'static str, partition: i32) -> Option<&Shelf> {
        self.0.get(&(topic, partition))
    }

    /// All partitions.
    pub(super) fn shelves(&self) -> impl Iterator<Item = (&'static str, i32, &Shelf)> {
        self.0.iter().map(|((topic, partition), shelf)| (*topic, *partition, shelf))
    }

    /// What a partition, or without one the whole topic, holds by number.
    pub(super) fn held(&self, topic: &str, partition: Option<i32>) -> Held {
        let asked = |found: i32| partition.is_none_or(|partition| partition == found);
        let shelves = self.shelves().filter(|(name, found, _)| *name == topic && asked(*found));
        shelves.fold(Held::default(), |held, (_, _, shelf)| Held {
            records: held.records + shelf.records(),
            removed: held.removed + shelf.low().unsigned_abs(),
            ..held
        })
    }

    /// Finds records without documents and documents without records; in a closed city none was written while we
    /// read. `is_excused` tells of records that the archiver could not store and put among the dead letters.
    pub(super) fn judge(&self, cut: Cut, is_excused: impl Fn(&Place) -> bool, findings: &mut Findings) {
        for (&(topic, partition), shelf) in &self.0 {
            if archive::Collection::of_topic(topic).is_none() {
                continue;
            }
            let place = |offset| Place { topic, partition, offset };
            for (start, end) in shelf.due.minus(&shelf.found) {
                let excused = (start..end).filter(|offset| is_excused(&place(*offset))).count() as u64;
                let missing = end.abs_diff(start) - excused;
                if missing > 0 {
                    findings.add_many(FindingKind::MissingInMongodb, missing, || range(place(start), end));
                }
            }
            for (start, end) in shelf.found.minus(&shelf.known) {
                let read_end = if cut.is_closed() { i64::MAX } else { shelf.high.unwrap_or(i64::MAX) };
                let (start, end) = (start.max(shelf.low), end.min(read_end));
                if start < end {
                    let unknown = end.abs_diff(start);
                    findings.add_many(FindingKind::UnknownInMongodb, unknown, || range(place(start), end));
                }
            }
        }
    }
}

/// The places from this one to one below an offset, in words.
pub(super) fn range(first: Place, end: i64) -> String {
    if end == first.offset + 1 { first.to_string() } else { format!("{first} to {}", end - 1) }
}
