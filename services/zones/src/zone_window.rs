//! Stage two, one zone: what all sources observed and riders asked for, over sliding windows.

use std::collections::BTreeMap;

use domain::window::DistinctWindow;
use domain::{CityMs, TripId};
use events::zone_observations::ZoneObservation;

use crate::Pace;

/// With fewer samples a mean speed says more about two drivers than about traffic.
const FEWEST_SPEEDS: u32 = 3;

/// The windows of one zone.
#[derive(Debug)]
pub(crate) struct ZoneWindow {
    observed: BTreeMap<CityMs, BTreeMap<i32, Totals>>,
    requests: DistinctWindow<TripId>,
    last_active: CityMs,
}

/// What one source saw in one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Totals {
    idle: u32,
    moving: u32,
    speed_sum_mps: f64,
}

/// Where the windows end, and over how many intervals supply is averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Horizon {
    /// Intervals before this are complete.
    pub(crate) end: CityMs,
    /// How many complete intervals there are to average over.
    pub(crate) intervals: i64,
    /// The moment of the evaluation.
    pub(crate) now: CityMs,
}

/// The raw figures of a zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) supply: f64,
    pub(crate) demand: u32,
    pub(crate) speed_mps: Option<f64>,
}

impl ZoneWindow {
    /// An empty window that counts as active until now.
    pub(crate) fn new(last_active: CityMs) -> Self {
        Self { observed: BTreeMap::new(), requests: DistinctWindow::default(), last_active }
    }

    /// Merges an observation. All sums of a source only grow, so the larger one is the more complete one: replays,
    /// repetitions and the smaller sums of a source that was started anew change nothing.
    pub(crate) fn observe(&mut self, observation: &ZoneObservation, end: CityMs) {
        let ZoneObservation { idle, moving, speed_sum_mps, .. } = *observation;
        let by_source = self.observed.entry(observation.interval).or_default();
        let totals = by_source.entry(observation.source).or_default();
        totals.idle = totals.idle.max(idle);
        let more_complete =
            moving.cmp(&totals.moving).then(speed_sum_mps.total_cmp(&totals.speed_sum_mps)).is_gt();
        if more_complete {
            (totals.moving, totals.speed_sum_mps) = (moving, speed_sum_mps);
        }
        if idle > 0 || moving > 0 {
            self.last_active = self.last_active.max(end);
        }
    }

    /// Takes in a ride request.
    pub(crate) fn request(&mut self, trip: TripId, at: CityMs) {
        self.requests.insert(trip, at);
        self.last_active = self.last_active.max(at);
    }

    /// The last moment something happened here.
    pub(crate) fn last_active(&self) -> CityMs {
        self.last_active
    }

    /// Mean supply, number of requests, mean speed.
    #[expect(clippy::cast_precision_loss, reason = "a handful of intervals")]
    pub(crate) fn figures(&self, horizon: Horizon, pace: &Pace) -> Figures {
        let supply_from = horizon.end.plus_ms(-horizon.intervals * pace.intervals.length_ms);
        let complete = self.observed.range(supply_from..horizon.end);
        let idle: u64 = complete.flat_map(|(_, sources)| sources.values()).map(|t| u64::from(t.idle)).sum();
        let (mut moving, mut speed_sum_mps) = (0, 0.0);
        let speed_from = horizon.end.plus_ms(-pace.speed_window_ms);
        for totals in self.observed.range(speed_from..).flat_map(|(_, sources)| sources.values()) {
            moving += totals.moving;
            speed_sum_mps += totals.speed_sum_mps;
        }
        let demand = self.requests.count(horizon.now.plus_ms(-pace.demand_window_ms), CityMs(i64::MAX));
        Figures {
            supply: idle as f64 / horizon.intervals.max(1) as f64,
            demand: u32::try_from(demand).unwrap_or(u32::MAX),
            speed_mps: (moving >= FEWEST_SPEEDS).then(|| speed_sum_mps / f64::from(moving)),
        }
    }

