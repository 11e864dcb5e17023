//! A gateway without servers: a view that tests fill, and fakes of Kafka, MongoDB and Redis that tests upset.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use anyhow::bail;
use archive::{Cursor, RideRecord, StoryLine};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use domain::driver::{Driver, DriverStatus};
use domain::tariff::{SurgeMultiplier, Tariff};
use domain::trip::{Trip, TripStatus};
use domain::{CityClock, CityMs, Currency, DriverId, LatLng, RiderId, TripId};
use events::OutRecord;
use events::driver_locations::LocationReport;
use events::trip_events::TripEvent;
use futures::FutureExt;
use futures::future::BoxFuture;
use kafka::Undelivered;
use roads::{CityOptions, NodeId, RoadNetwork};
use runtime::Stats;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::super::surroundings::Near;
use super::super::{
    AppState, CityMap, EventLog, History, Limits, Missed, NearDrivers, Parts, Remembered, RidesPage, problem,
    problem_kind, router,
};
use super::document::documented;
use crate::TraceUrl;
use crate::live::{LiveHub, LiveOptions};
use crate::view::{News, View};

/// When the tests play, real time in ms.
pub(crate) const NOW_MS: i64 = testkit::town::START_MS;

/// A key of version 4, which does not tell its age.
pub(crate) const KEY: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

/// Made once for all tests.
pub(crate) static CITY: LazyLock<Arc<CityMap>> =
    LazyLock::new(|| Arc::new(CityMap::new(RoadNetwork::generate(1, &CityOptions::default()))));

/// A place in the city, to six decimals: a junction.
pub(crate) fn place(number: u32) -> LatLng {
    CITY.network.position(NodeId(number)).rounded()
}

/// Kafka: keeps what it is given.
pub(crate) struct FakeLog {
    pub(crate) written: Mutex<Vec<OutRecord>>,
    /// Whether brokers answer.
    pub(crate) is_up: AtomicBool,
    /// Deliveries that may go on.
    pub(crate) may: Semaphore,
    pub(crate) missed: Mutex<Vec<Missed>>,
}

/// MongoDB: remembers what it was told to.
#[derive(Default)]
pub(crate) struct FakeHistory {
    pub(crate) rides: Mutex<Vec<RideRecord>>,
    pub(crate) lines: Mutex<Vec<StoryLine>>,
    pub(crate) is_away: AtomicBool,
    pub(crate) hangs: AtomicBool,
    pub(crate) panics: AtomicBool,
}

/// Redis: one driver at the place itself.
pub(crate) struct FakeRedis(pub(crate) Arc<AtomicBool>);

/// All of it.
pub(crate) struct Gate {
    pub(crate) view: Arc<View>,
    pub(crate) log: Arc<FakeLog>,
    pub(crate) history: Arc<FakeHistory>,
    pub(crate) redis_is_up: Arc<AtomicBool>,
    pub(crate) state: AppState,
    pub(crate) router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl EventLog for FakeLog {
    fn deliver(&self, records: Vec<OutRecord>) -> BoxFuture<'_, Result<(), Undelivered>> {
        async move {
            drop(self.may.acquire().await);
            if !self.is_up.load(Ordering::Relaxed) {
                return Err(Undelivered::Unavailable("no broker".to_owned()));
            }
            self.written.lock().unwrap().extend(records);
            Ok(())
        }
        .boxed()
    }

    fn is_up(&self) -> BoxFuture<'_, bool> {
        async { self.is_up.load(Ordering::Relaxed) }.boxed()
    }

    fn missed(&self, _: TripId, _: i32, after_offset: i64) -> anyhow::Result<Vec<Missed>> {
        if !self.is_up.load(Ordering::Relaxed) {
            bail!("no broker");
        }
        let missed = self.missed.lock().unwrap();
        Ok(missed.iter().filter(|missed| missed.offset > after_offset).cloned().collect())
    }
}

impl FakeHistory {
    fn answer<T: Clone + Send + 'static>(&self, value: T) -> Remembered<'_, T> {
        async move {
            assert!(!self.panics.load(Ordering::Relaxed), "a mistake");
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.is_away.load(Ordering::Relaxed) {
                bail!("no server");
            }
            Ok(value)
        }
        .boxed()
    }
}

