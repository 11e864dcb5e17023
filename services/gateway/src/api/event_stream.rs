//! Server-sent events: what all streams have in common. What is told, and when a stream ends, a `Teller` decides.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::limits::Place;
use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;
use crate::view::{About, Listener};

/// A client that lost the stream comes back after this long.
const RETRY: Duration = Duration::from_secs(1);

/// How often a teller looks at what is not told as news: positions, deadlines.
const TICK: Duration = Duration::from_secs(1);

/// Something is sent at least this often, so that both sides notice when the other is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) event: &'static str,
    /// Where to resume from.
    pub(crate) id: Option<String>,
    /// JSON.
    pub(crate) data: String,
}

/// Decides what a stream tells: from news, and from time.
pub(crate) trait Teller: Send + 'static {
    /// What it is told itself.
    type News: About;

    /// Something happened.
    fn hear(&mut self, news: &Self::News, now_ms: i64, told: &mut Vec<Told>);

    /// A second has passed.
    fn tick(&mut self, now_ms: i64, told: &mut Vec<Told>);

    /// Whether all is told.
    fn is_over(&self) -> bool;
}

impl Told {
    pub(crate) fn new(event: &'static str, data: &impl Serialize) -> Self {
        let data = serde_json::to_string(data).expect("events are plain data with text keys");
        Self { event, id: None, data }
    }

    pub(crate) fn with_id(self, id: String) -> Self {
        Self { id: Some(id), ..self }
    }
}

/// A stream under way.
struct Telling<T: Teller> {
    teller: T,
    listener: Listener<T::News>,
    unsent: VecDeque<Told>,
    is_first: bool,
    ticks: Interval,
    now_ms: fn() -> i64,
    stop: CancellationToken,
    /// Given back when the client has gone.
    _place: Place,
}

/// Begins a stream with what is to be told at once.
pub(crate) fn respond<T: Teller>(
    state: &AppState,
    place: Place,
    teller: T,
    listener: Listener<T::News>,
    first: Vec<Told>,
) -> Result<Response, Problem> {
    if state.stop.is_cancelled() {
        return Err(Problem::new(&kinds::STOPPING, "this instance is about to stop").retry_after_s(1));
    }
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let telling = Telling {
        teller,
        listener,
        unsent: first.into(),
        is_first: true,
        ticks,
        now_ms: state.clock(),
        stop: state.stop.clone(),
        _place: place,
    };
    let events = futures::stream::unfold(telling, Telling::next);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Proxies that collect answers would hold events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

impl<T: Teller> Telling<T> {
    /// The next event, or the end: all is told, the client fell behind, or shutdown. In the last two it comes back.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(told) = self.unsent.pop_front() {
                let event = self.event(told);
                return Some((Ok(event), self));
            }
            if self.teller.is_over() {
                return None;
            }
            let mut told = Vec::new();
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                news = self.listener.recv() => self.teller.hear(news?.as_ref(), (self.now_ms)(), &mut told),
                _ = self.ticks.tick() => self.teller.tick((self.now_ms)(), &mut told),
            }
            self.unsent.extend(told);
        }
    }

    fn event(&mut self, told: Told) -> Event {
        let mut event = Event::default().event(told.event).data(told.data);
        if let Some(id) = told.id {
            event = event.id(id);
        }
        if std::mem::take(&mut self.is_first) { event.retry(RETRY) } else { event }
    }
}
