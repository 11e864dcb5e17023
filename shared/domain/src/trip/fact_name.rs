//! What a fact about a trip is called.

use super::TripFact;

impl TripFact {
    /// Its name, as topic `trip-events` has it in `event`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::TripRequested { .. } => "trip_requested",
            Self::OfferMade { .. } => "offer_made",
            Self::OfferDeclined { .. } => "offer_declined",
            Self::OfferExpired { .. } => "offer_expired",
            Self::TripMatched { .. } => "trip_matched",
            Self::DriverArrived { .. } => "driver_arrived",
            Self::TripStarted { .. } => "trip_started",
            Self::TripCompleted { .. } => "trip_completed",
            Self::TripCancelled { .. } => "trip_cancelled",
            Self::TripUnfulfilled { .. } => "trip_unfulfilled",
        }
    }
}
