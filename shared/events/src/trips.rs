//! `trips`: the state of every trip, compacted; written by the `trips` service alone.

use domain::trip::Trip;
use domain::{TripId, Zone};

use crate::{Cleanup, Contract, Family, Topic};

/// Compacted: the table of trips. Finished trips leave it by tombstone after a while.
pub const TOPIC: Topic = Topic { name: "trips", family: Family::Zone, cleanup: Cleanup::Compact };

impl Contract for Trip {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.id.to_string()
    }
    fn zone(&self) -> Option<Zone> {
        Some(self.id.zone)
    }
}

/// Reads the key of a record of this topic.
#[must_use]
pub fn key(key: Option<&[u8]>) -> Option<TripId> {
    std::str::from_utf8(key?).ok()?.parse().ok()
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"id":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","rider":17,"pickup":{"lat":37.774929,"lon":-122.419416},"dropoff":{"lat":37.791,"lon":-122.401},"surge":120,"requested_at":1211587200000,"status":{"state":"offered","driver":4711},"attempt":1,"excluded":[],"search_until":1779000180000,"deadline":1779000015000}"#;
