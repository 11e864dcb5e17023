//! Every driver: state from the table, place from the newest report, and who of them the map was not told yet.

use std::collections::BTreeMap;

use domain::driver::{Driver, DriverStatus};
use domain::{CityMs, DriverId, LatLng, TripId};
use events::driver_locations::LocationReport;

use super::changes::DriverSpot;
use super::idle_grid::{Cell, IdleGrid, NearDriver};

/// A driver as it is known here.
#[derive(Clone, Debug, PartialEq)]
pub struct DriverView {
    /// Their state in the `drivers` table.
    pub driver: Option<Driver>,
    /// Their newest report since this instance started.
    pub report: Option<LastReport>,
}

/// The newest report of a driver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastReport {
    /// Where.
    pub position: LatLng,
    /// Degrees clockwise from north, 0..360.
    pub heading: u16,
    /// Metres per second.
    pub speed_mps: f32,
    /// When it was measured.
    pub at: CityMs,
    /// When its record was written, real time in ms.
    pub seen_ms: i64,
    /// On which trip.
    pub trip: Option<TripId>,
}

/// All drivers.
#[derive(Debug, Default)]
pub(super) struct DriverTable {
    drivers: BTreeMap<DriverId, Entry>,
    idle: IdleGrid,
    /// Drivers with a place whom the map was not told yet, each once.
    touched: Vec<DriverId>,
}

#[derive(Debug, Default)]
struct Entry {
    driver: Option<Driver>,
    report: Option<LastReport>,
    /// Where it stands in the grid of idle drivers, if it does.
    cell: Option<Cell>,
    is_touched: bool,
    reported: bool,
}

impl Entry {
    fn status(&self) -> DriverStatus {
        self.driver.as_ref().map_or(DriverStatus::Offline, |driver| driver.status)
    }

    fn spot(&mut self, id: DriverId) -> Option<DriverSpot> {
        self.is_touched = false;
        let reported = std::mem::take(&mut self.reported);
        let report = self.report.as_ref()?;
        Some(DriverSpot {
            id,
            status: self.status(),
            position: report.position,
            heading: report.heading,
            speed_mps: report.speed_mps,
            seen_ms: report.seen_ms,
            reported,
        })
    }
}

impl DriverTable {
    pub(super) fn get(&self, id: DriverId) -> Option<DriverView> {
        let entry = self.drivers.get(&id)?;
        Some(DriverView { driver: entry.driver.clone(), report: entry.report })
    }

    /// Takes in a report. Reports of one driver come in the order of their partition; one that was measured before
    /// the last one (a phone that was without network) is old news.
    pub(super) fn report(&mut self, report: &LocationReport, timestamp_ms: i64) {
        let entry = self.drivers.entry(report.driver).or_default();
        if entry.report.is_some_and(|last| report.at < last.at) {
            return;
        }
        entry.report = Some(LastReport {
            position: report.position(),
            heading: report.heading,
            speed_mps: report.speed,
            at: report.at,
            seen_ms: timestamp_ms,
            trip: report.trip,
        });
        entry.reported = true;
        self.settle(report.driver);
    }

    /// Takes in a driver's state, or that it left the table.
    pub(super) fn put(&mut self, id: DriverId, driver: Option<&Driver>) {
        let entry = self.drivers.entry(id).or_default();
        let before = entry.status();
        entry.driver = driver.cloned();
        let after = entry.status();
        if entry.driver.is_none() && entry.report.is_none() {
            self.drivers.remove(&id);
        } else if before != after {
            self.settle(id);
        }
    }

    /// Puts a driver where the grid and the map look.
    fn settle(&mut self, id: DriverId) {
        let Some(entry) = self.drivers.get_mut(&id) else { return };
        let Some(report) = entry.report else { return };
        if !entry.is_touched {
            entry.is_touched = true;
            self.touched.push(id);
        }
        let cell = (entry.status() == DriverStatus::Idle).then(|| Cell::of(report.position));
        if entry.cell != cell {
            self.idle.move_to(id, entry.cell, cell);
            entry.cell = cell;
        }
    }

    pub(super) fn nearest_idle(&self, at: LatLng, count: usize, now_ms: i64) -> Vec<NearDriver> {
        let since_ms = now_ms - ::live::SILENCE_MS;
        self.idle.nearest(at, count, |id| {
            let report = self.drivers.get(&id)?.report.filter(|report| report.seen_ms >= since_ms)?;
            let distance_m = at.distance_m(report.position);
            Some(NearDriver { driver: id, position: report.position, heading: report.heading, distance_m })
        })
    }

    /// Forgets drivers without a state who were not heard of since then: anybody can report under any number.
    pub(super) fn forget_strangers(&mut self, since_ms: i64) {
        self.drivers.retain(|_, entry| {
            entry.driver.is_some() || entry.report.is_some_and(|report| report.seen_ms >= since_ms)
        });
    }

