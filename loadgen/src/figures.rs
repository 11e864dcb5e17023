//! The city's figures, for whoever watches.

use runtime::{Gauge, Stats};

use crate::metrics;
use crate::model::City;

/// How often the counts are shown.
const SHOW_INTERVAL_MS: i64 = 500;

/// Gauges of the city.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    stats: Stats,
    first_match_at_ms: Gauge,
    shown_at_ms: i64,
}

impl Figures {
    pub(crate) fn new(stats: &Stats) -> Self {
        let first_match_at_ms = stats.gauge(&metrics::FIRST_MATCH);
        Self { stats: stats.clone(), first_match_at_ms, shown_at_ms: 0 }
    }

    /// A trip was matched; only the first one's time is kept.
    pub(crate) fn matched_at(&self, now_ms: i64) {
        if self.first_match_at_ms.get() == 0 {
            self.first_match_at_ms.set(now_ms);
        }
    }

    /// Shows the city's counts, if it is time.
    pub(crate) fn show(&mut self, city: &City, now_ms: i64) {
        if now_ms - self.shown_at_ms < SHOW_INTERVAL_MS {
            return;
        }
        self.shown_at_ms = now_ms;
        self.write(city);
    }

    /// Shows the city's counts.
    pub(crate) fn write(&self, city: &City) {
        let (counts, census) = (city.counters(), city.census());
        let (open, guests) = (city.open_trips() as u64, city.guests() as u64);
        self.stats.gauge(&metrics::REPORTS).set_count(counts.reports);
        self.stats.gauge(&metrics::CANCELLED).set_count(counts.cancelled());
        self.stats.gauge(&metrics::OPEN).set_count(open);
        self.stats.gauge(&metrics::GUESTS).set_count(guests);
        for (event, count) in [
            ("requests", counts.requests),
            ("unroutable", counts.unroutable),
            ("refused", counts.refused),
            ("offers", counts.offers),
            ("declined", counts.declines_sent),
            ("ignored", counts.offers_ignored),
            ("matched", counts.matched),
            ("completed", counts.completed),
            ("cancelled_by_rider", counts.cancelled_by_rider),
            ("cancelled_by_driver", counts.cancelled_by_driver),
            ("cancelled_by_system", counts.cancelled_by_system),
            ("unfulfilled", counts.unfulfilled),
            ("vanished", counts.vanished),
        ] {
            self.stats.gauge_of(&metrics::RIDE_EVENTS, &[event]).set_count(count);
        }
        for (state, count) in [
            ("offline", census.offline),
            ("idle", census.idle),
            ("offered", census.offered),
            ("to_pickup", census.to_pickup),
            ("waiting", census.waiting),
            ("on_trip", census.on_trip),
        ] {
            self.stats.gauge_of(&metrics::DRIVERS, &[state]).set_count(count);
        }
    }
}
