//! What a producer was told is safe, against what its topic holds.

use std::collections::BTreeMap;

use kafka::RecordSum;
use serde::{Deserialize, Serialize};

use super::{FindingKind, Findings};

/// Stands for all partitions of a topic together, for producers that do not tell them apart.
pub const ALL_PARTITIONS: i32 = -1;

/// What was acknowledged, by topic (without namespace) and partition (or `ALL_PARTITIONS`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger(pub BTreeMap<String, BTreeMap<i32, Acknowledged>>);

/// Acknowledged records of one place. In JSON a bare number stands for records whose checksum is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Entry")]
pub struct Acknowledged {
    /// How many.
    pub records: u64,
    /// Sum of the checksums of their payloads ([`RecordSum`]), if the producer keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Records(u64),
    Whole { records: u64, checksum: Option<u64> },
}

impl From<Entry> for Acknowledged {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Records(records) => Self { records, checksum: None },
            Entry::Whole { records, checksum } => Self { records, checksum },
        }
    }
}

impl From<RecordSum> for Acknowledged {
    fn from(sum: RecordSum) -> Self {
        Self { records: sum.records, checksum: Some(sum.checksum) }
    }
}

/// What a topic holds now in one place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// Records that are there.
    pub(super) records: u64,
    /// How many the oldest part that retention removed may have held.
    pub(super) removed: u64,
    /// Their checksums, if they were summed up.
    pub(super) sum: Option<RecordSum>,
}

impl Ledger {
    /// Counts acknowledged records in; their checksum is then known only if all of them have one.
    pub fn add(&mut self, topic: &str, partition: i32, more: Acknowledged) {
        let partitions = self.0.entry(topic.to_owned()).or_default();
        let Some(known) = partitions.get_mut(&partition) else {
            partitions.insert(partition, more);
            return;
        };
        let sum = |one: Acknowledged| Some(RecordSum { records: one.records, checksum: one.checksum? });
        *known = match (sum(*known), sum(more)) {
            (Some(mut sum), Some(more)) => {
                sum.merge(more);
                sum.into()
            }
            _ => Acknowledged { records: known.records + more.records, checksum: None },
        };
    }

    /// Adds what another producer was told.
    pub fn merge(&mut self, other: &Self) {
        for (topic, partitions) in &other.0 {
            partitions.iter().for_each(|(partition, more)| self.add(topic, *partition, *more));
        }
    }

    /// Finds what was acknowledged and is not there. `held` tells what a partition (or, with `None`, the whole topic)
    /// holds.
    pub(super) fn judge(&self, held: impl Fn(&str, Option<i32>) -> Held, findings: &mut Findings) {
        for (topic, partitions) in &self.0 {
            for (partition, acknowledged) in partitions {
                let one = (*partition != ALL_PARTITIONS).then_some(*partition);
                let place = || one.map_or_else(|| topic.clone(), |partition| format!("{topic}/{partition}"));
                let there = held(topic, one);
                let Acknowledged { records, checksum } = *acknowledged;
                let missing = records.saturating_sub(there.records + there.removed);
                if missing > 0 {
                    findings.add_many(FindingKind::AcknowledgedMissing, missing, || {
                        format!("{}: {records} acknowledged, {} in the topic", place(), there.records)
                    });
                }
                // With more records than were acknowledged nobody can say which of them those are.
                let (Some(checksum), Some(sum)) = (checksum, there.sum) else { continue };
                if sum.records == records && sum.checksum != checksum {
                    findings.add(FindingKind::AcknowledgedMissing, || {
                        format!("{}: {records} records as acknowledged, but not the same ones", place())
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_read_with_and_without_checksums() {
        let text = r#"{"t":{"0":5,"1":{"records":7,"checksum":9},"2":{"records":1}}}"#;
        let ledger: Ledger = serde_json::from_str(text).unwrap();
        let known = |partition: i32| (ledger.0["t"][&partition].records, ledger.0["t"][&partition].checksum);
        assert_eq!([known(0), known(1), known(2)], [(5, None), (7, Some(9)), (1, None)]);
        let again: Ledger = serde_json::from_str(&serde_json::to_string(&ledger).unwrap()).unwrap();
        assert_eq!(again, ledger);
    }

    #[test]
    fn sums_of_two_producers_add_up() {
        let sum = |text: &str| {
            let mut sum = RecordSum::default();
            sum.add(text.as_bytes());
            Acknowledged::from(sum)
        };
        let mut ledger = Ledger::default();
        ledger.add("t", 0, sum("a"));
        ledger.add("t", 0, sum("b"));
        let both = ledger.0["t"][&0];
        assert_eq!(both.records, 2);
        assert!(both.checksum.is_some());
        ledger.add("t", 0, Acknowledged { records: 3, checksum: None });
        assert_eq!(ledger.0["t"][&0], Acknowledged { records: 5, checksum: None });
    }
}
