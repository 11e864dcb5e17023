//! When an estimated time of arrival is worth telling, and how traffic and missing roads change it.

use crate::CityMs;

/// An arrival that moved by more than this is told.
const TELLING_MOVE_S: f64 = 15.0;

/// Or by more than this share of what remains ...
const TELLING_SHARE: f64 = 0.1;

/// ... but not by less than this: estimates are told in whole seconds.
const NOISE_S: f64 = 2.0;

/// Traffic makes no zone faster than this share of its time without traffic, ...
const LEAST_SLOWDOWN: f64 = 0.7;

/// ... and none slower than this: a few waiting drivers are no gridlock.
const MOST_SLOWDOWN: f64 = 3.0;

/// How much longer a way by road is than the straight line, where the road is not known: between the 1.2 to 1.4
/// that grids of streets have (Boscoe, Henry and Zdeb 2012 found 1.4 for the United States as a whole).
const DETOUR: f64 = 1.3;

/// Speed where the road is not known: 25 km/h, what cars do in cities.
const UNKNOWN_ROAD_MPS: f64 = 7.0;

/// What is left of a leg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remaining {
    /// Metres of road.
    pub distance_m: f64,
    /// Seconds of city time.
    pub time_s: f64,
}

/// An estimate and the moment it was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The moment of the report it is computed from.
    pub at: CityMs,
    /// Seconds of city time from then to the arrival.
    pub time_s: f64,
}

impl Prediction {
    /// Whether this is news after what was told last: the moment of arrival moved by over 15 s or by over 10 % of
    /// what remains.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "two reports of one trip lie hours apart at most")]
    pub fn is_news_after(self, last: Option<Self>) -> bool {
        let Some(last) = last else { return true };
        let moved_s = (self.at.since(last.at) as f64 / 1000.0 + self.time_s - last.time_s).abs();
        moved_s > TELLING_MOVE_S || moved_s > (TELLING_SHARE * self.time_s).max(NOISE_S)
    }
}

impl Remaining {
    /// An estimate without a road network: a straight line, made longer, at a city's speed.
    #[must_use]
    pub fn straight(distance_m: f64) -> Self {
        let distance_m = distance_m * DETOUR;
        Self { distance_m, time_s: distance_m / UNKNOWN_ROAD_MPS }
    }
}

/// How many times longer a zone takes than without traffic: 0.7 to 3; 1 when either speed is not known.
#[must_use]
pub fn slowdown(free_mps: Option<f64>, observed_mps: Option<f64>) -> f64 {
    match (free_mps, observed_mps) {
        (Some(free), Some(observed)) if free > 0.0 && observed >= 0.0 => {
            (free / observed.max(f64::MIN_POSITIVE)).clamp(LEAST_SLOWDOWN, MOST_SLOWDOWN)
        }
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prediction(at_s: i64, time_s: f64) -> Prediction {
        Prediction { at: CityMs(at_s * 1000), time_s }
    }

    #[test]
    fn an_arrival_is_told_when_it_moved_enough() {
        for (last, now, expected, why) in [
            (None, prediction(0, 300.0), true, "the first one"),
            (Some(prediction(0, 300.0)), prediction(60, 240.0), false, "as predicted"),
            (Some(prediction(0, 300.0)), prediction(60, 254.0), false, "14 s later, under 10 %"),
            (Some(prediction(0, 300.0)), prediction(60, 256.0), true, "16 s later"),
            (Some(prediction(0, 300.0)), prediction(60, 224.0), true, "16 s sooner"),
            (Some(prediction(0, 300.0)), prediction(240, 67.0), true, "7 s later with 67 s left"),
            (Some(prediction(0, 300.0)), prediction(299, 2.5), false, "1.5 s is noise"),
        ] {
            assert_eq!(now.is_news_after(last), expected, "{why}");
        }
    }

    #[test]
    fn slow_zones_take_longer_within_reason() {
        for (free, observed, expected) in [
            (Some(10.0), Some(5.0), 2.0),
            (Some(10.0), Some(10.0), 1.0),
            (Some(10.0), Some(0.0), 3.0),
            (Some(10.0), Some(100.0), 0.7),
            (None, Some(5.0), 1.0),
            (Some(10.0), None, 1.0),
            (Some(10.0), Some(f64::NAN), 1.0),
        ] {
            assert!((slowdown(free, observed) - expected).abs() < 1e-9, "{free:?} {observed:?}");
        }
    }

    #[test]
    fn without_roads_the_line_is_stretched() {
        let remaining = Remaining::straight(700.0);
        assert!((remaining.distance_m - 910.0).abs() < 1e-9 && (remaining.time_s - 130.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn what_was_just_told_is_no_news(at in 0i64..1_000_000, time_s in 0.0..7200.0f64) {
            let told = prediction(at, time_s);
            prop_assert!(!told.is_news_after(Some(told)));
        }

        #[test]
        fn a_driver_on_schedule_is_never_news(at in 0i64..1_000_000, time_s in 0.0..7200.0f64, share in 0.0..1.0f64) {
            let later_s = (time_s * share).floor();
            #[expect(clippy::cast_possible_truncation, reason = "a whole number of seconds")]
            let now = prediction(at + later_s as i64, time_s - later_s);
            prop_assert!(!now.is_news_after(Some(prediction(at, time_s))));
        }

        #[test]
        fn over_fifteen_seconds_is_always_news(time_s in 0.0..7200.0f64, late_s in 15.01..600.0f64) {
            prop_assert!(prediction(0, time_s + late_s).is_news_after(Some(prediction(0, time_s))));
        }

        #[test]
        fn slowdown_stays_in_bounds(free in -1.0..50.0f64, observed in -1.0..50.0f64) {
            prop_assert!((0.7..=3.0).contains(&slowdown(Some(free), Some(observed))));
        }
    }
}
