//! `zone-observations`: what one partition of reports saw in one zone and interval; input of the second stage.

use domain::{CityMs, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept an hour.
pub const TOPIC: Topic =
    Topic { name: "zone-observations", family: Family::Zone, cleanup: Cleanup::Delete(hours(1)) };

/// Totals of one (zone, interval, source partition) so far; a later record of the same three replaces an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ZoneObservation {
    /// Which zone.
    pub zone: Zone,
    /// Start of the interval.
    pub interval: CityMs,
    /// The partition of `driver-locations` that was summed.
    pub source: i32,
    /// Different idle drivers seen.
    pub idle: u32,
    /// Sum of the speeds of moving drivers, metres per second.
    pub speed_sum_mps: f64,
    /// How many speeds were summed.
    pub moving: u32,
}

impl Contract for ZoneObservation {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.zone.to_string()
    }
    fn zone(&self) -> Option<Zone> {
        Some(self.zone)
    }
    fn at(&self) -> Option<CityMs> {
        Some(self.interval)
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"zone":"8828308281fffff","interval":1211587200000,"source":3,"idle":7,"speed_sum_mps":61.5,"moving":9}"#;
