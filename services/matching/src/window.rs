//! The trips that wait for a driver at one moment.

use domain::tariff::SurgeMultiplier;
use domain::trip::{Trip, TripStatus};
use domain::{CityMs, DriverId, LatLng, TripId};
use traces::TraceParent;

/// A trip that waits for a driver.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Which.
    pub trip: TripId,
    /// In which attempt to find a driver.
    pub attempt: u32,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where the rider wants to go.
    pub dropoff: LatLng,
    /// Locked at the request.
    pub surge: SurgeMultiplier,
    /// Since when the rider waits.
    pub requested_at: CityMs,
    /// Drivers not to be asked again.
    pub excluded: Vec<DriverId>,
    /// The span in which it was heard of, if traces are on.
    pub traceparent: Option<TraceParent>,
}

impl Waiting {
    /// What matters of a trip that waits; `None` if it does not.
    pub(crate) fn of(trip: Trip, traceparent: Option<TraceParent>) -> Option<Self> {
        let Trip { id, pickup, dropoff, surge, requested_at, status, attempt, excluded, .. } = trip;
        matches!(status, TripStatus::Requested).then_some(Self {
            trip: id,
            attempt,
            pickup,
            dropoff,
            surge,
            requested_at,
            excluded,
            traceparent,
        })
    }
}

/// The effect of this service: all trips that wait, those who wait longest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window(pub Vec<Waiting>);