    /// Who changed since this was asked last.
    pub(super) fn take_changes(&mut self) -> Vec<DriverSpot> {
        let drivers = &mut self.drivers;
        self.touched.drain(..).filter_map(|id| drivers.get_mut(&id)?.spot(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use testkit::town::{PICKUP, START_MS};

    use super::*;

    fn report(id: u64, at_ms: i64, position: LatLng) -> LocationReport {
        LocationReport {
            driver: DriverId(id),
            at: CityMs(START_MS + at_ms),
            lat: position.lat,
            lon: position.lon,
            heading: 90,
            speed: 8.0,
            trip: None,
            odometer_m: None,
        }
    }

    fn driver(id: u64, status: DriverStatus) -> Driver {
        Driver { id: DriverId(id), status, since: CityMs(START_MS), assignment: None, leaving: false }
    }

    fn north_m(metres: f64) -> LatLng {
        PICKUP.offset_m(metres, 0.0)
    }

    /// Who changed, as text: number, state, whether a report came.
    fn changes(table: &mut DriverTable) -> Vec<String> {
        let text = |spot: &DriverSpot| {
            format!("{} {:?}{}", spot.id, spot.status, if spot.reported { " reported" } else { "" })
        };
        table.take_changes().iter().map(text).collect()
    }

    #[test]
    fn an_older_report_does_not_move_a_driver_back() {
        let mut table = DriverTable::default();
        table.report(&report(1, 5000, north_m(50.0)), START_MS + 5000);
        table.report(&report(1, 0, north_m(0.0)), START_MS + 6000);
        let last = table.get(DriverId(1)).unwrap().report.unwrap();
        assert_eq!((last.position, last.seen_ms), (north_m(50.0), START_MS + 5000));
        table.report(&report(1, 5000, north_m(60.0)), START_MS + 7000);
        assert_eq!(table.get(DriverId(1)).unwrap().report.unwrap().position, north_m(60.0));
    }

    #[test]
    fn the_map_is_told_of_each_driver_with_a_place_once() {
        let mut table = DriverTable::default();
        table.put(DriverId(1), Some(&driver(1, DriverStatus::Idle)));
        assert!(changes(&mut table).is_empty(), "nobody knows where");
        table.report(&report(1, 0, PICKUP), START_MS);
        table.report(&report(2, 0, PICKUP), START_MS);
        table.report(&report(1, 1000, PICKUP), START_MS + 1000);
        assert_eq!(changes(&mut table), ["1 Idle reported", "2 Offline reported"]);
        table.put(DriverId(1), Some(&driver(1, DriverStatus::Reserved)));
        table.put(DriverId(1), Some(&driver(1, DriverStatus::ToPickup)));
        assert_eq!(changes(&mut table), ["1 ToPickup"]);
        table.put(DriverId(1), Some(&driver(1, DriverStatus::ToPickup)));
        assert!(changes(&mut table).is_empty(), "the same again");
        table.put(DriverId(1), None);
        assert_eq!(changes(&mut table), ["1 Offline"]);
    }

    #[test]
    fn the_nearest_idle_drivers_who_were_heard_of_are_found() {
        let mut table = DriverTable::default();
        for (id, metres, status, seen_ms) in [
            (1, 3000.0, DriverStatus::Idle, 0),
            (2, 400.0, DriverStatus::Idle, 0),
            (3, 100.0, DriverStatus::OnTrip, 0),
            (4, 50.0, DriverStatus::Idle, -::live::SILENCE_MS - 1),
            (5, 1500.0, DriverStatus::Idle, 0),
            (6, 9000.0, DriverStatus::Idle, 0),
        ] {
            table.put(DriverId(id), Some(&driver(id, status)));
            table.report(&report(id, seen_ms, north_m(metres)), START_MS + seen_ms);
        }
        let nearest = |table: &DriverTable, count| {
            let found = table.nearest_idle(PICKUP, count, START_MS);
            found.iter().map(|near| near.driver.0).collect::<Vec<_>>()
        };
        assert_eq!(nearest(&table, 2), [2, 5]);
        assert_eq!(nearest(&table, 50), [2, 5, 1], "who is 9 km away is not near");
        table.put(DriverId(2), Some(&driver(2, DriverStatus::Reserved)));
        table.report(&report(5, 1000, north_m(4000.0)), START_MS);
        assert_eq!(nearest(&table, 50), [1, 5], "as they are now");
        table.put(DriverId(1), None);
        assert_eq!(nearest(&table, 50), [5]);
    }

    #[test]
    fn strangers_who_fell_silent_are_forgotten_drivers_of_the_table_are_not() {
        let mut table = DriverTable::default();
        table.put(DriverId(1), Some(&driver(1, DriverStatus::Offline)));
        table.report(&report(1, 0, PICKUP), START_MS);
        table.report(&report(2, 0, PICKUP), START_MS);
        table.forget_strangers(START_MS);
        assert!(table.get(DriverId(2)).is_some(), "heard of just then");
        table.forget_strangers(START_MS + 1);
        assert!(table.get(DriverId(1)).is_some() && table.get(DriverId(2)).is_none());
        assert_eq!(changes(&mut table), ["1 Offline reported"], "who is forgotten is not told of");
    }
}
