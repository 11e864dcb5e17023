//! `service-figures`: the figures of every process, so that whoever shows the city can show how it is doing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Topic};

/// Kept an hour; only the newest figures of a member are of use.
pub const TOPIC: Topic =
    Topic { name: "service-figures", family: Family::Driver, cleanup: Cleanup::Delete(hours(1)) };

/// The figures of one process at the moment of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceFigures {
    /// Which service.
    pub service: String,
    /// Which of its members.
    pub member: String,
    /// Counters since the start of the process, gauges and watched numbers, by name.
    pub values: BTreeMap<String, i64>,
    /// Histograms since the start of the process by name, in `HdrHistogram` V2 encoding, base64.
    pub histograms: BTreeMap<String, String>,
}

impl Contract for ServiceFigures {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.member.clone()
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"service":"live-location","member":"live-location-1","values":{"max_age_ms":41,"partitions":12,"pending_since_ms":0,"records":184213},"histograms":{"report_to_redis_ms":"HISTEwAAAAQAAAAAAAAAAwAAAAAAAAABAAAAAAA27oA/8AAAAAAAABcGNwI="}}"#;
