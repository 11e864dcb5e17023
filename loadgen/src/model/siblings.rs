//! Trips of riders whom other processes of the same city play: nothing is said for them, but our drivers stay until they
//! have ended.

use std::collections::{BTreeMap, BTreeSet};

use domain::trip::TripFact;
use domain::{CityMs, TripId};
use events::trip_events::TripEvent;

use super::world::Moment;

/// A ride that was to be asked for is waited for this long in real time: the other process may not have done so.
const NO_NEWS_REAL_MS: i64 = 10_000;

/// Open trips of other shares' riders.
#[derive(Default)]
pub(crate) struct Siblings {
    /// Rides that were drawn for others and not heard of yet, and until when they are waited for.
    expected: BTreeMap<TripId, CityMs>,
    open: BTreeSet<TripId>,
}

impl Siblings {
    /// Another share's rider asks for this ride now, unless that share is closing: then it is only known.
    pub(crate) fn expect(&mut self, moment: &Moment<'_>, trip: TripId) {
        let patience_real_ms = if moment.closing { 0 } else { NO_NEWS_REAL_MS };
        self.expected.insert(trip, moment.now.plus_ms(moment.world.city_ms(patience_real_ms)));
    }

    /// Whether another share's rider asked for this trip, which has not ended.
    pub(crate) fn know(&self, trip: TripId) -> bool {
        self.expected.contains_key(&trip) || self.open.contains(&trip)
    }

    /// Learns of a trip whose rider is not ours.
    pub(crate) fn on_trip_event(&mut self, event: &TripEvent) {
        let was_expected = self.expected.remove(&event.trip).is_some();
        match event.fact {
            TripFact::TripCompleted { .. }
            | TripFact::TripCancelled { .. }
            | TripFact::TripUnfulfilled { .. } => {
                self.open.remove(&event.trip);
            }
            TripFact::TripRequested { .. } => {
                self.open.insert(event.trip);
            }
            TripFact::OfferMade { .. }
            | TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. }
            | TripFact::TripMatched { .. }
            | TripFact::DriverArrived { .. }
            | TripFact::TripStarted { .. } => {
                if was_expected {
                    self.open.insert(event.trip);
                }
            }
        }
    }

    /// How many trips of others have not come to an end.
    pub(crate) fn open(&self, now: CityMs) -> usize {
        self.open.len() + self.expected.values().filter(|until| **until > now).count()
    }
}
