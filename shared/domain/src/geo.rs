//! Positions on the globe and distances between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mean Earth radius in metres (IUGG mean radius R1).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A valid position: latitude −90..=90, longitude −180..=180, both finite, in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawLatLng")]
#[schemars(!try_from)]
pub struct LatLng {
    /// Degrees north.
    #[schemars(range(min = -90.0, max = 90.0))]
    pub lat: f64,
    /// Degrees east.
    #[schemars(range(min = -180.0, max = 180.0))]
    pub lon: f64,
}

/// Says why two numbers are no position.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("({lat}, {lon}) is not a position: latitude is -90..=90, longitude -180..=180")]
pub struct NotAPosition {
    lat: f64,
    lon: f64,
}

#[derive(Deserialize)]
struct RawLatLng {
    lat: f64,
    lon: f64,
}

impl TryFrom<RawLatLng> for LatLng {
    type Error = NotAPosition;
    fn try_from(raw: RawLatLng) -> Result<Self, NotAPosition> {
        Self::new(raw.lat, raw.lon)
    }
}

impl LatLng {
    /// Checks both numbers and makes a position of them.
    pub fn new(lat: f64, lon: f64) -> Result<Self, NotAPosition> {
        let valid = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        if valid { Ok(Self { lat, lon }) } else { Err(NotAPosition { lat, lon }) }
    }

    /// Rounds to six decimals (0.11 m), which is what goes over the wire.
    #[must_use]
    pub fn rounded(self) -> Self {
        let six = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Self { lat: six(self.lat), lon: six(self.lon) }
    }

    /// Great-circle distance in metres (haversine).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((lat2 - lat1) / 2.0).sin();
        let half_lon = ((other.lon - self.lon).to_radians() / 2.0).sin();
        let a = half_lat * half_lat + lat1.cos() * lat2.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * a.sqrt().min(1.0).asin()
    }

    /// Initial bearing towards `other`, degrees clockwise from north, 0..360.
    #[must_use]
    pub fn bearing_deg(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let d_lon = (other.lon - self.lon).to_radians();
        let y = d_lon.sin() * lat2.cos();
        let x = lat1.cos() * lat2.sin() - lat1.sin() * lat2.cos() * d_lon.cos();
        y.atan2(x).to_degrees().rem_euclid(360.0)
    }

    /// The point a fraction (0..=1) of the way to `other`, on a straight line in degrees.
    /// Good for steps within a street; not for continents.
    #[must_use]
    pub fn towards(self, other: Self, fraction: f64) -> Self {
        Self {
            lat: self.lat + (other.lat - self.lat) * fraction,
            lon: self.lon + (other.lon - self.lon) * fraction,
        }
    }

    /// The point `north_m` and `east_m` metres away; exact enough for distances within a city.
    #[must_use]
    pub fn offset_m(self, north_m: f64, east_m: f64) -> Self {
        let lat = self.lat + (north_m / EARTH_RADIUS_M).to_degrees();
        let lon = self.lon + (east_m / (EARTH_RADIUS_M * self.lat.to_radians().cos())).to_degrees();
        Self { lat, lon }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAN_FRANCISCO: LatLng = LatLng { lat: 37.7749, lon: -122.4194 };

    #[test]
    fn one_degree_of_latitude_is_111_km() {
        let north = LatLng::new(38.7749, -122.4194).unwrap();
        assert!((SAN_FRANCISCO.distance_m(north) - 111_195.0).abs() < 1.0);
        assert!(SAN_FRANCISCO.bearing_deg(north).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for (lat, lon) in [(91.0, 0.0), (0.0, 180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(LatLng::new(lat, lon).is_err());
        }
        assert!(serde_json::from_str::<LatLng>(r#"{"lat":95.0,"lon":0.0}"#).is_err());
    }

    proptest! {
        #[test]
        fn an_offset_lies_at_its_distance(north in -5000.0..5000.0, east in -5000.0..5000.0) {
            let moved = SAN_FRANCISCO.offset_m(north, east);
            let expected = f64::hypot(north, east);
            prop_assert!((SAN_FRANCISCO.distance_m(moved) - expected).abs() < 1.0 + expected * 0.002);
        }

        #[test]
        fn distance_is_symmetric(lat in -80.0..80.0, lon in -179.0..179.0) {
            let other = LatLng::new(lat, lon).unwrap();
            prop_assert!((SAN_FRANCISCO.distance_m(other) - other.distance_m(SAN_FRANCISCO)).abs() < 1e-6);
        }
    }
}
