//! What happens to trips, as it is told to everybody.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tariff::SurgeMultiplier;
use crate::{DriverId, LatLng, RealMs};

/// What happened to a trip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TripFact {
    /// A rider asked for it.
    TripRequested {
        /// From here.
        pickup: LatLng,
        /// To there.
        dropoff: LatLng,
        /// Locked now.
        surge: SurgeMultiplier,
    },
    /// A driver is asked.
    OfferMade {
        /// Who.
        driver: DriverId,
        /// In which attempt; actions name it.
        attempt: u32,
        /// From here.
        pickup: LatLng,
        /// To there.
        dropoff: LatLng,
        /// The offer is good until then.
        expires_at: RealMs,
    },
    /// The driver said no.
    OfferDeclined {
        /// Who.
        driver: DriverId,
        /// In which attempt.
        attempt: u32,
    },
    /// The driver said nothing in time.
    OfferExpired {
        /// Who.
        driver: DriverId,
        /// In which attempt.
        attempt: u32,
    },
    /// The driver comes.
    TripMatched {
        /// Who.
        driver: DriverId,
        /// In which attempt.
        attempt: u32,
    },
    /// The driver is at the pickup.
    DriverArrived {
        /// Who.
        driver: DriverId,
    },
    /// The rider is on board.
    TripStarted {
        /// Who drives.
        driver: DriverId,
    },
    /// The rider got out.
    TripCompleted {
        /// Who drove.
        driver: DriverId,
        /// Metres driven with the rider.
        distance_m: u32,
        /// Seconds of city time with the rider.
        duration_s: u32,
        /// Locked at the request.
        surge: SurgeMultiplier,
    },
    /// Ended before its end.
    TripCancelled {
        /// By whom.
        by: CancelledBy,
        /// Why, a short stable code.
        reason: String,
        /// Who drove or was asked, if anybody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        driver: Option<DriverId>,
    },
    /// No driver was found in time.
    TripUnfulfilled {
        /// Why, a short stable code.
        reason: String,
    },
}

impl TripFact {
    /// The driver that it names.
    #[must_use]
    pub fn driver(&self) -> Option<DriverId> {
        match self {
            Self::OfferMade { driver, .. }
            | Self::OfferDeclined { driver, .. }
            | Self::OfferExpired { driver, .. }
            | Self::TripMatched { driver, .. }
            | Self::DriverArrived { driver }
            | Self::TripStarted { driver }
            | Self::TripCompleted { driver, .. } => Some(*driver),
            Self::TripCancelled { driver, .. } => *driver,
            Self::TripRequested { .. } | Self::TripUnfulfilled { .. } => None,
        }
    }
}

/// Who ended a trip before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    /// The rider.
    Rider,
    /// The driver.
    Driver,
    /// A time-out.
    System,
}
