//! The events of one ride: each state, the driver's position, the estimate, the meter, the fare, the end.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{CityMs, TripId};
use events::fares::{FareEvent, FareKind};
use events::trip_events::TripEvent;
use serde::Serialize;
use utoipa::ToSchema;

use super::amount::{Fare, Meter};
use super::event_log::Missed;
use super::event_stream::{Teller, Told, respond};
use super::extract::Id;
use super::problem::Problem;
use super::ride::{DriverPlace, Eta, Ride};
use super::ride_change::RideChange;
use super::ride_state::RideState;
use super::rides::{find, present};
use super::state::AppState;
use crate::view::{TripNews, View};

mod resume;

/// After the end of a completed ride its fare is waited for this long, real time.
const FARE_PATIENCE_MS: i64 = 10_000;

/// Ticks for which the table may say another state than the events told: they come by different topics.
const PATIENT_TICKS: u8 = 3;

/// Event `end` of a ride: nothing more is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RideEnd {
    /// The state it ended in.
    state: RideState,
}

/// Tells of one ride.
struct RideTeller {
    view: Arc<View>,
    trip: TripId,
    /// What was told last.
    state: RideState,
    /// Partition and offset of the last event that the listener has, from here or from another gateway.
    last: Option<(i32, i64)>,
    place_at: Option<CityMs>,
    is_fare_told: bool,
    /// Ticks since the table began to say something else.
    ticks_apart: u8,
    was_in_table: bool,
    /// The ride is completed, and its fare is waited for until then.
    fare_until_ms: Option<i64>,
    is_over: bool,
}

/// The events of a ride, as server-sent events.
///
/// First `ride` (Ride), whole; then `state` (RideChange) with an id, `position` (DriverPlace) when the driver has
/// moved, looked at once a second, `eta` (Eta), `meter` (Meter), `fare` (Fare), and `end` (RideEnd), after which the
/// stream ends. With the header `Last-Event-ID` the states missed since come first, and none comes twice. If the stream ends
/// without `end`, come back.
#[utoipa::path(get, path = "/v1/rides/{id}/events", tag = "rides",
    params(("id" = String, Path, description = "The ride's id.", pattern = "^88[0-9a-f]{8}fffff\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")),
    responses(
        (status = 200, description = "The events.", body = String, content_type = "text/event-stream"),
        (status = 404, description = "`unknown-ride`."),
        (status = 503, description = "`too-many-sockets`, `stopping`, `history-unavailable`, `not-ready`."),
    ))]
pub(crate) async fn ride_events(
    State(state): State<AppState>,
    Id(trip): Id<TripId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let place = state.places.take()?;
    let listener = state.view.listen_to_trip(trip);
    let mut ride = find(&state, trip).await?;
    let mut missed = Vec::new();
    let last = resume::last_event_id(&headers);
    if let Some((partition, offset)) = last {
        missed = resume::missed(&state, trip, partition, offset).await;
        ride = present(&state, trip).unwrap_or(ride);
    }
    let mut teller = RideTeller::new(Arc::clone(&state.view), trip, &ride, last);
    let first = teller.begin(&ride, missed, state.now_ms());
    respond(&state, place, teller, listener, first)
}

impl RideTeller {
    fn new(view: Arc<View>, trip: TripId, ride: &Ride, last: Option<(i32, i64)>) -> Self {
        Self {
            view,
            trip,
            state: ride.state,
            last,
            place_at: None,
            is_fare_told: ride.fare.is_some(),
            ticks_apart: 0,
            was_in_table: false,
            fare_until_ms: None,
            is_over: false,
        }
    }

    /// What is told at once.
    fn begin(&mut self, ride: &Ride, missed: Vec<(i32, Missed)>, now_ms: i64) -> Vec<Told> {
        let mut told = Vec::new();
        for (partition, Missed { offset, event }) in missed {
            self.tell_change(&event, partition, offset, &mut told);
        }
        told.push(Told::new("ride", ride));
        if ride.state.is_end() {
            self.state = ride.state;
        }
        self.end_if_all_is_told(now_ms, &mut told);
        told
    }

