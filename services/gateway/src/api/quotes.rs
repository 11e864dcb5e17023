//! What a ride would cost now, and ways on the roads.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::surge::STALE_MS;
use domain::tariff::SurgeMultiplier;
use domain::{CityMs, LatLng, Zone};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};

use super::amount::{Amount, Breakdown};
use super::city_map::Way;
use super::extract::{JsonBody, Params};
use super::object::Object;
use super::position::{Position, PositionText};
use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;
use crate::view::View;

/// A quote holds this long, real time.
const VALID_MS: i64 = 120_000;

/// Of so many drivers nearby the soonest counts: the nearest may be on the wrong side of the motorway.
const DRIVERS_ASKED: usize = 3;

/// From where to where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuoteRequest, example = json!({
    "pickup": {"lat": 46.002, "lon": 0.497}, "dropoff": {"lat": 46.015, "lon": 0.515},
}))]
pub(crate) struct QuoteBody {
    /// From here.
    pickup: Position,
    /// To there.
    dropoff: Position,
}

/// What a ride would cost now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Quote {
    /// From here.
    pickup: Position,
    /// To there.
    dropoff: Position,
    /// Metres of road.
    distance_m: u32,
    /// Seconds of city time, in the traffic of now.
    duration_s: u32,
    /// Seconds of city time until a driver could be at the pickup; null if nobody is free nearby.
    #[schema(required = true)]
    pickup_eta_s: Option<u32>,
    /// What it costs.
    price: Amount,
    /// The multiplier in hundredths.
    #[schema(minimum = 100, maximum = 300)]
    surge: u16,
    /// What the price is made of.
    breakdown: Breakdown,
    /// The way, as pairs of longitude and latitude.
    route: Vec<[f64; 2]>,
    /// Real time in ms until when the quote holds; a ride's surge is that of the moment it is asked for.
    valid_until_ms: i64,
}

/// From where to where, each as `lat,lon`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Ends {
    /// From here: latitude, longitude.
    #[param(value_type = String, pattern = "^-?(90(\\.0+)?|[0-8]?[0-9](\\.[0-9]+)?),-?(180(\\.0+)?|(1[0-7][0-9]|[0-9]?[0-9])(\\.[0-9]+)?)$", example = "46.002,0.497")]
    from: PositionText,
    /// To there: latitude, longitude.
    #[param(value_type = String, pattern = "^-?(90(\\.0+)?|[0-8]?[0-9](\\.[0-9]+)?),-?(180(\\.0+)?|(1[0-7][0-9]|[0-9]?[0-9])(\\.[0-9]+)?)$", example = "46.015,0.515")]
    to: PositionText,
}

/// The fastest way between two places.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoutePath {
    /// Metres of road.
    distance_m: u32,
    /// Seconds of city time, in the traffic of now.
    duration_s: u32,
    /// The way, as pairs of longitude and latitude; two at least.
    points: Vec<[f64; 2]>,
}

/// Tells what a ride would cost now.
#[utoipa::path(post, path = "/v1/quotes", tag = "rides", request_body = QuoteBody,
    responses(
        (status = 200, description = "The quote.", body = Quote),
        (status = 422, description = "`outside-city`, `same-place`, `no-route`."),
    ))]
pub(crate) async fn quote(
    State(state): State<AppState>,
    JsonBody(Object(body)): JsonBody<Object<QuoteBody>>,
) -> Result<Json<Quote>, Problem> {
    let (pickup, dropoff) = (body.pickup.rounded(), body.dropoff.rounded());
    state.city.ends(("pickup", pickup), ("dropoff", dropoff))?;
    let now_ms = state.now_ms();
    let (near, _) = state.surroundings.nearest(&state.view, pickup, DRIVERS_ASKED, now_ms).await;
    let drivers = near.into_iter().map(|near| near.position).collect();
    let surge = surge(&state.view, pickup, state.city_now());
    let (way, pickup_eta_s) = on_roads(&state, (pickup, dropoff), drivers).await?;
    let fare = state.tariff.fare(way.distance_m, way.duration_s, surge);
    Ok(Json(Quote {
        pickup: pickup.into(),
        dropoff: dropoff.into(),
        distance_m: way.distance_m,
        duration_s: way.duration_s,
        pickup_eta_s,
        price: fare.total.into(),
        surge: surge.hundredths(),
        breakdown: (&fare).into(),
        route: way.points,
        valid_until_ms: now_ms + VALID_MS,
    }))
}

/// The fastest way between two places; within one junction it is a line of no length.
#[utoipa::path(get, path = "/v1/routes", tag = "rides", params(Ends),
    responses(
        (status = 200, description = "The way.", body = RoutePath),
        (status = 422, description = "`outside-city`, `no-route`."),
    ))]
pub(crate) async fn route(
    State(state): State<AppState>,
    Params(ends): Params<Ends>,
) -> Result<Json<RoutePath>, Problem> {
    let (city, view) = (Arc::clone(&state.city), Arc::clone(&state.view));
    let way = apart(move || {
        let (from, to) = city.junctions(("from", ends.from.0), ("to", ends.to.0))?;
        city.way(&view, from, to)
    });
    let Way { distance_m, duration_s, points } = way.await?;
    Ok(Json(RoutePath { distance_m, duration_s, points }))
}

/// The way of a ride, and how soon one of some drivers could be at its pickup.
async fn on_roads(
    state: &AppState,
    (pickup, dropoff): (LatLng, LatLng),
    drivers: Vec<LatLng>,
) -> Result<(Way, Option<u32>), Problem> {
    let (city, view) = (Arc::clone(&state.city), Arc::clone(&state.view));
    apart(move || {
        let (from, to) = city.ends(("pickup", pickup), ("dropoff", dropoff))?;
        let soonest =
            drivers.into_iter().filter_map(|driver| city.time_between_s(&view, driver, pickup)).min();
        Ok((city.way(&view, from, to)?, soonest))
    })
    .await
}

/// Looks for ways where nobody else is held up by it.
async fn apart<T: Send + 'static>(
    search: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let found = spawn_blocking(search).await;
    found.unwrap_or_else(|error| {
        tracing::error!(%error, "a search for a way did not end");
        Err(Problem::new(&kinds::INTERNAL, "the search for a way failed"))
    })
}

/// What a request from this place would pay now.
fn surge(view: &View, pickup: LatLng, now: CityMs) -> SurgeMultiplier {
    let state = view.zone(Zone::of(pickup)).filter(|state| now.since(state.at) <= STALE_MS);
    state.map_or(SurgeMultiplier::NONE, |state| state.surge)
}