    /// Forgets what no window reaches any more.
    pub(crate) fn forget(&mut self, observed_before: CityMs, requested_until: CityMs) {
        self.observed = self.observed.split_off(&observed_before);
        self.requests.forget_until(requested_until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CityClock, LatLng, Zone};
    use proptest::prelude::*;

    fn pace() -> Pace {
        Pace::new(&CityClock::REAL, 5_000)
    }

    fn observation(interval: i64, source: i32, idle: u32, moving: u32, speed_mps: f64) -> ZoneObservation {
        let zone = Zone::of(LatLng { lat: 46.0, lon: 0.5 });
        let speed_sum_mps = f64::from(moving) * speed_mps;
        ZoneObservation { zone, interval: CityMs(interval), source, idle, speed_sum_mps, moving }
    }

    fn trip(n: u32) -> TripId {
        let zone = Zone::of(LatLng { lat: 46.0, lon: 0.5 });
        format!("{zone}.00000000-0000-7000-8000-{n:012}").parse().unwrap()
    }

    fn window(observations: &[ZoneObservation]) -> ZoneWindow {
        let mut window = ZoneWindow::new(CityMs(0));
        observations.iter().for_each(|o| window.observe(o, o.interval.plus_ms(10_000)));
        window
    }

    #[test]
    fn supply_is_the_mean_of_complete_intervals_and_speed_wants_three_samples() {
        let mut window = window(&[
            observation(0, 0, 4, 0, 0.0),
            observation(0, 1, 2, 1, 8.0),
            observation(10_000, 0, 6, 1, 4.0),
            observation(20_000, 0, 90, 0, 0.0),
        ]);
        let horizon = Horizon { end: CityMs(20_000), intervals: 2, now: CityMs(40_000) };
        let figures = window.figures(horizon, &pace());
        assert_eq!(figures, Figures { supply: 6.0, demand: 0, speed_mps: None });
        window.observe(&observation(20_000, 1, 0, 1, 6.0), CityMs(30_000));
        assert_eq!(window.figures(horizon, &pace()).speed_mps, Some(6.0));
        let later = Horizon { end: CityMs(150_000), intervals: 6, now: CityMs(170_000) };
        assert_eq!(window.figures(later, &pace()), Figures { supply: 0.0, demand: 0, speed_mps: None });
    }

    #[test]
    fn demand_counts_trips_of_the_last_five_minutes_once() {
        let mut window = ZoneWindow::new(CityMs(0));
        for (n, at) in [(1, 1_000), (2, 2_000), (2, 250_000), (3, 301_000)] {
            window.request(trip(n), CityMs(at));
        }
        for (now, demand) in [(300_000, 3), (301_000, 2), (302_001, 1), (601_000, 0)] {
            let horizon = Horizon { end: CityMs(0), intervals: 1, now: CityMs(now) };
            assert_eq!(window.figures(horizon, &pace()).demand, demand, "at {now}");
        }
        assert_eq!(window.last_active(), CityMs(301_000));
    }

    #[test]
    fn forgetting_keeps_what_the_windows_reach() {
        let mut window = window(&[observation(0, 0, 4, 3, 8.0), observation(10_000, 0, 6, 3, 4.0)]);
        let horizon = Horizon { end: CityMs(20_000), intervals: 1, now: CityMs(40_000) };
        let before = window.figures(horizon, &pace()).supply;
        window.forget(CityMs(10_000), CityMs(0));
        assert_eq!(window.observed.len(), 1);
        assert!((window.figures(horizon, &pace()).supply - before).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn merging_knows_neither_order_nor_repetition(
            parts in prop::collection::vec((0i64..4, 0i32..3, 0u32..5, 0u32..5, 0.0..20.0f64), 1..20),
            turn in any::<prop::sample::Index>(),
        ) {
            let observations: Vec<_> = parts
                .iter()
                .map(|&(n, source, idle, moving, speed)| observation(n * 10_000, source, idle, moving, speed))
                .collect();
            let turned = turn.index(observations.len());
            let twice: Vec<_> =
                observations[turned..].iter().rev().chain(observations.iter().rev()).cloned().collect();
            prop_assert_eq!(window(&observations).observed, window(&twice).observed);
        }
    }
}
