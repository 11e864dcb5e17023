//! `fares`: the running meter of a trip and its one final fare.

use domain::tariff::{FareBreakdown, SurgeMultiplier, Tariff};
use domain::{CityMs, DriverId, RiderId, TripId, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept a week.
pub const TOPIC: Topic =
    Topic { name: "fares", family: Family::Zone, cleanup: Cleanup::Delete(hours(7 * 24)) };

/// A record of the `fare` service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FareEvent {
    /// Which trip.
    pub trip: TripId,
    /// When.
    pub at: CityMs,
    /// Who drives.
    pub driver: DriverId,
    /// Metres driven with the rider.
    pub distance_m: u32,
    /// Seconds of city time with the rider.
    pub duration_s: u32,
    /// Locked when the ride was requested.
    pub surge: SurgeMultiplier,
    /// The amounts.
    #[serde(flatten)]
    pub breakdown: FareBreakdown,
    /// Running or final.
    #[serde(flatten)]
    pub kind: FareKind,
}

/// Running or final.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FareKind {
    /// What the meter shows so far.
    MeterRead,
    /// What the rider pays; once per completed trip.
    FareCalculated {
        /// Who pays.
        rider: RiderId,
        /// By these rates.
        tariff: Tariff,
    },
}

impl Contract for FareEvent {
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
pub const EXAMPLE: &str = r#"{"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","at":1211587200000,"driver":4711,"distance_m":4210,"duration_s":612,"surge":120,"base_minor":250,"distance_minor":463,"time_minor":306,"total":{"minor":1223,"currency":"USD"},"event":"fare_calculated","rider":17,"tariff":{"base_minor":250,"per_km_minor":110,"per_minute_minor":30,"minimum_minor":500,"currency":"USD"}}"#;
