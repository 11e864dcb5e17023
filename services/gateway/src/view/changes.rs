//! What the map is told of the view: who and what changed since it asked last.

use domain::driver::DriverStatus;
use domain::trip::{Trip, TripStatus};
use domain::{DriverId, LatLng, TripId, Zone};
use events::zones::ZoneState;

/// Everything that changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Changes {
    /// Drivers who reported or changed their state, each once.
    pub(crate) drivers: Vec<DriverSpot>,
    /// Trips, each once.
    pub(crate) trips: Vec<TripChange>,
    /// Zones, each once; nothing if the zone left the table.
    pub(crate) zones: Vec<(Zone, Option<ZoneState>)>,
}

/// A driver with a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DriverSpot {
    pub(crate) id: DriverId,
    /// Offline also for a driver of whom only reports are known.
    pub(crate) status: DriverStatus,
    pub(crate) position: LatLng,
    pub(crate) heading: u16,
    pub(crate) speed_mps: f32,
    /// When the last report was written, real time.
    pub(crate) seen_ms: i64,
    /// Whether a report came since the last time.
    pub(crate) reported: bool,
}

/// What became of a trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TripChange {
    pub(crate) id: TripId,
    /// Nothing if it is over.
    pub(crate) open: Option<OpenTrip>,
}

/// A trip that is under way or asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OpenTrip {
    pub(crate) pickup: LatLng,
    pub(crate) dropoff: LatLng,
    pub(crate) driver: Option<DriverId>,
    pub(crate) phase: Phase,
    /// Surge in hundredths.
    pub(crate) surge: u16,
}

/// How far an open trip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Requested,
    Offered,
    Matched,
    Arrived,
    Started,
}

impl OpenTrip {
    /// A trip, unless it has ended.
    pub(crate) fn of(trip: &Trip) -> Option<Self> {
        let phase = match trip.status {
            TripStatus::Requested => Phase::Requested,
            TripStatus::Offered { .. } => Phase::Offered,
            TripStatus::Matched { .. } => Phase::Matched,
            TripStatus::Arrived { .. } => Phase::Arrived,
            TripStatus::Started { .. } => Phase::Started,
            TripStatus::Completed { .. } | TripStatus::Cancelled | TripStatus::Unfulfilled => return None,
        };
        Some(Self {
            pickup: trip.pickup,
            dropoff: trip.dropoff,
            driver: trip.driver(),
            phase,
            surge: trip.surge.hundredths(),
        })
    }
}
