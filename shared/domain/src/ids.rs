//! Identities: drivers and riders are numbers, a trip carries the zone it lives in.

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::Zone;

/// Identifies a driver; its text form is the Kafka key of everything kept by driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DriverId(pub u64);

/// Identifies a rider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RiderId(pub u64);

/// Identifies a trip: `<pickup zone>.<uuid>`, so that whoever holds the id knows the partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TripId {
    /// Where the trip begins, and so where all its records lie for ever.
    pub zone: Zone,
    /// Tells trips of one zone apart; version 7 sorts by time of request.
    pub uuid: Uuid,
}

/// Says why a text is no trip id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("trip id {0:?} is not of the form <zone>.<uuid>")]
pub struct TripIdError(String);

impl fmt::Display for DriverId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for RiderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TripId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.zone, self.uuid.hyphenated())
    }
}

impl FromStr for TripId {
    type Err = TripIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || TripIdError(text.chars().take(80).collect());
        let (zone, uuid) = text.split_once('.').ok_or_else(wrong)?;
        Ok(Self {
            zone: zone.parse().map_err(|_| wrong())?,
            uuid: Uuid::parse_str(uuid).map_err(|_| wrong())?,
        })
    }
}

impl TripId {
    /// Room for its text form: a zone is 15 hexadecimal digits, a uuid 36 characters.
    const TEXT_BYTES: usize = 64;

    /// Its text form, written into `buffer`: in the busiest records, where a `String` would cost as much as all the rest.
    fn text<'a>(&self, buffer: &'a mut [u8; Self::TEXT_BYTES]) -> &'a str {
        let mut rest = &mut buffer[..];
        write!(rest, "{self}").expect("there is room");
        let length = Self::TEXT_BYTES - rest.len();
        std::str::from_utf8(&buffer[..length]).expect("digits, letters, dashes and a dot")
    }
}

impl Serialize for TripId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut [0; Self::TEXT_BYTES]))
    }
}

impl<'de> Deserialize<'de> for TripId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = TripId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a trip id <zone>.<uuid>")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TripId, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for TripId {
    fn schema_name() -> Cow<'static, str> {
        "TripId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Identifies a trip: `<pickup zone>.<uuid>`.",
            "type": "string",
            "pattern": "^88[0-9a-f]{8}fffff\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trip_id_survives_its_text_form() {
        let text = "882830829bfffff.0192f0c1-2345-7abc-8def-0123456789ab";
        let id: TripId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<TripId>(&format!("\"{text}\"")).unwrap(), id);
    }

    #[test]
    fn texts_that_are_no_trip_id_are_refused() {
        for text in [
            "",
            ".",
            "882830829bfffff",
            "882830829bfffff.",
            "zz.0192f0c1-2345-7abc-8def-0123456789ab",
            "872830829ffffff.0192f0c1-2345-7abc-8def-0123456789ab",
        ] {
            assert!(text.parse::<TripId>().is_err(), "{text}");
        }
    }
}
