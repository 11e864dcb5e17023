//! `zones`: supply, demand, speed and surge of every zone, compacted.

use domain::tariff::SurgeMultiplier;
use domain::{CityMs, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Cleanup, Contract, Family, Topic};

/// Compacted: the table of zones, held whole by whoever needs it.
pub const TOPIC: Topic = Topic { name: "zones", family: Family::Zone, cleanup: Cleanup::Compact };

/// The figures of one zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ZoneState {
    /// Which zone.
    pub zone: Zone,
    /// Up to when.
    pub at: CityMs,
    /// Idle drivers, mean over the window.
    pub supply: f32,
    /// Ride requests in the window.
    pub demand: u32,
    /// Mean speed of moving drivers, metres per second; absent if too few moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f32>,
    /// What a request pays now.
    pub surge: SurgeMultiplier,
}

impl Contract for ZoneState {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.zone.to_string()
    }
    fn zone(&self) -> Option<Zone> {
        Some(self.zone)
    }
    fn at(&self) -> Option<CityMs> {
        Some(self.at)
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str =
    r#"{"zone":"8828308281fffff","at":1211587200000,"supply":4.5,"demand":12,"speed_mps":7.2,"surge":140}"#;
