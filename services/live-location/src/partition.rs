//! The drivers of one partition: the newest known of each, and what of it Redis was not told yet.

use domain::driver::{Driver, DriverStatus};
use domain::{CityMs, DriverId};
use events::driver_locations::LocationReport;
use live::{DriverUpdate, Report, SILENCE_MS};
use pipeline::{Outcome, Record, StateMap};

use crate::Change;

/// State of one partition number, from its assignment to its revocation.
#[derive(Debug)]
pub(crate) struct Partition {
    number: i32,
    epoch: u64,
    /// One past the greatest offset of the `drivers` table that was restored: live records below it are old news.
    restored: i64,
    drivers: StateMap<DriverId, Entry>,
    /// Places of drivers with something to tell, each once, in the order in which that came.
    touched: Vec<usize>,
}

#[derive(Debug, Default)]
struct Entry {
    idle: bool,
    last: Option<Last>,
    is_touched: bool,
    reported: bool,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    at: CityMs,
    report: Report,
}

impl Entry {
    /// Notes the driver, once until the next drain.
    fn touch(&mut self, place: usize, touched: &mut Vec<usize>) {
        if !std::mem::replace(&mut self.is_touched, true) {
            touched.push(place);
        }
    }
}

impl Partition {
    pub(crate) fn new(number: i32, epoch: u64) -> Self {
        Self { number, epoch, restored: 0, drivers: StateMap::default(), touched: Vec::new() }
    }

    /// How many drivers it knows.
    pub(crate) fn len(&self) -> usize {
        self.drivers.len()
    }

    fn touch(&mut self, driver: DriverId) -> &mut Entry {
        let entry = self.drivers.entry(driver);
        let place = entry.index();
        let entry = entry.or_default();
        entry.touch(place, &mut self.touched);
        entry
    }

    /// Takes in a location report.
    pub(crate) fn report(&mut self, report: &LocationReport, record: &Record<'_>) -> Outcome {
        if !live::can_hold(report.position()) {
            return Outcome::Skipped("near_a_pole");
        }
        let entry = self.drivers.entry(report.driver);
        let place = entry.index();
        let entry = entry.or_default();
        if entry.last.is_some_and(|last| report.at < last.at) {
            return Outcome::Skipped("older");
        }
        entry.touch(place, &mut self.touched);
        let kept =
            Report { position: report.position(), seen_ms: record.timestamp_ms, offset: record.offset };
        entry.last = Some(Last { at: report.at, report: kept });
        entry.reported = true;
        Outcome::Done
    }

    /// Takes in a driver's state from the restored table; `None` if the driver left it.
    pub(crate) fn restore(&mut self, id: DriverId, driver: Option<&Driver>, offset: i64) {
        self.restored = self.restored.max(offset + 1);
        // Told to Redis too: the state may have changed while nobody wrote this partition.
        self.touch(id).idle = driver.is_some_and(|driver| driver.status == DriverStatus::Idle);
    }

    /// Takes in a driver's state as it changes.
    pub(crate) fn follow(&mut self, id: DriverId, driver: Option<&Driver>, offset: i64) -> Outcome {
        if offset < self.restored {
            return Outcome::Skipped("already_restored");
        }
        let idle = driver.is_some_and(|driver| driver.status == DriverStatus::Idle);
        if self.drivers.get(&id).is_some_and(|entry| entry.idle) != idle {
            self.touch(id).idle = idle;
        }
        Outcome::Done
    }

    /// Hands out what changed since the last time, one change for each driver.
    pub(crate) fn drain(&mut self, now_ms: i64, changes: &mut Vec<Change>) {
        for place in self.touched.drain(..) {
            let (driver, entry) = self.drivers.get_index_mut(place).expect("nobody leaves");
            let driver = *driver;
            entry.is_touched = false;
            let reported = std::mem::take(&mut entry.reported);
            let idle = entry.idle;
            let report = entry.last.map(|last| last.report).filter(|report| {
                // Without a new report the last one is only needed to put the driver where matching looks, and
                // not even then if nobody may find them.
                reported || (idle && now_ms - report.seen_ms <= SILENCE_MS)
            });
            if report.is_some() || !idle {
                let update = DriverUpdate { driver, partition: self.number, epoch: self.epoch, idle, report };
                changes.push(Change { update, reported });
            }
        }
    }
}
