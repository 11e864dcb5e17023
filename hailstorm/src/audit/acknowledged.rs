//! What a producer was told is safe, against what its topic holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FindingKind, Findings};

/// Stands for all partitions of a topic together, for producers that do not tell them apart.
pub const ALL_PARTITIONS: i32 = -1;

/// How many records were acknowledged, by topic (without namespace) and partition (or `ALL_PARTITIONS`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger(pub BTreeMap<String, BTreeMap<i32, u64>>);

impl Ledger {
    /// Counts acknowledged records in.
    pub fn add(&mut self, topic: &str, partition: i32, records: u64) {
        *self.0.entry(topic.to_owned()).or_default().entry(partition).or_default() += records;
    }

    /// Adds the counts of another producer.
    pub fn merge(&mut self, other: &Self) {
        for (topic, partitions) in &other.0 {
            partitions.iter().for_each(|(partition, records)| self.add(topic, *partition, *records));
        }
    }

    /// Finds what was acknowledged and is not there. `held` tells how many records a partition (or, with
    /// `None`, the whole topic) holds, and how many the oldest part that retention removed may have held.
    pub(super) fn judge(&self, held: impl Fn(&str, Option<i32>) -> (u64, u64), findings: &mut Findings) {
        for (topic, partitions) in &self.0 {
            for (partition, acknowledged) in partitions {
                let one = (*partition != ALL_PARTITIONS).then_some(*partition);
                let (present, removed) = held(topic, one);
                let missing = acknowledged.saturating_sub(present + removed);
                if missing > 0 {
                    findings.add_many(FindingKind::AcknowledgedMissing, missing, || {
                        let place =
                            one.map_or_else(|| topic.clone(), |partition| format!("{topic}/{partition}"));
                        format!("{place}: {acknowledged} acknowledged, {present} in the topic")
                    });
                }
            }
        }
    }
}