    fn tell_change(&mut self, event: &TripEvent, partition: i32, offset: i64, told: &mut Vec<Told>) {
        let change = RideChange::of(event);
        if let Some((_, last)) = self.last.filter(|last| last.0 == partition && offset <= last.1) {
            // Another gateway, ahead of this one, has told it: the table here may not have it yet.
            if offset == last {
                self.state = change.state;
            }
            return;
        }
        self.last = Some((partition, offset));
        self.state = change.state;
        told.push(Told::new("state", &change).with_id(format!("{partition}-{offset}")));
    }

    fn tell_fare(&mut self, fare: &FareEvent, told: &mut Vec<Told>) {
        if !self.is_fare_told {
            self.is_fare_told = true;
            told.push(Told::new("fare", &Fare::from(fare)));
        }
    }

    fn tell_place(&mut self, told: &mut Vec<Told>) {
        if !self.state.shows_driver() {
            return;
        }
        let driver = self.view.trip(self.trip).and_then(|view| view.trip.driver());
        let report = driver.and_then(|driver| Some((driver, self.view.driver(driver)?.report?)));
        if let Some((driver, report)) = report.filter(|(_, report)| self.place_at != Some(report.at)) {
            self.place_at = Some(report.at);
            told.push(Told::new("position", &DriverPlace::of(driver, &report)));
        }
    }

    /// A completed ride has a fare; it comes by a topic of its own.
    fn end_if_all_is_told(&mut self, now_ms: i64, told: &mut Vec<Told>) {
        if !self.state.is_end() || self.is_over {
            return;
        }
        if self.state == RideState::Completed && !self.is_fare_told {
            if let Some(fare) = self.view.trip(self.trip).and_then(|view| view.fare) {
                self.tell_fare(&fare, told);
            } else if now_ms < *self.fare_until_ms.get_or_insert(now_ms + FARE_PATIENCE_MS) {
                return;
            }
        }
        told.push(Told::new("end", &RideEnd { state: self.state }));
        self.is_over = true;
    }

    /// Tells the ride anew if the table has long said something else: an event may have come just before this
    /// stream began, and its row just after.
    fn compare(&mut self, told: &mut Vec<Told>) {
        let Some(view) = self.view.trip(self.trip) else {
            // A row leaves the table minutes after the end.
            if self.was_in_table && !self.state.is_end() {
                told.push(Told::new("end", &RideEnd { state: self.state }));
                self.is_over = true;
            }
            return;
        };
        self.was_in_table = true;
        if self.state.is_end() || RideState::from(view.trip.status) == self.state {
            self.ticks_apart = 0;
            return;
        }
        self.ticks_apart += 1;
        if self.ticks_apart >= PATIENT_TICKS {
            let ride = Ride::seen(&view, |driver| self.view.driver(driver)?.report);
            (self.state, self.ticks_apart) = (ride.state, 0);
            self.is_fare_told |= ride.fare.is_some();
            told.push(Told::new("ride", &ride));
        }
    }
}

impl Teller for RideTeller {
    type News = TripNews;

    fn hear(&mut self, news: &TripNews, now_ms: i64, told: &mut Vec<Told>) {
        match news {
            TripNews::Fact { event, partition, offset, .. } => {
                self.tell_change(event, *partition, *offset, told);
            }
            TripNews::Eta(update) if self.state.shows_driver() => {
                told.push(Told::new("eta", &Eta::from(update)))
            }
            TripNews::Eta(_) => {}
            TripNews::Fare(fare) => match fare.kind {
                FareKind::FareCalculated { .. } => self.tell_fare(fare, told),
                FareKind::MeterRead if !self.is_fare_told => {
                    told.push(Told::new("meter", &Meter::from(fare)))
                }
                FareKind::MeterRead => {}
            },
        }
        self.end_if_all_is_told(now_ms, told);
    }

    fn tick(&mut self, now_ms: i64, told: &mut Vec<Told>) {
        self.compare(told);
        self.tell_place(told);
        self.end_if_all_is_told(now_ms, told);
    }

    fn is_over(&self) -> bool {
        self.is_over
    }
}

#[cfg(test)]
mod tests;
