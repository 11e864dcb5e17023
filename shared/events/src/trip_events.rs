//! `trip-events`: what happened to a trip; written by the `trips` service alone, in transactions.

use domain::trip::TripFact;
use domain::{CityMs, RiderId, TripId, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept a week.
pub const TOPIC: Topic =
    Topic { name: "trip-events", family: Family::Zone, cleanup: Cleanup::Delete(hours(7 * 24)) };

/// One fact about one trip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TripEvent {
    /// Which trip.
    pub trip: TripId,
    /// Whose.
    pub rider: RiderId,
    /// When.
    pub at: CityMs,
    /// What.
    #[serde(flatten)]
    pub fact: TripFact,
}

impl Contract for TripEvent {
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
pub const EXAMPLE: &str = r#"{"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","rider":17,"at":1211587200000,"event":"trip_completed","driver":4711,"distance_m":4210,"duration_s":612,"surge":120}"#;
