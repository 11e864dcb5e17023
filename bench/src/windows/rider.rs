//! Riders who wait: as matching holds them, and as the table of trips tells of them.

use domain::tariff::SurgeMultiplier;
use domain::trip::{Trip, TripStatus};
use domain::{CityMs, RealMs, RiderId, Zone};
use matching::Waiting;

use super::city;

/// A rider's trip that waits for a driver since this time.
pub(super) fn waiting(number: u64, requested_at: CityMs) -> Waiting {
    let pickup = city::rider(number);
    let id = format!("{}.0192f0c1-2345-7abc-8def-{number:012}", Zone::of(pickup));
    Waiting {
        trip: id.parse().expect("a zone and a UUID"),
        attempt: 1,
        pickup,
        dropoff: city::rider(number + 1),
        surge: SurgeMultiplier::NONE,
        requested_at,
        excluded: Vec::new(),
        traceparent: None,
    }
}

/// The same as it lies in the table of trips.
pub(super) fn snapshot(waiting: &Waiting) -> Trip {
    let at = RealMs(waiting.requested_at.0);
    Trip {
        id: waiting.trip,
        rider: RiderId(1),
        pickup: waiting.pickup,
        dropoff: waiting.dropoff,
        surge: waiting.surge,
        requested_at: waiting.requested_at,
        status: TripStatus::Requested,
        attempt: waiting.attempt,
        excluded: Vec::new(),
        search_until: at.plus_ms(180_000),
        deadline: at.plus_ms(180_000),
    }
}
