//! The events of one driver: their state, offers with their deadline, the steps of their trips, fares.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use domain::trip::{TripFact, TripStatus};
use domain::{DriverId, LatLng, RealMs, TripId};
use events::trip_events::TripEvent;

use super::driver_news::{DriverState, Offer, OfferEnded, TripFare, TripStep};
use super::drivers::Status;
use super::event_stream::{Teller, Told, respond};
use super::extract::Id;
use super::problem::Problem;
use super::ride_change::RideChange;
use super::state::AppState;
use crate::view::{DriverNews, View};

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

#[cfg(test)]
mod tests;
