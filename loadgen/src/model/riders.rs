//! All riders with an open request: their patience, their changes of mind, and what trip events tell them.

use std::collections::BTreeMap;

use domain::trip::{CancelledBy, TripFact};
use domain::{CityMs, LatLng, RiderId, TripId, Zone};
use events::ride_requests::{CancelReason, RideRequest, Wish};
use events::trip_events::TripEvent;
use rand::Rng;
use roads::NodeId;
use uuid::Builder;

use super::agenda::Wake;
use super::dice::Dice;
use super::output::Output;
use super::settings::CancelShares;
use super::world::Moment;

/// City time a rider waits for a match, and the least of it in real time: finding one takes real time.
const PATIENCE_MS: (i64, i64) = (90_000, 300_000);
const LEAST_PATIENCE_REAL_MS: i64 = 20_000;

/// City time after which a rider with a driver says so when plans change; one without, whose state is short, at once.
const SAYING_SO_MS: (i64, i64) = (200, 2_000);

/// Riders who have asked and whose trip has not ended.
#[derive(Default)]
pub(crate) struct Riders {
    rides: BTreeMap<u64, Ride>,
}

/// A ride that somebody is about to ask for.
pub(crate) struct PlannedRide {
    pub(crate) trip: TripId,
    pickup: LatLng,
    dropoff: LatLng,
    dice: Dice,
}

struct Ride {
    trip: TripId,
    state: RideState,
    cancels_in: Option<RideState>,
    cancel_sent: bool,
    dice: Dice,
}

/// How far the trip is, as its rider knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RideState {
    Requested,
    Offered,
    Matched,
    Arrived,
    Started,
}

impl Riders {
    /// A rider asks for a ride.
    pub(crate) fn request(&mut self, moment: &mut Moment<'_>, rider: u64, planned: PlannedRide) {
        let PlannedRide { trip, pickup, dropoff, mut dice } = planned;
        let cancels_in = draw_cancel(&moment.world.settings.faults.rider_cancels, &mut dice);
        let patience_ms =
            dice.ms(PATIENCE_MS.0, PATIENCE_MS.1).max(moment.world.city_ms(LEAST_PATIENCE_REAL_MS));
        let mut ride = Ride { trip, state: RideState::Requested, cancels_in, cancel_sent: false, dice };
        moment.counters.requests += 1;
        send(moment, rider, trip, Wish::Ride { pickup, dropoff });
        moment.agenda.write(moment.now.plus_ms(patience_ms), Wake::Patience { rider });
        ride.enter(moment, rider, RideState::Requested);
        self.rides.insert(rider, ride);
    }

    pub(crate) fn lose_patience(&mut self, moment: &mut Moment<'_>, rider: u64) {
        if let Some(ride) = self.rides.get_mut(&rider)
            && matches!(ride.state, RideState::Requested | RideState::Offered)
        {
            ride.cancel(moment, rider, CancelReason::WaitedTooLong);
        }
    }

    pub(crate) fn change_mind(&mut self, moment: &mut Moment<'_>, rider: u64) {
        if let Some(ride) = self.rides.get_mut(&rider)
            && ride.cancels_in == Some(ride.state)
        {
            ride.cancel(moment, rider, CancelReason::ChangedMind);
        }
    }

    /// The time left is over: who has not got in goes without.
    pub(crate) fn close(&mut self, moment: &mut Moment<'_>) {
        for (&rider, ride) in &mut self.rides {
            if ride.state != RideState::Started {
                ride.cancel(moment, rider, CancelReason::CityClosing);
            }
        }
    }

