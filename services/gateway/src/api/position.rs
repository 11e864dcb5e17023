//! Places as the API reads and writes them.

use std::str::FromStr;

use domain::LatLng;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::object::Object;

/// A position in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Object<Degrees>", deny_unknown_fields)]
pub(crate) struct Position {
    /// Degrees north.
    #[schema(minimum = -90.0, maximum = 90.0, example = 46.002)]
    pub(crate) lat: f64,
    /// Degrees east.
    #[schema(minimum = -180.0, maximum = 180.0, example = 0.497)]
    pub(crate) lon: f64,
}

/// Two numbers of which it is not known yet whether they are a position.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Degrees {
    lat: f64,
    lon: f64,
}

/// A position as it stands in a query: `lat,lon`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PositionText(pub(crate) LatLng);

impl Position {
    /// The position, to the six decimals that go over the wire.
    pub(crate) fn rounded(self) -> LatLng {
        LatLng { lat: self.lat, lon: self.lon }.rounded()
    }
}

impl From<LatLng> for Position {
    fn from(LatLng { lat, lon }: LatLng) -> Self {
        Self { lat, lon }
    }
}

impl TryFrom<Object<Degrees>> for Position {
    type Error = domain::geo::NotAPosition;

    fn try_from(Object(Degrees { lat, lon }): Object<Degrees>) -> Result<Self, Self::Error> {
        LatLng::new(lat, lon).map(Self::from)
    }
}

impl FromStr for PositionText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("{:?} is not a position: expected <lat>,<lon>", text.chars().take(60).collect::<String>())
        };
        let (lat, lon) = text.split_once(',').ok_or_else(wrong)?;
        let (lat, lon) = (lat.parse().map_err(|_| wrong())?, lon.parse().map_err(|_| wrong())?);
        LatLng::new(lat, lon).map(Self).map_err(|error| error.to_string())
    }
}

impl<'de> Deserialize<'de> for PositionText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_positions_or_refused() {
        let here: PositionText = "37.7749,-122.4194".parse().unwrap();
        assert_eq!(here.0, LatLng { lat: 37.7749, lon: -122.4194 });
        for text in
            ["", ",", "1", "1,2,3", "91,0", "0,181", "NaN,0", "0,inf", "1e999,0", "1;2", "eins,zwei", "1, 2"]
        {
            assert!(text.parse::<PositionText>().is_err(), "{text}");
        }
    }
}
