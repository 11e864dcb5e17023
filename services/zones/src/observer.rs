//! Stage one: what the reports of one driver partition say about zones, interval by interval.

use std::collections::BTreeMap;

use domain::window::{Intervals, Watermark};
use domain::{CityMs, DriverId, Zone};
use events::driver_locations::LocationReport;
use events::zone_observations::ZoneObservation;
use events::{Contract, OutRecord};
use pipeline::{Outcome, StateMap};

use crate::Pace;
use crate::seen_driver::SeenDriver;

/// Slower drivers stand: at a light, or waiting for a rider. Their speed says nothing about traffic.
const MOVING_MPS: f32 = 1.0;

/// Sums the reports of one partition.
#[derive(Debug)]
pub(crate) struct Observer {
    intervals: Intervals,
    lateness_ms: i64,
    watermark: Watermark,
    drivers: StateMap<DriverId, SeenDriver>,
    open: BTreeMap<CityMs, BTreeMap<Zone, Totals>>,
}

/// One zone in one interval. All sums only grow, so that the larger of two is the more complete one.
#[derive(Debug, Default)]
struct Totals {
    idle: u32,
    /// Whole numbers, so that the sum does not depend on the order.
    speed_sum_mm_s: i64,
    moving: u32,
    changed: bool,
}

impl Observer {
    pub(crate) fn new(pace: &Pace) -> Self {
        Self {
            intervals: pace.intervals,
            lateness_ms: pace.lateness_ms,
            watermark: Watermark::new(pace.lateness_ms),
            drivers: StateMap::default(),
            open: BTreeMap::new(),
        }
    }

    /// Says whether a driver is idle from now on.
    pub(crate) fn set_idle(&mut self, driver: DriverId, idle: bool) {
        if idle {
            self.drivers.entry(driver).or_default().set_idle(true);
        } else if let Some(driver) = self.drivers.get_mut(&driver) {
            driver.set_idle(false);
        }
    }

    /// Takes in a report that was sent at `moment`. A phone's clock that runs ahead must not close intervals for
    /// all others: event time never gets ahead of the moment of sending.
    pub(crate) fn see(&mut self, report: &LocationReport, moment: CityMs) -> Outcome {
        if report.at.since(moment) > self.lateness_ms {
            return Outcome::Skipped("ahead_of_time");
        }
        let start = self.intervals.start_of(report.at);
        if self.watermark.has_passed(self.intervals.end_of(start)) {
            return Outcome::Skipped("late");
        }
        self.watermark.advance(report.at.min(moment));
        let driver = self.drivers.entry(report.driver).or_default();
        let zone = driver.zone_of(report.position());
        let idle = driver.is_newly_idle(start, zone);
        let moving = report.speed > MOVING_MPS && driver.is_new_moment(report.at);
        if idle || moving {
            let totals = self.open.entry(start).or_default().entry(zone).or_default();
            totals.add(idle, moving.then_some(report.speed));
        }
        Outcome::Done
    }

    /// Emits what changed in intervals that are over: by event time, or by the clock if reports stopped. An interval
    /// stays open to late reports, and is emitted again with them, until the watermark passes it.
    pub(crate) fn emit(&mut self, source: i32, now: CityMs, out: &mut Vec<OutRecord>) {
        let patience_ms = 2 * self.lateness_ms;
        for (start, zones) in &mut self.open {
            let end = self.intervals.end_of(*start);
            let by_event_time = self.watermark.newest().is_some_and(|newest| newest >= end);
            if !by_event_time && now.since(end) < patience_ms {
                continue;
            }
            for (zone, totals) in zones.iter_mut().filter(|(_, totals)| totals.changed) {
                totals.changed = false;
                out.push(totals.observation(*zone, *start, source).to_record());
            }
        }
        self.close();
    }

