//! Who is near a place.

use axum::Json;
use axum::extract::State;
use domain::LatLng;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::Params;
use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;
use super::surroundings::{Near, Source};

/// Drivers nearby unless told otherwise.
const DEFAULT_COUNT: u32 = 10;

/// Drivers nearby at most.
const LARGEST_COUNT: u32 = 50;

/// Near where.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NearbyQuery {
    /// Degrees north.
    #[param(minimum = -90.0, maximum = 90.0, example = 46.002)]
    lat: f64,
    /// Degrees east.
    #[param(minimum = -180.0, maximum = 180.0, example = 0.497)]
    lon: f64,
    /// How many, 10 by default.
    #[param(minimum = 1, maximum = 50)]
    count: Option<u32>,
}

/// Idle drivers near a place, nearest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Nearby {
    /// Within 8 km.
    #[schema(max_items = 50)]
    drivers: Vec<NearbyDriver>,
    /// Who knew them: the positions that all instances share, or without those this instance's own.
    source: Source,
}

/// An idle driver near a place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NearbyDriver {
    /// Who.
    id: u64,
    /// Degrees north.
    lat: f64,
    /// Degrees east.
    lon: f64,
    /// Degrees clockwise from north, if this instance has heard of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 359, nullable = false)]
    heading: Option<u16>,
    /// As the crow flies.
    #[schema(minimum = 0.0)]
    distance_m: f64,
}

/// Idle drivers near a place, nearest first.
#[utoipa::path(get, path = "/v1/drivers/nearby", tag = "drivers", params(NearbyQuery),
    responses((status = 200, description = "Who is near.", body = Nearby)))]
pub(crate) async fn nearby(
    State(state): State<AppState>,
    Params(query): Params<NearbyQuery>,
) -> Result<Json<Nearby>, Problem> {
    let invalid = |field, detail| Problem::of_field(&kinds::INVALID_PARAMETER, field, detail);
    let at = LatLng::new(query.lat, query.lon).map_err(|error| invalid("lat", error.to_string()))?;
    let count = query.count.unwrap_or(DEFAULT_COUNT);
    if !(1..=LARGEST_COUNT).contains(&count) {
        return Err(invalid("count", format!("{count} is not within 1..={LARGEST_COUNT}")));
    }
    let (near, source) = state.surroundings.nearest(&state.view, at, count as usize, state.now_ms()).await;
    let driver = |near: Near| NearbyDriver {
        id: near.driver.0,
        lat: near.position.lat,
        lon: near.position.lon,
        heading: state.view.driver(near.driver).and_then(|view| view.report).map(|report| report.heading),
        distance_m: near.distance_m,
    };
    Ok(Json(Nearby { drivers: near.into_iter().map(driver).collect(), source }))
}
