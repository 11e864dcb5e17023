//! A generated city: an irregular grid of streets with arterials, one-way streets, parks, a river and a few bridges.

use domain::LatLng;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::lines::{Line, Ways, draw_lines};
use crate::network::{RoadNetwork, index};
use crate::parts::{EdgeSpec, NetworkParts, RoadClass};

/// Half the width of the river: junctions nearer to its middle are moved to the bank.
const HALF_RIVER_M: f64 = 45.0;

/// Share of small streets that are missing, which makes dead ends and large blocks.
const MISSING_STREETS: f64 = 0.07;

/// How a city is generated; two cities with equal options and seed are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CityOptions {
    /// The middle of the city. By default near longitude 0, so that city hours are UTC hours.
    pub centre: LatLng,
    /// From west to east.
    pub width_m: f64,
    /// From south to north.
    pub height_m: f64,
    /// Mean distance between parallel streets.
    pub spacing_m: f64,
}

impl Default for CityOptions {
    /// About 3,400 junctions on 5.6 by 5.6 km: a trip takes some three to six minutes.
    fn default() -> Self {
        Self { centre: LatLng { lat: 46.0, lon: 0.5 }, width_m: 5_600.0, height_m: 5_600.0, spacing_m: 93.0 }
    }
}

impl RoadNetwork {
    /// Generates a city.
    ///
    /// # Panics
    /// If the options leave no room for a few blocks: width and height must be at least five times the spacing.
    #[must_use]
    pub fn generate(seed: u64, options: &CityOptions) -> Self {
        let parts = Plan::draw(seed, options).parts();
        Self::build(&parts).expect("a generated city of at least five by five blocks is connected")
    }
}

/// The grid of the city before it becomes junctions and edges; metres are east and north of the centre.
struct Plan {
    rng: ChaCha8Rng,
    centre: LatLng,
    columns: usize,
    rows: usize,
    column_lines: Vec<Line>,
    row_lines: Vec<Line>,
    /// Where each crossing is, east and north of the centre; `None` where a park is.
    crossings: Vec<Option<(f64, f64)>>,
    river: River,
    diagonal_from: usize,
}

#[derive(Clone, Copy)]
struct River {
    east_m: f64,
    swing_m: f64,
    phase: f64,
    wave_m: f64,
}

impl River {
    fn middle_at(self, north_m: f64) -> f64 {
        self.east_m + self.swing_m * (north_m / self.wave_m * std::f64::consts::TAU + self.phase).sin()
    }
}

