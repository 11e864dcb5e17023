//! The map over real sockets: hundreds of clients see what the view holds, and are told when it ends.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::any;
use bytes::Buf;
use domain::driver::{Driver, DriverStatus};
use domain::{CityClock, CityMs, Currency, DriverId, LatLng};
use events::driver_locations::LocationReport;
use futures::{SinkExt, StreamExt};
use gateway::live::{LiveHub, LiveOptions, paint, upgrade};
use gateway::view::{News, View};
use roads::BoundingBox;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

const CENTRE: LatLng = LatLng { lat: 46.0, lon: 0.5 };

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server with nothing but the map.
struct Server {
    address: SocketAddr,
    view: Arc<View>,
    hub: Arc<LiveHub>,
    stop: CancellationToken,
}

impl Server {
    async fn start() -> Self {
        let view = Arc::new(View::new(CityClock::REAL));
        let bounds =
            BoundingBox { min: CENTRE.offset_m(-5000.0, -5000.0), max: CENTRE.offset_m(5000.0, 5000.0) };
        let options = LiveOptions { bounds, max_points: 150_000, currency: Currency::USD };
        let hub = Arc::new(LiveHub::new(Arc::clone(&view), options, &runtime::Stats::default()));
        let stop = CancellationToken::new();
        tokio::spawn(paint(Arc::clone(&hub), stop.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shared, token) = (Arc::clone(&hub), stop.clone());
        let handler = move |ws: WebSocketUpgrade| async move { upgrade(ws, shared, token, ()) };
        let router = Router::new().route("/v1/live", any(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, view, hub, stop }
    }

    async fn connect(&self) -> Client {
        let (socket, _) = connect_async(format!("ws://{}/v1/live", self.address)).await.unwrap();
        Client { socket, drivers: BTreeMap::new(), texts: BTreeSet::new() }
    }

    fn drive(&self, id: u64, position: LatLng) {
        let now_ms = runtime::clock::now_ms();
        let (driver, at) = (DriverId(id), CityMs(now_ms));
        let LatLng { lat, lon } = position;
        let report =
            LocationReport { driver, at, lat, lon, heading: 0, speed: 5.0, trip: None, odometer_m: None };
        let state =
            Driver { id: driver, status: DriverStatus::Idle, since: at, assignment: None, leaving: false };
        let state = News::Driver(driver, Some(Box::new(state)));
        self.view.apply(&[state, News::Report { report, timestamp_ms: now_ms }]);
    }
}

/// A browser.
struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    drivers: BTreeMap<(u32, u32), BTreeSet<u64>>,
    texts: BTreeSet<String>,
}

impl Client {
    /// Looks at this many metres around the centre.
    async fn look(&mut self, half_m: f64) {
        let (south_west, north_east) = (CENTRE.offset_m(-half_m, -half_m), CENTRE.offset_m(half_m, half_m));
        let view = json!({
            "type": "view", "west": south_west.lon, "south": south_west.lat,
            "east": north_east.lon, "north": north_east.lat, "zoom": 13.5,
        });
        self.socket.send(Message::text(view.to_string())).await.unwrap();
    }

    /// Takes in messages until there are as many drivers.
    async fn sees(&mut self, count: usize) {
        while self.drivers.values().map(BTreeSet::len).sum::<usize>() != count {
            match self.socket.next().await.unwrap().unwrap() {
                Message::Text(text) => {
                    let value: Value = serde_json::from_str(&text).unwrap();
                    self.texts.insert(value["type"].as_str().unwrap().to_owned());
                }
                Message::Binary(bytes) => self.take(&bytes),
                _ => {}
            }
        }
    }

    fn take(&mut self, mut bytes: &[u8]) {
        let kind = bytes.get_u8();
        bytes.advance(3);
        let tile = (bytes.get_u32_le(), bytes.get_u32_le());
        bytes.advance(4);
        if kind > 2 {
            return;
        }
        let (count, gone) = (bytes.get_u32_le(), bytes.get_u32_le());
        let drivers = self.drivers.entry(tile).or_default();
        if kind == 1 {
            drivers.clear();
        }
        for _ in 0..count {
            drivers.insert(u64::from(bytes.get_u32_le()));
            bytes.advance(10);
        }
        for _ in 0..gone {
            assert!(drivers.remove(&u64::from(bytes.get_u32_le())));
            bytes.advance(2);
        }
    }

    /// Reads on to the close frame: its code.
    async fn ends(&mut self) -> u16 {
        loop {
            if let Message::Close(Some(frame)) = self.socket.next().await.unwrap().unwrap() {
                return frame.code.into();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_clients_see_every_driver_come_move_and_go() {
    let server = Server::start().await;
    let place = |id: u64, shift_m: f64| {
        let (row, column) =
            (f64::from(u32::try_from(id / 50).unwrap()), f64::from(u32::try_from(id % 50).unwrap()));
        CENTRE.offset_m(row * 100.0 - 1000.0 + shift_m, column * 40.0 - 1000.0)
    };
    (0..1000).for_each(|id| server.drive(id, place(id, 0.0)));
    let mut clients = Vec::new();
    for _ in 0..300 {
        let mut client = server.connect().await;
        client.look(4000.0).await;
        clients.push(client);
    }
    let all_see = async |clients: &mut Vec<Client>, count: usize| {
        let seen = clients.iter_mut().map(|client| client.sees(count));
        timeout(PATIENCE, futures::future::join_all(seen)).await.unwrap();
    };
    all_see(&mut clients, 1000).await;
    assert_eq!(server.hub.viewers(), 300);
    // All of them move to other tiles, some are new, some go off shift.
    (0..1100).for_each(|id| server.drive(id, place(id, 2000.0)));
    let off = (0..300).map(|id| News::Driver(DriverId(id), None));
    server.view.apply(&off.collect::<Vec<_>>());
    all_see(&mut clients, 800).await;
    let expected: BTreeSet<u64> = (300..1100).collect();
    for client in &clients {
        assert_eq!(client.drivers.values().flatten().copied().collect::<BTreeSet<u64>>(), expected);
        for text in ["hello", "tiles", "zones"] {
            assert!(client.texts.contains(text), "{text}");
        }
    }
    server.stop.cancel();
    let ends = clients.iter_mut().map(Client::ends);
    let codes = timeout(PATIENCE, futures::future::join_all(ends)).await.unwrap();
    assert!(codes.iter().all(|code| *code == 1001), "{codes:?}");
    drop(clients);
    let everybody_left = async {
        while server.hub.viewers() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, everybody_left).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_against_the_rules_close_the_socket_with_their_code() {
    let server = Server::start().await;
    for (message, code) in [
        (Message::text("hello"), 1008),
        (Message::binary(vec![0; 16]), 1003),
        (Message::text("x".repeat(4097)), 1009),
        (Message::text("x".repeat(60_000)), 1009),
        (Message::text("x".repeat(70_000)), 1009),
    ] {
        let mut client = server.connect().await;
        client.socket.send(message.clone()).await.unwrap();
        let ended = timeout(PATIENCE, client.ends()).await.unwrap();
        assert_eq!(ended, code, "{} bytes", message.len());
    }
}
