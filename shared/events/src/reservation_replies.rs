//! `reservation-replies`: what the drivers' authority answers to a `reserve`.

use domain::driver::ReservationReply;
use domain::{CityMs, DriverId, TripId, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept a day.
pub const TOPIC: Topic =
    Topic { name: "reservation-replies", family: Family::Zone, cleanup: Cleanup::Delete(hours(24)) };

/// The answer about one driver, one trip and one attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReservationReplyRecord {
    /// Which trip asked.
    pub trip: TripId,
    /// Which driver was asked for.
    pub driver: DriverId,
    /// In which attempt.
    pub attempt: u32,
    /// When it was answered.
    pub at: CityMs,
    /// The answer.
    #[serde(flatten)]
    pub reply: ReservationReply,
}

impl Contract for ReservationReplyRecord {
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
pub const EXAMPLE: &str = r#"{"trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab","driver":4711,"attempt":1,"at":1211587200000,"reply":"refused","reason":"busy"}"#;
