//! Redis and MongoDB as the API asks them, with the time that each answer takes.

use archive::{Cursor, RideRecord, StoryLine};
use domain::{DriverId, LatLng, RiderId, TripId};
use futures::FutureExt;
use futures::future::BoxFuture;
use runtime::metrics::STORE_TIME;
use runtime::{Operation, Stats};

use super::history::{History, Remembered, RidesPage};
use super::surroundings::{Near, NearDrivers};

/// A history whose answers are timed.
pub struct TimedHistory<H> {
    history: H,
    ride: Operation,
    rides: Operation,
    story: Operation,
}

/// A search for drivers whose answers are timed.
pub struct TimedNear<N> {
    near: N,
    search: Operation,
}

impl<H> TimedHistory<H> {
    /// A history whose answers are timed among these figures.
    #[must_use]
    pub fn new(history: H, stats: &Stats) -> Self {
        let operation = |name| Operation::of(stats, &STORE_TIME, "mongodb", name);
        Self {
            history,
            ride: operation("find_ride"),
            rides: operation("find_rides"),
            story: operation("find_story"),
        }
    }
}

impl<N> TimedNear<N> {
    /// A search whose answers are timed among these figures.
    #[must_use]
    pub fn new(near: N, stats: &Stats) -> Self {
        Self { near, search: Operation::of(stats, &STORE_TIME, "redis", "search_idle") }
    }
}

impl<H: History> History for TimedHistory<H> {
    fn ride(&self, trip: TripId) -> Remembered<'_, Option<RideRecord>> {
        self.ride.time(self.history.ride(trip)).boxed()
    }

    fn rides(&self, rider: RiderId, before: Option<Cursor>, limit: u32) -> Remembered<'_, RidesPage> {
        self.rides.time(self.history.rides(rider, before, limit)).boxed()
    }

    fn trip_story(&self, trip: TripId) -> Remembered<'_, Vec<StoryLine>> {
        self.story.time(self.history.trip_story(trip)).boxed()
    }

    fn driver_story(&self, driver: DriverId, limit: u32) -> Remembered<'_, Vec<StoryLine>> {
        self.story.time(self.history.driver_story(driver, limit)).boxed()
    }

    fn is_up(&self) -> BoxFuture<'_, bool> {
        self.history.is_up()
    }
}

impl<N: NearDrivers> NearDrivers for TimedNear<N> {
    fn nearest(&self, at: LatLng, count: usize, now_ms: i64) -> BoxFuture<'_, anyhow::Result<Vec<Near>>> {
        self.search.time(self.near.nearest(at, count, now_ms)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl NearDrivers for Nowhere {
        fn nearest(&self, _: LatLng, count: usize, _: i64) -> BoxFuture<'_, anyhow::Result<Vec<Near>>> {
            async move {
                anyhow::ensure!(count > 0, "away");
                Ok(Vec::new())
            }
            .boxed()
        }
    }

    #[tokio::test]
    async fn answers_are_counted_by_how_they_end() {
        let stats = Stats::default();
        let near = TimedNear::new(Nowhere, &stats);
        let here = LatLng { lat: 46.0, lon: 0.5 };
        assert!(near.nearest(here, 1, 0).await.is_ok() && near.nearest(here, 0, 0).await.is_err());
        drop(near.nearest(here, 1, 0));
        let text = stats.exposition(&[]);
        for result in ["ok", "error"] {
            let labels =
                format!("db_system_name=\"redis\",db_operation_name=\"search_idle\",result=\"{result}\"");
            let told = format!("db_client_operation_duration_seconds_count{{{labels}}} 1");
            assert!(text.contains(&told), "{text}");
        }
    }
}
