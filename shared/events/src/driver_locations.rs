//! `driver-locations`: where a driver is, several times a minute. The busiest topic by far.

use domain::{CityMs, DriverId, LatLng, TripId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Invalid, Topic};

/// Kept an hour: enough to replay into a view, MongoDB has the rest.
pub const TOPIC: Topic =
    Topic { name: "driver-locations", family: Family::Driver, cleanup: Cleanup::Delete(hours(1)) };

/// Faster than any car in a city: 360 km/h.
pub const MAX_SPEED_MPS: f32 = 100.0;

/// A location report: one timed position of a driver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LocationReport {
    /// Whose.
    pub driver: DriverId,
    /// When it was measured.
    pub at: CityMs,
    /// Degrees north, six decimals.
    #[schemars(range(min = -90.0, max = 90.0))]
    pub lat: f64,
    /// Degrees east, six decimals.
    #[schemars(range(min = -180.0, max = 180.0))]
    pub lon: f64,
    /// Degrees clockwise from north, 0..360.
    #[schemars(range(max = 359))]
    pub heading: u16,
    /// Metres per second.
    #[schemars(range(min = 0.0, max = MAX_SPEED_MPS))]
    pub speed: f32,
    /// The trip it drives on: from the acceptance to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip: Option<TripId>,
    /// Metres driven since the rider was picked up; only with a rider on board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odometer_m: Option<u32>,
}

impl LocationReport {
    /// Where the driver is.
    #[must_use]
    pub fn position(&self) -> LatLng {
        LatLng { lat: self.lat, lon: self.lon }
    }
}

impl Contract for LocationReport {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.driver.to_string()
    }
    fn at(&self) -> Option<CityMs> {
        Some(self.at)
    }
    fn has_key(&self, key: &[u8]) -> bool {
        std::str::from_utf8(key).is_ok_and(|text| text.parse() == Ok(self.driver.0))
    }
    fn check(&self) -> Result<(), Invalid> {
        LatLng::new(self.lat, self.lon).map_err(|error| Invalid::new("out_of_range", error.to_string()))?;
        if self.heading >= 360 {
            return Err(Invalid::new("out_of_range", format!("heading {} is not below 360", self.heading)));
        }
        if !(0.0..=MAX_SPEED_MPS).contains(&self.speed) {
            return Err(Invalid::new(
                "out_of_range",
                format!("speed {} m/s is not in 0..={MAX_SPEED_MPS}", self.speed),
            ));
        }
        Ok(())
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"driver":4711,"at":1211587200000,"lat":37.774929,"lon":-122.419416,"heading":90,"speed":8.3,"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","odometer_m":1840}"#;
