//! Drivers: where they are, their shifts, what they do about a trip, and who is near a place.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::driver::DriverStatus;
use domain::trip::DriverStep;
use domain::{DriverId, LatLng, TripId};
use events::Contract;
use events::driver_actions::DriverAction;
use events::driver_shifts::{DriverShift, ShiftChange};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::event_log::write;
use super::extract::{Id, JsonBody, Params, trip_id};
use super::number::{some_whole, whole};
use super::object::Object;
use super::position::Position;
use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;
use super::surroundings::{Near, Source};

/// Drivers nearby unless told otherwise.
const DEFAULT_COUNT: u32 = 10;

/// Drivers nearby at most.
const LARGEST_COUNT: u32 = 50;

/// A driver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Driver)]
pub(crate) struct DriverInfo {
    /// Who.
    id: u64,
    /// What they do.
    status: Status,
    /// Since when, city time; null for one who never was on shift.
    #[schema(required = true)]
    since_ms: Option<i64>,
    /// Where they were last heard of.
    #[schema(required = true)]
    position: Option<Position>,
    /// Degrees clockwise from north.
    #[schema(maximum = 359, required = true)]
    heading: Option<u16>,
    /// Metres per second.
    #[schema(required = true)]
    speed: Option<f32>,
    /// When that was, city time.
    #[schema(required = true)]
    at_ms: Option<i64>,
    /// The trip that they are kept for.
    #[schema(required = true)]
    trip: Option<String>,
}

/// What a driver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DriverStatus)]
pub(crate) enum Status {
    /// Not on shift.
    Offline,
    /// On shift and free.
    Idle,
    /// Kept for a trip that may ask them.
    Reserved,
    /// On the way to the rider.
    ToPickup,
    /// At the pickup.
    Waiting,
    /// With the rider on board.
    OnTrip,
}

/// A shift begins or ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShiftRequest, example = json!({"change": "start", "position": {"lat": 46.002, "lon": 0.497}}))]
pub(crate) struct ShiftBody {
    /// Begins or ends.
    change: Change,
    /// Where.
    position: Position,
}

/// What happens to a shift.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ShiftChange)]
enum Change {
    /// Available from now on.
    Start,
    /// No more offers; a trip under way is finished first.
    End,
}

/// What a driver does about a trip.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActionRequest, example = json!({
    "trip": "8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab", "attempt": 1, "step": "accept",
}))]
pub(crate) struct ActionBody {
    /// Which trip.
    #[schema(
        pattern = "^88[0-9a-f]{8}fffff\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
    )]
    trip: String,
    /// The attempt that the offer named.
    #[schema(format = Int64, minimum = 1, maximum = 4294967295_u64)]
    #[serde(deserialize_with = "whole")]
    attempt: u32,
    /// What.
    step: Step,
    /// Metres driven with the rider; with `drop_off`, and only then.
    #[serde(default, deserialize_with = "some_whole")]
    #[schema(format = Int64, maximum = 4294967295_u64)]
    odometer_m: Option<u32>,
}

/// A step of a driver on a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DriverStep)]
enum Step {
    /// Takes the offer.
    Accept,
    /// Does not.
    Decline,
    /// Is at the pickup.
    Arrive,
    /// The rider got in.
    PickUp,
    /// The rider got out.
    DropOff,
    /// Gives the trip up after having taken it.
    Cancel,
}

/// How many things were accepted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// As many as were sent.
    #[schema(minimum = 1, maximum = 1000)]
    pub(crate) accepted: usize,
}

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

/// A driver as this instance knows them.
#[utoipa::path(get, path = "/v1/drivers/{id}", tag = "drivers",
    params(("id" = u64, Path, description = "The driver's number.", minimum = 0, maximum = 9007199254740991_u64)),
    responses(
        (status = 200, description = "The driver as they are now.", body = DriverInfo),
        (status = 404, description = "`unknown-driver`: never heard of."),
        (status = 503, description = "`not-ready`: this instance does not know all drivers yet."),
    ))]
