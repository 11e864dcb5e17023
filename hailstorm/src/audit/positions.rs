//! What Redis shows of each driver, against the reports and the table of drivers.
//!
//! Redis is read first, then the topics: whatever Redis shows must be in what was read, and whatever is old enough
//! by then must be in Redis.

use std::collections::BTreeMap;

use domain::driver::DriverStatus;
use domain::{CityMs, DriverId, LatLng};
use events::driver_locations::LocationReport;
use live::{LiveDriver, SILENCE_MS};

use super::{Cut, FindingKind, Findings};

/// Redis rounds positions to at most 0.6 m, reports to 0.1 m.
const POSITION_TOLERANCE_M: f64 = 2.0;

/// A driver silent for longer than `SILENCE_MS` is swept away within this.
const SWEEP_MS: i64 = 10_000;

/// Written later than this after the audit began, a report has a wrong clock: no audit takes that long.
const AHEAD_MS: i64 = 600_000;

/// Web Mercator, and with it Redis, ends here (degrees).
const MAX_LATITUDE: f64 = 85.051_128_78;

/// Drivers in Redis, in the reports and in the table.
#[derive(Debug, Default)]
pub(super) struct Positions {
    live: BTreeMap<DriverId, LiveDriver>,
    reported: BTreeMap<DriverId, Reported>,
    rows: BTreeMap<DriverId, Row>,
    newest_ms: i64,
}

/// What the reports say of one driver.
#[derive(Debug, Default)]
struct Reported {
    /// The newest that must be in Redis: measured last, and of those the one written last.
    due: Option<Report>,
    /// When the one that Redis shows was measured.
    shown: Option<CityMs>,
    /// Redis shows its time, but there is another position.
    other: Option<LatLng>,
    /// It was written in the future: Redis shows another time for it.
    ahead: bool,
}

#[derive(Clone, Copy, Debug)]
struct Report {
    at: CityMs,
    timestamp_ms: i64,
    partition: i32,
    offset: i64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    status: DriverStatus,
    timestamp_ms: i64,
}

impl Positions {
    /// What Redis shows, read before the topics.
    pub(super) fn live(&mut self, drivers: &[LiveDriver]) {
        self.live.extend(drivers.iter().map(|shown| (shown.driver, *shown)));
    }

    /// A report; those of a driver come in the order in which they were written.
    pub(super) fn report(
        &mut self,
        report: &LocationReport,
        (partition, offset): (i32, i64),
        timestamp_ms: i64,
        cut: Cut,
    ) {
        if report.lat.abs() >= MAX_LATITUDE {
            return;
        }
        let reported = self.reported.entry(report.driver).or_default();
        if timestamp_ms > cut.now_ms() + AHEAD_MS {
            reported.ahead = true;
            return;
        }
        self.newest_ms = self.newest_ms.max(timestamp_ms);
        if cut.is_settled(timestamp_ms) && reported.due.is_none_or(|due| due.at <= report.at) {
            reported.due = Some(Report { at: report.at, timestamp_ms, partition, offset });
        }
        let Some(LiveDriver { position: Some(position), seen_ms: Some(seen_ms), .. }) =
            self.live.get(&report.driver)
        else {
            return;
        };
        if *seen_ms == timestamp_ms {
            let there = report.position();
            if there.distance_m(*position) <= POSITION_TOLERANCE_M {
                reported.shown = Some(report.at);
            } else {
                reported.other = Some(there);
            }
        }
    }

    /// A row of the table of drivers; those of a driver come in order. `None` is a removal.
    pub(super) fn row(&mut self, driver: DriverId, status: Option<DriverStatus>, timestamp_ms: i64) {
        // Who was removed is as little to be had as who is offline.
        let status = status.unwrap_or(DriverStatus::Offline);
        self.rows.insert(driver, Row { status, timestamp_ms });
    }

