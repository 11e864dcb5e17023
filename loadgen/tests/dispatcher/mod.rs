//! A cooperative dispatcher for tests of the city: one clear rule each for offers, matches and ends, and strict about
//! what drivers may do.

use std::collections::{BTreeMap, BTreeSet};

use domain::tariff::SurgeMultiplier;
use domain::trip::{CancelledBy, DriverStep, TripFact};
use domain::{CityClock, DriverId, LatLng, RealMs, RiderId, TripId};
use events::driver_actions::DriverAction;
use events::driver_shifts::ShiftChange;
use events::ride_requests::{RideRequest, Wish};
use events::trip_events::TripEvent;
use loadgen::model::Output;

const LATENCY_MS: i64 = 120;
const OFFER_MS: i64 = 15_000;
const SEARCH_MS: i64 = 90_000;
const SILENCE_MS: i64 = 45_000;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    Requested,
    Offered(DriverId, RealMs),
    Matched(DriverId),
    Arrived(DriverId),
    Started(DriverId),
    Ended,
}

#[derive(Debug)]
pub(crate) struct Trip {
    pub(crate) rider: RiderId,
    pub(crate) pickup: LatLng,
    pub(crate) dropoff: LatLng,
    pub(crate) state: State,
    pub(crate) requested: RealMs,
    pub(crate) attempt: u32,
    pub(crate) asked: BTreeSet<DriverId>,
}

pub(crate) struct Dispatcher {
    clock: CityClock,
    pub(crate) trips: BTreeMap<TripId, Trip>,
    on_shift: BTreeSet<DriverId>,
    taken: BTreeSet<DriverId>,
    last_heard: BTreeMap<DriverId, (RealMs, LatLng)>,
    due: Vec<(RealMs, TripEvent)>,
}

