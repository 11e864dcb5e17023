//! The people and places that tests speak of.

use domain::{DriverId, LatLng, TripId, Zone};

/// Where the rider waits.
pub const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };

/// The driver of whom there is only one.
pub const DRIVER: DriverId = DriverId(4711);

/// When tests begin, real time in ms: a morning in May 2026.
pub const START_MS: i64 = 1_779_000_000_000;

/// The n-th trip from [`PICKUP`].
///
/// # Panics
/// Never: a zone and twelve digits are a trip.
#[must_use]
pub fn trip(number: u32) -> TripId {
    let text = format!("{}.0192f0c1-2345-7abc-8def-{number:012}", Zone::of(PICKUP));
    text.parse().expect("a zone and a uuid are a trip")
}
