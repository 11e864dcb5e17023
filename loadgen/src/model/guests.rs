//! Trips in which somebody takes part whose app is not one of ours, a person at a page perhaps: the city tells them when
//! it closes, since no trip may be left without an end.

use std::collections::BTreeMap;

use domain::trip::{DriverStep, TripFact};
use domain::{DriverId, RiderId, TripId};
use events::driver_actions::DriverAction;
use events::ride_requests::{CancelReason, RideRequest, Wish};
use events::trip_events::TripEvent;

use super::output::Output;
use super::world::Moment;

/// Open trips with a guest as rider or driver.
#[derive(Default)]
pub(crate) struct Guests {
    trips: BTreeMap<TripId, GuestTrip>,
}

struct GuestTrip {
    /// The rider, if not one of ours.
    rider: Option<RiderId>,
    /// The driver and the attempt, if not one of ours.
    driver: Option<(DriverId, u32)>,
    started: bool,
}

/// Who looks after the rider of a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The rider is one of ours.
    Ours,
    /// Nobody else does: the rider is a guest, and this is the first share.
    Guest,
    /// Another share of the city.
    Sibling,
}

/// What is known of those that a trip event names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) rider: Whose,
    /// The highest id of the city's drivers, who count from 1.
    pub(crate) last_driver: u64,
}

impl Guests {
    /// Learns of guests and of what becomes of their trips; who is late is told at once.
    pub(crate) fn on_trip_event(&mut self, moment: &mut Moment<'_>, event: &TripEvent, named: Named) {
        match event.fact {
            TripFact::TripRequested { .. } if named.rider == Whose::Guest => {
                let guest = || GuestTrip { rider: Some(event.rider), driver: None, started: false };
                self.trips.entry(event.trip).or_insert_with(guest);
            }
            TripFact::TripMatched { driver, attempt } => {
                let is_guest = !(1..=named.last_driver).contains(&driver.0);
                if let Some(trip) = self.trips.get_mut(&event.trip) {
                    trip.driver = is_guest.then_some((driver, attempt));
                } else if is_guest && named.rider == Whose::Ours {
                    let trip = GuestTrip { rider: None, driver: Some((driver, attempt)), started: false };
                    self.trips.insert(event.trip, trip);
                }
            }
            TripFact::TripStarted { .. } => {
                if let Some(trip) = self.trips.get_mut(&event.trip) {
                    trip.started = true;
                }
            }
            TripFact::TripCompleted { .. }
            | TripFact::TripCancelled { .. }
            | TripFact::TripUnfulfilled { .. } => {
                self.trips.remove(&event.trip);
            }
            TripFact::TripRequested { .. }
            | TripFact::OfferMade { .. }
            | TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. }
            | TripFact::DriverArrived { .. } => return,
        }
        if moment.closed
            && let Some(trip) = self.trips.get(&event.trip)
        {
            trip.end(moment, event.trip);
        }
    }

    /// The time left is over: guests go without a ride, or get out where they are.
    pub(crate) fn close(&self, moment: &mut Moment<'_>) {
        self.trips.iter().for_each(|(id, trip)| trip.end(moment, *id));
    }

    /// How many riders who are not ours have not come to an end.
    pub(crate) fn open(&self) -> usize {
        self.trips.values().filter(|trip| trip.rider.is_some()).count()
    }
}

impl GuestTrip {
    /// Says for the guest what ends the trip; our own riders and drivers say it themselves.
    fn end(&self, moment: &mut Moment<'_>, trip: TripId) {
        let at = moment.now;
        match *self {
            Self { started: true, driver: Some((driver, attempt)), .. } => {
                // Nobody here knows how far they came.
                let step = DriverStep::DropOff { odometer_m: 0 };
                moment.out.push(Output::Action(DriverAction { trip, driver, attempt, at, step }));
            }
            Self { started: false, rider: Some(rider), .. } => {
                let wish = Wish::Cancel { reason: CancelReason::CityClosing };
                moment.out.push(Output::Request(RideRequest { trip, rider, at, wish }));
            }
            Self { started: true, driver: None, .. } | Self { started: false, rider: None, .. } => (),
        }
    }
}
