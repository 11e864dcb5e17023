//! Zones: H3 cells of resolution 8, the unit of demand, surge and partitioning.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use h3o::{CellIndex, Resolution};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::LatLng;

/// A zone: an H3 cell of resolution 8 (mean edge 531 m, area 0.74 km²; h3geo.org, table of cell statistics).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(CellIndex);

/// Says why a text is no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an H3 cell of resolution 8")]
pub struct NotAZone(String);

impl Zone {
    /// The zone that holds a position.
    #[must_use]
    pub fn of(position: LatLng) -> Self {
        let point = h3o::LatLng::new(position.lat, position.lon).expect("a LatLng is finite");
        Self(point.to_cell(Resolution::Eight))
    }

    /// The zones that touch this one (six, five at the twelve pentagons of the grid).
    pub fn neighbours(self) -> impl Iterator<Item = Self> {
        self.0.grid_disk::<Vec<_>>(1).into_iter().filter(move |cell| *cell != self.0).map(Self)
    }

    /// The middle of the zone.
    #[must_use]
    pub fn centre(self) -> LatLng {
        let centre = h3o::LatLng::from(self.0);
        LatLng { lat: centre.lat(), lon: centre.lng() }
    }

    /// The corners of the zone, counterclockwise, the first not repeated at the end: six as a rule, up to ten where
    /// the grid's pentagons and the edges of its faces lie.
    #[must_use]
    pub fn ring(self) -> Vec<LatLng> {
        self.0.boundary().iter().map(|corner| LatLng { lat: corner.lat(), lon: corner.lng() }).collect()
    }

    /// The partition that this zone lives in, of `partitions` in all.
    ///
    /// Neighbouring H3 indexes differ in few bits, so they are mixed first (the finalizer of `SplitMix64`,
    /// Steele, Lea and Flood 2014) before the remainder is taken.
    #[must_use]
    pub fn partition(self, partitions: i32) -> i32 {
        let mut bits = u64::from(self.0);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let count = u64::try_from(partitions).expect("a partition count is positive");
        i32::try_from(bits % count).expect("less than the partition count")
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Zone {
    type Err = NotAZone;

    fn from_str(text: &str) -> Result<Self, NotAZone> {
        let wrong = || NotAZone(text.chars().take(40).collect());
        let cell: CellIndex = text.parse().map_err(|_| wrong())?;
        if cell.resolution() == Resolution::Eight { Ok(Self(cell)) } else { Err(wrong()) }
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Zone {
    fn schema_name() -> Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A zone: an H3 cell of resolution 8.",
            "type": "string",
            "pattern": "^88[0-9a-f]{8}fffff$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_survives_its_text_form() {
        let zone = Zone::of(LatLng { lat: 37.7749, lon: -122.4194 });
        assert_eq!(zone.to_string().parse::<Zone>().unwrap(), zone);
        assert_eq!(zone.neighbours().count(), 6);
        assert_eq!(Zone::of(zone.centre()), zone);
    }

    #[test]
    fn the_ring_of_a_zone_goes_once_around_its_middle_counterclockwise() {
        let zone = Zone::of(LatLng { lat: 37.7749, lon: -122.4194 });
        let (ring, centre) = (zone.ring(), zone.centre());
        assert_eq!(ring.len(), 6);
        for (corner, next) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let (radius_m, side_m) = (centre.distance_m(*corner), corner.distance_m(*next));
            assert!((400.0..650.0).contains(&radius_m) && (400.0..650.0).contains(&side_m), "{ring:?}");
            let turned_deg = (centre.bearing_deg(*corner) - centre.bearing_deg(*next)).rem_euclid(360.0);
            assert!((40.0..80.0).contains(&turned_deg), "{ring:?}");
            assert_eq!(Zone::of(centre.towards(*corner, 0.95)), zone);
            assert_ne!(Zone::of(centre.towards(*corner, 1.05)), zone);
        }
    }

    #[test]
    fn the_zones_of_a_city_spread_over_all_partitions() {
        let centre = LatLng { lat: 37.7749, lon: -122.4194 };
        let mut counts = [0u32; 12];
        for row in -20i32..20 {
            for column in -20i32..20 {
                let zone = Zone::of(centre.offset_m(f64::from(row) * 1000.0, f64::from(column) * 1000.0));
                counts[usize::try_from(zone.partition(12)).unwrap()] += 1;
            }
        }
        assert!(counts.iter().all(|count| (60..220).contains(count)), "{counts:?}");
    }
}