    /// Tells the rider concerned, if it is one of ours.
    pub(crate) fn on_trip_event(&mut self, moment: &mut Moment<'_>, event: &TripEvent) {
        let rider = event.rider.0;
        let Some(ride) = self.rides.get_mut(&rider).filter(|ride| ride.trip == event.trip) else { return };
        let counters = &mut *moment.counters;
        let ended = match &event.fact {
            TripFact::TripRequested { .. } => return,
            // A repeated record does not take a matched rider back.
            TripFact::OfferMade { .. }
            | TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. }
            | TripFact::TripMatched { .. }
                if ride.state >= RideState::Matched =>
            {
                return;
            }
            TripFact::OfferMade { .. } => return ride.enter(moment, rider, RideState::Offered),
            TripFact::OfferDeclined { .. } | TripFact::OfferExpired { .. } => {
                ride.state = RideState::Requested;
                return;
            }
            TripFact::TripMatched { .. } => {
                counters.matched += 1;
                return ride.enter(moment, rider, RideState::Matched);
            }
            TripFact::DriverArrived { .. } => return ride.enter(moment, rider, RideState::Arrived),
            TripFact::TripStarted { .. } => return ride.enter(moment, rider, RideState::Started),
            TripFact::TripCompleted { .. } => &mut counters.completed,
            TripFact::TripCancelled { by: CancelledBy::Rider, .. } => &mut counters.cancelled_by_rider,
            TripFact::TripCancelled { by: CancelledBy::Driver, .. } => &mut counters.cancelled_by_driver,
            TripFact::TripCancelled { by: CancelledBy::System, .. } => &mut counters.cancelled_by_system,
            TripFact::TripUnfulfilled { .. } => &mut counters.unfulfilled,
        };
        *ended += 1;
        self.rides.remove(&rider);
    }

    /// Forgets a ride that was never begun; `false` if it is none of ours.
    pub(crate) fn refuse(&mut self, trip: TripId, rider: RiderId) -> bool {
        self.has(trip, rider) && self.rides.remove(&rider.0).is_some()
    }

    /// Whether this is an open ride of one of our riders.
    pub(crate) fn has(&self, trip: TripId, rider: RiderId) -> bool {
        self.rides.get(&rider.0).is_some_and(|ride| ride.trip == trip)
    }

    /// How many requests have not come to an end.
    pub(crate) fn open(&self) -> usize {
        self.rides.len()
    }

    /// The open trips, in order of request.
    pub(crate) fn open_trips(&self) -> impl Iterator<Item = TripId> + '_ {
        self.rides.values().map(|ride| ride.trip)
    }
}

impl PlannedRide {
    /// A ride between two junctions; takes as much chance for a rider of another share as for one of ours.
    pub(crate) fn draw(moment: &Moment<'_>, ends: (NodeId, NodeId), rng: &mut impl Rng) -> Self {
        let network = &moment.world.network;
        let (pickup, dropoff) = (network.position(ends.0).rounded(), network.position(ends.1).rounded());
        let mut tail = [0u8; 10];
        rng.fill_bytes(&mut tail);
        let at_ms = u64::try_from(moment.now.0).unwrap_or(0);
        let uuid = Builder::from_unix_timestamp_millis(at_ms, &tail).into_uuid();
        Self {
            trip: TripId { zone: Zone::of(pickup), uuid },
            pickup,
            dropoff,
            dice: Dice::new(rng.next_u64()),
        }
    }
}

impl Ride {
    fn enter(&mut self, moment: &mut Moment<'_>, rider: u64, state: RideState) {
        self.state = state;
        if self.cancels_in == Some(state) {
            let after_ms = match state {
                RideState::Requested | RideState::Offered => 0,
                RideState::Matched | RideState::Arrived | RideState::Started => {
                    self.dice.ms(SAYING_SO_MS.0, SAYING_SO_MS.1)
                }
            };
            moment.agenda.write(moment.now.plus_ms(after_ms), Wake::ChangeOfMind { rider });
        }
    }

    fn cancel(&mut self, moment: &mut Moment<'_>, rider: u64, reason: CancelReason) {
        if !std::mem::replace(&mut self.cancel_sent, true) {
            moment.counters.rider_cancels_sent += 1;
            send(moment, rider, self.trip, Wish::Cancel { reason });
        }
    }
}

fn send(moment: &mut Moment<'_>, rider: u64, trip: TripId, wish: Wish) {
    let at: CityMs = moment.now;
    moment.out.push(Output::Request(RideRequest { trip, rider: RiderId(rider), at, wish }));
}

fn draw_cancel(shares: &CancelShares, dice: &mut Dice) -> Option<RideState> {
    let mut drawn = dice.unit();
    let states = [
        (shares.requested, RideState::Requested),
        (shares.offered, RideState::Offered),
        (shares.matched, RideState::Matched),
        (shares.arrived, RideState::Arrived),
        (shares.started, RideState::Started),
    ];
    for (share, state) in states {
        if drawn < share {
            return Some(state);
        }
        drawn -= share;
    }
    None
}
