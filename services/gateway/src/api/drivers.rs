//! A driver as this instance knows them.

use axum::Json;
use axum::extract::State;
use domain::DriverId;
use domain::driver::DriverStatus;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Id;
use super::position::Position;
use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;

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
