//! How long riders wait for their first offer, from when their request was due.

use std::collections::HashMap;

use domain::{CityClock, RealMs, TripId};
use events::ride_requests::{RideRequest, Wish};
use runtime::{Histogram, Stats};

use crate::metrics;

/// The requests without an offer yet.
pub(crate) struct FirstOffers {
    clock: CityClock,
    waiting: HashMap<TripId, RealMs>,
    waits: Histogram,
}

impl FirstOffers {
    /// Nobody waits; figures are among `stats`.
    pub(crate) fn new(clock: CityClock, stats: &Stats) -> Self {
        Self { clock, waiting: HashMap::new(), waits: stats.histogram(&metrics::REQUEST_TO_OFFER) }
    }

    /// A rider asks, or takes the wish back. The wait begins when that was due, whenever it was looked at.
    pub(crate) fn ask(&mut self, request: &RideRequest) {
        if matches!(request.wish, Wish::Ride { .. }) {
            self.waiting.insert(request.trip, self.clock.real_at(request.at));
        }
    }

    /// An offer was heard of; only the first of a trip counts.
    pub(crate) fn offer(&mut self, trip: TripId, now: RealMs) {
        if let Some(asked) = self.waiting.remove(&trip) {
            self.waits.record_ms(now.since(asked));
        }
    }

    /// There will be none.
    pub(crate) fn forget(&mut self, trip: TripId) {
        self.waiting.remove(&trip);
    }
}

#[cfg(test)]
mod tests {
    use domain::{CityMs, LatLng, RiderId, Zone};
    use events::ride_requests::CancelReason;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_wait_begins_when_the_request_was_due() {
        let stats = Stats::default();
        let clock = CityClock::new(RealMs(1_000_000), CityMs(0), 20.0);
        let mut offers = FirstOffers::new(clock, &stats);
        let pickup = LatLng { lat: 46.0, lon: 0.5 };
        let trip = |n| TripId { zone: Zone::of(pickup), uuid: Uuid::from_u128(n) };
        // Due 2 s after the beginning, of which the step that found it does not matter.
        let ask = |n, wish| RideRequest { trip: trip(n), rider: RiderId(1), at: CityMs(40_000), wish };
        offers.ask(&ask(1, Wish::Ride { pickup, dropoff: pickup }));
        offers.ask(&ask(2, Wish::Ride { pickup, dropoff: pickup }));
        offers.ask(&ask(3, Wish::Cancel { reason: CancelReason::ChangedMind }));
        offers.forget(trip(2));
        for (trip, now_ms) in
            [(trip(1), 1_002_300), (trip(1), 1_009_000), (trip(2), 1_002_300), (trip(3), 1_002_300)]
        {
            offers.offer(trip, RealMs(now_ms));
        }
        let line = stats.line("test");
        let waits = runtime::merge_histograms(line.histograms.get("request_to_offer_ms").map(String::as_str));
        assert_eq!((waits.len(), waits.max()), (1, 300));
    }
}