impl Dispatcher {
    pub(crate) fn new(clock: CityClock) -> Self {
        Self {
            clock,
            trips: BTreeMap::new(),
            on_shift: BTreeSet::new(),
            taken: BTreeSet::new(),
            last_heard: BTreeMap::new(),
            due: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self, output: &Output, now: RealMs) {
        match output {
            Output::Report(report) => {
                self.last_heard.insert(report.driver, (now, report.position()));
            }
            Output::Shift(shift) => {
                match shift.change {
                    ShiftChange::Start => self.on_shift.insert(shift.driver),
                    ShiftChange::End => self.on_shift.remove(&shift.driver),
                };
            }
            Output::Request(request) => self.request(request, now),
            Output::Action(action) => self.act(action, now),
            Output::Unroutable { .. } => {}
        }
    }

    /// Makes offers and lets things expire; then hands out the events that have travelled long enough.
    pub(crate) fn tick(&mut self, now: RealMs) -> Vec<TripEvent> {
        let ids: Vec<TripId> = self.trips.keys().copied().collect();
        for id in ids {
            match self.trips[&id].state {
                State::Requested => self.search(id, now),
                State::Offered(driver, expires_at) if now > expires_at => {
                    let attempt = self.trips[&id].attempt;
                    self.trips.get_mut(&id).expect("trips are never forgotten").state = State::Requested;
                    self.say(id, TripFact::OfferExpired { driver, attempt }, now);
                    self.taken.remove(&driver);
                }
                State::Matched(driver) | State::Arrived(driver) | State::Started(driver)
                    if now.since(self.last_heard[&driver].0) > SILENCE_MS =>
                {
                    self.taken.remove(&driver);
                    self.on_shift.remove(&driver);
                    self.end(id, CancelledBy::System, "driver_vanished", Some(driver), now);
                }
                _ => {}
            }
        }
        let (ready, later) = self.due.drain(..).partition(|(at, _)| *at <= now);
        self.due = later;
        let ready: Vec<(RealMs, TripEvent)> = ready;
        ready.into_iter().map(|(_, event)| event).collect()
    }

    fn search(&mut self, id: TripId, now: RealMs) {
        let trip = self.trips.get_mut(&id).expect("trips are never forgotten");
        if now.since(trip.requested) > SEARCH_MS {
            trip.state = State::Ended;
            return self.say(id, TripFact::TripUnfulfilled { reason: "no_driver".into() }, now);
        }
        let distance_m = |driver: &DriverId| {
            self.last_heard.get(driver).map_or(f64::MAX, |(_, position)| position.distance_m(trip.pickup))
        };
        let free = self.on_shift.difference(&self.taken);
        let unasked = free.filter(|driver| !trip.asked.contains(driver));
        let Some(&driver) = unasked.min_by(|a, b| distance_m(a).total_cmp(&distance_m(b))) else { return };
        self.taken.insert(driver);
        trip.asked.insert(driver);
        trip.attempt += 1;
        let expires_at = now.plus_ms(OFFER_MS);
        trip.state = State::Offered(driver, expires_at);
        let (attempt, pickup, dropoff) = (trip.attempt, trip.pickup, trip.dropoff);
        self.say(id, TripFact::OfferMade { driver, attempt, pickup, dropoff, expires_at }, now);
    }

    fn request(&mut self, request: &RideRequest, now: RealMs) {
        match request.wish {
            Wish::Ride { pickup, dropoff } => {
                let trip = Trip {
                    rider: request.rider,
                    pickup,
                    dropoff,
                    state: State::Requested,
                    requested: now,
                    attempt: 0,
                    asked: BTreeSet::new(),
                };
                assert!(self.trips.insert(request.trip, trip).is_none(), "a trip is requested once");
                self.say(
                    request.trip,
                    TripFact::TripRequested { pickup, dropoff, surge: SurgeMultiplier::NONE },
                    now,
                );
            }
            Wish::Cancel { reason } => {
                let driver = match self.trips[&request.trip].state {
                    State::Requested => None,
                    State::Offered(driver, _) | State::Matched(driver) | State::Arrived(driver) => {
                        self.taken.remove(&driver);
                        Some(driver)
                    }
                    State::Started(_) | State::Ended => return,
                };
                self.end(request.trip, CancelledBy::Rider, &format!("{reason:?}"), driver, now);
            }
        }
    }

    fn act(&mut self, action: &DriverAction, now: RealMs) {
        let DriverAction { trip: id, driver, attempt, .. } = *action;
        let trip = self.trips.get_mut(&id).expect("drivers act on trips that were requested");
        let next = match (trip.state, action.step) {
            // A cancellation or an expiry crossed the action on its way.
            (State::Ended, _) | (State::Requested, DriverStep::Accept | DriverStep::Decline) => return,
            (State::Offered(asked, _), DriverStep::Accept) if asked == driver && trip.attempt == attempt => {
                (State::Matched(driver), TripFact::TripMatched { driver, attempt })
            }
            (State::Offered(asked, _), DriverStep::Decline) if asked == driver && trip.attempt == attempt => {
                self.taken.remove(&driver);
                (State::Requested, TripFact::OfferDeclined { driver, attempt })
            }
            (State::Matched(with), DriverStep::Arrive) if with == driver => {
                (State::Arrived(driver), TripFact::DriverArrived { driver })
            }
            (State::Arrived(with), DriverStep::PickUp) if with == driver => {
                (State::Started(driver), TripFact::TripStarted { driver })
            }
            (State::Started(with), DriverStep::DropOff { odometer_m }) if with == driver => {
                self.taken.remove(&driver);
                let surge = SurgeMultiplier::NONE;
                (
                    State::Ended,
                    TripFact::TripCompleted { driver, distance_m: odometer_m, duration_s: 1, surge },
                )
            }
            (State::Matched(with), DriverStep::Cancel) if with == driver => {
                self.taken.remove(&driver);
                return self.end(id, CancelledBy::Driver, "driver_cancelled", Some(driver), now);
            }
            (state, step) => {
                panic!("driver {driver} does {step:?} in attempt {attempt} of a trip in {state:?}")
            }
        };
        trip.state = next.0;
        self.say(id, next.1, now);
    }

    fn end(&mut self, id: TripId, by: CancelledBy, reason: &str, driver: Option<DriverId>, now: RealMs) {
        self.trips.get_mut(&id).expect("trips are never forgotten").state = State::Ended;
        self.say(id, TripFact::TripCancelled { by, reason: reason.to_owned(), driver }, now);
    }

    fn say(&mut self, id: TripId, fact: TripFact, now: RealMs) {
        let event = TripEvent { trip: id, rider: self.trips[&id].rider, at: self.clock.city_at(now), fact };
        self.due.push((now.plus_ms(LATENCY_MS), event));
    }
}
