//! What is measured, each figure with its unit; the order is that of the columns of a table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One figure of a repetition. Processor time is that of a process with all its threads, a record's share of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Records, or documents, that were counted.
    Records,
    /// Real time they took.
    Seconds,
    /// Records in a second of real time.
    RecordsPerS,
    /// Processor time of the client, µs a record.
    ClientUs,
    /// Processor time of the broker, µs a record.
    KafkaUs,
    /// Processor time of Redis, µs a record.
    RedisUs,
    /// Processor time of MongoDB, µs a record.
    MongodbUs,
    /// Taking trips in and opening the window, ms.
    HandlerMs,
    /// Pairing and making the commands, ms.
    PairingMs,
    /// The assignment alone, ms.
    SolveMs,
    /// Fetching candidates from Redis, ms a window.
    SearchMs,
    /// Trips that got a driver.
    Pairs,
    /// Estimated way to the rider, mean over the pairs, s.
    MeanPickupS,
    /// Estimated way of all pairs, s.
    TotalPickupS,
}

/// The figures of one repetition.
pub type Figures = BTreeMap<Figure, f64>;

impl Figure {
    /// The head of its column; `None` if it is kept but not shown.
    #[must_use]
    pub fn heading(self) -> Option<&'static str> {
        Some(match self {
            Self::Records | Self::Seconds => return None,
            Self::RecordsPerS => "records/s",
            Self::ClientUs => "client µs",
            Self::KafkaUs => "broker µs",
            Self::RedisUs => "Redis µs",
            Self::MongodbUs => "MongoDB µs",
            Self::HandlerMs => "taking in, ms",
            Self::PairingMs => "pairing, ms",
            Self::SolveMs => "assignment, ms",
            Self::SearchMs => "search, ms",
            Self::Pairs => "pairs",
            Self::MeanPickupS => "mean pickup, s",
            Self::TotalPickupS => "total pickup, s",
        })
    }

    /// Those that add up to all processor time of a record.
    pub(crate) const PROCESSOR: [Self; 4] = [Self::ClientUs, Self::KafkaUs, Self::RedisUs, Self::MongodbUs];
}
