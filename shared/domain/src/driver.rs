//! The state machine of a driver: offline, idle, reserved, to pickup, waiting, on trip.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tariff::SurgeMultiplier;
use crate::{CityMs, DriverId, LatLng, TripId};

mod decide;

pub use decide::{Answer, Decision, Input};

/// A driver as the drivers' authority knows it; its text form is the snapshot in the `drivers` topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Driver {
    /// Who.
    pub id: DriverId,
    /// What they do.
    pub status: DriverStatus,
    /// Since when.
    pub since: CityMs,
    /// For which trip; present from `Reserved` to `OnTrip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Assignment>,
    /// The shift ends with the trip under way.
    #[serde(default)]
    pub leaving: bool,
}

/// What a driver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriverStatus {
    /// Not on shift.
    Offline,
    /// On shift and free.
    Idle,
    /// Asked for by a trip, the offer is open.
    Reserved,
    /// On the way to the rider.
    ToPickup,
    /// At the pickup.
    Waiting,
    /// With the rider on board.
    OnTrip,
}

/// The trip a driver is kept for, with all that followers of the driver need to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// Which trip.
    pub trip: TripId,
    /// In which attempt to find a driver.
    pub attempt: u32,
    /// Where the rider waits.
    pub pickup: LatLng,
    /// Where the rider wants to go.
    pub dropoff: LatLng,
    /// Locked at the request.
    pub surge: SurgeMultiplier,
    /// When the rider got in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<CityMs>,
}

/// What `matching` and `trips` ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum DriverCommand {
    /// Keep this driver for a trip.
    Reserve(Assignment),
    /// The trip went on.
    Progress {
        /// Which trip.
        trip: TripId,
        /// To what.
        phase: Phase,
    },
    /// The trip needs this driver no more, before its end.
    Release {
        /// Which trip.
        trip: TripId,
        /// In which attempt.
        attempt: u32,
        /// Why.
        reason: ReleaseReason,
    },
}

/// A step of the trip that its driver's state follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The driver accepted.
    Matched,
    /// The driver is at the pickup.
    Arrived,
    /// The rider is on board.
    Started,
    /// The rider got out.
    Completed,
}

/// Why a trip gives a driver back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The driver said no.
    Declined,
    /// The driver said nothing in time.
    Expired,
    /// The trip needs no driver, or has another one.
    TooLate,
    /// Rider, driver or system ended the trip.
    Cancelled,
    /// The driver was not heard of any more: off shift as well.
    Vanished,
}

/// The answer to a `Reserve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum ReservationReply {
    /// The driver is kept for the trip.
    Reserved,
    /// The driver is not to be had.
    Refused {
        /// Why.
        reason: RefusalReason,
    },
}

/// Why a driver is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// Not on shift, or never heard of.
    Offline,
    /// Kept for another trip, or about to leave.
    Busy,
}
