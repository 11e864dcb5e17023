//! What drivers do: their shifts, and the steps of their trips.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::trip::DriverStep;
use domain::{DriverId, TripId};
use events::Contract;
use events::driver_actions::DriverAction;
use events::driver_shifts::{DriverShift, ShiftChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Caller;
use super::event_log::write;
use super::extract::{Id, JsonBody, trip_id};
use super::number::{some_whole, whole};
use super::object::Object;
use super::position::Position;
use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;

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
    caller: Caller,
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
    write(state.log.as_ref(), caller, [shift.to_record()]).await?;
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
    caller: Caller,
    Id(driver): Id<DriverId>,
    JsonBody(Object(body)): JsonBody<Object<ActionBody>>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let (trip, step) = body.checked()?;
    let action = DriverAction { trip, driver, attempt: body.attempt, at: state.city_now(), step };
    write(state.log.as_ref(), caller, [action.to_record()]).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted: 1 })))
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
