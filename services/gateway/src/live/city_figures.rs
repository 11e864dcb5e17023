//! The city in numbers, for Prometheus: what the map shows, added up.

use runtime::{Gauge, Stats};

use crate::metrics;

use super::figures::Present;
use super::zone_board::Surge;

/// The states of drivers, in the order in which pictures count them; offline ones are not shown.
const DRIVER_STATES: [&str; 6] = ["offline", "idle", "reserved", "to_pickup", "waiting", "on_trip"];

/// The states of trips, in the order in which pictures count them.
const TRIP_STATES: [&str; 5] = ["requested", "offered", "matched", "arrived", "started"];

/// Numbers of the whole city.
#[derive(Debug)]
pub(crate) struct CityFigures {
    drivers: Vec<Gauge>,
    trips: Vec<Gauge>,
    requested: Gauge,
    matched: Gauge,
    completed: Gauge,
    cancelled: Gauge,
    unfulfilled: Gauge,
    surge_greatest: Gauge,
    surge_mean: Gauge,
}

impl CityFigures {
    pub(crate) fn new(stats: &Stats) -> Self {
        let event = |event| stats.gauge_of(&metrics::TRIPS, &[event]);
        Self {
            drivers: DRIVER_STATES.map(|state| stats.gauge_of(&metrics::DRIVERS, &[state])).into(),
            trips: TRIP_STATES.map(|state| stats.gauge_of(&metrics::OPEN_TRIPS, &[state])).into(),
            requested: event("requested"),
            matched: event("matched"),
            completed: event("completed"),
            cancelled: event("cancelled"),
            unfulfilled: event("unfulfilled"),
            surge_greatest: stats.gauge(&metrics::SURGE_GREATEST),
            surge_mean: stats.gauge(&metrics::SURGE_MEAN),
        }
    }

    /// Shows the city as it is now.
    pub(crate) fn show(&self, present: &Present, surge: Surge) {
        self.drivers.iter().zip(present.drivers).for_each(|(gauge, count)| gauge.set(count.into()));
        self.trips.iter().zip(present.trips).for_each(|(gauge, count)| gauge.set(count.into()));
        let totals = present.totals;
        self.requested.set_count(totals.requests);
        self.matched.set_count(totals.matched);
        self.completed.set_count(totals.completed);
        self.cancelled.set_count(totals.cancelled);
        self.unfulfilled.set_count(totals.unfulfilled);
        self.surge_greatest.set(surge.greatest.into());
        self.surge_mean.set(surge.mean.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{ServiceSummary, Totals};

    #[test]
    fn the_city_is_told_by_state_and_in_ratios() {
        let stats = Stats::default();
        let present = Present {
            now_ms: 0,
            drivers: [0, 7, 1, 2, 3, 4],
            trips: [5, 1, 2, 0, 4],
            totals: Totals { requests: 9, matched: 8, ..Totals::default() },
            services: ServiceSummary::default(),
            viewers: 0,
        };
        CityFigures::new(&stats).show(&present, Surge { greatest: 180, mean: 125 });
        let text = stats.exposition(&[]);
        for line in [
            "hailstorm_drivers{state=\"idle\"} 7",
            "hailstorm_open_trips{state=\"requested\"} 5",
            "hailstorm_trip_events_total{event=\"matched\"} 8",
            "hailstorm_surge_max_ratio 1.8",
            "hailstorm_surge_mean_ratio 1.25",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is missing in\n{text}");
        }
    }
}
