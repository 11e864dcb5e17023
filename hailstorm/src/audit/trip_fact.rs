//! What an event of a trip is called, whom it names, and where it may end.

use domain::DriverId;
use domain::trip::TripFact;

/// How far a trip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Requested,
    Offered,
    Matched,
    Arrived,
    Started,
    Completed,
    Cancelled,
    Unfulfilled,
}

impl Stage {
    pub(super) fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Unfulfilled)
    }
}

/// The end that something is, if it is one.
pub(super) fn end_of(fact: &TripFact) -> Option<Stage> {
    match fact {
        TripFact::TripCompleted { .. } => Some(Stage::Completed),
        TripFact::TripCancelled { .. } => Some(Stage::Cancelled),
        TripFact::TripUnfulfilled { .. } => Some(Stage::Unfulfilled),
        TripFact::TripRequested { .. }
        | TripFact::OfferMade { .. }
        | TripFact::OfferDeclined { .. }
        | TripFact::OfferExpired { .. }
        | TripFact::TripMatched { .. }
        | TripFact::DriverArrived { .. }
        | TripFact::TripStarted { .. } => None,
    }
}

/// The driver that something names.
pub(super) fn driver_of(fact: &TripFact) -> Option<DriverId> {
    match fact {
        TripFact::OfferMade { driver, .. }
        | TripFact::OfferDeclined { driver, .. }
        | TripFact::OfferExpired { driver, .. }
        | TripFact::TripMatched { driver, .. }
        | TripFact::DriverArrived { driver }
        | TripFact::TripStarted { driver }
        | TripFact::TripCompleted { driver, .. } => Some(*driver),
        TripFact::TripCancelled { driver, .. } => *driver,
        TripFact::TripRequested { .. } | TripFact::TripUnfulfilled { .. } => None,
    }
}

/// What people call it.
pub(super) fn name(fact: &TripFact) -> &'static str {
    match fact {
        TripFact::TripRequested { .. } => "requested",
        TripFact::OfferMade { .. } => "offer made",
        TripFact::OfferDeclined { .. } => "offer declined",
        TripFact::OfferExpired { .. } => "offer expired",
        TripFact::TripMatched { .. } => "matched",
        TripFact::DriverArrived { .. } => "driver arrived",
        TripFact::TripStarted { .. } => "started",
        TripFact::TripCompleted { .. } => "completed",
        TripFact::TripCancelled { .. } => "cancelled",
        TripFact::TripUnfulfilled { .. } => "unfulfilled",
    }
}
