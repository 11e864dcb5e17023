//! The events of one driver: their state, offers with their deadline, the steps of their trips, fares.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use domain::driver::{Assignment, Driver};
use domain::trip::{TripFact, TripStatus};
use domain::{DriverId, LatLng, RealMs, TripId};
use events::fares::FareEvent;
use events::trip_events::TripEvent;
use serde::Serialize;
use utoipa::ToSchema;

use super::amount::Fare;
use super::drivers::Status;
use super::event_stream::{Teller, Told, respond};
use super::extract::Id;
use super::position::Position;
use super::problem::Problem;
use super::ride_events::RideChange;
use super::state::AppState;
use crate::view::{DriverNews, View};

/// Event `driver` of a driver: their state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriverState {
    /// Who.
    id: u64,
    /// What they do.
    status: Status,
    /// The trip that they are kept for.
    #[schema(required = true)]
    assignment: Option<Task>,
}

/// A trip that a driver is kept for or asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub(crate) struct Task {
    /// Which trip.
    trip: String,
    /// In which attempt; actions name it.
    attempt: u32,
    /// Where the rider waits.
    pickup: Position,
    /// Where the rider wants to go.
    dropoff: Position,
}

/// Event `offer` of a driver: a trip asks for them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Offer {
    /// Which trip.
    trip: String,
    /// In which attempt; actions name it.
    attempt: u32,
    /// Where the rider waits.
    pickup: Position,
    /// Where the rider wants to go.
    dropoff: Position,
    /// Good until then, real time in ms.
    expires_at_ms: i64,
    /// From now, real time, for whose clock is wrong.
    #[schema(minimum = 1)]
    expires_in_ms: i64,
}

/// Event `offer_ended` of a driver: it can't be accepted any more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferEnded {
    /// Which trip.
    trip: String,
    /// Of which attempt.
    attempt: u32,
    /// `declined`, `expired` or `cancelled`.
    reason: &'static str,
}

/// Event `trip` of a driver: their trip went on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TripStep {
    /// Which trip.
    trip: String,
    /// What happened.
    #[serde(flatten)]
    change: RideChange,
}

/// Event `fare` of a driver: what a trip brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TripFare {
    /// Which trip.
    trip: String,
    /// When it was calculated, city time in ms.
    at_ms: i64,
    /// How much.
    #[serde(flatten)]
    fare: Fare,
}

/// Tells of one driver.
struct DriverTeller {
    view: Arc<View>,
    driver: DriverId,
    /// The newest offer that was told, and whether it is open as far as was told.
    offer: Option<(TripId, u32)>,
    is_offer_open: bool,
}

/// The events of a driver, as server-sent events; they do not end.
///
/// First `driver` (DriverState), and again whenever it changes; `offer` (Offer), an open one also at the start;
/// `offer_ended` (OfferEnded) unless it was accepted; `trip` (TripStep) for each step from the acceptance on; `fare`
/// (TripFare). If the stream ends, come back: the start tells all that still counts.
#[utoipa::path(get, path = "/v1/drivers/{id}/events", tag = "drivers",
    params(("id" = u64, Path, description = "The driver's number.", minimum = 0, maximum = 9007199254740991_u64)),
    responses(
        (status = 200, description = "The events.", body = String, content_type = "text/event-stream"),
        (status = 503, description = "`too-many-sockets`, `stopping`."),
    ))]
pub(crate) async fn driver_events(
    State(state): State<AppState>,
    Id(driver): Id<DriverId>,
) -> Result<Response, Problem> {
    let place = state.places.take()?;
    let listener = state.view.listen_to_driver(driver);
    let mut teller =
        DriverTeller { view: Arc::clone(&state.view), driver, offer: None, is_offer_open: false };
    let first = teller.begin(state.now_ms());
    respond(&state, place, teller, listener, first)
}

impl DriverTeller {
    /// What is told at once.
    fn begin(&mut self, now_ms: i64) -> Vec<Told> {
        let known = self.view.driver(self.driver).and_then(|view| view.driver);
        let state = known.as_ref().map_or_else(
            || DriverState { id: self.driver.0, status: Status::Offline, assignment: None },
            DriverState::of,
        );
        let mut told = vec![Told::new("driver", &state)];
        self.look_for_offer(now_ms, &mut told);
        told
    }

