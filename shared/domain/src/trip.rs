//! The state machine of a trip: requested, offered, matched, arrived, started, then one of three ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tariff::SurgeMultiplier;
use crate::{CityMs, DriverId, LatLng, RealMs, RiderId, TripId};

mod decide;
mod decision;
mod driver_steps;
mod fact;
mod fact_name;
mod input;
mod patience;

pub use decide::on_unknown;
pub use decision::{Decision, Next};
pub use fact::{CancelledBy, TripFact};
pub use input::{Input, Request};
pub use patience::{Now, Patience};

/// A trip as the trips' authority knows it; its text form is the snapshot in the `trips` topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trip {
    /// Which.
    pub id: TripId,
    /// Whose.
    pub rider: RiderId,
    /// From here.
    pub pickup: LatLng,
    /// To there.
    pub dropoff: LatLng,
    /// Locked at the request.
    pub surge: SurgeMultiplier,
    /// When the rider asked.
    pub requested_at: CityMs,
    /// How far it is.
    pub status: TripStatus,
    /// The attempt to find a driver that is under way, from 1; a reply to an earlier one comes too late.
    pub attempt: u32,
    /// Drivers who declined or let an offer expire: not asked again.
    pub excluded: Vec<DriverId>,
    /// When the search for a driver ends, in real time: counted from the request, whatever offers came to nothing.
    pub search_until: RealMs,
    /// When the present state times out, in real time; for ended trips when they leave the table.
    pub deadline: RealMs,
}

impl Trip {
    /// The driver that the trip holds now: asked, coming, waiting or driving.
    #[must_use]
    pub fn driver(&self) -> Option<DriverId> {
        match self.status {
            TripStatus::Offered { driver }
            | TripStatus::Matched { driver }
            | TripStatus::Arrived { driver }
            | TripStatus::Started { driver, .. } => Some(driver),
            TripStatus::Requested
            | TripStatus::Completed { .. }
            | TripStatus::Cancelled
            | TripStatus::Unfulfilled => None,
        }
    }

    /// Whether it has ended, one way or another.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        match self.status {
            TripStatus::Completed { .. } | TripStatus::Cancelled | TripStatus::Unfulfilled => true,
            TripStatus::Requested
            | TripStatus::Offered { .. }
            | TripStatus::Matched { .. }
            | TripStatus::Arrived { .. }
            | TripStatus::Started { .. } => false,
        }
    }
}

/// How far a trip is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TripStatus {
    /// Waits for a driver.
    Requested,
    /// A driver is asked.
    Offered {
        /// Who.
        driver: DriverId,
    },
    /// The driver comes.
    Matched {
        /// Who.
        driver: DriverId,
    },
    /// The driver is at the pickup.
    Arrived {
        /// Who.
        driver: DriverId,
    },
    /// The rider is on board.
    Started {
        /// Who drives.
        driver: DriverId,
        /// Since when.
        started_at: CityMs,
    },
    /// The rider got out.
    Completed {
        /// Who drove.
        driver: DriverId,
    },
    /// Ended by somebody before its end.
    Cancelled,
    /// No driver was found.
    Unfulfilled,
}

/// What drivers do about a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum DriverStep {
    /// Takes the offer.
    Accept,
    /// Does not.
    Decline,
    /// Is at the pickup.
    Arrive,
    /// The rider got in.
    PickUp,
    /// The rider got out.
    DropOff {
        /// Metres driven with the rider.
        odometer_m: u32,
    },
    /// Gives the trip up after having taken it.
    Cancel,
}
