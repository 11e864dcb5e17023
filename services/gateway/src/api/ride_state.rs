//! How far a ride is, and what follows from that for who may see what.

use domain::trip::{TripFact, TripStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// How far a ride is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RideState {
    /// Waits for a driver.
    Requested,
    /// A driver is asked.
    Offered,
    /// The driver comes.
    Matched,
    /// The driver is at the pickup.
    Arrived,
    /// The rider is on board.
    Started,
    /// The rider got out.
    Completed,
    /// Ended before its end.
    Cancelled,
    /// No driver was found.
    Unfulfilled,
}

impl RideState {
    /// Whether nothing more happens.
    pub(crate) fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Unfulfilled)
    }

    /// Whether the rider may see where the driver is.
    pub(crate) fn shows_driver(self) -> bool {
        matches!(self, Self::Matched | Self::Arrived | Self::Started)
    }

    /// The state that a fact makes.
    pub(crate) fn after(fact: &TripFact) -> Self {
        match fact {
            TripFact::TripRequested { .. }
            | TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. } => Self::Requested,
            TripFact::OfferMade { .. } => Self::Offered,
            TripFact::TripMatched { .. } => Self::Matched,
            TripFact::DriverArrived { .. } => Self::Arrived,
            TripFact::TripStarted { .. } => Self::Started,
            TripFact::TripCompleted { .. } => Self::Completed,
            TripFact::TripCancelled { .. } => Self::Cancelled,
            TripFact::TripUnfulfilled { .. } => Self::Unfulfilled,
        }
    }
}

impl From<TripStatus> for RideState {
    fn from(status: TripStatus) -> Self {
        match status {
            TripStatus::Requested => Self::Requested,
            TripStatus::Offered { .. } => Self::Offered,
            TripStatus::Matched { .. } => Self::Matched,
            TripStatus::Arrived { .. } => Self::Arrived,
            TripStatus::Started { .. } => Self::Started,
            TripStatus::Completed { .. } => Self::Completed,
            TripStatus::Cancelled => Self::Cancelled,
            TripStatus::Unfulfilled => Self::Unfulfilled,
        }
    }
}
