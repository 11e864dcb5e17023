//! `ride-requests`: what riders ask for, and take back.

use domain::{CityMs, LatLng, RiderId, TripId, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Invalid, Topic};

/// Kept a week.
pub const TOPIC: Topic =
    Topic { name: "ride-requests", family: Family::Zone, cleanup: Cleanup::Delete(hours(7 * 24)) };

/// A rider's wish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RideRequest {
    /// The trip it begins; made by the rider's app.
    pub trip: TripId,
    /// Who asks.
    pub rider: RiderId,
    /// When.
    pub at: CityMs,
    /// What.
    #[serde(flatten)]
    pub wish: Wish,
}

/// What a rider can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum Wish {
    /// A ride.
    Ride {
        /// From here; it lies in the trip's zone.
        pickup: LatLng,
        /// To there.
        dropoff: LatLng,
    },
    /// No ride any more.
    Cancel {
        /// Why.
        reason: CancelReason,
    },
}

/// Why a rider cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Nobody came in time.
    WaitedTooLong,
    /// Plans changed.
    ChangedMind,
    /// The run ends.
    CityClosing,
}

impl Contract for RideRequest {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.trip.to_string()
    }
    fn zone(&self) -> Option<Zone> {
        Some(self.trip.zone)
    }
    fn at(&self) -> Option<CityMs> {
        Some(self.at)
    }
    fn check(&self) -> Result<(), Invalid> {
        match self.wish {
            Wish::Ride { pickup, .. } if Zone::of(pickup) != self.trip.zone => Err(Invalid::new(
                "wrong_zone",
                format!("the pickup lies in zone {}, the trip id says {}", Zone::of(pickup), self.trip.zone),
            )),
            Wish::Ride { .. } | Wish::Cancel { .. } => Ok(()),
        }
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","rider":17,"at":1211587200000,"wish":"ride","pickup":{"lat":37.774929,"lon":-122.419416},"dropoff":{"lat":37.791,"lon":-122.401}}"#;
