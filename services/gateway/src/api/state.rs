//! What all requests share.

use std::ops::Deref;
use std::sync::Arc;

use domain::tariff::Tariff;
use domain::{CityMs, RealMs};
use runtime::Stats;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::asked::AskedRides;
use super::city_map::CityMap;
use super::event_log::EventLog;
use super::figures::Figures;
use super::history::{Glance, History};
use super::limits::{Limits, Places, RateLimit};
use super::surroundings::{NearDrivers, Surroundings};
use crate::TraceUrl;
use crate::live::LiveHub;
use crate::view::View;

/// Replays at a time; after a restart of an instance many clients come back at once.
const MOST_REPLAYS: usize = 4;

/// What the API is made of.
pub struct Parts {
    /// The city as this instance sees it.
    pub view: Arc<View>,
    /// The map's sockets.
    pub hub: Arc<LiveHub>,
    /// Kafka.
    pub log: Arc<dyn EventLog>,
    /// MongoDB.
    pub history: Arc<dyn History>,
    /// Redis.
    pub near: Box<dyn NearDrivers>,
    /// The roads.
    pub city: Arc<CityMap>,
    /// What a ride costs.
    pub tariff: Tariff,
    /// How much is too much.
    pub limits: Limits,
    /// Where traces are looked at.
    pub trace_url: TraceUrl,
    /// Figures.
    pub stats: Stats,
    /// Cancelled when streams and sockets shall end.
    pub stop: CancellationToken,
    /// Real time in ms.
    pub now_ms: fn() -> i64,
}

/// What all requests share; clones share it.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The parts, and what the API keeps itself.
pub struct Shared {
    pub(crate) view: Arc<View>,
    pub(crate) hub: Arc<LiveHub>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) glance: Glance,
    pub(crate) surroundings: Surroundings,
    pub(crate) city: Arc<CityMap>,
    pub(crate) tariff: Tariff,
    pub(crate) trace_url: TraceUrl,
    pub(crate) max_body: usize,
    pub(crate) rate: RateLimit,
    pub(crate) places: Places,
    pub(crate) asked: AskedRides,
    pub(crate) figures: Figures,
    /// Streams that are resumed at a time: each replay is a consumer of its own.
    pub(crate) replays: Semaphore,
    pub(crate) stop: CancellationToken,
    /// Holds shutdown back while sockets say goodbye.
    pub(crate) sockets: TaskTracker,
    now_ms: fn() -> i64,
}

impl AppState {
    /// State of an API that begins.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let figures = Figures::new(&parts.stats);
        Self(Arc::new(Shared {
            view: parts.view,
            hub: parts.hub,
            log: parts.log,
            glance: Glance::new(Arc::clone(&parts.history)),
            history: parts.history,
            surroundings: Surroundings::new(parts.near),
            city: parts.city,
            tariff: parts.tariff,
            trace_url: parts.trace_url,
            max_body: parts.limits.max_body_bytes,
            rate: RateLimit::new(parts.limits.requests_per_second),
            places: Places::new(parts.limits.max_sockets, figures.streams.clone()),
            asked: AskedRides::new(),
            figures,
            replays: Semaphore::new(MOST_REPLAYS),
            stop: parts.stop,
            sockets: TaskTracker::new(),
            now_ms: parts.now_ms,
        }))
    }

    /// Forgets what counts no more; for now and then.
    pub fn tidy(&self) {
        self.rate.tidy();
    }

    /// The sockets that are open.
    pub(crate) fn sockets(&self) -> &TaskTracker {
        &self.0.sockets
    }
}

impl Shared {
    /// Real time.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.now_ms)()
    }

    /// What tells real time.
    pub(crate) fn clock(&self) -> fn() -> i64 {
        self.now_ms
    }

    /// What the city's clock shows.
    pub(crate) fn city_now(&self) -> CityMs {
        self.view.clock().city_at(RealMs(self.now_ms()))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