impl History for FakeHistory {
    fn ride(&self, trip: TripId) -> Remembered<'_, Option<RideRecord>> {
        self.answer(self.rides.lock().unwrap().iter().find(|ride| ride.trip == trip).cloned())
    }

    fn rides(&self, rider: RiderId, _: Option<Cursor>, limit: u32) -> Remembered<'_, RidesPage> {
        let rides = self.rides.lock().unwrap();
        let page: Vec<RideRecord> = rides.iter().filter(|ride| ride.rider == rider).cloned().collect();
        let next = "0000011a17ed1c000003000000000011".parse().ok().filter(|_| page.len() > limit as usize);
        self.answer((page.into_iter().take(limit as usize).collect(), next))
    }

    fn trip_story(&self, _: TripId) -> Remembered<'_, Vec<StoryLine>> {
        self.answer(self.lines.lock().unwrap().clone())
    }

    fn driver_story(&self, _: DriverId, limit: u32) -> Remembered<'_, Vec<StoryLine>> {
        self.answer(self.lines.lock().unwrap().iter().take(limit as usize).cloned().collect())
    }

    fn is_up(&self) -> BoxFuture<'_, bool> {
        async { !self.is_away.load(Ordering::Relaxed) }.boxed()
    }
}

impl NearDrivers for FakeRedis {
    fn nearest(&self, at: LatLng, _: usize, _: i64) -> BoxFuture<'_, anyhow::Result<Vec<Near>>> {
        async move {
            if !self.0.load(Ordering::Relaxed) {
                bail!("redis is away");
            }
            Ok(vec![Near { driver: DriverId(4711), position: at, distance_m: 0.0 }])
        }
        .boxed()
    }
}

impl Gate {
    /// Everything is up, nothing is known but that the tables are read.
    pub(crate) fn new() -> Self {
        Self::with(1_000_000, 100)
    }

    pub(crate) fn with(requests_per_second: u32, max_sockets: usize) -> Self {
        let view = Arc::new(View::new(CityClock::REAL));
        view.apply(&[News::TablesAreRead]);
        Self::of(view, requests_per_second, max_sockets)
    }

