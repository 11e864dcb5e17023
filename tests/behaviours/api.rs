//! A client of a gateway as a program would be one: requests, event streams, the live socket.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;

/// Nothing that is waited for takes longer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// One gateway, asked by one client.
pub(crate) struct Api {
    pub(crate) address: String,
    client: Client,
    runtime: Runtime,
}

/// What a gateway answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: Value,
}

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) event: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

impl Api {
    /// A client of the gateway at an address such as `http://127.0.0.1:8080`.
    pub(crate) fn at(address: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { address: address.trim_end_matches('/').to_owned(), client: Client::new(), runtime }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, &[])
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, Some(body), &[])
    }

    /// Asks for a ride under a key.
    pub(crate) fn ride(&self, key: &str, body: &Value) -> Answer {
        self.ask(Method::POST, "/v1/rides", Some(body), &[("Idempotency-Key", key)])
    }

    /// Whether the gateway says that it is ready.
    pub(crate) fn is_ready(&self) -> bool {
        let request = self.client.get(format!("{}/readyz", self.address)).timeout(Duration::from_secs(5));
        self.runtime.block_on(async { request.send().await.is_ok_and(|answer| answer.status() == 200) })
    }

    pub(crate) fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.address)).timeout(PATIENCE);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.runtime.block_on(async {
            let response = request.send().await.expect("the gateway answers");
            let header = |name: &str| {
                response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
            };
            let (kind, retry_after) = (header("content-type").unwrap_or_default(), header("retry-after"));
            let (location, status) = (header("location"), response.status().as_u16());
            let text = response.text().await.expect("a body");
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            Answer { status, kind, retry_after, location, body }
        })
    }

    /// Reads an event stream until it ends or `enough` says so; fails if neither comes in time.
    pub(crate) fn listen(
        &self,
        path: &str,
        last_event_id: Option<&str>,
        mut enough: impl FnMut(&[Told]) -> bool,
    ) -> Vec<Told> {
        let mut request = self.client.get(format!("{}{path}", self.address));
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let mut told = Vec::new();
        let read = async {
            let mut response: Response = request.send().await.expect("the gateway answers");
            assert_eq!(response.status(), 200, "{path}");
            let mut text = String::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                text += &String::from_utf8_lossy(&chunk);
                while let Some(end) = text.find("\n\n") {
                    let block: String = text.drain(..end + 2).collect();
                    told.extend(parse(&block));
                    if enough(&told) {
                        return;
                    }
                }
            }
        };
        let in_time = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, read).await });
        assert!(in_time.is_ok(), "{path} told only {told:#?}");
        told
    }

    /// Watches the whole city on the live socket until `enough` is shown; gives frames by kind, 0 for text.
    pub(crate) fn watch(&self, mut enough: impl FnMut(&Message) -> bool) {
        let watch = async {
            let address = format!("{}/v1/live", self.address.replacen("http", "ws", 1));
            let (mut socket, _) = tokio_tungstenite::connect_async(address).await.expect("a socket");
            while let Some(message) = socket.next().await {
                let message = message.expect("the socket stays open");
                if let Message::Text(text) = &message
                    && text.contains("\"hello\"")
                {
                    let hello: Value = serde_json::from_str(text).expect("JSON");
                    let mut view = hello["bounds"].clone();
                    view["type"] = json!("view");
                    view["zoom"] = json!(14);
                    socket.send(Message::text(view.to_string())).await.expect("it is sent");
                }
                if enough(&message) {
                    return;
                }
            }
            panic!("the live socket was closed");
        };
        let in_time = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, watch).await });
        assert!(in_time.is_ok(), "the live socket did not show it in time");
    }

    /// The rectangle of the city.
    pub(crate) fn bounds(&self) -> Value {
        let mut bounds = Value::Null;
        self.watch(|message| {
            let Message::Text(text) = message else { return false };
            let hello: Value = serde_json::from_str(text).expect("JSON");
            bounds = hello["bounds"].clone();
            bounds.is_object()
        });
        bounds
    }

    /// A wish for a ride across the middle of the city.
    pub(crate) fn wish(&self, rider: u64) -> Value {
        let bounds = self.bounds();
        let place = |share: f64| {
            let between = |low: &str, high: &str| {
                let (low, high) =
                    (bounds[low].as_f64().expect("degrees"), bounds[high].as_f64().expect("degrees"));
                low + (high - low) * share
            };
            json!({"lat": between("south", "north"), "lon": between("west", "east")})
        };
        json!({"rider": rider, "pickup": place(0.45), "dropoff": place(0.58)})
    }
}

fn parse(block: &str) -> Option<Told> {
    let field = |name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(|rest| rest.trim().to_owned()))
    };
    let data = serde_json::from_str(&field("data")?).expect("data is JSON");
    Some(Told { event: field("event").unwrap_or_default(), id: field("id"), data })
}
