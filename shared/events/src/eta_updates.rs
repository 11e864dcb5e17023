//! `eta-updates`: how long until pickup or drop-off, when it changed enough.

use domain::{CityMs, DriverId, TripId, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept an hour.
pub const TOPIC: Topic =
    Topic { name: "eta-updates", family: Family::Zone, cleanup: Cleanup::Delete(hours(1)) };

/// A new estimate for one leg of one trip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EtaUpdate {
    /// Which trip.
    pub trip: TripId,
    /// Who drives.
    pub driver: DriverId,
    /// The moment of the report it is computed from.
    pub at: CityMs,
    /// Which leg.
    pub leg: Leg,
    /// Seconds of city time until the end of the leg.
    pub eta_s: u32,
    /// Metres of road left on the leg.
    pub remaining_m: u32,
}

/// A leg of a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// The driver comes.
    Pickup,
    /// The rider is on board.
    Dropoff,
}

impl Contract for EtaUpdate {
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
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","driver":4711,"at":1211587200000,"leg":"pickup","eta_s":184,"remaining_m":1320}"#;
