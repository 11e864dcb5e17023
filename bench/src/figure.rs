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
    /// Processor time of the load generator, µs a record.
    LoadgenUs,
    /// Processor time of the service live-location, µs a record.
    LiveLocationUs,
    /// Processor time of the service archiver, µs a record.
    ArchiverUs,
    /// Processor time of the service eta, µs a record.
    EtaUs,
    /// Processor time of the service fare, µs a record.
    FareUs,
    /// Processor time of the service zones, µs a record.
    ZonesUs,
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
    /// Half of the time the newest stored report is younger, ms.
    NewestAgeMs,
    /// The oldest that the newest stored report was, ms.
    LongestAgeMs,
    /// Reports that were turned away at once, since too many waited already.
    Refused,
    /// Reports whose client waited and was told nothing in time, or that it had failed.
    GivenUp,
    /// From the last report offered until all that were accepted are stored, s.
    StoredAfterS,
    /// One report of a hundred left later than this after it was due, ms.
    LateP99Ms,
    /// From when a report left until it is in Redis: half of them, ms.
    RedisP50Ms,
    /// As before, all but one of a hundred.
    RedisP99Ms,
    /// As before, all but one of a thousand.
    RedisP999Ms,
    /// From when a ride was asked for until a driver was offered it: half of them, ms.
    OfferP50Ms,
    /// As before, all but one of a hundred.
    OfferP99Ms,
    /// As before, all but one of a thousand.
    OfferP999Ms,
    /// The highest rate that was held, reports a second.
    HeldPerS,
    /// That rate by the one of the bare pipeline.
    HeldAgainstBare,
    /// The longest time that any group was behind, ms.
    LongestLagMs,
    /// Processors in use, all processes.
    AllCores,
    /// Processors in use by the broker.
    KafkaCores,
    /// Processors in use by Redis.
    RedisCores,
    /// Processors in use by MongoDB.
    MongodbCores,
    /// Processors in use by all services together.
    ServiceCores,
    /// Processors in use by the load generator.
    LoadgenCores,
    /// Processor time of the service trips, % of a core.
    TripsPercent,
    /// Processor time of the service drivers, % of a core.
    DriversPercent,
    /// Processor time of the service matching, % of a core.
    MatchingPercent,
    /// Processor time of the service live-location, % of a core.
    LiveLocationPercent,
    /// Processor time of the service archiver, % of a core.
    ArchiverPercent,
    /// Processor time of the service eta, % of a core.
    EtaPercent,
    /// Processor time of the service fare, % of a core.
    FarePercent,
    /// Processor time of the service zones, % of a core.
    ZonesPercent,
    /// Processor time of the service gateway, % of a core.
    GatewayPercent,
    /// Processor time of the command that watches over the services, % of a core.
    CommandPercent,
    /// Processor time of all processes, µs a report.
    AllUs,
    /// Resident memory of all processes, MiB.
    AllMib,
    /// Resident memory of the broker, MiB.
    KafkaMib,
    /// Resident memory of Redis, MiB.
    RedisMib,
    /// Resident memory of MongoDB, MiB.
    MongodbMib,
    /// Resident memory of all services together, MiB.
    ServiceMib,
    /// Resident memory of the load generator, MiB.
    LoadgenMib,
    /// Resident memory of the service trips, MiB.
    TripsMib,
    /// Resident memory of the service drivers, MiB.
    DriversMib,
    /// Resident memory of the service matching, MiB.
    MatchingMib,
    /// Resident memory of the service live-location, MiB.
    LiveLocationMib,
    /// Resident memory of the service archiver, MiB.
    ArchiverMib,
    /// Resident memory of the service eta, MiB.
    EtaMib,
    /// Resident memory of the service fare, MiB.
    FareMib,
    /// Resident memory of the service zones, MiB.
    ZonesMib,
    /// Resident memory of the service gateway, MiB.
    GatewayMib,
    /// Resident memory of the command that watches over the services, MiB.
    CommandMib,
    /// From the start of a process until it has its partitions, s.
    StartS,
    /// From when a process has its partitions until their tables are restored, s.
    RestoreS,
    /// Table entries in a second of restoring.
    EntriesPerS,
    /// Taking trips in and opening the window, ms.
    HandlerMs,
    /// Pairing and making the commands, ms.
    PairingMs,
    /// The assignment alone, ms.
    SolveMs,
    /// Fetching candidates from Redis, ms a window.
    SearchMs,
    /// All of a window: taking in, fetching candidates, pairing, ms.
    WindowMs,
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
            Self::LoadgenUs => "load generator µs",
            Self::LiveLocationUs => "live-location µs",
            Self::ArchiverUs => "archiver µs",
            Self::EtaUs => "eta µs",
            Self::FareUs => "fare µs",
            Self::ZonesUs => "zones µs",
            Self::KafkaUs => "broker µs",
            Self::RedisUs => "Redis µs",
            Self::MongodbUs => "MongoDB µs",
            Self::WaitP50Ms => "wait p50, ms",
            Self::WaitP99Ms => "wait p99, ms",
            Self::LongestWaitS => "longest wait, s",
            Self::NewestAgeMs => "age of the newest stored report p50, ms",
            Self::LongestAgeMs => "longest, ms",
            Self::Refused => "refused",
            Self::GivenUp => "given up",
            Self::StoredAfterS => "all stored after, s",
            Self::LateP99Ms => "late p99, ms",
            Self::RedisP50Ms => "report → Redis p50, ms",
            Self::RedisP99Ms | Self::OfferP99Ms => "p99",
            Self::RedisP999Ms | Self::OfferP999Ms => "p99.9",
            Self::OfferP50Ms => "request → offer p50, ms",
            Self::HeldPerS => "highest rate held, reports/s",
            Self::HeldAgainstBare => "× bare pipeline",
            Self::LongestLagMs => "longest lag, ms",
            Self::AllCores | Self::AllMib => "all",
            Self::KafkaCores | Self::KafkaMib => "Kafka",
            Self::RedisCores | Self::RedisMib => "Redis",
            Self::MongodbCores | Self::MongodbMib => "MongoDB",
            Self::ServiceCores | Self::ServiceMib => "services",
            Self::LoadgenCores | Self::LoadgenMib => "load generator",
            Self::TripsPercent | Self::TripsMib => "trips",
            Self::DriversPercent | Self::DriversMib => "drivers",
            Self::MatchingPercent | Self::MatchingMib => "matching",
            Self::LiveLocationPercent | Self::LiveLocationMib => "live-location",
            Self::ArchiverPercent | Self::ArchiverMib => "archiver",
            Self::EtaPercent | Self::EtaMib => "eta",
            Self::FarePercent | Self::FareMib => "fare",
            Self::ZonesPercent | Self::ZonesMib => "zones",
            Self::GatewayPercent | Self::GatewayMib => "gateway",
            Self::CommandPercent | Self::CommandMib => "the command",
            Self::StartS => "start to partitions, s",
            Self::RestoreS => "restored after, s",
            Self::EntriesPerS => "entries/s",
            Self::AllUs => "µs a report",
            Self::HandlerMs => "taking in, ms",
            Self::PairingMs => "pairing, ms",
            Self::SolveMs => "assignment, ms",
            Self::SearchMs => "search, ms",
            Self::WindowMs => "whole window, ms",
            Self::Pairs => "pairs",
            Self::MeanPickupS => "mean pickup, s",
            Self::TotalPickupS => "total pickup, s",
        })
    }

    /// Those that add up to all processor time of a record.
    pub(crate) const PROCESSOR: [Self; 4] = [Self::ClientUs, Self::KafkaUs, Self::RedisUs, Self::MongodbUs];
}
