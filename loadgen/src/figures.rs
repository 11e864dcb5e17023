//! The city's figures, for whoever watches.

use runtime::{Gauge, Stats};

use crate::model::City;

/// How often the drivers are counted; each of them is looked at.
const CENSUS_INTERVAL_MS: i64 = 500;

/// Gauges of the city.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    stats: Stats,
    first_match_at_ms: Gauge,
    counted_at_ms: i64,
}

impl Figures {
    pub(crate) fn new(stats: &Stats) -> Self {
        let first_match_at_ms = stats.gauge("first_match_at_ms");
        Self { stats: stats.clone(), first_match_at_ms, counted_at_ms: 0 }
    }

    /// A trip was matched; only the first one's time is kept.
    pub(crate) fn matched_at(&self, now_ms: i64) {
        if self.first_match_at_ms.get() == 0 {
            self.first_match_at_ms.set(now_ms);
        }
    }

    /// Shows the city's counts, if it is time.
    pub(crate) fn show(&mut self, city: &City, now_ms: i64) {
        if now_ms - self.counted_at_ms < CENSUS_INTERVAL_MS {
            return;
        }
        self.counted_at_ms = now_ms;
        self.write(city);
    }

    /// Shows the city's counts.
    pub(crate) fn write(&self, city: &City) {
        let (counts, census) = (city.counters(), city.census());
        let (open, guests) = (city.open_trips() as u64, city.guests() as u64);
        for (name, value) in [
            ("city.reports", counts.reports),
            ("city.requests", counts.requests),
            ("city.unroutable", counts.unroutable),
            ("city.refused", counts.refused),
            ("city.offers", counts.offers),
            ("city.declined", counts.declines_sent),
            ("city.ignored", counts.offers_ignored),
            ("city.matched", counts.matched),
            ("city.completed", counts.completed),
            ("city.cancelled", counts.cancelled()),
            ("city.cancelled_by_rider", counts.cancelled_by_rider),
            ("city.cancelled_by_driver", counts.cancelled_by_driver),
            ("city.cancelled_by_system", counts.cancelled_by_system),
            ("city.unfulfilled", counts.unfulfilled),
            ("city.vanished", counts.vanished),
            ("city.open", open),
            ("city.guests", guests),
            ("drivers.offline", census.offline),
            ("drivers.idle", census.idle),
            ("drivers.offered", census.offered),
            ("drivers.to_pickup", census.to_pickup),
            ("drivers.waiting", census.waiting),
            ("drivers.on_trip", census.on_trip),
        ] {
            self.stats.gauge(name).set(i64::try_from(value).unwrap_or(i64::MAX));
        }
    }
}