    pub(crate) fn of(view: Arc<View>, requests_per_second: u32, max_sockets: usize) -> Self {
        let log = Arc::new(FakeLog {
            written: Mutex::default(),
            is_up: AtomicBool::new(true),
            may: Semaphore::new(1000),
            missed: Mutex::default(),
        });
        let (history, redis_is_up) = (Arc::new(FakeHistory::default()), Arc::new(AtomicBool::new(true)));
        let (stats, bounds) = (Stats::default(), CITY.network.bounding_box());
        let options = LiveOptions { bounds, max_points: 1000, currency: Currency::USD };
        let parts = Parts {
            hub: Arc::new(LiveHub::new(Arc::clone(&view), options, &stats)),
            view: Arc::clone(&view),
            log: log.clone(),
            history: history.clone(),
            near: Box::new(FakeRedis(Arc::clone(&redis_is_up))),
            city: Arc::clone(&CITY),
            tariff: Tariff::default(),
            limits: Limits {
                max_body_bytes: 4096,
                requests_per_second: NonZeroU32::new(requests_per_second).unwrap(),
                max_sockets,
            },
            trace_url: "http://traces/{trace}".parse::<TraceUrl>().unwrap(),
            stats,
            stop: CancellationToken::new(),
            now_ms: || NOW_MS,
        };
        let state = AppState::new(parts);
        Self { view, log, history, redis_is_up, router: router(state.clone()), state }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], Body::empty()).await
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.ask("POST", path, &headers, Body::from(body.to_string())).await
    }

    /// Asks for a ride.
    pub(crate) async fn ask_for_ride(&self, key: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.ask("POST", "/v1/rides", &headers, Body::from(body.to_string())).await
    }

    /// Sends a request; whatever comes back must be documented.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let request =
            headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let answer = Answer { status: parts.status, headers: parts.headers, bytes };
        answer.check(method, path.split('?').next().unwrap());
        answer
    }

    /// What was written to Kafka so far, as topic and payload.
    pub(crate) fn written(&self) -> Vec<(&'static str, Value)> {
        let written = self.log.written.lock().unwrap();
        let payload = |record: &OutRecord| serde_json::from_slice(record.payload.as_ref().unwrap()).unwrap();
        written.iter().map(|record| (record.topic.name, payload(record))).collect()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The last part of the problem's type.
    pub(crate) fn slug(&self) -> String {
        self.json()["type"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Errors are problems of a known kind, and all answers of operations are in the document.
    fn check(&self, method: &str, path: &str) {
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        if self.status.as_u16() >= 400 && path != "/readyz" && method != "HEAD" {
            assert_eq!(self.header("content-type"), Some(problem::MEDIA_TYPE), "{method} {path}: {self:?}");
            let (slug, body) = (self.slug(), self.json());
            let kind = problem_kind::ALL.iter().find(|kind| kind.slug == slug).unwrap();
            assert_eq!(
                (kind.status, body["status"].as_u64()),
                (self.status.as_u16(), Some(kind.status.into()))
            );
            assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
        }
        if matches!(self.status.as_u16(), 429 | 503) && path != "/readyz" {
            assert!(self.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
        }
        let Some(operation) = documented(method, path) else { return };
        let response = &operation["responses"][self.status.as_str()];
        assert!(
            response.is_object() || self.status == 500,
            "{method} {path}: {} is not documented",
            self.status
        );
        if let Some(media_type) = self.header("content-type").filter(|_| self.status != 500) {
            let essence = media_type.split(';').next().unwrap();
            assert!(
                response["content"][essence].is_object(),
                "{method} {path}: {media_type} is not documented"
            );
        }
        for (name, _) in response["headers"].as_object().into_iter().flatten() {
            assert!(self.headers.contains_key(name), "{method} {path}: header {name} is missing");
        }
    }
}

/// A trip of the table.
pub(crate) fn trip(id: TripId, status: TripStatus) -> News {
    let example: Trip = serde_json::from_str(events::trips::EXAMPLE).unwrap();
    let (pickup, dropoff) = (place(1), place(2000));
    let deadline = domain::RealMs(NOW_MS + 15_000);
    let trip = Trip { id, status, pickup, dropoff, deadline, surge: SurgeMultiplier::NONE, ..example };
    News::Trip(id, Some(Box::new(trip)))
}

/// A driver of the table, kept for a trip unless idle or off shift.
pub(crate) fn driver(id: u64, status: DriverStatus, trip: Option<TripId>) -> News {
    let example: Driver = serde_json::from_str(events::drivers::EXAMPLE).unwrap();
    let assignment = trip.and_then(|trip| Some(domain::driver::Assignment { trip, ..example.assignment? }));
    let driver = Driver { id: DriverId(id), status, assignment, ..example };
    News::Driver(driver.id, Some(Box::new(driver)))
}

/// A report of a driver at a place.
pub(crate) fn report(id: u64, at: LatLng, at_ms: i64) -> News {
    let report = LocationReport {
        driver: DriverId(id),
        at: CityMs(NOW_MS + at_ms),
        lat: at.lat,
        lon: at.lon,
        heading: 90,
        speed: 8.0,
        trip: None,
        odometer_m: None,
    };
    News::Report { report, timestamp_ms: NOW_MS + at_ms }
}

/// A fact in partition 5, from the JSON of what happened.
pub(crate) fn fact(trip: TripId, offset: i64, what: &Value) -> News {
    let event = Box::new(event(trip, what));
    News::Fact { event, partition: 5, offset, timestamp_ms: NOW_MS }
}

/// An event of a trip, from the JSON of what happened.
pub(crate) fn event(trip: TripId, what: &Value) -> TripEvent {
    let mut event = json!({"trip": trip.to_string(), "rider": 17, "at": NOW_MS});
    event.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    serde_json::from_value(event).unwrap()
}

/// A fare, or what the meter shows.
pub(crate) fn fare(trip: TripId, is_final: bool) -> News {
    let mut event: events::fares::FareEvent = serde_json::from_str(events::fares::EXAMPLE).unwrap();
    event.trip = trip;
    if !is_final {
        event.kind = events::fares::FareKind::MeterRead;
    }
    News::Fare(Box::new(event))
}

/// What somebody asks for: from one junction to another.
pub(crate) fn wish() -> Value {
    json!({"rider": 17, "pickup": place(1), "dropoff": place(2000)})
}

/// The id of the trip that begins with [`wish`] under a key.
pub(crate) fn trip_of(key: &str) -> TripId {
    TripId { zone: domain::Zone::of(place(1)), uuid: key.parse().unwrap() }
}

/// A ride that the history remembers.
pub(crate) fn remembered(trip: TripId, what: &Value) -> RideRecord {
    let last = event(trip, what);
    RideRecord {
        trip,
        rider: RiderId(17),
        pickup: place(1),
        dropoff: place(2000),
        surge: SurgeMultiplier::NONE,
        requested_at: CityMs(NOW_MS - 3_600_000),
        last,
        driver: Some(DriverId(4711)),
        distance_m: Some(4210),
        duration_s: Some(612),
        fare: None,
    }
}
