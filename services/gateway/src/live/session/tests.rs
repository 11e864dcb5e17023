//! A session over channels: what it says, how it ends, and that a client who does not read costs nothing.

use std::pin::Pin;
use std::task::{Context, Poll};

use domain::driver::{Driver, DriverStatus};
use domain::{CityClock, CityMs, Currency, DriverId};
use events::driver_locations::LocationReport;
use futures::channel::mpsc;
use roads::BoundingBox;
use serde_json::Value;
use testkit::town::{PICKUP, START_MS};
use tokio::task::JoinHandle;

use super::super::LiveOptions;
use super::*;
use crate::view::{News, View};

/// The server's end of a socket made of channels.
struct Socket {
    incoming: mpsc::UnboundedReceiver<Result<Message, axum::Error>>,
    outgoing: mpsc::Sender<Message>,
}

impl Stream for Socket {
    type Item = Result<Message, axum::Error>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.incoming).poll_next(cx)
    }
}

impl Sink<Message> for Socket {
    type Error = axum::Error;
    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.outgoing.poll_ready(cx).map_err(axum::Error::new)
    }
    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
        self.outgoing.start_send(message).map_err(axum::Error::new)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Pin::new(&mut self.outgoing).poll_flush(cx).map_err(axum::Error::new)
    }
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Pin::new(&mut self.outgoing).poll_close(cx).map_err(axum::Error::new)
    }
}

/// A city with one idle driver, and a client of its map.
struct Fixture {
    view: Arc<View>,
    hub: Arc<LiveHub>,
    stop: CancellationToken,
    says: mpsc::UnboundedSender<Result<Message, axum::Error>>,
    hears: mpsc::Receiver<Message>,
    session: JoinHandle<()>,
}

impl Fixture {
    /// A client whose socket holds so many messages that it has not read.
    fn new(room: usize) -> Self {
        let view = Arc::new(View::new(CityClock::REAL));
        let bounds =
            BoundingBox { min: PICKUP.offset_m(-5000.0, -5000.0), max: PICKUP.offset_m(5000.0, 5000.0) };
        let options = LiveOptions { bounds, max_points: 1000, currency: Currency::USD };
        let hub = Arc::new(LiveHub::new(Arc::clone(&view), options, &runtime::Stats::default()));
        let stop = CancellationToken::new();
        let (says, incoming) = mpsc::unbounded();
        let (outgoing, hears) = mpsc::channel(room);
        let session = tokio::spawn(session(Socket { incoming, outgoing }, Arc::clone(&hub), stop.clone()));
        Self { view, hub, stop, says, hears, session }
    }

    fn drive(&self, at_ms: i64) {
        let (driver, at) = (DriverId(7), CityMs(START_MS + at_ms));
        let (lat, lon) = (PICKUP.lat, PICKUP.lon);
        let report =
            LocationReport { driver, at, lat, lon, heading: 0, speed: 5.0, trip: None, odometer_m: None };
        let state =
            Driver { id: driver, status: DriverStatus::Idle, since: at, assignment: None, leaving: false };
        let timestamp_ms = START_MS + at_ms;
        self.view
            .apply(&[News::Driver(driver, Some(Box::new(state))), News::Report { report, timestamp_ms }]);
        self.hub.tick(timestamp_ms);
    }

    fn say(&self, message: Message) {
        self.says.unbounded_send(Ok(message)).unwrap();
    }

    fn look(&self) {
        let view = r#"{"type":"view","west":-122.43,"south":37.76,"east":-122.41,"north":37.78,"zoom":14}"#;
        self.say(Message::text(view));
    }

    /// The next message: text by its type, a frame by its kind, a close frame by its code and reason.
    async fn next(&mut self) -> String {
        match self.hears.next().await {
            None => "end".to_owned(),
            Some(Message::Text(text)) => {
                let value: Value = serde_json::from_str(&text).unwrap();
                value["type"].as_str().unwrap().to_owned()
            }
            Some(Message::Binary(bytes)) => bytes[0].to_string(),
            Some(Message::Close(Some(frame))) => format!("{} {}", frame.code, frame.reason),
            Some(Message::Ping(_)) => "ping".to_owned(),
            Some(other) => panic!("{other:?}"),
        }
    }