    /// An offer that is open by the tables, but was not told: its fact came before this stream began.
    fn look_for_offer(&mut self, now_ms: i64, told: &mut Vec<Told>) {
        let driver = self.view.driver(self.driver).and_then(|view| view.driver);
        let Some(assignment) = driver.and_then(|driver| driver.assignment) else { return };
        let Some(trip) = self.view.trip(assignment.trip).map(|view| view.trip) else { return };
        if trip.status == (TripStatus::Offered { driver: self.driver }) {
            let ends = (trip.pickup, trip.dropoff);
            self.tell_offer((trip.id, trip.attempt), ends, trip.deadline, now_ms, told);
        }
    }

    fn tell_offer(
        &mut self,
        (trip, attempt): (TripId, u32),
        (pickup, dropoff): (LatLng, LatLng),
        expires_at: RealMs,
        now_ms: i64,
        told: &mut Vec<Told>,
    ) {
        let expires_in_ms = expires_at.since(RealMs(now_ms));
        if self.offer == Some((trip, attempt)) || expires_in_ms <= 0 {
            return;
        }
        (self.offer, self.is_offer_open) = (Some((trip, attempt)), true);
        told.push(Told::new(
            "offer",
            &Offer {
                trip: trip.to_string(),
                attempt,
                pickup: pickup.into(),
                dropoff: dropoff.into(),
                expires_at_ms: expires_at.0,
                expires_in_ms,
            },
        ));
    }

    fn end_offer(&mut self, trip: TripId, attempt: u32, reason: &'static str, told: &mut Vec<Told>) {
        // One that was not told before is over all the same: it must not be told later.
        (self.offer, self.is_offer_open) = (Some((trip, attempt)), false);
        told.push(Told::new("offer_ended", &OfferEnded { trip: trip.to_string(), attempt, reason }));
    }

    fn tell_fact(&mut self, event: &TripEvent, now_ms: i64, told: &mut Vec<Told>) {
        let trip = event.trip;
        match &event.fact {
            TripFact::OfferMade { attempt, pickup, dropoff, expires_at, .. } => {
                self.tell_offer((trip, *attempt), (*pickup, *dropoff), *expires_at, now_ms, told);
            }
            TripFact::OfferDeclined { attempt, .. } => self.end_offer(trip, *attempt, "declined", told),
            TripFact::OfferExpired { attempt, .. } => self.end_offer(trip, *attempt, "expired", told),
            TripFact::TripCancelled { .. } if self.is_open(trip) => {
                let attempt = self.offer.map_or(1, |(_, attempt)| attempt);
                self.end_offer(trip, attempt, "cancelled", told);
            }
            TripFact::TripMatched { .. }
            | TripFact::DriverArrived { .. }
            | TripFact::TripStarted { .. }
            | TripFact::TripCompleted { .. }
            | TripFact::TripCancelled { .. } => {
                if self.is_open(trip) {
                    self.is_offer_open = false;
                }
                let step = TripStep { trip: trip.to_string(), change: RideChange::of(event) };
                told.push(Told::new("trip", &step));
            }
            TripFact::TripRequested { .. } | TripFact::TripUnfulfilled { .. } => {}
        }
    }

    fn is_open(&self, trip: TripId) -> bool {
        self.is_offer_open && self.offer.is_some_and(|(offered, _)| offered == trip)
    }
}

impl DriverState {
    fn of(driver: &Driver) -> Self {
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

impl Teller for DriverTeller {
    type News = DriverNews;

    fn hear(&mut self, news: &DriverNews, now_ms: i64, told: &mut Vec<Told>) {
        match news {
            DriverNews::Fact { event, .. } => self.tell_fact(event, now_ms, told),
            DriverNews::Snapshot(driver) => told.push(Told::new("driver", &DriverState::of(driver))),
            DriverNews::Fare(fare) => told.push(Told::new("fare", &TripFare::of(fare))),
        }
    }

    fn tick(&mut self, now_ms: i64, told: &mut Vec<Told>) {
        self.look_for_offer(now_ms, told);
    }

    fn is_over(&self) -> bool {
        false
    }
}

impl TripFare {
    fn of(event: &FareEvent) -> Self {
        Self { trip: event.trip.to_string(), at_ms: event.at.0, fare: event.into() }
    }
}

#[cfg(test)]
mod tests;
