//! The meters of one partition: who drives whom since when, and when each meter was read last.

use domain::driver::{Assignment, Driver, DriverStatus};
use domain::{CityMs, DriverId, RealMs};
use foldhash::HashMap;
use pipeline::{Record, Reject};

/// City time between two readings of a meter: what a rider cares to see change.
const READ_EVERY_CITY_MS: i64 = 15_000;

/// Real time between two readings of a meter, however fast the city.
const READ_EVERY_REAL_MS: i64 = 1_000;

/// The table of drivers of one partition, cut down to those with a rider on board.
#[derive(Debug)]
pub(crate) struct Meters {
    seen_through: i64,
    running: HashMap<DriverId, Meter>,
}

/// A running meter.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    /// The trip it runs for.
    pub(crate) assignment: Assignment,
    /// When the rider got in.
    pub(crate) started_at: CityMs,
    last_read: Option<(CityMs, RealMs)>,
}

impl Default for Meters {
    fn default() -> Self {
        Self { seen_through: -1, running: HashMap::default() }
    }
}

impl Meters {
    /// How many run.
    pub(crate) fn len(&self) -> usize {
        self.running.len()
    }

    /// Takes in a record of the table; one that was already restored changes nothing.
    pub(crate) fn take(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.offset <= self.seen_through {
            return Ok(());
        }
        let (driver, assignment) = if record.payload.is_none() {
            let driver = events::drivers::key(record.key)
                .ok_or_else(|| Reject::new("malformed_key", "the key of a tombstone is no driver id"))?;
            (driver, None)
        } else {
            let driver: Driver = events::decode(record.key, record.payload, None)
                .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
            (driver.id, driver.assignment.filter(|_| driver.status == DriverStatus::OnTrip))
        };
        self.seen_through = record.offset;
        let started = assignment.and_then(|assignment| Some((assignment, assignment.started_at?)));
        match started {
            Some((assignment, started_at)) => self.start(driver, assignment, started_at),
            None => drop(self.running.remove(&driver)),
        }
        Ok(())
    }

    fn start(&mut self, driver: DriverId, assignment: Assignment, started_at: CityMs) {
        let before = self.running.get(&driver).filter(|meter| meter.assignment.trip == assignment.trip);
        let last_read = before.and_then(|meter| meter.last_read);
        self.running.insert(driver, Meter { assignment, started_at, last_read });
    }

    /// The meter of a driver, if it runs.
    pub(crate) fn running(&mut self, driver: DriverId) -> Option<&mut Meter> {
        self.running.get_mut(&driver)
    }
}

impl Meter {
    /// Whether it is time for a reading; if so it counts as read.
    pub(crate) fn read(&mut self, at: CityMs, sent: RealMs) -> bool {
        let due = self.last_read.is_none_or(|(last_at, last_sent)| {
            at.since(last_at) >= READ_EVERY_CITY_MS && sent.since(last_sent) >= READ_EVERY_REAL_MS
        });
        if due {
            self.last_read = Some((at, sent));
        }
        due
    }
}
