//! What a driver is told.

use domain::driver::{Assignment, Driver};
use events::fares::FareEvent;
use serde::Serialize;
use utoipa::ToSchema;

use super::amount::Fare;
use super::drivers::Status;
use super::position::Position;
use super::ride_change::RideChange;

/// Event `driver` of a driver: their state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriverState {
    /// Who.
    pub(crate) id: u64,
    /// What they do.
    pub(crate) status: Status,
    /// The trip that they are kept for.
    #[schema(required = true)]
    pub(crate) assignment: Option<Task>,
}

/// A trip that a driver is kept for or asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub(crate) struct Task {
    /// Which trip.
    pub(crate) trip: String,
    /// In which attempt; actions name it.
    pub(crate) attempt: u32,
    /// Where the rider waits.
    pub(crate) pickup: Position,
    /// Where the rider wants to go.
    pub(crate) dropoff: Position,
}

/// Event `offer` of a driver: a trip asks for them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Offer {
    /// Which trip.
    pub(crate) trip: String,
    /// In which attempt; actions name it.
    pub(crate) attempt: u32,
    /// Where the rider waits.
    pub(crate) pickup: Position,
    /// Where the rider wants to go.
    pub(crate) dropoff: Position,
    /// Good until then, real time in ms.
    pub(crate) expires_at_ms: i64,
    /// From now, real time, for whose clock is wrong.
    #[schema(minimum = 1)]
    pub(crate) expires_in_ms: i64,
}

/// Event `offer_ended` of a driver: it can't be accepted any more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferEnded {
    /// Which trip.
    pub(crate) trip: String,
    /// Of which attempt.
    pub(crate) attempt: u32,
    /// `declined`, `expired` or `cancelled`.
    pub(crate) reason: &'static str,
}

/// Event `trip` of a driver: their trip went on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TripStep {
    /// Which trip.
    pub(crate) trip: String,
    /// What happened.
    #[serde(flatten)]
    pub(crate) change: RideChange,
}

/// Event `fare` of a driver: what a trip brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TripFare {
    /// Which trip.
    pub(crate) trip: String,
    /// When it was calculated, city time in ms.
    pub(crate) at_ms: i64,
    /// How much.
    #[serde(flatten)]
    pub(crate) fare: Fare,
}

impl DriverState {
    pub(crate) fn of(driver: &Driver) -> Self {
        let task = |assignment: &Assignment| Task {
            trip: assignment.trip.to_string(),
            attempt: assignment.attempt,
            pickup: assignment.pickup.into(),
            dropoff: assignment.dropoff.into(),
        };
        let assignment = driver.assignment.as_ref().map(task);
        Self { id: driver.id.0, status: driver.status.into(), assignment }
    }
}

impl TripFare {
    pub(crate) fn of(event: &FareEvent) -> Self {
        Self { trip: event.trip.to_string(), at_ms: event.at.0, fare: event.into() }
    }
}
