//! What was: the rides of a rider, the story of a ride, the story of a driver. MongoDB knows it.

use archive::{Cursor, StoryLine};
use axum::Json;
use axum::extract::State;
use domain::{DriverId, RiderId, TripId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Id, Params};
use super::history::unavailable;
use super::number::SafeId;
use super::problem::Problem;
use super::problem_kind as kinds;
use super::ride::Ride;
use super::rides::find;
use super::state::AppState;

/// Rides of a page unless told otherwise.
const DEFAULT_PAGE: u32 = 20;

/// Rides of a page at most.
const LARGEST_PAGE: u32 = 100;

/// Lines of a driver's story.
const DRIVER_LINES: u32 = 200;

/// Which rides.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RidesQuery {
    /// Whose.
    #[param(value_type = u64, minimum = 0, maximum = 9007199254740991_u64)]
    rider: SafeId,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
    /// How many, 20 by default.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A page of rides, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RidesPage {
    /// The rides.
    #[schema(max_items = 100)]
    rides: Vec<Ride>,
    /// Gives the next page; null on the last one.
    #[schema(pattern = "^[0-9a-f]{32}$", required = true)]
    next_cursor: Option<String>,
}

/// What happened, as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Story {
    /// One event a record.
    events: Vec<StoryEvent>,
    /// Where the trace of a ride can be looked at; missing unless the city is told where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_url: Option<String>,
}

/// One record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoryEvent {
    /// The topic it lies in.
    topic: &'static str,
    /// The partition of the topic.
    #[schema(minimum = 0)]
    partition: i32,
    /// The offset in the partition.
    #[schema(minimum = 0)]
    offset: i64,
    /// When it was written, real time in ms.
    time_ms: i64,
    /// What it says; see /asyncapi.json.
    #[schema(value_type = Object)]
    fields: serde_json::Map<String, serde_json::Value>,
}

/// The rides of a rider, newest first.
#[utoipa::path(get, path = "/v1/rides", tag = "rides", params(RidesQuery),
    responses(
        (status = 200, description = "A page of rides.", body = RidesPage),
        (status = 422, description = "`unknown-cursor`."),
        (status = 503, description = "`history-unavailable`."),
    ))]
pub(crate) async fn list_rides(
    State(state): State<AppState>,
    Params(query): Params<RidesQuery>,
) -> Result<Json<RidesPage>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        let detail = format!("{limit} is not within 1..={LARGEST_PAGE}");
        return Err(Problem::of_field(&kinds::INVALID_PARAMETER, "limit", detail));
    }
    let before = query.cursor.as_deref().map(str::parse::<Cursor>).transpose();
    let before =
        before.map_err(|error| Problem::of_field(&kinds::UNKNOWN_CURSOR, "cursor", error.to_string()))?;
    let page = state.history.rides(RiderId(query.rider.get()), before, limit).await;
    let (records, next) = page.map_err(|error| unavailable(&error))?;
    let rides = records.iter().map(|record| {
        // What is known of a ride under way is newer than what was archived.
        super::rides::present(&state, record.trip).unwrap_or_else(|| Ride::remembered(record))
    });
    Ok(Json(RidesPage { rides: rides.collect(), next_cursor: next.map(|cursor| cursor.to_string()) }))
}

/// Everything that happened to a ride, in order.
#[utoipa::path(get, path = "/v1/rides/{id}/story", tag = "rides",
    params(("id" = String, Path, description = "The ride's id.", pattern = "^88[0-9a-f]{8}fffff\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")),
    responses(
        (status = 200, description = "Its records, oldest first.", body = Story),
        (status = 404, description = "`unknown-ride`."),
        (status = 503, description = "`history-unavailable`, `not-ready`."),
    ))]
pub(crate) async fn ride_story(
    State(state): State<AppState>,
    Id(trip): Id<TripId>,
) -> Result<Json<Story>, Problem> {
    let lines = state.history.trip_story(trip).await.map_err(|error| unavailable(&error))?;
    if lines.is_empty() {
        // Nothing is archived yet of a ride that has just been asked for.
        find(&state, trip).await?;
    }
    Ok(Json(Story { trace_url: state.trace_url.of(trip), ..Story::of(lines) }))
}

/// The last 200 things that a driver did and was told, newest first.
#[utoipa::path(get, path = "/v1/drivers/{id}/story", tag = "drivers",
    params(("id" = u64, Path, description = "The driver's number.", minimum = 0, maximum = 9007199254740991_u64)),
    responses(
        (status = 200, description = "Records about the driver, newest first; none of one who is unknown.", body = Story),
        (status = 503, description = "`history-unavailable`."),
    ))]
pub(crate) async fn driver_story(
    State(state): State<AppState>,
    Id(driver): Id<DriverId>,
) -> Result<Json<Story>, Problem> {
    let lines = state.history.driver_story(driver, DRIVER_LINES).await;
    Ok(Json(Story::of(lines.map_err(|error| unavailable(&error))?)))
}

impl Story {
    fn of(lines: Vec<StoryLine>) -> Self {
        let event = |StoryLine { topic, document, .. }| StoryEvent {
            topic,
            partition: document.id.partition(),
            offset: document.id.offset(),
            time_ms: document.timestamp_ms,
            fields: document.fields,
        };
        Self { events: lines.into_iter().map(event).collect(), trace_url: None }
    }
}
