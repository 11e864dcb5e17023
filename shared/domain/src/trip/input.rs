//! What can happen to a trip.

use crate::driver::ReservationReply;
use crate::{CityMs, DriverId, LatLng, RiderId, TripId};

use super::DriverStep;

/// A rider's wish for a trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Which trip it begins.
    pub id: TripId,
    /// Who asks.
    pub rider: RiderId,
    /// From here.
    pub pickup: LatLng,
    /// To there.
    pub dropoff: LatLng,
    /// When.
    pub at: CityMs,
}

/// What happens to a trip from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// A rider wants it no more.
    RiderCancels {
        /// Who.
        rider: RiderId,
        /// Why, a short stable code.
        reason: &'static str,
        /// When.
        at: CityMs,
    },
    /// The drivers' authority answered.
    Reply {
        /// About whom.
        driver: DriverId,
        /// In which attempt.
        attempt: u32,
        /// What.
        reply: ReservationReply,
        /// When.
        at: CityMs,
    },
    /// A driver did something.
    DriverActs {
        /// Who.
        driver: DriverId,
        /// In which attempt the driver was asked.
        attempt: u32,
        /// What.
        step: DriverStep,
        /// When.
        at: CityMs,
    },
}