    /// Drops the intervals that the watermark has passed, and what drivers were counted for in them.
    fn close(&mut self) {
        let (intervals, watermark) = (self.intervals, self.watermark);
        let is_over = |at: CityMs| watermark.has_passed(intervals.end_of(intervals.start_of(at)));
        let open = self.open.len();
        self.open.retain(|start, _| !is_over(*start));
        if self.open.len() < open {
            self.drivers.retain(|_, driver| driver.forget(is_over));
        }
    }
}

impl Totals {
    /// Counts an idle driver, and the speed in m/s of one who moves.
    #[expect(clippy::cast_possible_truncation, reason = "a speed in mm/s is below 2^17")]
    fn add(&mut self, idle: bool, speed: Option<f32>) {
        self.idle += u32::from(idle);
        if let Some(speed) = speed {
            self.moving += 1;
            self.speed_sum_mm_s += (f64::from(speed) * 1000.0).round() as i64;
        }
        self.changed = true;
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 mm/s")]
    fn observation(&self, zone: Zone, interval: CityMs, source: i32) -> ZoneObservation {
        let speed_sum_mps = self.speed_sum_mm_s as f64 / 1000.0;
        ZoneObservation { zone, interval, source, idle: self.idle, speed_sum_mps, moving: self.moving }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CityClock, LatLng};
    use proptest::prelude::*;

    const HERE: LatLng = LatLng { lat: 46.0, lon: 0.5 };

    fn pace() -> Pace {
        Pace::new(&CityClock::REAL, 5_000)
    }

    fn report(driver: u64, at: i64, east_m: f64, speed: f32) -> LocationReport {
        let LatLng { lat, lon } = HERE.offset_m(0.0, east_m);
        let (driver, at) = (DriverId(driver), CityMs(at));
        LocationReport { driver, at, lat, lon, heading: 0, speed, trip: None, odometer_m: None }
    }

    /// A report of a driver who is idle, or is not.
    fn see(observer: &mut Observer, report: &LocationReport, idle: bool, moment: i64) -> Outcome {
        observer.set_idle(report.driver, idle);
        observer.see(report, CityMs(moment))
    }

    fn emitted(observer: &mut Observer, now: i64) -> Vec<ZoneObservation> {
        let mut out = Vec::new();
        observer.emit(3, CityMs(now), &mut out);
        let decode = |record: &OutRecord| events::decode(Some(&record.key), record.payload.as_deref(), None);
        out.iter().map(|record| decode(record).unwrap()).collect()
    }

    /// Feeds reports as they arrive and keeps the last emission of each (zone, interval).
    fn run(arrivals: &[(i64, LocationReport, bool)]) -> BTreeMap<(Zone, CityMs), (u32, u32, f64)> {
        let mut observer = Observer::new(&pace());
        let mut seen = BTreeMap::new();
        let last = arrivals.iter().map(|(arrival, ..)| *arrival).max().unwrap_or(0);
        for (arrival, report, idle) in arrivals {
            assert_eq!(see(&mut observer, report, *idle, *arrival), Outcome::Done);
            for o in emitted(&mut observer, *arrival) {
                seen.insert((o.zone, o.interval), (o.idle, o.moving, o.speed_sum_mps));
            }
        }
        for o in emitted(&mut observer, last + 100_000) {
            seen.insert((o.zone, o.interval), (o.idle, o.moving, o.speed_sum_mps));
        }
        seen
    }

    #[test]
    fn an_interval_is_emitted_when_it_is_over_and_again_when_a_late_report_changes_it() {
        let mut observer = Observer::new(&pace());
        see(&mut observer, &report(1, 1_000, 0.0, 8.0), true, 1_000);
        see(&mut observer, &report(2, 2_000, 0.0, 0.0), true, 2_000);
        assert!(emitted(&mut observer, 9_000).is_empty(), "not over yet");
        see(&mut observer, &report(1, 11_000, 0.0, 8.0), true, 11_000);
        let first = emitted(&mut observer, 12_000);
        let figures = |o: &ZoneObservation| (o.interval.0, o.source, o.idle, o.moving, o.speed_sum_mps);
        assert_eq!(first.iter().map(figures).collect::<Vec<_>>(), [(0, 3, 2, 1, 8.0)]);
        assert!(emitted(&mut observer, 12_500).is_empty(), "nothing changed");
        see(&mut observer, &report(3, 9_999, 0.0, 4.0), false, 24_000);
        let second = emitted(&mut observer, 24_000);
        assert_eq!(figures(&second[0]), (0, 3, 2, 2, 12.0));
    }

    #[test]
    fn what_is_too_late_or_ahead_of_time_is_skipped() {
        let mut observer = Observer::new(&pace());
        let mut see = |at, moment| see(&mut observer, &report(1, at, 0.0, 8.0), true, moment);
        assert_eq!(see(1_000, 1_000), Outcome::Done);
        assert_eq!(see(3_000_000, 2_000), Outcome::Skipped("ahead_of_time"));
        assert_eq!(see(2_000, 2_000), Outcome::Done, "the one ahead closed nothing");
        assert_eq!(see(25_000, 25_000), Outcome::Done);
        assert_eq!(see(9_999, 25_100), Outcome::Done, "15 s after the end of the interval: just in time");
        assert_eq!(see(25_001, 25_001), Outcome::Done);
        assert_eq!(see(9_999, 25_100), Outcome::Skipped("late"));
    }

    #[test]
    fn an_interval_is_emitted_by_the_clock_when_reports_stop() {
        let mut observer = Observer::new(&pace());
        see(&mut observer, &report(1, 1_000, 0.0, 8.0), true, 1_000);
        assert!(emitted(&mut observer, 39_999).is_empty());
        assert_eq!(emitted(&mut observer, 40_000).len(), 1);
    }

    #[test]
    fn who_is_not_idle_is_forgotten_with_the_intervals_they_were_seen_in() {
        let mut observer = Observer::new(&pace());
        see(&mut observer, &report(1, 1_000, 0.0, 8.0), false, 1_000);
        see(&mut observer, &report(2, 2_000, 0.0, 0.0), true, 2_000);
        see(&mut observer, &report(3, 11_000, 0.0, 8.0), false, 11_000);
        emitted(&mut observer, 11_000);
        assert_eq!(observer.drivers.len(), 3);
        see(&mut observer, &report(3, 25_001, 0.0, 8.0), false, 25_001);
        emitted(&mut observer, 25_001);
        let known = [1, 2, 3].map(|driver| observer.drivers.contains_key(&DriverId(driver)));
        assert_eq!(known, [false, true, true]);
    }

    /// By driver and moment: where the driver is and how fast, how late the report comes, and maybe once more.
    type Reports = BTreeMap<(u64, i64), ((f64, f32), i64, Option<i64>)>;

    fn arrivals(reports: &Reports, as_they_come: bool) -> Vec<(i64, LocationReport, bool)> {
        let mut arrivals = Vec::new();
        for (&(driver, at), &((east_m, speed), delay, again)) in reports {
            let report = report(driver, at, east_m, speed);
            if as_they_come {
                let repeated = again.map(|again| (at + again, report.clone(), driver % 2 == 0));
                arrivals.extend(repeated);
                arrivals.push((at + delay, report, driver % 2 == 0));
            } else {
                arrivals.push((at, report, driver % 2 == 0));
            }
        }
        arrivals.sort_by_key(|(arrival, ..)| *arrival);
        arrivals
    }

    proptest! {
        #[test]
        fn any_order_of_arrival_within_the_lateness_and_any_repetition_give_the_same_figures(
            reports in prop::collection::btree_map(
                (0u64..8, 0i64..60_000),
                ((0.0..3000.0f64, 0.0..20.0f32), 0i64..=15_000, prop::option::of(0i64..=15_000)),
                1..60,
            ),
        ) {
            prop_assert_eq!(run(&arrivals(&reports, true)), run(&arrivals(&reports, false)));
        }
    }
}
