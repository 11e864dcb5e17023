//! The public API: requests become records, answers come from the view, streams tell what happens.
//!
//! Read in this order: `documents` (all operations), `rides` and `duty` (what they do), `ride_events` and
//! `driver_events` over `event_stream` (what they tell), `problem_kind` (how they fail), `limits`. The three servers
//! stand behind `event_log`, `surroundings` and `history`; `store_times` times the latter two. What is absent on purpose: rules, which the authorities have.

mod amount;
mod asked;
mod caller;
mod city;
mod city_map;
mod documents;
mod driver_events;
mod driver_news;
mod drivers;
mod duty;
mod event_log;
mod event_stream;
mod extract;
mod figures;
mod health;
mod history;
mod idempotency;
mod limits;
mod nearby;
mod number;
mod object;
mod pages;
mod past;
mod patient_socket;
mod position;
mod problem;
mod problem_kind;
mod quotes;
mod reports;
mod ride;
mod ride_change;
mod ride_events;
mod ride_state;
mod rides;
mod server;
mod state;
mod store_times;
mod surroundings;

use std::any::Any;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use problem::Problem;

pub use city_map::CityMap;
pub use documents::openapi;
pub use event_log::{EventLog, KafkaLog, Missed};
pub use history::{History, Remembered, RidesPage};
pub use limits::Limits;
pub use server::serve;
pub use state::{AppState, Parts, Shared};
pub use store_times::{TimedHistory, TimedNear};
pub use surroundings::{Near, NearDrivers};

/// The whole API and the pages.
pub fn router(state: AppState) -> Router {
    let (about, limited) = documents::handlers();
    let limited = limited
        .layer(from_fn(limits::limit_time))
        .layer(from_fn_with_state(state.clone(), limits::limit_rate))
        .layer(DefaultBodyLimit::max(state.max_body));
    about
        .merge(limited)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(pages::page_or_nothing)
        .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| panicked(panic.as_ref())))
        .layer(from_fn_with_state(state.clone(), figures::count))
        .layer(map_response(as_declared))
        .layer(CompressionLayer::new())
        .with_state(state)
}

/// Browsers take media types as they are told.
async fn as_declared(mut response: Response) -> Response {
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A mistake of a handler ends its own request only.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("no text"), "a request failed");
    Problem::new(&problem_kind::INTERNAL, "this service made a mistake; it was logged").into_response()
}

#[cfg(test)]
mod tests;