pub(crate) async fn get_driver(
    State(state): State<AppState>,
    Id(id): Id<DriverId>,
) -> Result<Json<DriverInfo>, Problem> {
    let Some(view) = state.view.driver(id) else {
        return Err(if state.view.tables_are_read() {
            Problem::new(&kinds::UNKNOWN_DRIVER, "nobody was ever heard of under this number")
        } else {
            Problem::new(&kinds::NOT_READY, "this instance does not know all drivers yet").retry_after_s(1)
        });
    };
    let (driver, report) = (view.driver, view.report);
    Ok(Json(DriverInfo {
        id: id.0,
        status: driver.as_ref().map_or(Status::Offline, |driver| driver.status.into()),
        since_ms: driver.as_ref().map(|driver| driver.since.0),
        position: report.map(|report| report.position.into()),
        heading: report.map(|report| report.heading),
        speed: report.map(|report| report.speed_mps),
        at_ms: report.map(|report| report.at.0),
        trip: driver.and_then(|driver| driver.assignment).map(|assignment| assignment.trip.to_string()),
    }))
}

/// Begins or ends a shift. The driver's events tell what came of it.
#[utoipa::path(post, path = "/v1/drivers/{id}/shift", tag = "drivers",
    params(("id" = u64, Path, description = "The driver's number.", minimum = 0, maximum = 9007199254740991_u64)),
    request_body = ShiftBody,
    responses(
        (status = 202, description = "Safe in Kafka.", body = Accepted),
        (status = 422, description = "`outside-city`: over 20 km from the city."),
        (status = 503, description = "`kafka-unavailable`: not acknowledged; send the same again."),
    ))]
pub(crate) async fn change_shift(
    State(state): State<AppState>,
    Id(driver): Id<DriverId>,
    JsonBody(Object(body)): JsonBody<Object<ShiftBody>>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let position = body.position.rounded();
    if !state.city.reaches(position) {
        return Err(Problem::of_field(&kinds::OUTSIDE_CITY, "position", "over 20 km from the city"));
    }
    let change = match body.change {
        Change::Start => ShiftChange::Start,
        Change::End => ShiftChange::End,
    };
    let shift = DriverShift { driver, at: state.city_now(), change, position };
    write(state.log.as_ref(), vec![shift.to_record()]).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted: 1 })))
}

/// Does a step of a trip. Whether it can be done now the trips' authority decides; the driver's events tell.
#[utoipa::path(post, path = "/v1/drivers/{id}/actions", tag = "drivers",
    params(("id" = u64, Path, description = "The driver's number.", minimum = 0, maximum = 9007199254740991_u64)),
    request_body = ActionBody,
    responses(
        (status = 202, description = "Safe in Kafka.", body = Accepted),
        (status = 422, description = "`invalid-action`."),
        (status = 503, description = "`kafka-unavailable`: not acknowledged; send the same again."),
    ))]
pub(crate) async fn act(
    State(state): State<AppState>,
    Id(driver): Id<DriverId>,
    JsonBody(Object(body)): JsonBody<Object<ActionBody>>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let (trip, step) = body.checked()?;
    let action = DriverAction { trip, driver, attempt: body.attempt, at: state.city_now(), step };
    write(state.log.as_ref(), vec![action.to_record()]).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted: 1 })))
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

impl ActionBody {
    /// The trip and the step, if they can be.
    fn checked(&self) -> Result<(TripId, DriverStep), Problem> {
        let invalid = |field, detail: &str| Problem::of_field(&kinds::INVALID_ACTION, field, detail);
        let trip = trip_id(&self.trip).ok_or_else(|| invalid("trip", "this is no id of a trip"))?;
        if self.attempt == 0 {
            return Err(invalid("attempt", "attempts are counted from 1"));
        }
        let step = match (self.step, self.odometer_m) {
            (Step::DropOff, Some(odometer_m)) => DriverStep::DropOff { odometer_m },
            (Step::DropOff, None) => return Err(invalid("odometer_m", "drop_off needs the metres driven")),
            (_, Some(_)) => return Err(invalid("odometer_m", "only drop_off has metres driven")),
            (Step::Accept, None) => DriverStep::Accept,
            (Step::Decline, None) => DriverStep::Decline,
            (Step::Arrive, None) => DriverStep::Arrive,
            (Step::PickUp, None) => DriverStep::PickUp,
            (Step::Cancel, None) => DriverStep::Cancel,
        };
        Ok((trip, step))
    }
}

impl From<DriverStatus> for Status {
    fn from(status: DriverStatus) -> Self {
        match status {
            DriverStatus::Offline => Self::Offline,
            DriverStatus::Idle => Self::Idle,
            DriverStatus::Reserved => Self::Reserved,
            DriverStatus::ToPickup => Self::ToPickup,
            DriverStatus::Waiting => Self::Waiting,
            DriverStatus::OnTrip => Self::OnTrip,
        }
    }
}
