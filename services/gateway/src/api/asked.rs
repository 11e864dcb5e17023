//! Rides that were asked for here a moment ago, by idempotency key: the same request is answered once, and a ride is
//! known before the trips' authority has dealt with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::{CityMs, LatLng, RiderId, TripId};
use moka::sync::Cache;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Long enough for the authority to catch up after a bad minute; from then on the table knows the ride.
const KEPT: Duration = Duration::from_secs(180);

/// A hundred requests a second for the time they are kept: some 10 MiB.
const MOST: u64 = 20_000;

/// What a rider asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RideWish {
    pub(crate) rider: RiderId,
    pub(crate) pickup: LatLng,
    pub(crate) dropoff: LatLng,
}

/// A ride that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) trip: TripId,
    pub(crate) wish: RideWish,
    pub(crate) at: CityMs,
}

/// All of them.
pub(crate) struct AskedRides(Cache<Uuid, Arc<Slot>>);

/// What became of one key.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    turn: Mutex<()>,
    /// What the first request with this key asked for; never changed, whether it was accepted or not.
    asked: OnceLock<Asked>,
    is_accepted: AtomicBool,
    is_written: AtomicBool,
}

impl AskedRides {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(KEPT).build())
    }

    /// The place of a key.
    pub(crate) fn slot(&self, key: Uuid) -> Arc<Slot> {
        self.0.get_with(key, Arc::default)
    }

    /// A ride whose request was written here a short while ago.
    pub(crate) fn written(&self, trip: TripId) -> Option<Asked> {
        let slot = self.0.get(&trip.uuid)?;
        let asked = slot.asked.get().copied().filter(|_| slot.is_written.load(Ordering::Acquire));
        asked.filter(|asked| asked.trip == trip)
    }
}

impl Slot {
    /// Waits until no other request with this key is under way.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// What was asked for first with this key: now, or before.
    pub(crate) fn first(&self, asked: Asked) -> Asked {
        *self.asked.get_or_init(|| asked)
    }

    /// The request was acknowledged just now.
    pub(crate) fn write(&self) {
        self.is_written.store(true, Ordering::Release);
        self.accept();
    }

    /// The request is known to have been acknowledged before.
    pub(crate) fn accept(&self) {
        self.is_accepted.store(true, Ordering::Release);
    }

    /// Whether there is nothing left to do for it.
    pub(crate) fn is_accepted(&self) -> bool {
        self.is_accepted.load(Ordering::Acquire)
    }
}
