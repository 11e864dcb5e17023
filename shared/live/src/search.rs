//! A search for idle drivers near a place: in rings, until there are enough in one who were heard of lately.

use domain::{DriverId, LatLng};

/// Nobody is found farther away than this, in metres.
const FARTHEST_M: f64 = 8_000.0;

/// More candidates than this are never given.
const MAX_COUNT: usize = 500;

/// More than this are not looked at, however many silent drivers stand in the way of the others.
const MOST_FETCHED: usize = 4_000;

/// The first ring of who knows nothing yet, in metres.
pub(crate) const FIRST_RING_M: f64 = 125.0;

/// The narrowest and the widest first ring, in metres. Redis looks at all who stand in a ring: a rider who had to be
/// searched for far out must not make it look at half a city for the next one.
const FIRST_RINGS_M: (f64, f64) = (SAME_PLACE_M, 250.0);

/// Who stands within so many metres of a rider stands at the same place: positions by satellite are no better in a
/// street. A thousand may stand there, and to put them all in order takes Redis a millisecond.
const SAME_PLACE_M: f64 = 15.0;

/// The narrowest ring behind a first one, in metres: each takes two round trips.
const SECOND_RING_M: f64 = 60.0;

/// By how much a first ring is wider than half of the last searches needed: drivers stand at random, and for ten of them
/// a ring must be 16 % wider or narrower, one time in three even more.
const SPARE: f64 = 1.25;

/// Asks for idle drivers near a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Where.
    pub position: LatLng,
    /// At most how many.
    pub count: usize,
}

/// An idle driver near a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub driver: DriverId,
    /// As the crow flies.
    pub distance_m: f64,
}

/// What a search looks at next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ring {
    pub(crate) position: LatLng,
    pub(crate) radius_m: f64,
    /// Only so many, the nearest, are looked at.
    pub(crate) fetch: usize,
    wanted: usize,
}

impl Ring {
    /// Where a search begins.
    pub(crate) fn first(search: &Search, radius_m: f64) -> Self {
        let wanted = search.count.clamp(1, MAX_COUNT);
        Self { position: search.position, radius_m, fetch: wanted, wanted }
    }

    /// Whether any who stand inside will do: then Redis stops at the first so many, and does not look for the nearest.
    pub(crate) fn is_one_place(&self) -> bool {
        self.radius_m <= SAME_PLACE_M
    }

    /// Where it goes on if so many are inside (`fetch` at most) and so many of them were heard of lately; `None` if it
    /// has found enough, or there is nobody else.
    pub(crate) fn next(self, inside: usize, heard_of: usize) -> Option<Self> {
        if heard_of >= self.wanted {
            None
        } else if inside < self.fetch {
            let wider = Self { radius_m: (self.radius_m * 2.0).clamp(SECOND_RING_M, FARTHEST_M), ..self };
            (self.radius_m < FARTHEST_M).then_some(wider)
        } else {
            // Silent drivers, whom no sweeper took away, stand in the way of others.
            let more = Self { fetch: (self.fetch * 4).min(MOST_FETCHED), ..self };
            (self.fetch < MOST_FETCHED).then_some(more)
        }
    }

    /// The nearest as many as are wanted, nearest first.
    pub(crate) fn nearest(self, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        candidates
            .sort_unstable_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.driver.cmp(&b.driver)));
        candidates.truncate(self.wanted);
        candidates
    }
}

/// Where the next searches begin: the ring that most of these would have been answered by at once, in metres. `None` if
/// none of them found as many as it wanted.
pub(crate) fn first_ring_m(found: &[Vec<Candidate>], searches: &[Search]) -> Option<f64> {
    let mut reached: Vec<f64> = found
        .iter()
        .zip(searches)
        .filter(|(near, search)| near.len() >= search.count)
        .filter_map(|(near, _)| near.last().map(|farthest| farthest.distance_m))
        .collect();
    if reached.is_empty() {
        return None;
    }
    let middle = reached.len() / 2;
    let (_, median, _) = reached.select_nth_unstable_by(middle, f64::total_cmp);
    Some((*median * SPARE).clamp(FIRST_RINGS_M.0, FIRST_RINGS_M.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(count: usize) -> Search {
        Search { position: LatLng { lat: 37.7, lon: -122.4 }, count }
    }

    #[test]
    fn a_search_goes_on_until_it_has_found_enough_or_there_is_nobody_else() {
        for ((count, radius_m, fetch), (inside, heard_of), expected) in [
            ((10, 125.0, 10), (10, 10), None),
            ((10, 125.0, 10), (9, 9), Some((250.0, 10))),
            ((10, 125.0, 10), (0, 0), Some((250.0, 10))),
            ((10, 5_000.0, 10), (3, 3), Some((8_000.0, 10))),
            ((10, 8_000.0, 10), (3, 3), None),
            ((10, 15.0, 10), (9, 9), Some((60.0, 10))),
            ((10, 40.0, 10), (9, 9), Some((80.0, 10))),
            ((10, 125.0, 10), (10, 9), Some((125.0, 40))),
            ((10, 125.0, 40), (39, 9), Some((250.0, 40))),
            ((10, 8_000.0, 2_560), (2_560, 0), Some((8_000.0, 4_000))),
            ((10, 125.0, 4_000), (4_000, 9), None),
        ] {
            let ring = Ring { fetch, ..Ring::first(&search(count), radius_m) };
            let next = ring.next(inside, heard_of).map(|next| (next.radius_m, next.fetch));
            assert_eq!(next, expected, "{ring:?} {inside} {heard_of}");
        }
        assert_eq!(Ring::first(&search(0), 125.0).fetch, 1);
        assert_eq!(Ring::first(&search(100_000), 125.0).fetch, MAX_COUNT);
    }

    #[test]
    fn the_next_searches_begin_with_a_ring_that_most_of_these_had_needed() {
        let at = |distances_m: &[f64]| -> Vec<Candidate> {
            let one = |distance_m: &f64| Candidate { driver: DriverId(1), distance_m: *distance_m };
            distances_m.iter().map(one).collect()
        };
        for (found, count, ring_m) in [
            (vec![], 2, None),
            (vec![at(&[]), at(&[10.0])], 2, None),
            (vec![at(&[10.0, 100.0]), at(&[5.0]), at(&[5.0, 80.0]), at(&[5.0, 120.0])], 2, Some(125.0)),
            (vec![at(&[1.0, 40.0])], 2, Some(50.0)),
            (vec![at(&[1.0, 2.0])], 2, Some(15.0)),
            (vec![at(&[7_000.0])], 1, Some(250.0)),
        ] {
            let searches = vec![search(count); found.len()];
            assert_eq!(first_ring_m(&found, &searches), ring_m, "{found:?}");
        }
    }
}
