//! Squares of the map (Web Mercator, XYZ scheme, one zoom) and places in them.

use domain::LatLng;

/// The zoom of all tiles: 2.4 km at the equator, 1.9 km in San Francisco, so a screen shows some dozens.
pub(crate) const ZOOM: u8 = 14;

/// Tiles from west to east, and from north to south.
const TILES: u32 = 1 << ZOOM;

/// Beyond, the projection has no tiles.
const NORTHERNMOST: f64 = 85.051_128;

/// One tile: columns from west, rows from north.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tile {
    pub(crate) x: u32,
    pub(crate) y: u32,
}

/// A place in a tile, in 65536ths from its west and north edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) tile: Tile,
    pub(crate) x: u16,
    pub(crate) y: u16,
}

/// A block of tiles, corners included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) north_west: Tile,
    pub(crate) south_east: Tile,
}

impl Place {
    /// Where a position lies.
    pub(crate) fn of(position: LatLng) -> Self {
        let lat = position.lat.clamp(-NORTHERNMOST, NORTHERNMOST).to_radians();
        let east = (position.lon + 180.0) / 360.0;
        let south = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
        let ((tile_x, x), (tile_y, y)) = (split(east), split(south));
        Self { tile: Tile { x: tile_x, y: tile_y }, x, y }
    }
}

impl Block {
    /// The tiles that a rectangle touches; its corners are valid positions.
    pub(crate) fn of(north_west: LatLng, south_east: LatLng) -> Self {
        Self { north_west: Place::of(north_west).tile, south_east: Place::of(south_east).tile }
    }

    pub(crate) fn contains(&self, tile: Tile) -> bool {
        (self.north_west.x..=self.south_east.x).contains(&tile.x)
            && (self.north_west.y..=self.south_east.y).contains(&tile.y)
    }

    /// How many tiles it has.
    pub(crate) fn count(&self) -> u64 {
        let length = |from: u32, to: u32| u64::from(to.saturating_sub(from)) + 1;
        length(self.north_west.x, self.south_east.x) * length(self.north_west.y, self.south_east.y)
    }

    /// Its tiles in order.
    pub(crate) fn tiles(self) -> impl Iterator<Item = Tile> {
        let rows = self.north_west.y..=self.south_east.y;
        (self.north_west.x..=self.south_east.x).flat_map(move |x| rows.clone().map(move |y| Tile { x, y }))
    }
}

/// A share of the world as a tile and a 65536th of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the world, which has 2^30 such parts"
)]
fn split(share: f64) -> (u32, u16) {
    let parts = f64::from(TILES) * 65536.0;
    let part = (share * parts).floor().clamp(0.0, parts - 1.0) as u64;
    ((part >> 16) as u32, (part & 0xffff) as u16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The position of a place, as a browser computes it.
    fn position(place: Place) -> LatLng {
        let share =
            |tile: u32, part: u16| (f64::from(tile) + (f64::from(part) + 0.5) / 65536.0) / f64::from(TILES);
        let lon = share(place.tile.x, place.x) * 360.0 - 180.0;
        let lat = (std::f64::consts::PI * (1.0 - 2.0 * share(place.tile.y, place.y))).sinh().atan();
        LatLng { lat: lat.to_degrees(), lon }
    }

    #[test]
    fn tiles_are_those_of_every_web_map() {
        // Tile numbers as map servers have them at zoom 14.
        for (lat, lon, x, y) in [
            (37.774_929, -122.419_416, 2620, 6332),
            (52.520_008, 13.404_954, 8802, 5373),
            (-33.868_82, 151.209_296, 15073, 9831),
            (0.0, 0.0, 8192, 8192),
            (90.0, -180.0, 0, 0),
            (-90.0, 180.0, 16383, 16383),
        ] {
            assert_eq!(Place::of(LatLng { lat, lon }).tile, Tile { x, y }, "{lat} {lon}");
        }
    }

    #[test]
    fn a_block_has_all_tiles_between_its_corners() {
        let block = Block { north_west: Tile { x: 3, y: 7 }, south_east: Tile { x: 5, y: 8 } };
        let tiles: Vec<Tile> = block.tiles().collect();
        assert_eq!((tiles.len() as u64, block.count()), (6, 6));
        assert!(tiles.iter().all(|tile| block.contains(*tile)));
        for (x, y) in [(2, 7), (6, 7), (3, 6), (3, 9)] {
            assert!(!block.contains(Tile { x, y }));
        }
    }

    proptest! {
        #[test]
        fn a_place_is_off_by_centimetres_only(lat in -80.0..80.0f64, lon in -179.9..179.9f64) {
            let there = LatLng { lat, lon };
            prop_assert!(there.distance_m(position(Place::of(there))) < 0.05);
        }

        #[test]
        fn a_position_in_a_rectangle_lies_in_one_of_its_tiles(
            lat in -80.0..80.0f64, lon in -170.0..170.0f64,
            margins in (0.0..2.0f64, 0.0..2.0f64, 0.0..2.0f64, 0.0..2.0f64),
        ) {
            let (north, east, south, west) = margins;
            let block = Block::of(
                LatLng { lat: lat + north, lon: lon - west },
                LatLng { lat: lat - south, lon: lon + east },
            );
            let tile = Place::of(LatLng { lat, lon }).tile;
            prop_assert!(block.contains(tile));
        }
    }
}