impl Plan {
    fn draw(seed: u64, options: &CityOptions) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let columns = lines_over(options.width_m, options.spacing_m);
        let rows = lines_over(options.height_m, options.spacing_m);
        let river = River {
            east_m: options.width_m
                * rng.random_range(0.12..0.22)
                * if rng.random_bool(0.5) { 1.0 } else { -1.0 },
            swing_m: options.width_m * rng.random_range(0.03..0.07),
            phase: rng.random_range(0.0..std::f64::consts::TAU),
            wave_m: options.height_m * rng.random_range(0.7..1.3),
        };
        let column_lines = draw_lines(&mut rng, columns);
        let row_lines = draw_lines(&mut rng, rows);
        let diagonal_from = rng.random_range(0..columns / 2);
        let mut plan = Self {
            rng,
            centre: options.centre,
            columns,
            rows,
            column_lines,
            row_lines,
            crossings: Vec::new(),
            river,
            diagonal_from,
        };
        plan.place_crossings(options);
        plan
    }

    fn place_crossings(&mut self, options: &CityOptions) {
        let parks: Vec<(f64, f64, f64)> = (0..3)
            .map(|_| {
                let east_m = options.width_m * self.rng.random_range(-0.42..0.42);
                let north_m = options.height_m * self.rng.random_range(-0.42..0.42);
                (east_m, north_m, options.spacing_m * self.rng.random_range(2.0..4.0))
            })
            .collect();
        for row in 0..self.rows {
            for column in 0..self.columns {
                let jitter = 0.17 * options.spacing_m;
                let mut east_m =
                    along(column, self.columns, options.width_m) + self.rng.random_range(-jitter..jitter);
                let north_m =
                    along(row, self.rows, options.height_m) + self.rng.random_range(-jitter..jitter);
                let small = self.column_lines[column].class != RoadClass::Arterial
                    && self.row_lines[row].class != RoadClass::Arterial;
                let in_park =
                    parks.iter().any(|&(x, y, radius)| f64::hypot(east_m - x, north_m - y) < radius);
                let middle_m = self.river.middle_at(north_m);
                if (east_m - middle_m).abs() < HALF_RIVER_M {
                    east_m = middle_m + HALF_RIVER_M.copysign(east_m - middle_m);
                }
                self.crossings.push((!(small && in_park)).then_some((east_m, north_m)));
            }
        }
    }

    fn parts(mut self) -> NetworkParts {
        let mut parts = NetworkParts::default();
        let mut node_of = vec![None; self.crossings.len()];
        for (crossing, place) in self.crossings.iter().enumerate() {
            if let Some((east_m, north_m)) = *place {
                node_of[crossing] = Some(index(parts.positions.len()));
                parts.positions.push(self.centre.offset_m(north_m, east_m).rounded());
            }
        }
        for row in 0..self.rows {
            for column in 0..self.columns {
                let here = row * self.columns + column;
                if column + 1 < self.columns {
                    self.pave(&mut parts, &node_of, (here, here + 1), self.row_lines[row]);
                }
                if row + 1 < self.rows {
                    self.pave(&mut parts, &node_of, (here, here + self.columns), self.column_lines[column]);
                }
                if column + 1 < self.columns && row + 1 < self.rows && column == self.diagonal_from + row {
                    self.pave(&mut parts, &node_of, (here, here + self.columns + 1), Line::arterial(false));
                }
            }
        }
        parts
    }

    fn pave(&mut self, parts: &mut NetworkParts, node_of: &[Option<u32>], ends: (usize, usize), line: Line) {
        let missing = line.class != RoadClass::Arterial && self.rng.random_bool(MISSING_STREETS);
        let bend = self.rng.random_range(1.0..1.12);
        let (Some(from), Some(to)) = (node_of[ends.0], node_of[ends.1]) else { return };
        if missing || (self.crosses_river(ends) && !line.bridge) {
            return;
        }
        let chord_m = parts.positions[from as usize].distance_m(parts.positions[to as usize]);
        let forward =
            EdgeSpec { from, to, length_m: chord_m * bend, freespeed_mps: line.speed_mps, class: line.class };
        if line.ways != Ways::Backward {
            parts.edges.push(forward);
        }
        if line.ways != Ways::Forward {
            parts.edges.push(EdgeSpec { from: to, to: from, ..forward });
        }
    }

    fn crosses_river(&self, ends: (usize, usize)) -> bool {
        let east_of_river = |crossing: usize| {
            self.crossings[crossing].is_some_and(|(east_m, north_m)| east_m > self.river.middle_at(north_m))
        };
        east_of_river(ends.0) != east_of_river(ends.1)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a city has some hundred streets"
)]
fn lines_over(extent_m: f64, spacing_m: f64) -> usize {
    let lines = (extent_m / spacing_m).round() + 1.0;
    assert!(lines >= 6.0, "a generated city needs at least five by five blocks");
    lines as usize
}

#[expect(clippy::cast_precision_loss, reason = "a city has some hundred streets")]
fn along(line: usize, lines: usize, extent_m: f64) -> f64 {
    (line as f64 / (lines - 1) as f64 - 0.5) * extent_m
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::NodeId;

    #[test]
    fn the_same_seed_makes_the_same_city_and_another_one_another() {
        let cities = [1, 1, 2].map(|seed| RoadNetwork::generate(seed, &CityOptions::default()));
        let streets = |city: &RoadNetwork| -> Vec<_> {
            city.nodes().flat_map(|node| city.edges_from(node).to_vec()).collect()
        };
        assert_eq!(streets(&cities[0]), streets(&cities[1]));
        assert_ne!(streets(&cities[0]), streets(&cities[2]));
    }

    #[test]
    fn a_default_city_has_the_size_and_the_streets_it_promises() {
        for seed in 0..12 {
            let city = RoadNetwork::generate(seed, &CityOptions::default());
            assert!((2_500..=4_000).contains(&city.node_count()), "{} nodes", city.node_count());
            let bounds = city.bounding_box();
            assert!((5_000.0..9_000.0).contains(&bounds.min.distance_m(bounds.max)));
            let edges: Vec<_> = city.nodes().flat_map(|node| city.edges_from(node)).collect();
            let one_way =
                edges.iter().filter(|edge| !city.edges_from(edge.to).iter().any(|back| back.to == edge.from));
            let share = one_way.count() * 100 / edges.len();
            assert!((5..45).contains(&share), "{share} % one-way");
        }
    }

    #[test]
    fn typical_trips_take_two_to_eight_minutes() {
        let city = RoadNetwork::generate(1, &CityOptions::default());
        let count = u32::try_from(city.node_count()).unwrap();
        let times: Vec<f64> = (0..200u32)
            .map(|n| {
                city.route(NodeId(n * 7919 % count), NodeId((n * 104_729 + 13) % count)).unwrap().freeflow_s()
            })
            .collect();
        let mean_s = times.iter().sum::<f64>() / 200.0;
        assert!((120.0..480.0).contains(&mean_s), "{mean_s} s");
    }
}
