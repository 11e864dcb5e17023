//! A grid over points, of junctions or along edges, that answers which of them are near.

use domain::LatLng;

use crate::network::{index, row_starts};
use crate::parts::{BoundingBox, NodeId};

/// Beyond this a position is off the network.
const FARTHEST_M: f64 = 2_000.0;

/// Side of a cell of junctions: a few of them each in a dense city.
const CELL_M: f64 = 200.0;

/// Metres per degree of latitude on the sphere that `LatLng` uses.
const METRES_PER_DEGREE: f64 = 111_195.08;

/// No more cells than this many a side; a huge area gets larger cells.
const MOST_CELLS_A_SIDE: f64 = 2_000.0;

/// Points by cell of a regular grid; each has a number, such as that of its junction.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    origin: LatLng,
    cell_m: f64,
    metres_per_lon: f64,
    columns: i64,
    rows: i64,
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Grid {
    /// A grid of junctions, which lie in the bounds.
    pub(crate) fn new(positions: &[LatLng], bounds: BoundingBox) -> Self {
        Self::of_points(bounds, CELL_M, positions.iter().copied().zip(0..))
    }

    /// A grid of numbered points, which lie in the bounds, with cells of this size or, in a huge area, larger ones.
    pub(crate) fn of_points(
        bounds: BoundingBox,
        cell_m: f64,
        points: impl Iterator<Item = (LatLng, u32)>,
    ) -> Self {
        let metres_per_lon = METRES_PER_DEGREE * bounds.centre().lat.to_radians().cos().max(0.01);
        let width_m = (bounds.max.lon - bounds.min.lon) * metres_per_lon;
        let height_m = (bounds.max.lat - bounds.min.lat) * METRES_PER_DEGREE;
        let cell_m = cell_m.max(width_m.max(height_m) / MOST_CELLS_A_SIDE);
        let mut grid = Self {
            origin: bounds.min,
            cell_m,
            metres_per_lon,
            columns: whole(width_m / cell_m) + 1,
            rows: whole(height_m / cell_m) + 1,
            starts: Vec::new(),
            numbers: Vec::new(),
        };
        let mut keyed: Vec<(u32, u32)> = Vec::with_capacity(points.size_hint().0);
        for (position, number) in points {
            let (column, row) = grid.cell_of(position);
            let cell = grid.cell_index(column, row).expect("every point lies in the bounding box");
            keyed.push((index(cell), number));
        }
        keyed.sort_unstable();
        keyed.dedup();
        let cells = usize::try_from(grid.columns * grid.rows).expect("a grid has a positive number of cells");
        grid.starts = row_starts(cells, keyed.iter().map(|entry| entry.0));
        grid.numbers = keyed.into_iter().map(|entry| entry.1).collect();
        grid
    }

    /// Looks at rings of cells around the position until no nearer junction is possible.
    pub(crate) fn nearest(&self, positions: &[LatLng], position: LatLng) -> Option<(NodeId, f64)> {
        let (column, row) = self.cell_of(position);
        let last_ring = whole((FARTHEST_M / self.cell_m).ceil());
        let mut best: Option<(u32, f64)> = None;
        for ring in 0..=last_ring {
            self.for_ring(column, row, ring, |node| {
                let distance_m = self.flat_distance_m(position, positions[node as usize]);
                if best.is_none_or(|(_, nearest_m)| distance_m < nearest_m) {
                    best = Some((node, distance_m));
                }
            });
            // The next ring begins at least `ring` whole cells away.
            #[expect(clippy::cast_precision_loss, reason = "a handful of rings")]
            if best.is_some_and(|(_, nearest_m)| nearest_m <= ring as f64 * self.cell_m) {
                break;
            }
        }
        let (node, _) = best?;
        let distance_m = position.distance_m(positions[node as usize]);
        (distance_m <= FARTHEST_M).then_some((NodeId(node), distance_m))
    }

    /// Visits the numbers in the cell of a position and in the cells around it, so all within a cell's side; one with
    /// several points may be visited several times.
    pub(crate) fn for_near(&self, position: LatLng, mut visit: impl FnMut(u32)) {
        let (column, row) = self.cell_of(position);
        for ring in 0..=1 {
            self.for_ring(column, row, ring, &mut visit);
        }
    }

    fn for_ring(&self, column: i64, row: i64, ring: i64, mut visit: impl FnMut(u32)) {
        for y in row - ring..=row + ring {
            let edge_row = y == row - ring || y == row + ring;
            let step = if edge_row || ring == 0 { 1 } else { 2 * ring };
            let mut x = column - ring;
            while x <= column + ring {
                if let Some(cell) = self.cell_index(x, y) {
                    let entries = self.starts[cell] as usize..self.starts[cell + 1] as usize;
                    self.numbers[entries].iter().copied().for_each(&mut visit);
                }
                x += step;
            }
        }
    }

    fn cell_of(&self, position: LatLng) -> (i64, i64) {
        let east_m = (position.lon - self.origin.lon) * self.metres_per_lon;
        let north_m = (position.lat - self.origin.lat) * METRES_PER_DEGREE;
        (whole((east_m / self.cell_m).floor()), whole((north_m / self.cell_m).floor()))
    }

    fn cell_index(&self, column: i64, row: i64) -> Option<usize> {
        let inside = (0..self.columns).contains(&column) && (0..self.rows).contains(&row);
        if inside { usize::try_from(row * self.columns + column).ok() } else { None }
    }

    fn flat_distance_m(&self, a: LatLng, b: LatLng) -> f64 {
        f64::hypot((a.lon - b.lon) * self.metres_per_lon, (a.lat - b.lat) * METRES_PER_DEGREE)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "cells of one planet fit")]
fn whole(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::CityOptions;
    use crate::network::RoadNetwork;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static CITY: LazyLock<RoadNetwork> = LazyLock::new(|| RoadNetwork::generate(3, &CityOptions::default()));

    proptest! {
        #[test]
        fn the_nearest_node_is_the_nearest_of_all(north in -4500.0..4500.0, east in -4500.0..4500.0) {
            let position = CITY.bounding_box().centre().offset_m(north, east);
            let by_scan = CITY.nodes()
                .map(|node| CITY.position(node).distance_m(position))
                .fold(f64::INFINITY, f64::min);
            match CITY.nearest_node(position) {
                Some((_, distance_m)) => prop_assert!((distance_m - by_scan).abs() < 0.5, "{distance_m} {by_scan}"),
                None => prop_assert!(by_scan > 1_999.0),
            }
        }
    }

    #[test]
    fn a_position_on_another_continent_has_no_nearest_node() {
        for (lat, lon) in [(-33.0, 151.0), (90.0, 0.0), (-90.0, 180.0)] {
            assert_eq!(CITY.nearest_node(LatLng { lat, lon }), None);
        }
    }
}
