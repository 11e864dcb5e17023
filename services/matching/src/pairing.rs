//! Which driver is asked for which trip: costs, and the assignment on them.

use std::collections::BTreeMap;

use domain::assignment::Method;
use domain::{CityMs, DriverId};
use live::Candidate;

use crate::Waiting;

/// Roads are this much longer than the straight line; 1.2 to 1.4 in most cities (Giacomin and Levinson 2015,
/// "Road network circuity in metropolitan areas").
const CIRCUITY: f64 = 1.3;

/// Mean speed of a car on its way through a city, 25 km/h. The exact figure changes no pair, only the weight of
/// waiting against driving.
const SPEED_MPS: f64 = 7.0;

/// Waiting longer than this counts no more.
const MAX_WAIT_MS: i64 = 3_600_000;

/// One driver to be asked for one trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    /// The place of the trip among those given.
    pub(crate) trip: usize,
    /// Who.
    pub(crate) driver: DriverId,
    /// The estimated way to the rider.
    pub(crate) pickup_ds: i64,
}

/// Pairs trips with their candidates: as many as possible, with the least total pickup time.
///
/// Each second (city time) a rider has waited makes all pairs of that trip a second cheaper. If there are drivers for
/// all, this changes nothing; if not, those who wait longer win over those a little nearer, and nobody starves.
pub(crate) fn pair(
    trips: &[&Waiting],
    candidates: &[Vec<Candidate>],
    now: CityMs,
    method: Method,
) -> Vec<Pair> {
    let mut numbers: BTreeMap<DriverId, usize> =
        candidates.iter().flatten().map(|found| (found.driver, 0)).collect();
    numbers.values_mut().enumerate().for_each(|(number, place)| *place = number);
    let drivers: Vec<DriverId> = numbers.keys().copied().collect();
    let row = |(trip, found): (&&Waiting, &Vec<Candidate>)| {
        let waited_ds = now.since(trip.requested_at).clamp(0, MAX_WAIT_MS) / 100;
        found.iter().map(|one| (numbers[&one.driver], pickup_ds(one.distance_m) - waited_ds)).collect()
    };
    let rows: Vec<Vec<(usize, i64)>> = trips.iter().zip(candidates).map(row).collect();
    let chosen = method.solve(&rows);
    let pair = |(trip, number): (usize, Option<usize>)| {
        let driver = drivers[number?];
        let distance_m = candidates[trip].iter().find(|found| found.driver == driver)?.distance_m;
        Some(Pair { trip, driver, pickup_ds: pickup_ds(distance_m) })
    };
    chosen.into_iter().enumerate().filter_map(pair).collect()
}

/// The estimated way to a rider who waits this far away as the crow flies, in tenths of a second (city time).
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "candidates lie within some kilometres")]
pub fn pickup_ds(distance_m: f64) -> i64 {
    (distance_m * CIRCUITY / SPEED_MPS * 10.0).round() as i64
}

#[cfg(test)]
mod tests {
    use domain::tariff::SurgeMultiplier;
    use domain::{LatLng, TripId};

    use super::*;

    fn waiting(requested_at: i64) -> Waiting {
        let id: TripId = "88283082a3fffff.0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap();
        let place = LatLng { lat: 37.77, lon: -122.41 };
        Waiting {
            trip: id,
            attempt: 1,
            pickup: place,
            dropoff: place,
            surge: SurgeMultiplier::NONE,
            requested_at: CityMs(requested_at),
            excluded: Vec::new(),
            traceparent: None,
        }
    }

    fn near(found: &[(u64, f64)]) -> Vec<Candidate> {
        found.iter().map(|&(driver, distance_m)| Candidate { driver: DriverId(driver), distance_m }).collect()
    }

    /// The driver of each trip that got one, as (trip, driver).
    fn pairs(trips: &[&Waiting], candidates: &[Vec<Candidate>], method: Method) -> Vec<(usize, u64)> {
        pair(trips, candidates, CityMs(100_000), method)
            .iter()
            .map(|pair| (pair.trip, pair.driver.0))
            .collect()
    }

    #[test]
    fn the_total_way_is_least_where_greedy_takes_the_nearest_pair() {
        let trips = [&waiting(100_000), &waiting(100_000)];
        let candidates = [near(&[(1, 100.0), (2, 120.0)]), near(&[(1, 110.0), (2, 900.0)])];
        assert_eq!(pairs(&trips, &candidates, Method::Optimal), [(0, 2), (1, 1)]);
        assert_eq!(pairs(&trips, &candidates, Method::Greedy), [(0, 1), (1, 2)]);
    }

    #[test]
    fn of_two_for_one_driver_who_waits_longer_wins_unless_much_farther() {
        let (older, newer) = (waiting(60_000), waiting(90_000));
        for (older_m, newer_m, winner) in [(100.0, 100.0, 0), (200.0, 100.0, 0), (400.0, 100.0, 1)] {
            let candidates = [near(&[(1, older_m)]), near(&[(1, newer_m)])];
            assert_eq!(pairs(&[&older, &newer], &candidates, Method::Optimal), [(winner, 1)], "{older_m}");
        }
    }

    #[test]
    fn trips_without_candidates_get_nobody() {
        let trips = [&waiting(0), &waiting(0)];
        assert_eq!(pairs(&trips, &[near(&[]), near(&[(9, 5.0)])], Method::Optimal), [(1, 9)]);
        assert!(pairs(&[], &[], Method::Optimal).is_empty());
    }
}