    /// How many drivers Redis shows.
    pub(super) fn count(&self) -> u64 {
        self.live.values().filter(|shown| shown.position.is_some()).count() as u64
    }

    /// Compares. `all_whole` says that retention has removed no report.
    pub(super) fn judge(&self, cut: Cut, all_whole: bool, findings: &mut Findings) {
        for (driver, reported) in &self.reported {
            if let Some(what) = self.stale(*driver, reported, cut, all_whole) {
                findings.add(FindingKind::StalePositionInRedis, || format!("driver {driver}: {what}"));
            }
        }
        for (driver, shown) in &self.live {
            if !self.reported.contains_key(driver) && shown.position.is_some() && all_whole {
                findings.add(FindingKind::StalePositionInRedis, || format!("driver {driver} never reported"));
            }
            if let Some(what) = self.silent(shown, cut) {
                findings.add(FindingKind::SilentDriverInRedis, || format!("driver {driver}: {what}"));
            }
            if let Some(what) = self.busy(shown, cut) {
                findings.add(FindingKind::BusyDriverInIdleSet, || format!("driver {driver}: {what}"));
            }
        }
    }

    fn stale(&self, driver: DriverId, reported: &Reported, cut: Cut, all_whole: bool) -> Option<String> {
        if reported.ahead {
            return None;
        }
        let shown = self.live.get(&driver);
        let Some(LiveDriver { position: Some(_), seen_ms: Some(seen_ms), .. }) = shown else {
            return self.absent(driver, reported, cut);
        };
        let is_older = |due: &Report| match reported.shown {
            Some(at) => at < due.at,
            None => *seen_ms < due.timestamp_ms,
        };
        if let Some(Report { timestamp_ms, partition, offset, .. }) = reported.due.filter(is_older) {
            return Some(format!(
                "shown as of {seen_ms} ms, driver-locations/{partition}@{offset} of {timestamp_ms} ms is newer"
            ));
        }
        match (reported.shown, reported.other) {
            (Some(_), _) => None,
            (None, Some(there)) => {
                Some(format!("not where the report of {seen_ms} ms says ({}, {})", there.lat, there.lon))
            }
            (None, None) => all_whole.then(|| format!("shown as of {seen_ms} ms, when nothing was reported")),
        }
    }

    /// A driver who is on shift and was heard of lately must be shown.
    fn absent(&self, driver: DriverId, reported: &Reported, cut: Cut) -> Option<String> {
        let due = reported.due?;
        let age_ms = cut.now_ms() - due.timestamp_ms;
        let on_shift = self
            .rows
            .get(&driver)
            .is_some_and(|row| row.status != DriverStatus::Offline && cut.is_settled(row.timestamp_ms));
        (on_shift && age_ms < SILENCE_MS - SWEEP_MS / 2)
            .then(|| format!("not shown, though heard of {age_ms} ms before"))
    }

    /// By the time of the newest report of all: when the whole city has stopped, nobody in it is silent.
    fn silent(&self, shown: &LiveDriver, cut: Cut) -> Option<String> {
        if shown.position.is_none() && shown.idle.is_none() {
            return None;
        }
        let Some(seen_ms) = shown.seen_ms else {
            return Some("shown, but nobody knows since when".to_owned());
        };
        let silence_ms = cut.now_ms().min(self.newest_ms) - seen_ms;
        (silence_ms > SILENCE_MS + SWEEP_MS)
            .then(|| format!("silent for {} s, still shown", silence_ms / 1000))
    }

    fn busy(&self, shown: &LiveDriver, cut: Cut) -> Option<String> {
        shown.idle?;
        match self.rows.get(&shown.driver) {
            Some(row) if row.status != DriverStatus::Idle && cut.is_settled(row.timestamp_ms) => {
                Some(format!("offered as idle, is {:?} since {} ms", row.status, row.timestamp_ms))
            }
            None if cut.is_closed() => Some("offered as idle, is in no table".to_owned()),
            Some(_) | None => None,
        }
    }
}
