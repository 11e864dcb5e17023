//! How many requests there are and how they end.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use runtime::{Counter, Gauge, Histogram, Stats};
use tokio::time::Instant;

use super::state::AppState;
use crate::metrics;

/// Figures of the API.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    requests: Counter,
    /// Answered with a status from 400 to 499.
    refused: Counter,
    /// Answered with a status from 500.
    errors: Counter,
    /// From the request to the head of its answer.
    time: Histogram,
    /// Sockets and event streams that are open.
    pub(crate) streams: Gauge,
}

impl Figures {
    pub(crate) fn new(stats: &Stats) -> Self {
        Self {
            requests: stats.counter(&metrics::REQUESTS),
            refused: stats.counter(&metrics::REFUSED),
            errors: stats.counter(&metrics::ERRORS),
            time: stats.histogram(&metrics::REQUEST_TIME),
            streams: stats.gauge(&metrics::STREAMS),
        }
    }
}

/// Counts a request and how it ends.
pub(crate) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    let figures = &state.figures;
    figures.requests.add(1);
    figures.time.record_ms(i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX));
    if response.status().is_server_error() {
        figures.errors.add(1);
    } else if response.status().is_client_error() {
        figures.refused.add(1);
    }
    response
}
