//! What the API needs of MongoDB, so that its tests need no server.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use archive::{Archive, Cursor, RideRecord, StoryLine};
use domain::{DriverId, RiderId, TripId};
use futures::FutureExt;
use futures::future::BoxFuture;
use runtime::Seldom;
use tokio::time::timeout;

use super::problem::Problem;
use super::problem_kind as kinds;

/// A server that was away is looked for again after this long.
const RETRY_AFTER_S: u64 = 5;

/// Whoever asks for a ride waits this long for what the history knows of it, ...
const PATIENCE: Duration = Duration::from_millis(250);

/// ... and not at all for a while after it did not answer in time.
const PAUSE_MS: i64 = 5_000;

/// A page of rides, and where the next one begins if there is one.
pub type RidesPage = (Vec<RideRecord>, Option<Cursor>);

/// What comes of a question to the memory of the city.
pub type Remembered<'a, T> = BoxFuture<'a, anyhow::Result<T>>;

/// Remembers what was. Each question fails within two seconds if it can't be answered.
pub trait History: Send + Sync {
    /// A ride that is in the table no more.
    fn ride(&self, trip: TripId) -> Remembered<'_, Option<RideRecord>>;

    /// A page of a rider's rides, newest first.
    fn rides(&self, rider: RiderId, before: Option<Cursor>, limit: u32) -> Remembered<'_, RidesPage>;

    /// Everything about a trip, in order of time.
    fn trip_story(&self, trip: TripId) -> Remembered<'_, Vec<StoryLine>>;

    /// The newest about a driver, newest first.
    fn driver_story(&self, driver: DriverId, limit: u32) -> Remembered<'_, Vec<StoryLine>>;

    /// Whether the server answers, within about a second.
    fn is_up(&self) -> BoxFuture<'_, bool>;
}

impl History for Archive {
    fn ride(&self, trip: TripId) -> Remembered<'_, Option<RideRecord>> {
        self.ride(trip).boxed()
    }

    fn rides(&self, rider: RiderId, before: Option<Cursor>, limit: u32) -> Remembered<'_, RidesPage> {
        self.rider_rides(rider, before, limit).boxed()
    }

    fn trip_story(&self, trip: TripId) -> Remembered<'_, Vec<StoryLine>> {
        self.trip_story(trip).boxed()
    }

    fn driver_story(&self, driver: DriverId, limit: u32) -> Remembered<'_, Vec<StoryLine>> {
        self.driver_story(driver, limit).boxed()
    }

    fn is_up(&self) -> BoxFuture<'_, bool> {
        self.is_up().boxed()
    }
}

/// Tells whoever asked that the history can't be had now.
pub(crate) fn unavailable(error: &anyhow::Error) -> Problem {
    // While MongoDB is away every look at the past ends here.
    static SAID: Seldom = Seldom::once_in(Duration::from_secs(RETRY_AFTER_S));
    let error = format!("{error:#}");
    if SAID.is_time() {
        tracing::warn!(error, "the history does not answer");
    } else {
        tracing::debug!(error, "the history does not answer");
    }
    Problem::new(&kinds::HISTORY_UNAVAILABLE, "mongodb does not answer").retry_after_s(RETRY_AFTER_S)
}

/// A look at the history that costs little when there is no answer.
pub(crate) struct Glance {
    history: Arc<dyn History>,
    not_before_ms: AtomicI64,
}

impl Glance {
    pub(crate) fn new(history: Arc<dyn History>) -> Self {
        Self { history, not_before_ms: AtomicI64::new(i64::MIN) }
    }

    /// A ride, if the history knows it and says so in time.
    pub(crate) async fn at_ride(&self, trip: TripId, now_ms: i64) -> Option<RideRecord> {
        if now_ms < self.not_before_ms.load(Ordering::Relaxed) {
            return None;
        }
        if let Ok(Ok(found)) = timeout(PATIENCE, self.history.ride(trip)).await {
            return found;
        }
        self.not_before_ms.store(now_ms + PAUSE_MS, Ordering::Relaxed);
        None
    }
}
