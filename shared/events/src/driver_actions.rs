//! `driver-actions`: what drivers do about a trip.

use domain::trip::DriverStep;
use domain::{CityMs, DriverId, TripId, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept a week.
pub const TOPIC: Topic =
    Topic { name: "driver-actions", family: Family::Zone, cleanup: Cleanup::Delete(hours(7 * 24)) };

/// A step of a driver on a trip, said by the driver's app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriverAction {
    /// Which trip.
    pub trip: TripId,
    /// Who.
    pub driver: DriverId,
    /// The attempt that the offer named.
    pub attempt: u32,
    /// When.
    pub at: CityMs,
    /// What.
    #[serde(flatten)]
    pub step: DriverStep,
}

impl Contract for DriverAction {
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
pub const EXAMPLE: &str = r#"{"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","driver":4711,"attempt":1,"at":1211587200000,"step":"drop_off","odometer_m":4210}"#;
