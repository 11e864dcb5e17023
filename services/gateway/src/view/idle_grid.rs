//! Finds idle drivers near a place without looking at all of them.

use std::collections::BTreeMap;

use domain::{DriverId, LatLng};

/// Side of a cell in degrees: 1.1 km from south to north, and in a dense city some dozens of idle drivers.
const CELL_DEG: f64 = 0.01;

/// From south to north, in metres.
const CELL_M: f64 = 1_112.0;

/// Nobody is near who is farther away, as for whoever looks in Redis.
const FARTHEST_M: f64 = 8_000.0;

/// Rings of cells that are looked at at most; close to the poles, where cells are narrow, this ends the search.
const MOST_RINGS: i32 = 32;

/// An idle driver near a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearDriver {
    /// Who.
    pub driver: DriverId,
    /// Where, by the newest report.
    pub position: LatLng,
    /// Degrees clockwise from north.
    pub heading: u16,
    /// As the crow flies.
    pub distance_m: f64,
}

/// A square of the grid: columns from west, rows from south.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    column: i32,
    row: i32,
}

/// Idle drivers by the cell they are in.
#[derive(Debug, Default)]
pub(super) struct IdleGrid {
    cells: BTreeMap<Cell, Vec<DriverId>>,
}

impl Cell {
    #[expect(clippy::cast_possible_truncation, reason = "degrees lie within -180..=180")]
    pub(super) fn of(position: LatLng) -> Self {
        let index = |degrees: f64| (degrees / CELL_DEG).floor() as i32;
        Self { column: index(position.lon), row: index(position.lat) }
    }

    /// The cells at this distance (counted in cells, diagonals as one).
    fn ring(self, radius: i32) -> impl Iterator<Item = Self> {
        (-radius..=radius).flat_map(move |rows| {
            let step = if rows.abs() == radius { 1 } else { (2 * radius).max(1) };
            let columns = (-radius..=radius).step_by(usize::try_from(step).expect("at least 1"));
            columns.map(move |columns| Self { column: self.column + columns, row: self.row + rows })
        })
    }
}

impl IdleGrid {
    /// Moves a driver from one cell to another; nothing stands for not being in the grid.
    pub(super) fn move_to(&mut self, driver: DriverId, from: Option<Cell>, to: Option<Cell>) {
        if let Some(cell) = from
            && let Some(drivers) = self.cells.get_mut(&cell)
        {
            drivers.retain(|other| *other != driver);
            if drivers.is_empty() {
                self.cells.remove(&cell);
            }
        }
        if let Some(cell) = to {
            self.cells.entry(cell).or_default().push(driver);
        }
    }

    /// The nearest drivers, nearest first, as far as `look` finds them.
    pub(super) fn nearest(
        &self,
        at: LatLng,
        count: usize,
        look: impl Fn(DriverId) -> Option<NearDriver>,
    ) -> Vec<NearDriver> {
        let centre = Cell::of(at);
        // Cells are narrower than high. What lies within a ring's whole cells is surely complete.
        let narrow_m = (CELL_M * at.lat.to_radians().cos()).max(1.0);
        let mut found: Vec<NearDriver> = Vec::new();
        for radius in 0..=MOST_RINGS {
            let complete_m = narrow_m * f64::from(radius - 1).max(0.0);
            let within = found.iter().filter(|near| near.distance_m <= complete_m).count();
            if within >= count || complete_m > FARTHEST_M {
                break;
            }
            let drivers = centre.ring(radius).filter_map(|cell| self.cells.get(&cell)).flatten();
            found.extend(drivers.filter_map(|id| look(*id)).filter(|near| near.distance_m <= FARTHEST_M));
        }
        found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.driver.cmp(&b.driver)));
        found.truncate(count);
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const CENTRE: LatLng = LatLng { lat: 46.0, lon: 0.003 };

    #[test]
    fn rings_cover_the_square_once() {
        let centre = Cell::of(CENTRE);
        let cells: Vec<Cell> = (0..5).flat_map(|radius| centre.ring(radius)).collect();
        assert_eq!(cells.len(), 81);
        assert_eq!(cells.iter().collect::<BTreeSet<_>>().len(), 81);
    }

    proptest! {
        #[test]
        fn the_nearest_are_those_that_looking_at_all_finds(
            places in prop::collection::vec((-12_000.0..12_000.0f64, -12_000.0..12_000.0f64), 0..60),
            count in 1usize..20,
        ) {
            let places: Vec<LatLng> = places.iter().map(|(north, east)| CENTRE.offset_m(*north, *east)).collect();
            let mut grid = IdleGrid::default();
            for (id, place) in (0..).zip(&places) {
                grid.move_to(DriverId(id), None, Some(Cell::of(*place)));
            }
            let look = |id: DriverId| {
                let position = places[usize::try_from(id.0).unwrap()];
                let distance_m = CENTRE.distance_m(position);
                Some(NearDriver { driver: id, position, heading: 0, distance_m })
            };
            let mut all: Vec<f64> = places.iter().map(|place| CENTRE.distance_m(*place)).collect();
            all.retain(|distance_m| *distance_m <= FARTHEST_M);
            all.sort_by(f64::total_cmp);
            all.truncate(count);
            let found: Vec<f64> =
                grid.nearest(CENTRE, count, look).iter().map(|near| near.distance_m).collect();
            prop_assert_eq!(found, all);
        }
    }
}
