//! Riders and drivers in a square, and who is near whom.

use std::collections::HashMap;

use domain::{DriverId, LatLng};
use live::Candidate;

use crate::reports::share;

/// The south-western corner of the square, and its sides.
const CORNER: LatLng = LatLng { lat: 37.68, lon: -122.52 };
const SIDE_M: f64 = 20_000.0;

/// Who is farther away is nobody's candidate, as in the service.
const FARTHEST_M: f64 = 8_000.0;

/// Side of a cell of the index.
const CELL_M: f64 = 250.0;

/// Salts that keep riders and drivers from standing in the same places.
const DRIVERS: u64 = 10;
const RIDERS: u64 = 20;

/// Where a rider waits.
pub(super) fn rider(number: u64) -> LatLng {
    place(number, RIDERS)
}

/// Where a driver stands.
pub(super) fn driver(number: u64) -> LatLng {
    place(number, DRIVERS)
}

fn place(number: u64, salt: u64) -> LatLng {
    CORNER.offset_m(share(number, salt) * SIDE_M, share(number, salt + 1) * SIDE_M).rounded()
}

/// Drivers by cells of a grid.
pub(super) struct City {
    cells: HashMap<(i64, i64), Vec<DriverId>>,
}

impl City {
    pub(super) fn new(drivers: usize) -> Self {
        let mut cells: HashMap<(i64, i64), Vec<DriverId>> = HashMap::new();
        for number in 0..drivers as u64 {
            cells.entry(cell(driver(number))).or_default().push(DriverId(number));
        }
        Self { cells }
    }

    /// The nearest drivers, nearest first.
    pub(super) fn nearest(&self, to: LatLng, count: usize) -> Vec<Candidate> {
        let (north, east) = cell(to);
        let mut rings = 2;
        loop {
            let reach_m = (rings as f64 * CELL_M).min(FARTHEST_M);
            let near = (-rings..=rings)
                .flat_map(|y| (-rings..=rings).map(move |x| (north + y, east + x)))
                .filter_map(|cell| self.cells.get(&cell))
                .flatten()
                .map(|id| Candidate { driver: *id, distance_m: driver(id.0).distance_m(to) });
            let mut found: Vec<Candidate> = near.filter(|one| one.distance_m <= reach_m).collect();
            if found.len() >= count || reach_m >= FARTHEST_M {
                found.sort_unstable_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
                found.truncate(count);
                return found;
            }
            rings *= 2;
        }
    }
}

fn cell(place: LatLng) -> (i64, i64) {
    let north_m = CORNER.distance_m(LatLng { lat: place.lat, lon: CORNER.lon });
    let east_m = CORNER.distance_m(LatLng { lat: CORNER.lat, lon: place.lon });
    ((north_m / CELL_M) as i64, (east_m / CELL_M) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_found_as_by_looking_at_all() {
        let city = City::new(3_000);
        for number in 0..50 {
            let to = rider(number);
            let mut all: Vec<(f64, u64)> = (0..3_000)
                .map(|driver_number| (driver(driver_number).distance_m(to), driver_number))
                .collect();
            all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            let nearest: Vec<u64> = city.nearest(to, 10).iter().map(|one| one.driver.0).collect();
            let expected: Vec<u64> = all.iter().take(10).map(|(_, driver_number)| *driver_number).collect();
            assert_eq!(nearest, expected, "rider {number}");
        }
    }
}
