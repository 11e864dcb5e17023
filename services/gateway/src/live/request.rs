//! What a viewer asks for: a rectangle of the map and layers.

use domain::LatLng;
use serde::Deserialize;

use super::tile::Block;

/// Longest message of a viewer.
pub(crate) const MOST_BYTES: usize = 4096;

/// A viewer's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The tiles that the viewport touches.
    pub(crate) block: Block,
    pub(crate) layers: Layers,
}

/// Which layers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layers {
    pub(crate) drivers: bool,
    pub(crate) trips: bool,
    pub(crate) zones: bool,
    pub(crate) figures: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum RawRequest {
    View { west: f64, south: f64, east: f64, north: f64, zoom: f64, layers: Option<Vec<LayerName>> },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LayerName {
    Drivers,
    Trips,
    Zones,
    Figures,
}

impl Request {
    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let raw = serde_json::from_str(text).map_err(|error| format!("not a view: {error}"))?;
        let RawRequest::View { west, south, east, north, zoom, layers } = raw;
        if !(0.0..=30.0).contains(&zoom) {
            return Err(format!("zoom {zoom} is not in 0..=30"));
        }
        let position = |lat, lon| LatLng::new(lat, lon).map_err(|error| error.to_string());
        let (south_west, north_east) = (position(south, west)?, position(north, east)?);
        if south > north || west > east {
            return Err("a view has its south below its north and its west left of its east".to_owned());
        }
        let north_west = LatLng { lat: north_east.lat, lon: south_west.lon };
        let south_east = LatLng { lat: south_west.lat, lon: north_east.lon };
        Ok(Self { block: Block::of(north_west, south_east), layers: Layers::of(layers.as_deref()) })
    }
}

impl Layers {
    pub(crate) const ALL: Self = Self { drivers: true, trips: true, zones: true, figures: true };

    fn of(names: Option<&[LayerName]>) -> Self {
        let Some(names) = names else { return Self::ALL };
        names.iter().fold(Self::default(), |layers, name| match name {
            LayerName::Drivers => Self { drivers: true, ..layers },
            LayerName::Trips => Self { trips: true, ..layers },
            LayerName::Zones => Self { zones: true, ..layers },
            LayerName::Figures => Self { figures: true, ..layers },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tile::Tile;
    use super::*;

    #[test]
    fn a_view_is_the_tiles_it_touches() {
        let text = r#"{"type":"view","west":-122.43,"south":37.76,"east":-122.41,"north":37.78,"zoom":14.2}"#;
        let request = Request::parse(text).unwrap();
        let (north_west, south_east) = (Tile { x: 2620, y: 6332 }, Tile { x: 2620, y: 6333 });
        assert_eq!(request.block, Block { north_west, south_east });
        assert_eq!(request.layers, Layers::ALL);
        let text = text.replace('}', r#","layers":["zones","drivers"]}"#);
        let layers = Layers { drivers: true, zones: true, ..Layers::default() };
        assert_eq!(Request::parse(&text).unwrap().layers, layers);
    }

    #[test]
    fn what_is_no_view_is_refused_with_a_reason() {
        let view = |west: &str, south: &str, east: &str, north: &str, rest: &str| {
            format!(r#"{{"type":"view","west":{west},"south":{south},"east":{east},"north":{north}{rest}}}"#)
        };
        for (text, reason) in [
            ("hello".to_owned(), "not a view"),
            ("{}".to_owned(), "missing field `type`"),
            (r#"{"type":"look"}"#.to_owned(), "unknown variant `look`"),
            (view("0", "0", "1", "1", ""), "missing field `zoom`"),
            (view("0", "0", "1", "1", r#","zoom":99"#), "zoom 99 is not in"),
            (view("0", "0", "1", "1", r#","zoom":9,"layers":["rain"]"#), "unknown variant `rain`"),
            (view("0", "0", "1", "1", r#","zoom":9,"speed":1"#), "unknown field `speed`"),
            (view("1", "0", "0", "1", r#","zoom":9"#), "its west left of its east"),
            (view("0", "2", "1", "1", r#","zoom":9"#), "its south below its north"),
            (view("0", "0", "1", "91", r#","zoom":9"#), "is not a position"),
            (view("null", "0", "1", "1", r#","zoom":9"#), "invalid type"),
        ] {
            let error = Request::parse(&text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
