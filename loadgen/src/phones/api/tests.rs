//! The way through the public API against a small server that answers as told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::trip::DriverStep;
use domain::{CityMs, DriverId, LatLng, RiderId, TripId, Zone};
use events::driver_actions::DriverAction;
use events::driver_locations::LocationReport;
use events::ride_requests::{CancelReason, RideRequest, Wish};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use uuid::Uuid;

use super::*;
use crate::metrics;

const PICKUP: LatLng = LatLng { lat: 37.7749, lon: -122.4194 };

/// What the server was asked: path, key, body.
type Asked = (String, Option<String>, Value);

/// Answers with the next of `answers`, and well when there are none left.
#[derive(Default)]
struct Fake {
    answers: Mutex<VecDeque<(u16, Option<&'static str>)>>,
    asked: Mutex<Vec<Asked>>,
    /// How many requests are being answered now, and were at most.
    present: Mutex<(usize, usize)>,
    /// Requests are answered in groups of this size, when all of a group are there.
    group: Option<Barrier>,
}

impl Fake {
    fn answering(answers: &[(u16, Option<&'static str>)]) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.iter().copied().collect()), ..Self::default() })
    }

    async fn listen(self: &Arc<Self>, address: &str) -> SocketAddr {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    fn arrives(&self) {
        let mut present = self.present.lock().unwrap();
        present.0 += 1;
        present.1 = present.1.max(present.0);
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|(path, _, _)| path).collect()
    }
}

async fn answer(State(fake): State<Arc<Fake>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    fake.asked.lock().unwrap().push((uri.path().to_owned(), key.clone(), body.clone()));
    if let Some(group) = &fake.group {
        fake.arrives();
        group.wait().await;
        fake.present.lock().unwrap().0 -= 1;
    }
    let next = fake.answers.lock().unwrap().pop_front();
    let (status, retry_after) = next.unwrap_or((202, None));
    let status = StatusCode::from_u16(status).unwrap();
    let accepted = body.as_array().map_or(1, Vec::len);
    let text = json!({"accepted": accepted, "id": key.map(|_| trip().to_string())}).to_string();
    match retry_after {
        Some(seconds) => (status, [("retry-after", seconds)], text).into_response(),
        None => (status, text).into_response(),
    }
}

/// The API under test and what it tells.
struct Bench {
    api: Api,
    stats: Stats,
    refusals: mpsc::UnboundedReceiver<RefusedRide>,
    end: CancellationToken,
}

fn bench(addresses: &[SocketAddr]) -> Bench {
    bench_with(addresses, Retry { first: Duration::from_millis(5), ..Retry::default() })
}

fn bench_with(addresses: &[SocketAddr], patience: Retry) -> Bench {
    let urls: Vec<Url> =
        addresses.iter().map(|address| format!("http://{address}/").parse().unwrap()).collect();
    let (stats, end) = (Stats::default(), CancellationToken::new());
    let (refused, refusals) = mpsc::unbounded_channel();
    let acknowledged = Acknowledged::new(&stats);
    let api = Api::new(&urls, acknowledged, &stats, refused, patience, end.clone()).unwrap();
    Bench { api, stats, refusals, end }
}

impl Bench {
    async fn send(&self, outputs: impl IntoIterator<Item = Output>) {
        let owned = outputs.into_iter().map(|output| (Owner::of(&output).unwrap(), output));
        self.api.send(owned.collect()).await;
    }

    /// Requests, errors, refused; reports and records acknowledged.
    fn counts(&self) -> [u64; 5] {
        [
            &metrics::API_REQUESTS,
            &metrics::API_ERRORS,
            &metrics::API_REFUSED,
            &metrics::REPORTS_ACKNOWLEDGED,
            &metrics::RECORDS_ACKNOWLEDGED,
        ]
        .map(|metric| self.stats.counter(metric).get())
    }
}

fn trip() -> TripId {
    TripId { zone: Zone::of(PICKUP), uuid: Uuid::from_u128(0x0192_f0c1_2345_7abc_8def_0123_4567_89ab) }
}

fn report(driver: u64, at: i64) -> Output {
    let LatLng { lat, lon } = PICKUP;
    let (driver, at) = (DriverId(driver), CityMs(at));
    let (heading, speed, trip, odometer_m) = (90, 8.3, None, None);
    Output::Report(LocationReport { driver, at, lat, lon, heading, speed, trip, odometer_m })
}

fn action(driver: u64, step: DriverStep) -> Output {
    Output::Action(DriverAction { trip: trip(), driver: DriverId(driver), attempt: 1, at: CityMs(5), step })
}

fn ride() -> Output {
    let wish = Wish::Ride { pickup: PICKUP, dropoff: PICKUP.offset_m(900.0, 0.0) };
    Output::Request(RideRequest { trip: trip(), rider: RiderId(17), at: CityMs(5), wish })
}

fn cancel() -> Output {
    let wish = Wish::Cancel { reason: CancelReason::ChangedMind };
    Output::Request(RideRequest { trip: trip(), rider: RiderId(17), at: CityMs(6), wish })
}

#[tokio::test]
async fn one_owner_s_outputs_arrive_in_order_and_reports_together() {
    let fake = Fake::answering(&[]);
    let bench = bench(&[fake.listen("127.0.0.1:0").await]);
    bench.send([action(7, DriverStep::Accept), report(7, 1), report(7, 2), report(7, 3)]).await;
    bench.send([action(7, DriverStep::Arrive), ride(), cancel()]).await;
    bench.api.finish().await.unwrap();
    let mine = |asked: &&Asked| asked.0.starts_with("/v1/drivers/7/");
    let said: Vec<Value> = fake.asked().iter().filter(mine).map(|(_, _, body)| body.clone()).collect();
    assert_eq!(said[0]["step"], "accept");
    assert_eq!(said.last().unwrap()["step"], "arrive");
    let times = said.iter().filter_map(Value::as_array).flatten().map(|report| report["at_ms"].clone());
    assert_eq!(times.collect::<Vec<_>>(), [1, 2, 3]);
    let paths = fake.paths();
    let rides: Vec<&String> = paths.iter().filter(|path| path.starts_with("/v1/rides")).collect();
    assert_eq!(rides, ["/v1/rides", &format!("/v1/rides/{}/cancel", trip())]);
    assert_eq!(bench.counts()[1..], [0, 0, 3, 7]);
    let keys: Vec<String> = fake.asked().into_iter().filter_map(|(_, key, _)| key).collect();
    assert_eq!(keys, [trip().uuid.to_string()]);
}

#[tokio::test]
async fn what_can_not_be_taken_now_is_said_again_until_it_is() {
    let fake = Fake::answering(&[(503, Some("0")), (429, Some("0")), (500, None)]);
    let bench = bench(&[fake.listen("127.0.0.1:0").await]);
    bench.send([ride()]).await;
    bench.api.finish().await.unwrap();
    assert_eq!(fake.paths(), ["/v1/rides"; 4]);
    assert_eq!(bench.counts(), [4, 3, 0, 0, 1]);
}

#[tokio::test]
async fn a_gateway_that_comes_later_gets_everything_once_and_in_order() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let bench = bench(&[free]);
    bench.send([report(7, 1), action(7, DriverStep::Accept)]).await;
    while bench.counts()[1] == 0 {
        tokio::task::yield_now().await;
    }
    bench.send([report(7, 2), report(7, 3)]).await;
    let fake = Fake::answering(&[]);
    fake.listen(&free.to_string()).await;
    bench.api.finish().await.unwrap();
    let paths = fake.paths();
    assert_eq!(paths, ["/v1/drivers/7/reports", "/v1/drivers/7/actions", "/v1/drivers/7/reports"]);
    assert_eq!(bench.counts()[2..], [0, 3, 4]);
}

#[tokio::test]
async fn a_refused_ride_is_told_and_the_rest_goes_on() {
    let fake = Fake::answering(&[(422, None)]);
    let mut bench = bench(&[fake.listen("127.0.0.1:0").await]);
    bench.send([ride(), cancel()]).await;
    bench.api.finish().await.unwrap();
    let told = bench.refusals.try_recv().unwrap();
    assert_eq!(told, RefusedRide { trip: trip(), rider: RiderId(17) });
    assert_eq!(bench.counts(), [2, 1, 1, 0, 1]);
}

#[tokio::test]
async fn a_cancel_of_an_ended_ride_is_no_error_and_one_of_an_unknown_ride_is_tried_some_times() {
    for (answers, requests, acknowledged) in [
        (vec![(409, None)], 1, 0),
        (vec![(404, None); 2], 3, 1),
        (vec![(404, None); 50], u64::from(MOST_LOOKS) + 1, 0),
    ] {
        let fake = Fake::answering(&answers);
        let bench = bench(&[fake.listen("127.0.0.1:0").await]);
        bench.send([cancel()]).await;
        bench.api.finish().await.unwrap();
        assert_eq!(bench.counts(), [requests, 0, 0, 0, acknowledged], "{answers:?}");
    }
}

#[tokio::test]
async fn owners_go_side_by_side_and_not_too_many_of_them() {
    let fake = Arc::new(Fake { group: Some(Barrier::new(WORKERS)), ..Fake::default() });
    let bench = bench(&[fake.listen("127.0.0.1:0").await]);
    let drivers = 3 * WORKERS as u64;
    bench.send((1..=drivers).map(|driver| report(driver, 1))).await;
    bench.api.finish().await.unwrap();
    assert_eq!(fake.present.lock().unwrap().1, WORKERS);
    assert_eq!(bench.counts(), [drivers, 0, 0, drivers, drivers]);
}

#[tokio::test]
async fn each_gateway_has_its_owners_and_one_away_holds_up_no_others() {
    let away = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fake = Fake::answering(&[]);
    let bench = bench(&[away, fake.listen("127.0.0.1:0").await]);
    bench.send((1..=2 * WORKERS as u64 + 1).flat_map(|driver| [report(driver, 1), report(driver, 2)])).await;
    let odd = WORKERS as u64 + 1;
    while bench.stats.counter(&metrics::REPORTS_ACKNOWLEDGED).get() < 2 * odd {
        tokio::task::yield_now().await;
    }
    assert!(fake.paths().iter().all(|path| {
        let id: u64 = path.split('/').nth(3).unwrap().parse().unwrap();
        id % 2 == 1
    }));
}

#[tokio::test]
async fn after_some_time_the_api_is_given_up_and_the_city_told() {
    let away = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let first = Duration::from_millis(5);
    let bench = bench_with(&[away], Retry { first, longest: first, give_up: Duration::from_millis(40) });
    bench.send([ride(), report(7, 1)]).await;
    bench.end.cancelled().await;
    let error = bench.api.finish().await.unwrap_err().to_string();
    assert!(error.contains("gave the public API up") && error.contains("/v1/"), "{error}");
    assert_eq!(bench.counts()[2..], [0, 0, 0]);
}
