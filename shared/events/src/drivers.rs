//! `drivers`: the state of every driver, compacted; written by the `drivers` service alone.

use domain::DriverId;
use domain::driver::Driver;

use crate::{Cleanup, Contract, Family, Topic};

/// Compacted: the table of drivers.
pub const TOPIC: Topic = Topic { name: "drivers", family: Family::Driver, cleanup: Cleanup::Compact };

impl Contract for Driver {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// Reads the key of a record of this topic.
#[must_use]
pub fn key(key: Option<&[u8]>) -> Option<DriverId> {
    std::str::from_utf8(key?).ok()?.parse().ok().map(DriverId)
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"id":4711,"status":"to_pickup","since":1211587200000,"assignment":{"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","attempt":1,"pickup":{"lat":37.774929,"lon":-122.419416},"dropoff":{"lat":37.791,"lon":-122.401},"surge":120},"leaving":false}"#;
