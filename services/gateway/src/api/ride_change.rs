//! What happened to a ride, as its rider and its driver are told.

use domain::trip::{CancelledBy, TripFact};
use events::trip_events::TripEvent;
use serde::Serialize;
use utoipa::ToSchema;

use super::ride_state::RideState;

/// Event `state` of a ride: something happened to it. The event's id is where to resume.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RideChange {
    /// The state it makes.
    pub(crate) state: RideState,
    /// What happened, as in topic `trip-events`.
    #[schema(example = "trip_matched")]
    pub(crate) event: &'static str,
    /// When, city time in ms.
    pub(crate) at_ms: i64,
    /// Who comes, drives or drove.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) driver: Option<u64>,
    /// Metres driven, with `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) distance_m: Option<u32>,
    /// Seconds driven, with `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) duration_s: Option<u32>,
    /// Who cancelled: `rider`, `driver` or `system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) by: Option<&'static str>,
    /// Why it was cancelled or came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) reason: Option<String>,
}

impl RideChange {
    pub(crate) fn of(event: &TripEvent) -> Self {
        let state = RideState::after(&event.fact);
        let (mut driver, mut distance_m, mut duration_s, mut by, mut reason) = (None, None, None, None, None);
        match &event.fact {
            TripFact::TripMatched { driver: who, .. }
            | TripFact::DriverArrived { driver: who }
            | TripFact::TripStarted { driver: who } => driver = Some(who.0),
            TripFact::TripCompleted { driver: who, distance_m: metres, duration_s: seconds, .. } => {
                (driver, distance_m, duration_s) = (Some(who.0), Some(*metres), Some(*seconds));
            }
            TripFact::TripCancelled { by: who, reason: why, .. } => {
                (by, reason) = (Some(cancelled_by(*who)), Some(why.clone()));
            }
            TripFact::TripUnfulfilled { reason: why } => reason = Some(why.clone()),
            TripFact::TripRequested { .. }
            | TripFact::OfferMade { .. }
            | TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. } => {}
        }
        Self {
            state,
            event: event.fact.name(),
            at_ms: event.at.0,
            driver,
            distance_m,
            duration_s,
            by,
            reason,
        }
    }
}

fn cancelled_by(who: CancelledBy) -> &'static str {
    match who {
        CancelledBy::Rider => "rider",
        CancelledBy::Driver => "driver",
        CancelledBy::System => "system",
    }
}
