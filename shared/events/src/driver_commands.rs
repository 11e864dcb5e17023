//! `driver-commands`: what `matching` and `trips` ask of the drivers' authority.

use domain::driver::DriverCommand;
use domain::{CityMs, DriverId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept a day.
pub const TOPIC: Topic =
    Topic { name: "driver-commands", family: Family::Driver, cleanup: Cleanup::Delete(hours(24)) };

/// One command to one driver's state machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriverCommandRecord {
    /// To whom.
    pub driver: DriverId,
    /// When it was given.
    pub at: CityMs,
    /// What.
    #[serde(flatten)]
    pub command: DriverCommand,
}

impl Contract for DriverCommandRecord {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.driver.to_string()
    }
    fn at(&self) -> Option<CityMs> {
        Some(self.at)
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"driver":4711,"at":1211587200000,"command":"reserve","trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","attempt":1,"pickup":{"lat":37.774929,"lon":-122.419416},"dropoff":{"lat":37.791,"lon":-122.401},"surge":120}"#;
