//! Whom and for what was asked just now: a soft memory, so that no window repeats the one before.

use std::collections::HashMap;
use std::hash::Hash;

use domain::{DriverId, TripId};

/// An answer normally takes some tens of ms; after this long it is not waited for. Forgetting costs a refusal.
const MEMORY_MS: i64 = 2_000;

/// A trip with nobody near is looked at again after this long, not in every window: when drivers are scarce many
/// trips wait, and all of them would search in vain ten times a second.
const NOBODY_NEAR_PAUSE_MS: i64 = 500;

/// Each with the real time at which it is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    trips: HashMap<(TripId, u32), i64>,
    drivers: HashMap<DriverId, i64>,
}

impl Asked {
    /// Forgets what is over.
    pub(crate) fn forget(&mut self, now_ms: i64) {
        keep_later(&mut self.trips, now_ms);
        keep_later(&mut self.drivers, now_ms);
    }

    /// Whether this attempt of a trip is left alone for now.
    pub(crate) fn has_trip(&self, trip: TripId, attempt: u32) -> bool {
        self.trips.contains_key(&(trip, attempt))
    }

    pub(crate) fn has_driver(&self, driver: DriverId) -> bool {
        self.drivers.contains_key(&driver)
    }

    pub(crate) fn drivers(&self) -> usize {
        self.drivers.len()
    }

    /// A driver is asked for.
    pub(crate) fn ask(&mut self, trip: TripId, attempt: u32, driver: DriverId, now_ms: i64) {
        self.trips.insert((trip, attempt), now_ms + MEMORY_MS);
        self.drivers.insert(driver, now_ms + MEMORY_MS);
    }

    /// Nobody was near.
    pub(crate) fn pause(&mut self, trip: TripId, attempt: u32, now_ms: i64) {
        self.trips.insert((trip, attempt), now_ms + NOBODY_NEAR_PAUSE_MS);
    }
}

fn keep_later<K: Eq + Hash>(map: &mut HashMap<K, i64>, now_ms: i64) {
    map.retain(|_, until_ms| *until_ms > now_ms);
}
