//! More drivers than were recorded: copies of the recording, each moved in time and each of their drivers a little in
//! space, so that they neither move in lockstep nor lie upon each other. Equal seeds give equal copies.
//!
//! How far a copied driver is moved along the road is said here, where that leads to in `on_roads`. Without roads, and
//! where none is near, a driver is moved as the crow flies and may be beside the road by as much.

use domain::LatLng;
use domain::geo::EARTH_RADIUS_M;

use super::config::CopyOptions;
use crate::model::dice::Dice;

/// How far a copied driver is moved ahead on the road: not onto the recorded one, and no more than some blocks.
pub(super) const AHEAD_M: (f64, f64) = (20.0, 300.0);

/// Farthest that a copied driver is moved north or south, and east or west: some blocks, at most 495 m in all.
const MOST_MOVED_M: f64 = 350.0;

/// Near the poles a metre would be too many degrees.
const LEAST_COSINE: f64 = 0.01;

/// The copies of a recording; number 0 is the recording itself.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    seed: u64,
    first_driver: u64,
    /// Ids from one copy to the next: a power of ten, so that people see in an id which car it is.
    stride: u64,
    shifts_ms: Vec<i64>,
}

impl Copies {
    /// Copies of a recording whose cars have these numbers.
    pub(super) fn new(options: &CopyOptions, cab_numbers: &[u32]) -> Self {
        let highest = cab_numbers.iter().copied().max().unwrap_or(0);
        let mut stride = 10;
        while stride <= u64::from(highest) {
            stride *= 10;
        }
        let spread_ms = i64::try_from(options.spread.as_millis()).unwrap_or(i64::MAX / 4);
        let shift_ms = |copy: u32| match copy {
            0 => 0,
            _ => Dice::of_agent(options.seed, u64::from(copy)).ms(-spread_ms, spread_ms),
        };
        Self {
            seed: options.seed,
            first_driver: options.first_driver,
            stride,
            shifts_ms: (0..options.copies).map(shift_ms).collect(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.shifts_ms.len()
    }

    /// By copy, how much later than recorded it is.
    pub(super) fn shifts_ms(&self) -> &[i64] {
        &self.shifts_ms
    }

    /// The id of a driver: of a copy, and of the car of that number.
    pub(super) fn driver(&self, copy: u32, number: u32) -> u64 {
        let copies = u64::from(copy).saturating_mul(self.stride);
        self.first_driver.saturating_add(copies).saturating_add(u64::from(number))
    }

    /// How far ahead on the road a driver of a copy is: always as far, so that the track stays continuous.
    pub(super) fn ahead_m(&self, driver: u64) -> f64 {
        Dice::of_agent(self.seed, driver).between(AHEAD_M.0, AHEAD_M.1)
    }

    /// Where a driver of a copy is: always as far and in the same direction from the recorded position.
    pub(super) fn moved(&self, copy: u32, driver: u64, position: LatLng) -> LatLng {
        if copy == 0 {
            return position;
        }
        let mut dice = Dice::of_agent(self.seed, driver);
        let mut moved_deg = || (dice.between(-MOST_MOVED_M, MOST_MOVED_M) / EARTH_RADIUS_M).to_degrees();
        let lat = (position.lat + moved_deg()).clamp(-90.0, 90.0);
        let lon = position.lon + moved_deg() / position.lat.to_radians().cos().max(LEAST_COSINE);
        let wrapped = if lon.abs() <= 180.0 { lon } else { (lon + 180.0).rem_euclid(360.0) - 180.0 };
        LatLng { lat, lon: wrapped }.rounded()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn copies(seed: u64) -> Copies {
        let spread = Duration::from_secs(600);
        let options = CopyOptions { copies: 50, spread, seed, first_driver: 10_000_000 };
        Copies::new(&options, &[0, 536, 61])
    }

    #[test]
    fn the_first_copy_is_the_recording_and_the_others_are_spread_in_time() {
        let copies = copies(1);
        let others = &copies.shifts_ms()[1..];
        assert_eq!((copies.len(), copies.shifts_ms()[0]), (50, 0));
        assert!(others.iter().all(|shift| shift.abs() <= 600_000));
        assert!(others.iter().any(|&shift| shift < -300_000) && others.iter().any(|&shift| shift > 300_000));
        let here = LatLng { lat: 37.77, lon: -122.42 };
        assert_eq!(copies.moved(0, copies.driver(0, 61), here), here);
    }

    #[test]
    fn ids_tell_copy_and_car() {
        let copies = copies(1);
        assert_eq!((copies.driver(0, 61), copies.driver(3, 536)), (10_000_061, 10_003_536));
    }

    #[test]
    fn equal_seeds_move_equally_and_others_do_not() {
        let here = LatLng { lat: 37.77, lon: -122.42 };
        let moved = |seed, copy| {
            let copies = copies(seed);
            let driver = copies.driver(copy, 61);
            (copies.shifts_ms()[copy as usize], copies.moved(copy, driver, here), copies.ahead_m(driver))
        };
        assert_eq!(moved(1, 7), moved(1, 7));
        assert!((AHEAD_M.0..=AHEAD_M.1).contains(&moved(1, 7).2));
        for (seed, copy) in [(2, 7), (1, 8)] {
            let (other, this) = (moved(seed, copy), moved(1, 7));
            assert!(other.0 != this.0 && other.1 != this.1 && other.2 != this.2);
        }
    }

    proptest! {
        #[test]
        fn a_moved_driver_is_at_a_position_within_half_a_kilometre(
            lat in -90.0f64..=90.0, lon in -180.0f64..=180.0, copy in 0u32..50, seed: u64
        ) {
            let copies = copies(seed);
            let here = LatLng { lat, lon }.rounded();
            let moved = copies.moved(copy, copies.driver(copy, 61), here);
            prop_assert!(LatLng::new(moved.lat, moved.lon).is_ok());
            prop_assert!(here.distance_m(moved) < 500.0);
        }
    }
}
