//! Streams and sockets over real connections: resuming, limits, and what happens to them at shutdown.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::DriverId;
use domain::driver::DriverStatus;
use domain::trip::TripStatus;
use futures::StreamExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::super::event_log::Missed;
use super::super::server::serve;
use super::gate::{Gate, KEY, NOW_MS, driver, event, fact, fare, place, report, trip, trip_of, wish};

/// What should come is here within this time, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that listens.
struct Listening {
    gate: Gate,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

/// A client that reads an answer as it comes.
struct Client {
    stream: TcpStream,
    read: String,
}

impl Listening {
    async fn start(gate: Gate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, gate.state.clone()));
        Self { gate, address, serving }
    }

    async fn get(&self, path: &str, headers: &str) -> Client {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        Client { stream, read: String::new() }
    }

    async fn stop(self) {
        self.gate.state.stop.cancel();
        timeout(PATIENCE, self.serving).await.expect("the server ends").unwrap();
    }
}

impl Client {
    /// Reads until a text was there, and gives what came before it and the text itself.
    async fn until(&mut self, text: &str) -> String {
        let found = timeout(PATIENCE, async {
            loop {
                if let Some(at) = self.read.find(text) {
                    let rest = self.read.split_off(at + text.len());
                    return std::mem::replace(&mut self.read, rest);
                }
                let mut buffer = [0; 4096];
                let count = self.stream.read(&mut buffer).await.unwrap();
                assert!(count > 0, "the answer ended before {text:?}: {:?}", self.read);
                self.read.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        found.await.unwrap_or_else(|_| panic!("{text:?} did not come"))
    }

    /// Reads to the end of the answer (which is chunked).
    async fn rest(&mut self) -> String {
        self.until("\r\n0\r\n\r\n").await
    }
}

fn events_of_ride() -> String {
    format!("/v1/rides/{}/events", trip_of(KEY))
}

#[tokio::test]
async fn a_ride_is_told_from_the_request_to_the_fare() {
    let here = Listening::start(Gate::new()).await;
    let (view, id, driver) = (here.gate.view.clone(), trip_of(KEY), DriverId(4711));
    here.gate.ask_for_ride(KEY, &wish()).await;
    let mut client = here.get(&events_of_ride(), "").await;
    let head = client.until("\r\n\r\n").await;
    assert!(head.contains("200 OK") && head.contains("text/event-stream"), "{head}");
    let first = client.until("\n\n").await;
    assert!(first.contains("event: ride") && first.contains("retry: 1000"), "{first}");
    assert!(first.contains(r#""state":"requested""#), "{first}");

    view.apply(&[trip(id, TripStatus::Matched { driver }), report(4711, place(9), 0)]);
    view.apply(&[fact(id, 40, &json!({"event": "trip_matched", "driver": 4711, "attempt": 1}))]);
    let state = client.until("id: 5-40").await;
    assert!(state.contains("event: state") && state.contains(r#""driver":4711"#), "{state}");
    let position = client.until("event: position").await + &client.until("\n\n").await;
    assert!(position.contains(&place(9).lat.to_string()), "{position}");

    view.apply(&[trip(id, TripStatus::Completed { driver }), fare(id, false)]);
    client.until("event: meter").await;
    let completed =
        json!({"event": "trip_completed", "driver": 4711, "distance_m": 9, "duration_s": 9, "surge": 100});
    view.apply(&[fact(id, 41, &completed)]);
    client.until("id: 5-41").await;
    view.apply(&[fare(id, true)]);
    let rest = client.rest().await;
    let (fare, end) = (rest.find("event: fare"), rest.find("event: end"));
    assert!(fare.is_some() && fare < end, "{rest}");
    here.stop().await;
}

#[tokio::test]
async fn who_comes_back_is_told_what_was_missed_and_nothing_twice() {
    let here = Listening::start(Gate::new()).await;
    let id = trip_of(KEY);
    here.gate.view.apply(&[trip(id, TripStatus::Arrived { driver: DriverId(4711) })]);
    let matched = json!({"event": "trip_matched", "driver": 4711, "attempt": 1});
    let arrived = json!({"event": "driver_arrived", "driver": 4711});
    here.gate.log.missed.lock().unwrap().extend([
        Missed { offset: 40, event: event(id, &matched) },
        Missed { offset: 43, event: event(id, &arrived) },
    ]);
    let mut client = here.get(&events_of_ride(), "last-event-id: 5-39\r\n").await;
    let told = client.until("event: ride").await;
    assert!(told.contains("id: 5-40") && told.contains("id: 5-43"), "{told}");
    client.until("\n\n").await;
    // The same fact once more, as somebody would hear it who began to listen before the replay.
    here.gate.view.apply(&[fact(id, 43, &arrived)]);
    here.gate.view.apply(&[fact(id, 44, &json!({"event": "trip_started", "driver": 4711}))]);
    let told = client.until("id: 5-44").await;
    assert!(!told.contains("5-43"), "{told}");

    here.gate.log.is_up.store(false, Ordering::Relaxed);
    for header in ["last-event-id: 5-39\r\n", "last-event-id: \u{e4}\r\n", "last-event-id: -1--1\r\n"] {
        let mut client = here.get(&events_of_ride(), header).await;
        let told = client.until("event: ride").await;
        assert!(!told.contains("event: state"), "without kafka the ride as a whole is told: {told}");
    }
    here.stop().await;
}

#[tokio::test]
async fn a_ride_of_the_past_is_told_and_ends_at_once() {
    let here = Listening::start(Gate::new()).await;
    here.gate.view.apply(&[trip(trip_of(KEY), TripStatus::Unfulfilled)]);
    let told = here.get(&events_of_ride(), "").await.rest().await;
    assert!(told.contains("event: ride") && told.contains(r#"data: {"state":"unfulfilled"}"#), "{told}");
    let told = here.get("/v1/rides/x/events", "").await.until("\r\n\r\n").await;
    assert!(told.contains("404 Not Found") && told.contains("application/problem+json"), "{told}");
    here.stop().await;
}

#[tokio::test]
async fn a_driver_is_told_of_an_open_offer_and_of_its_end() {
    let here = Listening::start(Gate::new()).await;
    let (view, id) = (here.gate.view.clone(), trip_of(KEY));
    view.apply(&[
        trip(id, TripStatus::Offered { driver: DriverId(7) }),
        driver(7, DriverStatus::Reserved, Some(id)),
    ]);
    let mut client = here.get("/v1/drivers/7/events", "").await;
    let first = client.until("event: offer\n").await + &client.until("\n\n").await;
    assert!(first.contains("event: driver") && first.contains(r#""status":"reserved""#), "{first}");
    assert!(
        first.contains(&format!(r#""expires_at_ms":{},"expires_in_ms":15000"#, NOW_MS + 15_000)),
        "{first}"
    );
    view.apply(&[fact(id, 9, &json!({"event": "offer_expired", "driver": 7, "attempt": 1}))]);
    let ended = client.until("event: offer_ended").await + &client.until("\n\n").await;
    assert!(ended.contains(r#""reason":"expired""#), "{ended}");
    let mut stranger = here.get("/v1/drivers/99/events", "").await;
    assert!(stranger.until("\"assignment\":null}").await.contains(r#""status":"offline""#));
    here.stop().await;
}

#[tokio::test]
async fn there_is_room_for_so_many_and_who_leaves_makes_room() {
    let here = Listening::start(Gate::with(1000, 1)).await;
    let mut first = here.get("/v1/drivers/1/events", "").await;
    first.until("event: driver").await;
    let refused = here.get("/v1/drivers/2/events", "").await.until("\r\n\r\n").await;
    assert!(refused.contains("503 Service Unavailable") && refused.contains("retry-after: 10"), "{refused}");
    let socket = tokio_tungstenite::connect_async(format!("ws://{}/v1/live", here.address)).await;
    assert!(socket.unwrap_err().to_string().contains("503"));
    drop(first);
    let room = timeout(PATIENCE, async {
        loop {
            let mut next = here.get("/v1/drivers/2/events", "").await;
            if next.until("\r\n\r\n").await.contains("200 OK") {
                break;
            }
            // A stream finds out that its client has left when it next has something to tell.
            here.gate.view.apply(&[driver(1, DriverStatus::Idle, None)]);
            tokio::task::yield_now().await;
        }
    });
    room.await.unwrap();
    here.stop().await;
}

#[tokio::test]
async fn at_shutdown_streams_and_sockets_end_and_idle_connections_hold_nothing_up() {
    let here = Listening::start(Gate::new()).await;
    let mut idle = here.get("/livez", "").await;
    idle.until("{\"status\":\"up\"}").await;
    let half = TcpStream::connect(here.address).await.unwrap();
    half.try_write(b"GET /livez HT").unwrap();
    let mut driver = here.get("/v1/drivers/1/events", "").await;
    driver.until("event: driver").await;
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{}/v1/live", here.address)).await.unwrap();
    let hello = socket.next().await.unwrap().unwrap();
    assert!(hello.to_text().unwrap().contains("\"hello\""), "{hello}");
    let address = here.address;
    let begun = tokio::time::Instant::now();
    let state = here.gate.state.clone();
    here.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    driver.rest().await;
    let close = loop {
        if let Message::Close(frame) = socket.next().await.unwrap().unwrap() {
            break frame.unwrap();
        }
    };
    assert_eq!(u16::from(close.code), 1001);
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(state.places.take().map(drop).map_err(|problem| problem.kind.slug), Ok(()));
}

#[tokio::test]
async fn an_instance_that_stops_begins_no_streams() {
    let gate = Gate::new();
    gate.state.stop.cancel();
    let answer = gate.get("/v1/drivers/1/events").await;
    assert_eq!((answer.status.as_u16(), answer.slug().as_str()), (503, "stopping"));
}
