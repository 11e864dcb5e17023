//! The city as this instance sees it: the newest of every driver, trip and zone, and who waits for news of them.
//!
//! One writer (the feed) applies batches; many readers ask by key. Locks are held for a look or a batch, never
//! longer, and never while waiting for anything.

mod changes;
pub(crate) mod decimals;
mod drivers;
mod idle_grid;
mod listeners;
mod member;
mod members;
mod news;
mod state;
mod times;
mod totals;
mod trips;
mod zones;

use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::{CityClock, DriverId, LatLng, TripId, Zone};
use events::zones::ZoneState;
use uuid::Uuid;

pub use drivers::{DriverView, LastReport};
pub use idle_grid::NearDriver;
pub use listeners::Listener;
pub use member::MemberFigures;
pub use news::{About, DriverNews, News, TripNews};
pub use trips::TripView;

pub(crate) use changes::{Changes, DriverSpot, OpenTrip, Phase, TripChange};
pub(crate) use members::{Group, Mongodb, ServiceSummary};
pub(crate) use times::{Quantiles, Times};
pub(crate) use totals::Totals;

use listeners::Listeners;
use state::State;

/// What is known of the city, shared by the feed, the API and the map.
#[derive(Debug)]
pub struct View {
    clock: CityClock,
    state: RwLock<State>,
    trip_listeners: Listeners<TripNews>,
    driver_listeners: Listeners<DriverNews>,
}

impl View {
    /// A view of a city of which nothing is known yet.
    #[must_use]
    pub fn new(clock: CityClock) -> Self {
        let (trip_listeners, driver_listeners) = (Listeners::default(), Listeners::default());
        Self { clock, state: RwLock::default(), trip_listeners, driver_listeners }
    }

    /// The city's clock.
    #[must_use]
    pub fn clock(&self) -> CityClock {
        self.clock
    }

    /// A trip that is open, or ended less than about ten minutes ago.
    #[must_use]
    pub fn trip(&self, id: TripId) -> Option<TripView> {
        self.read().trips.get(id)
    }

    /// As `trip`, by the part of its id that the rider's app chose.
    #[must_use]
    pub fn trip_by_uuid(&self, uuid: Uuid) -> Option<TripView> {
        self.read().trips.get_by_uuid(uuid)
    }

    /// A driver with a state or a report.
    #[must_use]
    pub fn driver(&self, id: DriverId) -> Option<DriverView> {
        self.read().drivers.get(id)
    }

    /// The nearest idle drivers heard of within [`live::SILENCE_MS`] and within 8 km, nearest first.
    #[must_use]
    pub fn nearest_idle(&self, at: LatLng, count: usize, now_ms: i64) -> Vec<NearDriver> {
        self.read().drivers.nearest_idle(at, count, now_ms)
    }

    /// The newest figures of a zone.
    #[must_use]
    pub fn zone(&self, zone: Zone) -> Option<ZoneState> {
        self.read().zones.get(zone)
    }

    /// News of a trip from now on. Listen first, then look: what comes in between is told twice, never missed.
    #[must_use]
    pub fn listen_to_trip(&self, id: TripId) -> Listener<TripNews> {
        self.trip_listeners.listen(id)
    }

    /// News of a driver from now on; see `listen_to_trip`.
    #[must_use]
    pub fn listen_to_driver(&self, id: DriverId) -> Listener<DriverNews> {
        self.driver_listeners.listen(id)
    }

    /// Whether the tables were read to the end they had when this instance started.
    #[must_use]
    pub fn tables_are_read(&self) -> bool {
        self.read().tables_are_read
    }

    /// Takes in a batch of news, in order, and tells those who listen.
    pub fn apply(&self, news: &[News]) {
        let mut state = self.write();
        news.iter().for_each(|item| state.apply(item));
        // Told after it can be seen: who looks because of news finds at least that news.
        drop(state);
        self.trip_listeners.tell_all(news.iter().filter_map(News::for_trip));
        self.driver_listeners.tell_all(news.iter().filter_map(News::for_driver));
    }

    /// Forgets drivers who never were on shift and were not heard of since this moment (real time, ms).
    pub(crate) fn forget_strangers(&self, since_ms: i64) {
        self.write().drivers.forget_strangers(since_ms);
    }

    /// What changed since this was asked last; there is one map that asks.
    pub(crate) fn take_changes(&self) -> Changes {
        self.write().take_changes()
    }

    /// Counts since this instance started.
    pub(crate) fn totals(&self) -> Totals {
        self.read().totals
    }

    /// What the services told of themselves lately.
    pub(crate) fn services(&self, now_ms: i64) -> ServiceSummary {
        self.read().members.summary(now_ms)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().expect("nobody panics while changing the view")
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().expect("nobody panics while changing the view")
    }
}

#[cfg(test)]
mod tests;
