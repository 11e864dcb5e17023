//! Rides: asked for, looked at, cancelled.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{RiderId, TripId, Zone};
use events::Contract;
use events::ride_requests::{CancelReason, RideRequest, Wish};
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::{Asked, RideWish};
use super::caller::Caller;
use super::event_log::write;
use super::extract::{Id, JsonBody, OptionalBody};
use super::history::unavailable;
use super::idempotency::{IdempotencyKey, is_young};
use super::number::{SafeId, whole};
use super::object::Object;
use super::position::Position;
use super::problem::Problem;
use super::problem_kind as kinds;
use super::ride::Ride;
use super::ride_state::RideState;
use super::state::AppState;

/// What a rider asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RideRequest, example = json!({
    "rider": 17, "pickup": {"lat": 46.002, "lon": 0.497}, "dropoff": {"lat": 46.015, "lon": 0.515},
}))]
pub(crate) struct RideBody {
    /// Who asks.
    #[schema(value_type = u64, minimum = 0, maximum = 9007199254740991_u64)]
    #[serde(deserialize_with = "whole")]
    rider: SafeId,
    /// From here.
    pickup: Position,
    /// To there.
    dropoff: Position,
}

/// Why a rider wants no ride any more.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelRequest, example = json!({"reason": "changed_mind"}))]
pub(crate) struct CancelBody {
    /// By default plans have changed.
    reason: Option<RiderReason>,
}

/// Why a rider cancels.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CancelReason)]
enum RiderReason {
    /// Nobody came in time.
    WaitedTooLong,
    /// Plans changed.
    ChangedMind,
}

/// Asks for a ride.
///
/// The answer comes when the request is safe in Kafka. The ride's id is made of the pickup's zone and the
/// idempotency key, so a repeated request is the same ride, however often and at whichever instance.
#[utoipa::path(post, path = "/v1/rides", tag = "rides",
    params(("Idempotency-Key" = Uuid, Header, description = "Made by the client for this one ride.")),
    request_body = RideBody,
    responses(
        (status = 202, description = "Accepted, now or before.", body = Ride,
            headers(("Location" = String, description = "The path of the ride."))),
        (status = 400, description = "`idempotency-key-required`, `malformed-json`, `invalid-body`."),
        (status = 409, description = "`idempotency-key-reused`: the key names another ride."),
        (status = 422, description = "`outside-city`, `same-place`."),
        (status = 503, description = "`kafka-unavailable`: not acknowledged; send the same again."),
    ))]
pub(crate) async fn ask_for_ride(
    State(state): State<AppState>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    JsonBody(Object(body)): JsonBody<Object<RideBody>>,
) -> Result<Response, Problem> {
    let (pickup, dropoff) = (body.pickup.rounded(), body.dropoff.rounded());
    state.city.ends(("pickup", pickup), ("dropoff", dropoff))?;
    let wish = RideWish { rider: RiderId(body.rider.get()), pickup, dropoff };
    let asked = Asked { trip: TripId { zone: Zone::of(pickup), uuid: key }, wish, at: state.city_now() };
    let slot = state.asked.slot(key);
    let _turn = slot.turn().await;
    if !slot.is_accepted()
        && let Some(known) = known(&state, asked.trip).await
    {
        slot.first(known);
        slot.accept();
    }
    let first = slot.first(asked);
    if first.wish != wish || first.trip != asked.trip {
        let detail = "this key was used before for another rider, pickup or drop-off";
        return Err(Problem::new(&kinds::IDEMPOTENCY_KEY_REUSED, detail));
    }
    if !slot.is_accepted() {
        write(state.log.as_ref(), caller, [request_of(&first)]).await?;
        tracing::debug!(trip = %first.trip, "ride asked for");
        slot.write();
    }
    let ride = find(&state, first.trip).await.unwrap_or_else(|_| asked_ride(&state, &first));
    let location = [(header::LOCATION, format!("/v1/rides/{}", ride.id))];
    Ok((StatusCode::ACCEPTED, location, Json(ride)).into_response())
}

/// A ride.
#[utoipa::path(get, path = "/v1/rides/{id}", tag = "rides",
    params(("id" = String, Path, description = "The ride's id.", pattern = "^88[0-9a-f]{8}fffff\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")),
    responses(
        (status = 200, description = "The ride as it is now.", body = Ride),
        (status = 404, description = "`unknown-ride`."),
        (status = 503, description = "`history-unavailable`: not under way, and the history does not answer. \
            `not-ready`: this instance does not know all rides yet."),
    ))]
