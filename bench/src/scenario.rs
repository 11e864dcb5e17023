//! What can be measured, and how much of it.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::spread::number;

/// One thing to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Writing location reports to Kafka
    Produce,
    /// Reading and decoding them
    Consume,
    /// Each service alone draining a full topic, beside a bare loop
    Services,
    /// One window of matching: its time and its total pickup time
    Matching,
    /// Documents per operation into MongoDB
    Batching,
    /// The same reports straight into MongoDB, one by one, also while it is away for a while
    Direct,
    /// What tutorials teach: Node and kafkajs, a message at a time or in batches
    Tutorial,
    /// More drivers, more members, more partitions, larger tables
    Growth,
    /// The whole city at growing rates, until one is not held
    City,
}

impl Scenario {
    /// Its name, as on the command line and between markers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Produce => "produce",
            Self::Consume => "consume",
            Self::Services => "services",
            Self::Matching => "matching",
            Self::Batching => "batching",
            Self::Direct => "direct",
            Self::Tutorial => "tutorial",
            Self::Growth => "growth",
            Self::City => "city",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Short and coarse.
    pub quick: bool,
    /// Repetitions that count; one more is done before them, to warm up.
    pub repetitions: u32,
}

/// The fewest repetitions whose median one may believe.
const REPETITIONS: u32 = 5;

/// Enough to see that something is badly wrong.
const QUICK_REPETITIONS: u32 = 3;

impl Plan {
    /// The usual plan, or the quick one.
    #[must_use]
    pub fn new(quick: bool, repetitions: Option<u32>) -> Self {
        let usual = if quick { QUICK_REPETITIONS } else { REPETITIONS };
        Self { quick, repetitions: repetitions.unwrap_or(usual) }
    }

    /// Records of one repetition: some seconds of work, or about one.
    #[must_use]
    pub fn records(self) -> u64 {
        if self.quick { 200_000 } else { 1_000_000 }
    }

    /// The same for people.
    pub(crate) fn shown_records(self) -> String {
        number(self.records() as f64, true)
    }
}
