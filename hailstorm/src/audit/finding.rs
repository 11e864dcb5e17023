//! What an audit can find, and how often it did.

use std::collections::BTreeMap;

use serde::Serialize;

/// Examples kept of each finding: enough to see a pattern.
const MAX_EXAMPLES: usize = 10;

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A record that can be decoded has no document.
    MissingInMongodb,
    /// A document has no record.
    UnknownInMongodb,
    /// A document says something else than its record.
    ContentDiffers,
    /// A record that can't be decoded is in no dead-letter topic.
    UndecodableWithoutDeadLetter,
    /// A trip took a step that its state does not allow.
    IllegalTripStep,
    /// A trip ended more than once.
    TripEndedTwice,
    /// A trip has events, but nobody asked for it.
    EventWithoutRequest,
    /// Somebody asked for a ride, and nothing followed.
    RequestWithoutTripEvent,
    /// The city is closed and a trip has not ended.
    TripOpen,
    /// A driver was held by two trips at one time.
    DriverOnTwoTrips,
    /// A completed trip has no fare.
    FareMissing,
    /// A trip has more than one fare.
    FareTwice,
    /// A fare is not what its tariff says.
    FareWrongAmount,
    /// A fare belongs to no completed trip.
    FareWithoutCompletion,
    /// Redis shows an older, another or no position where a newer one was reported.
    StalePositionInRedis,
    /// Redis shows a driver who was not heard of for too long.
    SilentDriverInRedis,
    /// Redis offers a driver who is not idle.
    BusyDriverInIdleSet,
    /// A table says something else than the events.
    SnapshotDiffers,
    /// Records were acknowledged and are not in their topic.
    AcknowledgedMissing,
}

/// How often something was found, with examples.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How often.
    pub count: u64,
    /// Where, up to ten times.
    pub examples: Vec<String>,
}

/// All findings so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(BTreeMap<FindingKind, Finding>);

impl FindingKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 19] = [
        Self::MissingInMongodb,
        Self::UnknownInMongodb,
        Self::ContentDiffers,
        Self::UndecodableWithoutDeadLetter,
        Self::IllegalTripStep,
        Self::TripEndedTwice,
        Self::EventWithoutRequest,
        Self::RequestWithoutTripEvent,
        Self::TripOpen,
        Self::DriverOnTwoTrips,
        Self::FareMissing,
        Self::FareTwice,
        Self::FareWrongAmount,
        Self::FareWithoutCompletion,
        Self::StalePositionInRedis,
        Self::SilentDriverInRedis,
        Self::BusyDriverInIdleSet,
        Self::SnapshotDiffers,
        Self::AcknowledgedMissing,
    ];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingInMongodb => "missing_in_mongodb",
            Self::UnknownInMongodb => "unknown_in_mongodb",
            Self::ContentDiffers => "content_differs",
            Self::UndecodableWithoutDeadLetter => "undecodable_without_dead_letter",
            Self::IllegalTripStep => "illegal_trip_step",
            Self::TripEndedTwice => "trip_ended_twice",
            Self::EventWithoutRequest => "event_without_request",
            Self::RequestWithoutTripEvent => "request_without_trip_event",
            Self::TripOpen => "trip_open",
            Self::DriverOnTwoTrips => "driver_on_two_trips",
            Self::FareMissing => "fare_missing",
            Self::FareTwice => "fare_twice",
            Self::FareWrongAmount => "fare_wrong_amount",
            Self::FareWithoutCompletion => "fare_without_completion",
            Self::StalePositionInRedis => "stale_position_in_redis",
            Self::SilentDriverInRedis => "silent_driver_in_redis",
            Self::BusyDriverInIdleSet => "busy_driver_in_idle_set",
            Self::SnapshotDiffers => "snapshot_differs",
            Self::AcknowledgedMissing => "acknowledged_missing",
        }
    }
}

impl Findings {
    /// Counts one more; the example is only made if it is kept.
    pub fn add(&mut self, kind: FindingKind, example: impl FnOnce() -> String) {
        self.add_many(kind, 1, example);
    }

    /// Counts several more of one place.
    pub fn add_many(&mut self, kind: FindingKind, count: u64, example: impl FnOnce() -> String) {
        let finding = self.0.entry(kind).or_default();
        finding.count += count;
        if finding.examples.len() < MAX_EXAMPLES {
            finding.examples.push(example());
        }
    }

    /// What was found of this kind; nothing is a finding of count 0.
    #[must_use]
    pub fn of(&self, kind: FindingKind) -> Finding {
        self.0.get(&kind).cloned().unwrap_or_default()
    }

    /// The kinds that were found.
    pub fn kinds(&self) -> impl Iterator<Item = FindingKind> {
        self.0.keys().copied()
    }
}