pub(crate) async fn get_ride(
    State(state): State<AppState>,
    Id(trip): Id<TripId>,
) -> Result<Json<Ride>, Problem> {
    find(&state, trip).await.map(Json)
}

/// Cancels a ride, unless the rider is on board or it has ended.
///
/// The answer comes when the wish is safe in Kafka; the ride's events tell what came of it.
#[utoipa::path(post, path = "/v1/rides/{id}/cancel", tag = "rides",
    params(("id" = String, Path, description = "The ride's id.", pattern = "^88[0-9a-f]{8}fffff\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")),
    request_body(content = Option<CancelBody>, description = "May be left out."),
    responses(
        (status = 202, description = "Accepted; the ride as it is still.", body = Ride),
        (status = 404, description = "`unknown-ride`."),
        (status = 409, description = "`ride-ended`, `ride-under-way`."),
        (status = 503, description = "`kafka-unavailable`: not acknowledged; send the same again. \
            `history-unavailable`, `not-ready`: it is not known whether there is such a ride."),
    ))]
pub(crate) async fn cancel_ride(
    State(state): State<AppState>,
    caller: Caller,
    Id(trip): Id<TripId>,
    OptionalBody(body): OptionalBody<Object<CancelBody>>,
) -> Result<(StatusCode, Json<Ride>), Problem> {
    let CancelBody { reason } = body.map(|Object(body)| body).unwrap_or_default();
    let ride = find(&state, trip).await?;
    if ride.state.is_end() {
        return Err(Problem::new(&kinds::RIDE_ENDED, "this ride has ended"));
    }
    if ride.state == RideState::Started {
        return Err(Problem::new(&kinds::RIDE_UNDER_WAY, "the rider is on board"));
    }
    let reason = match reason.unwrap_or(RiderReason::ChangedMind) {
        RiderReason::WaitedTooLong => CancelReason::WaitedTooLong,
        RiderReason::ChangedMind => CancelReason::ChangedMind,
    };
    let wish = Wish::Cancel { reason };
    let cancel = RideRequest { trip, rider: RiderId(ride.rider), at: state.city_now(), wish };
    write(state.log.as_ref(), caller, [cancel.to_record()]).await?;
    tracing::debug!(%trip, "cancelling asked for");
    Ok((StatusCode::ACCEPTED, Json(ride)))
}

/// A ride from whoever knows it: the table, the requests accepted here, the history.
pub(crate) async fn find(state: &AppState, trip: TripId) -> Result<Ride, Problem> {
    if let Some(ride) = present(state, trip) {
        return Ok(ride);
    }
    if let Some(asked) = state.asked.written(trip) {
        return Ok(asked_ride(state, &asked));
    }
    let remembered = state.history.ride(trip).await.map_err(|error| unavailable(&error))?;
    if let Some(record) = remembered {
        return Ok(Ride::remembered(&record));
    }
    if !state.view.tables_are_read() {
        let problem = Problem::new(&kinds::NOT_READY, "this instance does not know all rides yet");
        return Err(problem.retry_after_s(1));
    }
    Err(Problem::new(&kinds::UNKNOWN_RIDE, "no ride has this id"))
}

/// A ride as the table has it.
pub(crate) fn present(state: &AppState, trip: TripId) -> Option<Ride> {
    let seen = state.view.trip(trip)?;
    Some(Ride::seen(&seen, |driver| state.view.driver(driver)?.report))
}

fn asked_ride(state: &AppState, asked: &Asked) -> Ride {
    let zone = state.view.zone(asked.trip.zone);
    Ride::asked(asked, zone.map_or(100, |zone| zone.surge.hundredths()))
}

/// What is known of a key that was not accepted here: another instance may have, or this one in an earlier life.
async fn known(state: &AppState, trip: TripId) -> Option<Asked> {
    if let Some(seen) = state.view.trip_by_uuid(trip.uuid) {
        let trip = seen.trip;
        let wish = RideWish { rider: trip.rider, pickup: trip.pickup, dropoff: trip.dropoff };
        return Some(Asked { trip: trip.id, wish, at: trip.requested_at });
    }
    let now_ms = state.now_ms();
    if is_young(trip.uuid, now_ms) {
        return None;
    }
    let record = state.glance.at_ride(trip, now_ms).await?;
    let wish = RideWish { rider: record.rider, pickup: record.pickup, dropoff: record.dropoff };
    Some(Asked { trip, wish, at: record.requested_at })
}

fn request_of(asked: &Asked) -> events::OutRecord {
    let RideWish { rider, pickup, dropoff } = asked.wish;
    let request = RideRequest { trip: asked.trip, rider, at: asked.at, wish: Wish::Ride { pickup, dropoff } };
    request.to_record()
}
