//! Looking for the highest rate that is held: up in steps from where it may lie, or down, then half a step; at the end the
//! lowest rate that was not held once more, since what disturbs a machine for a while shall not end a search.

/// Location reports a second between two rates that are tried.
const STEP: u32 = 10_000;

/// More than any machine this is meant for holds: here the search ends.
const MOST: u32 = 200_000;

/// A rate that was tried, and whether it was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) rate: u32,
    pub(super) held: bool,
}

/// Where to look, and how closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// The first rate.
    pub(super) from: u32,
    pub(super) closeness: Closeness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closeness {
    /// To a step.
    Coarse,
    /// To half a step.
    Fine,
}

impl Search {
    /// The rate to try next; none if the search is over.
    pub(super) fn next(self, tried: &[Tried]) -> Option<u32> {
        let failed = lowest_not_held(tried);
        let next = match (highest_held(tried), failed) {
            (None, None) => Some(self.from),
            (Some(held), None) => Some(held + STEP).filter(|rate| *rate <= MOST),
            (None, Some(failed)) => failed.checked_sub(STEP).filter(|rate| *rate > 0),
            (Some(held), Some(failed)) if self.closeness == Closeness::Fine && failed == held + STEP => {
                Some(held + STEP / 2)
            }
            (Some(_), Some(_)) => None,
        };
        let once = |rate: &u32| tried.iter().filter(|tried| tried.rate == *rate).count() == 1;
        next.or_else(|| failed.filter(|rate| self.closeness == Closeness::Fine && once(rate)))
    }
}

/// The lowest rate that was held in no turn.
fn lowest_not_held(tried: &[Tried]) -> Option<u32> {
    let is_held = |rate| tried.iter().any(|tried| tried.rate == rate && tried.held);
    tried.iter().map(|tried| tried.rate).filter(|rate| !is_held(*rate)).min()
}

/// The highest rate that was held; one above a rate that was not does not count.
pub(super) fn highest_held(tried: &[Tried]) -> Option<u32> {
    let failed = lowest_not_held(tried).unwrap_or(u32::MAX);
    tried.iter().filter(|tried| tried.held && tried.rate < failed).map(|tried| tried.rate).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rates that are tried on a machine that holds so many.
    fn tried(search: Search, holds: u32) -> (Vec<u32>, Option<u32>) {
        let mut tried = Vec::new();
        while let Some(rate) = search.next(&tried) {
            tried.push(Tried { rate, held: rate <= holds });
        }
        (tried.iter().map(|tried| tried.rate).collect(), highest_held(&tried))
    }

    #[test]
    fn the_highest_rate_is_found_from_below_and_from_above() {
        let fine = Search { from: 30_000, closeness: Closeness::Fine };
        let coarse = Search { from: 20_000, closeness: Closeness::Coarse };
        for (search, holds, rates, found) in [
            (fine, 38_000, vec![30_000, 40_000, 35_000, 40_000], Some(35_000)),
            (fine, 44_000, vec![30_000, 40_000, 50_000, 45_000, 45_000], Some(40_000)),
            (fine, 12_000, vec![30_000, 20_000, 10_000, 15_000, 15_000], Some(10_000)),
            (fine, 9_000, vec![30_000, 20_000, 10_000, 10_000], None),
            (coarse, 38_000, vec![20_000, 30_000, 40_000], Some(30_000)),
        ] {
            assert_eq!(tried(search, holds), (rates, found), "{holds}");
        }
        assert_eq!(tried(fine, u32::MAX).1, Some(MOST));
    }

    #[test]
    fn a_rate_that_was_not_held_in_a_bad_minute_is_tried_again_and_the_search_goes_on() {
        let fine = Search { from: 30_000, closeness: Closeness::Fine };
        let tried = [(30_000, true), (40_000, false), (35_000, false), (35_000, true), (40_000, true)];
        let tried = tried.map(|(rate, held)| Tried { rate, held });
        let next = |turns: usize| fine.next(&tried[..turns]);
        assert_eq!((next(3), next(4), next(5)), (Some(35_000), Some(40_000), Some(50_000)));
        assert_eq!(highest_held(&tried[..4]), Some(35_000));
        assert_eq!(highest_held(&tried), Some(40_000));
    }

    #[test]
    fn a_rate_that_was_held_above_one_that_was_not_does_not_count() {
        let tried = [(30_000, true), (40_000, false), (50_000, true)];
        let tried = tried.map(|(rate, held)| Tried { rate, held });
        assert_eq!(highest_held(&tried), Some(30_000));
    }
}
