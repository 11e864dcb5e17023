//! The replay's figures, for whoever watches.

use domain::RealMs;
use runtime::{Gauge, Stats};

use super::player::Player;
use crate::metrics;

/// Gauges of the replay.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    reports: Gauge,
    drivers: Gauge,
    beside: Gauge,
    place_ms: Gauge,
    percent: Gauge,
}

impl Figures {
    pub(super) fn new(stats: &Stats) -> Self {
        Self {
            reports: stats.gauge(&metrics::REPORTS),
            drivers: stats.gauge(&metrics::DRIVERS_SEEN),
            beside: stats.gauge(&metrics::BESIDE_ROAD),
            place_ms: stats.gauge(&metrics::PLACE),
            percent: stats.gauge(&metrics::PROGRESS),
        }
    }

    /// Shows how far the replay is. The place is a recorded time in ms since 1970.
    pub(super) fn show(&self, player: &Player, handed_over: u64, now: RealMs) {
        self.reports.set(i64::try_from(handed_over).unwrap_or(i64::MAX));
        self.drivers.set(i64::try_from(player.drivers()).unwrap_or(i64::MAX));
        self.beside.set(i64::try_from(player.beside()).unwrap_or(i64::MAX));
        self.place_ms.set(player.place_at(now).0);
        self.percent.set(player.percent_at(now));
    }
}