    async fn next_are(&mut self, expected: &[&str]) {
        for (place, message) in expected.iter().enumerate() {
            assert_eq!(self.next().await, *message, "message {place} of {expected:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn first_hello_then_what_the_client_looks_at_then_changes() {
    let mut fixture = Fixture::new(100);
    fixture.next_are(&["hello"]).await;
    assert_eq!(fixture.hub.viewers(), 1);
    fixture.drive(0);
    fixture.look();
    fixture.next_are(&["tiles", "1", "4", "zones"]).await;
    fixture.drive(500);
    fixture.next_are(&["2", "figures"]).await;
    fixture.drive(1000);
    fixture.next_are(&["2"]).await;
    drop(fixture.says);
    fixture.session.await.unwrap();
    assert_eq!(fixture.hub.viewers(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_against_the_rules_ends_the_session_with_a_reason() {
    let large = "x".repeat(MOST_BYTES + 1);
    for (message, expected) in [
        (Message::text("hello"), "1008 not a view: expected value at line 1 column 1"),
        (Message::text(r#"{"type":"look"}"#), "1008 not a view: unknown variant `look`"),
        (Message::Binary(vec![1].into()), "1003 only text is understood"),
        (Message::text(large), "1009 a message has at most 4096 bytes"),
    ] {
        let mut fixture = Fixture::new(10);
        fixture.next_are(&["hello"]).await;
        fixture.say(message);
        let end = fixture.next().await;
        assert!(end.starts_with(expected) && end.len() <= 125, "{end}");
        assert_eq!(fixture.next().await, "end");
        fixture.session.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_reason_is_cut() {
    let mut fixture = Fixture::new(10);
    fixture.say(Message::text(format!(r#"{{"type":"{}"}}"#, "x".repeat(1000))));
    fixture.next_are(&["hello"]).await;
    assert_eq!(fixture.next().await.len(), "1008 ".len() + 120);
}

#[tokio::test(start_paused = true)]
async fn two_hundred_messages_a_second_are_too_many() {
    let mut fixture = Fixture::new(1000);
    (0..201).for_each(|_| fixture.look());
    fixture.next_are(&["hello"]).await;
    let mut last = fixture.next().await;
    while !last.starts_with("1008") {
        last = fixture.next().await;
    }
    assert_eq!(last, "1008 too many messages in a second");
}

#[tokio::test(start_paused = true)]
async fn a_dragged_view_is_answered_ten_times_a_second() {
    let mut fixture = Fixture::new(1000);
    fixture.next_are(&["hello"]).await;
    let start = Instant::now();
    for east in 0..30 {
        let west = -122.43 + f64::from(east) * 0.05;
        let (east, rest) = (west + 0.02, r#""layers":["drivers"]"#);
        fixture.say(Message::text(format!(
            r#"{{"type":"view","west":{west},"south":37.76,"east":{east},"north":37.78,"zoom":14,{rest}}}"#
        )));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(start.elapsed() < Duration::from_secs(1));
    let mut answers = 0;
    while let Ok(message) = fixture.hears.try_recv() {
        assert!(matches!(message, Message::Text(_)));
        answers += 1;
    }
    assert!((5..=9).contains(&answers), "{answers} answers in 0.8 s");
}

#[tokio::test(start_paused = true)]
async fn at_the_end_of_the_gateway_the_client_is_told() {
    let mut fixture = Fixture::new(10);
    fixture.next_are(&["hello"]).await;
    fixture.stop.cancel();
    fixture.next_are(&["1001 the gateway stops", "end"]).await;
    fixture.session.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_gateway_does_not_wait_for_a_client_that_does_not_read() {
    let fixture = Fixture::new(0);
    fixture.drive(0);
    fixture.look();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    fixture.stop.cancel();
    fixture.session.await.unwrap();
    assert!(start.elapsed() <= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_let_go_after_half_a_minute() {
    let fixture = Fixture::new(0);
    fixture.drive(0);
    fixture.look();
    let start = Instant::now();
    fixture.session.await.unwrap();
    assert!((30..33).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert_eq!(fixture.hub.viewers(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_gets_the_newest_state_and_no_queue() {
    let mut fixture = Fixture::new(1);
    fixture.drive(0);
    fixture.look();
    fixture.next_are(&["hello", "tiles", "1", "4", "zones"]).await;
    for tick in 1..=20 {
        fixture.drive(tick * 500);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // What lay in the socket when it was full, then the newest picture; nothing was made of those in between.
    fixture.next_are(&["2", "figures", "1", "figures"]).await;
    fixture.drive(10_500);
    fixture.next_are(&["2"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_no_ping_is_let_go() {
    let mut fixture = Fixture::new(10);
    fixture.next_are(&["hello", "ping", "ping", "ping", "1008 no answer to pings for 60 s"]).await;
    let mut fixture = Fixture::new(10);
    fixture.next_are(&["hello", "ping", "ping"]).await;
    fixture.say(Message::Pong(Vec::new().into()));
    fixture.next_are(&["ping", "ping", "ping", "1008 no answer to pings for 60 s"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_is_answered_by_reading_on() {
    let mut fixture = Fixture::new(10);
    fixture.next_are(&["hello"]).await;
    fixture.say(Message::Close(None));
    fixture.next_are(&["end"]).await;
    fixture.session.await.unwrap();
}
