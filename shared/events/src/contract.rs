//! How a payload becomes a record and a record a payload again, with every check a consumer relies on.

use domain::{CityClock, CityMs, RealMs, Zone};
use serde::Serialize;
use serde::de::DeserializeOwned;
use traces::TraceParent;

use crate::{Family, Topic};

/// Larger payloads are refused: the longest honest one is under 2 KiB, and one huge record must not cost every group.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;

/// An event may be reported this long after it happened (city time): a phone without network for a day.
pub const MAX_AGE_MS: i64 = 24 * 3600 * 1000;

/// An event may lie this far in the future (city time): clocks of phones are wrong, but not by an hour.
pub const MAX_AHEAD_MS: i64 = 3600 * 1000;

/// A payload type: knows its topic, its key, its zone and its time.
pub trait Contract: Serialize + DeserializeOwned {
    /// The topic it is written to.
    const TOPIC: &'static Topic;

    /// The record key.
    fn key(&self) -> String;

    /// The zone whose partition it lies in; `None` in the family kept by driver.
    fn zone(&self) -> Option<Zone> {
        None
    }

    /// When it happened, in city time; checked against the record's own time.
    fn at(&self) -> Option<CityMs> {
        None
    }

    /// Whether a record key is this payload's.
    fn has_key(&self, key: &[u8]) -> bool {
        self.key().as_bytes() == key
    }

    /// Checks what types alone cannot.
    ///
    /// # Errors
    /// `Invalid` with what is wrong.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// The record to write.
    fn to_record(&self) -> OutRecord {
        OutRecord {
            topic: Self::TOPIC,
            key: self.key().into_bytes(),
            placement: match (Self::TOPIC.family, self.zone()) {
                (Family::Zone, Some(zone)) => Placement::Zone(zone),
                (Family::Zone | Family::Driver, _) => Placement::Key,
            },
            payload: Some(serde_json::to_vec(self).expect("a payload is plain data with text keys")),
            traceparent: None,
        }
    }

    /// The record that removes this key from a compacted topic.
    fn tombstone(&self) -> OutRecord {
        OutRecord { payload: None, ..self.to_record() }
    }
}

/// A record to be written, ready for a producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutRecord {
    /// Where to.
    pub topic: &'static Topic,
    /// The key.
    pub key: Vec<u8>,
    /// How its partition is found.
    pub placement: Placement,
    /// The payload; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
    /// The span that it goes back to, if it lies in a trace; becomes a header where traces are on. Of what an app sends,
    /// the app's own: its trip's trace links to it.
    pub traceparent: Option<TraceParent>,
}

/// How the partition of a record is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// murmur2 of the key.
    Key,
    /// The partition of the zone.
    Zone(Zone),
}

/// The record's own time, converted to city time, that `at` is checked against. `None` skips that check.
pub type Moment = Option<CityMs>;

/// The moment of a record: its timestamp (real time, ms) in city time.
#[must_use]
pub fn moment(clock: &CityClock, timestamp_ms: i64) -> Moment {
    Some(clock.city_at(RealMs(timestamp_ms)))
}

/// Why a record can never be used: a short stable code and the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Low-cardinality reason, for counting.
    pub code: &'static str,
    /// What exactly was wrong.
    pub detail: String,
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Invalid {}

impl Invalid {
    /// A reason with its details.
    #[must_use]
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// Reads a payload and checks all that the contract promises: size, JSON, types, ranges, key and time.
///
/// # Errors
/// `Invalid` with the first thing that is wrong. Tombstones are wrong here too: a reader of a table looks for
/// them before it decodes.
pub fn decode<T: Contract>(key: Option<&[u8]>, payload: Option<&[u8]>, moment: Moment) -> Result<T, Invalid> {
    let payload = payload.ok_or_else(|| Invalid::new("null_payload", "the record has no payload"))?;
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(Invalid::new(
            "payload_too_large",
            format!("{} bytes, at most {MAX_PAYLOAD_BYTES} are allowed", payload.len()),
        ));
    }
    let value: T = serde_json::from_slice(payload).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Invalid::new("wrong_shape", error.to_string()),
        serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof
        | serde_json::error::Category::Io => Invalid::new("malformed_json", error.to_string()),
    })?;
    value.check()?;
    check_key(&value, key)?;
    check_time(&value, moment)?;
    Ok(value)
}

fn check_key<T: Contract>(value: &T, key: Option<&[u8]>) -> Result<(), Invalid> {
    if key.is_some_and(|key| value.has_key(key)) {
        return Ok(());
    }
    let expected = value.key();
    let found = key.map_or("no key".to_owned(), |key| {
        format!("{:?}", String::from_utf8_lossy(&key[..key.len().min(80)]))
    });
    Err(Invalid::new(
        "key_mismatch",
        format!("the payload belongs to key {expected:?}, the record has {found}"),
    ))
}

fn check_time<T: Contract>(value: &T, moment: Moment) -> Result<(), Invalid> {
    let (Some(at), Some(moment)) = (value.at(), moment) else { return Ok(()) };
    let age_ms = moment.since(at);
    if age_ms > MAX_AGE_MS {
        return Err(Invalid::new("too_old", format!("it happened {} s before it was sent", age_ms / 1000)));
    }
    if age_ms < -MAX_AHEAD_MS {
        return Err(Invalid::new(
            "in_the_future",
            format!("it happens {} s after it was sent", -age_ms / 1000),
        ));
    }
    Ok(())
}
