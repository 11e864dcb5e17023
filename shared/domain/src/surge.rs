//! When a ride costs more: from demand and supply to a surge multiplier that does not flap.

use crate::tariff::SurgeMultiplier;

/// Milliseconds of city time after which a zone's multiplier says nothing about now: the zone is quiet, or nobody
/// computes it.
pub const STALE_MS: i64 = 10 * 60 * 1000;

/// A neighbour's figures count this much of a zone's own: drivers and riders cross the border.
pub const NEIGHBOUR_WEIGHT: f64 = 0.5;

/// With fewer requests than this there is no surge: two riders by chance are no shortage.
const FEWEST_REQUESTS: f64 = 3.0;

/// Less supply counts as this much, so that an empty zone has a finite ratio.
const LEAST_SUPPLY: f64 = 0.5;

/// Requests in five minutes that one idle driver can take: about one, as a trip takes some minutes.
const BALANCED_RATIO: f64 = 1.0;

/// Surge per request over balance and idle driver: the highest multiplier is reached at five to one.
const SLOPE: f64 = 0.5;

/// Hundredths: multipliers move in tenths.
const STEP: i32 = 10;

/// Hundredths below the multiplier at which it falls; more than the step at which it rises, so that a wobbling
/// ratio does not make it wobble.
const FALL_AT: i32 = 20;

/// Hundredths that one evaluation may change it by: riders see steps, not jumps.
const LARGEST_CHANGE: i32 = 30;

/// Supply and demand of a zone, with its neighbours' share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Balance {
    /// Idle drivers, mean over the supply window.
    pub supply: f64,
    /// Ride requests in the demand window.
    pub demand: f64,
}

impl Balance {
    /// A zone's own figures together with a share of its neighbours'.
    #[must_use]
    pub fn smoothed(self, neighbours: impl Iterator<Item = Self>) -> Self {
        neighbours.fold(self, |sum, neighbour| Self {
            supply: sum.supply + NEIGHBOUR_WEIGHT * neighbour.supply,
            demand: sum.demand + NEIGHBOUR_WEIGHT * neighbour.demand,
        })
    }

    /// The factor that this balance calls for: 1 when balanced, below 1 with drivers to spare, unbounded above.
    #[must_use]
    pub fn factor(self) -> f64 {
        let ratio =
            if self.demand < FEWEST_REQUESTS { 0.0 } else { self.demand / self.supply.max(LEAST_SUPPLY) };
        1.0 + SLOPE * (ratio - BALANCED_RATIO)
    }
}

/// The next multiplier: towards what the balance calls for, in tenths, at most 0.3 at once. It rises when the
/// target lies 0.1 higher and falls only when it lies 0.2 lower; in between it stays.
#[must_use]
pub fn next(current: SurgeMultiplier, balance: Balance) -> SurgeMultiplier {
    let highest = i32::from(SurgeMultiplier::MAX.hundredths());
    let lowest = i32::from(SurgeMultiplier::NONE.hundredths());
    let current = i32::from(current.hundredths()) / STEP * STEP;
    let target = tenths_below(balance.factor()).min(highest);
    let next = if target >= current + STEP {
        current + (target - current).min(LARGEST_CHANGE)
    } else if target <= current - FALL_AT {
        current - (current - target).min(LARGEST_CHANGE)
    } else {
        current
    };
    SurgeMultiplier::nearest(f64::from(next.clamp(lowest, highest)) / 100.0)
}

/// A factor in hundredths, rounded down to tenths; what floating point puts a hair below a tenth is that tenth.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a small range first")]
fn tenths_below(factor: f64) -> i32 {
    (factor.clamp(0.0, 10.0) * 10.0 + 1e-9).floor() as i32 * STEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn surge(hundredths: u16) -> SurgeMultiplier {
        SurgeMultiplier::try_from(hundredths).unwrap()
    }

    /// A balance that calls for a factor (of at least 1).
    fn calling_for(factor: f64) -> Balance {
        Balance { supply: 10.0, demand: 10.0 * (BALANCED_RATIO + (factor - 1.0) / SLOPE) }
    }

    #[test]
    fn surge_follows_the_balance_in_small_steps() {
        for (now, supply, demand, next_hundredths, why) in [
            (100, 10.0, 10.0, 100, "balanced"),
            (100, 0.0, 2.0, 100, "two requests are no shortage"),
            (100, 10.0, 13.0, 110, "a little short"),
            (100, 10.0, 11.9, 100, "not short by a tenth"),
            (100, 1.0, 50.0, 130, "very short, but one step at a time"),
            (290, 1.0, 50.0, 300, "never over 3"),
            (110, 10.0, 10.0, 110, "balanced again, within the dead band"),
            (110, 10.0, 8.0, 100, "drivers to spare"),
            (300, 10.0, 0.0, 270, "down, one step at a time"),
            (115, 10.0, 12.0, 110, "an odd multiplier comes back to tenths"),
        ] {
            let balance = Balance { supply, demand };
            assert_eq!(next(surge(now), balance).hundredths(), next_hundredths, "{why}");
        }
    }

    #[test]
    fn neighbours_count_half() {
        let own = Balance { supply: 4.0, demand: 1.0 };
        let neighbours = [Balance { supply: 2.0, demand: 6.0 }, Balance { supply: 0.0, demand: 1.0 }];
        assert_eq!(own.smoothed(neighbours.into_iter()), Balance { supply: 5.0, demand: 4.5 });
    }

    proptest! {
        #[test]
        fn it_stays_in_bounds_in_tenths_and_moves_in_small_steps(
            now in 100u16..=300, supply in 0.0..1e6f64, demand in 0.0..1e6f64,
        ) {
            let before = surge(now / 10 * 10);
            let after = next(before, Balance { supply, demand });
            prop_assert_eq!(after.hundredths() % 10, 0);
            prop_assert!(after.hundredths().abs_diff(before.hundredths()) <= 30);
        }

        #[test]
        fn a_steady_balance_leads_to_a_steady_surge(now in 10u16..=30, supply in 0.0..100.0f64, demand in 0.0..100.0f64) {
            let balance = Balance { supply, demand };
            let settled = (0..10).fold(surge(now * 10), |surge, _| next(surge, balance));
            prop_assert_eq!(next(settled, balance), settled);
            let wanted = balance.factor().clamp(1.0, 3.0);
            prop_assert!((settled.factor() - wanted).abs() < 0.2 + 1e-6, "{settled:?} {wanted}");
        }

        #[test]
        fn a_wobble_within_a_tenth_does_not_make_it_flap(
            factor in 1.0..2.9f64, wobbles in prop::collection::vec(0.0..0.1f64, 1..60),
        ) {
            let settled = (0..10).fold(SurgeMultiplier::NONE, |surge, _| next(surge, calling_for(factor)));
            let mut seen = vec![settled];
            for wobble in wobbles {
                let last = *seen.last().unwrap();
                seen.push(next(last, calling_for(factor + wobble)));
            }
            seen.dedup();
            // It may settle one step higher, once, and never comes back down.
            prop_assert!(seen.len() <= 2 && seen.is_sorted(), "{seen:?}");
        }

        #[test]
        fn more_demand_never_means_less_surge(now in 10u16..=30, supply in 0.0..50.0f64, demand in 0.0..50.0f64, more in 0.0..50.0f64) {
            let now = surge(now * 10);
            let (before, after) = (Balance { supply, demand }, Balance { supply, demand: demand + more });
            prop_assert!(next(now, after) >= next(now, before));
        }
    }
}
