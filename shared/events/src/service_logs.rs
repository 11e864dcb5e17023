//! `service-logs`: the logs of all services in one place, where `hailstorm logs` searches them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::topic::hours;
use crate::{Cleanup, Contract, Family, Invalid, Topic};

/// Kept a day: long enough to look into what happened last night. The lines of a service lie in one partition.
pub const TOPIC: Topic =
    Topic { name: "service-logs", family: Family::Driver, cleanup: Cleanup::Delete(hours(24)) };

/// The levels, the gravest first.
const LEVELS: [&str; 5] = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

/// A line of a service's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceLog {
    /// When, RFC 3339 in UTC, to the microsecond.
    pub timestamp: String,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    #[schemars(extend("enum" = LEVELS))]
    pub level: String,
    /// Which service.
    pub service: String,
    /// Which of its members.
    pub member: String,
    /// The module that says it.
    pub target: String,
    /// What happened: constant text, what varies is in the fields.
    pub message: String,
    /// The trace of the trip that it is about: the UUID of the field `trip`, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// What varies, by name: texts, numbers, true or false.
    pub fields: BTreeMap<String, Value>,
}

impl Contract for ServiceLog {
    const TOPIC: &'static Topic = &TOPIC;
    fn key(&self) -> String {
        self.service.clone()
    }
    fn check(&self) -> Result<(), Invalid> {
        if LEVELS.contains(&self.level.as_str()) {
            return Ok(());
        }
        Err(Invalid::new("unknown_level", format!("the level is one of {}", LEVELS.join(", "))))
    }
}

/// A record as it lies in the topic.
pub const EXAMPLE: &str = r#"{"timestamp":"2026-11-22T00:40:05.123456Z","level":"DEBUG","service":"trips","member":"trips-1","target":"trips::handler","message":"trip goes on","trace_id":"0192f0c123457abc8def0123456789ab","fields":{"driver":4711,"event":"trip_matched","trip":"8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab"}}"#;
