//! The table of drivers of one partition, cut down to who drives where for a trip.

use domain::driver::{Driver, DriverStatus};
use domain::{DriverId, LatLng, TripId};
use events::eta_updates::Leg;
use foldhash::HashMap;
use pipeline::{Record, Reject};

/// Which drivers are on a leg, as of the newest offset seen.
#[derive(Debug)]
pub(crate) struct Assignments {
    seen_through: i64,
    driving: HashMap<DriverId, Goal>,
}

/// Where a driver drives, and for which trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Goal {
    pub(crate) trip: TripId,
    pub(crate) leg: Leg,
    pub(crate) destination: LatLng,
}

impl Default for Assignments {
    fn default() -> Self {
        Self { seen_through: -1, driving: HashMap::default() }
    }
}

impl Assignments {
    /// Takes in a record of the table; one that was already restored changes nothing. Returns the driver whose goal
    /// is not what it was.
    pub(crate) fn take(&mut self, record: &Record<'_>) -> Result<Option<DriverId>, Reject> {
        if record.offset <= self.seen_through {
            return Ok(None);
        }
        let (driver, goal) = if record.payload.is_none() {
            let driver = events::drivers::key(record.key)
                .ok_or_else(|| Reject::new("malformed_key", "the key of a tombstone is no driver id"))?;
            (driver, None)
        } else {
            let driver: Driver = events::decode(record.key, record.payload, None)
                .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
            (driver.id, goal(&driver))
        };
        self.seen_through = record.offset;
        let before = match goal {
            Some(goal) => self.driving.insert(driver, goal),
            None => self.driving.remove(&driver),
        };
        Ok((before != goal).then_some(driver))
    }

    /// Where a driver drives.
    pub(crate) fn goal(&self, driver: DriverId) -> Option<Goal> {
        self.driving.get(&driver).copied()
    }
}

fn goal(driver: &Driver) -> Option<Goal> {
    let assignment = driver.assignment?;
    let (leg, destination) = match driver.status {
        DriverStatus::ToPickup => (Leg::Pickup, assignment.pickup),
        DriverStatus::OnTrip => (Leg::Dropoff, assignment.dropoff),
        DriverStatus::Offline | DriverStatus::Idle | DriverStatus::Reserved | DriverStatus::Waiting => {
            return None;
        }
    };
    Some(Goal { trip: assignment.trip, leg, destination })
}
