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
    /// Write commands that MongoDB carried out, in a second of real time.
    OperationsPerS,
    /// Processor time of the client, µs a record.
    ClientUs,
    /// Processor time of the broker, µs a record.
    KafkaUs,
    /// Processor time of Redis, µs a record.
    RedisUs,
    /// Processor time of MongoDB, µs a record.
    MongodbUs,
    /// Half of the clients wait less for their answer, ms.
    WaitP50Ms,
    /// Of a hundred clients one waits longer, ms.
    WaitP99Ms,
    /// The longest that a client waited, answered or not, s.
    LongestWaitS,
    /// Reports that were turned away at once, since too many waited already.
    Refused,
    /// Reports whose client waited and was told nothing in time, or that it had failed.
    GivenUp,
    /// From the last report offered until all that were accepted are stored, s.
    StoredAfterS,
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
            Self::OperationsPerS => "database operations/s",
            Self::ClientUs => "client µs",
            Self::KafkaUs => "broker µs",
            Self::RedisUs => "Redis µs",
            Self::MongodbUs => "MongoDB µs",
            Self::WaitP50Ms => "wait p50, ms",
            Self::WaitP99Ms => "wait p99, ms",
            Self::LongestWaitS => "longest wait, s",
            Self::Refused => "refused",
            Self::GivenUp => "given up",
            Self::StoredAfterS => "all stored after, s",
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
