//! `driver-shifts`: a driver goes on or off shift.

use domain::{CityMs, DriverId, LatLng};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept a week.
pub const TOPIC: Topic =
    Topic { name: "driver-shifts", family: Family::Driver, cleanup: Cleanup::Delete(hours(7 * 24)) };

/// A shift begins or ends, said by the driver's app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriverShift {
    /// Whose.
    pub driver: DriverId,
    /// When.
    pub at: CityMs,
    /// Begins or ends.
    pub change: ShiftChange,
    /// Where.
    pub position: LatLng,
}

/// What happens to the shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShiftChange {
    /// Available from now on.
    Start,
    /// No more offers; a trip under way is finished first.
    End,
}

impl Contract for DriverShift {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.driver.to_string()
    }
    fn at(&self) -> Option<CityMs> {
        Some(self.at)
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str =
    r#"{"driver":4711,"at":1211587200000,"change":"start","position":{"lat":37.774929,"lon":-122.419416}}"#;
