//! The apps of all drivers and riders as one handler: trip events in, reports, requests and actions out.

use domain::trip::TripFact;
use domain::{CityClock, RealMs};
use events::trip_events::{self, TripEvent};
use pipeline::{Handler, Outcome, Record, Reject};
use runtime::clock::now_ms;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::figures::Figures;
use crate::first_offers::FirstOffers;
use crate::model::{City, Output};
use crate::phones::RefusedRide;

/// Drives the city by real time and by the events of its trips.
pub(crate) struct Apps {
    pub(crate) city: City,
    pub(crate) clock: CityClock,
    pub(crate) figures: Figures,
    pub(crate) first_offers: FirstOffers,
    /// When to close the city, real time; never if absent.
    pub(crate) closes_at_ms: Option<i64>,
    /// When to end in any case once it is closing, real time.
    pub(crate) ends_at_ms: Option<i64>,
    /// How long closing may take at most.
    pub(crate) closing_limit_ms: i64,
    /// Cancelled from outside: close the city.
    pub(crate) close: CancellationToken,
    /// Cancelled by us: the city has closed.
    pub(crate) closed: CancellationToken,
    /// Rides that the public API refused.
    pub(crate) refusals: mpsc::UnboundedReceiver<RefusedRide>,
    /// Newest moment seen, real time.
    pub(crate) now_ms: i64,
}

impl Apps {
    fn send(&mut self, outputs: Vec<Output>, effects: &mut Vec<Output>) {
        for output in &outputs {
            if let Output::Request(request) = output {
                self.first_offers.ask(request);
            }
        }
        effects.extend(outputs);
    }

    fn hear_of_refusals(&mut self) {
        while let Ok(RefusedRide { trip, rider }) = self.refusals.try_recv() {
            self.first_offers.forget(trip);
            self.city.on_refusal(trip, rider);
        }
    }

    fn measure(&mut self, event: &TripEvent) {
        match event.fact {
            TripFact::OfferMade { .. } => self.first_offers.offer(event.trip, RealMs(now_ms())),
            TripFact::TripMatched { .. } => self.figures.matched_at(now_ms()),
            TripFact::TripCancelled { .. } | TripFact::TripUnfulfilled { .. } => {
                self.first_offers.forget(event.trip);
            }
            TripFact::TripRequested { .. }
            | TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. }
            | TripFact::DriverArrived { .. }
            | TripFact::TripStarted { .. }
            | TripFact::TripCompleted { .. } => (),
        }
    }

    /// Closes the city when its time has come, and says so when all its trips have ended and its drivers are at home.
    fn close_in_time(&mut self, now_ms: i64, outputs: &mut Vec<Output>) {
        let due = self.close.is_cancelled()
            || self.closes_at_ms.is_some_and(|at_ms| now_ms >= at_ms)
            || (self.city.requests_left() == Some(0) && self.city.awaited() == self.city.guests());
        if due && self.ends_at_ms.is_none() {
            tracing::info!(open_trips = self.city.open_trips(), "the city closes");
            // To the moment: whenever this is looked at, the same was reported before.
            let closing_ms = self.closes_at_ms.filter(|at_ms| now_ms >= *at_ms).unwrap_or(now_ms);
            let closing = self.clock.city_at(RealMs(closing_ms));
            self.city.step(closing, outputs);
            self.city.close(closing);
            self.ends_at_ms = Some(now_ms + self.closing_limit_ms);
        }
        let Some(ends_at_ms) = self.ends_at_ms else { return };
        if self.city.finished() || now_ms >= ends_at_ms {
            self.closed.cancel();
        }
    }
}

impl Handler for Apps {
    type Effect = Output;

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<Output>) -> Result<Outcome, Reject> {
        if record.topic != trip_events::TOPIC.name {
            return Ok(Outcome::Skipped("other_topic"));
        }
        let event: TripEvent = events::decode(record.key, record.payload, None)
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
        self.measure(&event);
        let now = self.clock.city_at(RealMs(self.now_ms.max(record.timestamp_ms)));
        let mut outputs = Vec::new();
        self.city.on_trip_event(&event, now, &mut outputs);
        self.send(outputs, effects);
        Ok(Outcome::Done)
    }

    fn tick(&mut self, now_ms: i64, effects: &mut Vec<Output>) {
        self.now_ms = now_ms;
        self.hear_of_refusals();
        let mut outputs = Vec::new();
        self.close_in_time(now_ms, &mut outputs);
        self.city.step(self.clock.city_at(RealMs(now_ms)), &mut outputs);
        self.send(outputs, effects);
        if self.closed.is_cancelled() {
            self.figures.write(&self.city);
        } else {
            self.figures.show(&self.city, now_ms);
        }
    }
}
