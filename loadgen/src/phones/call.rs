//! One request to the public API: what it says, and what an answer to it means.

use std::collections::VecDeque;
use std::time::Duration;

use domain::trip::DriverStep;
use domain::{CityMs, LatLng, RiderId, TripId};
use events::driver_actions::DriverAction;
use events::driver_locations::LocationReport;
use events::driver_shifts::{DriverShift, ShiftChange};
use events::ride_requests::{CancelReason, RideRequest, Wish};
use serde::Serialize;
use uuid::Uuid;

use crate::model::Output;

/// Most reports in one request.
const MOST_REPORTS: usize = 1_000;

/// A request, ready to be sent as often as it takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    /// Path behind the address of the gateway.
    pub(super) path: String,
    /// The `Idempotency-Key`, of a request that has one.
    pub(super) key: Option<Uuid>,
    /// The body, JSON.
    pub(super) body: Vec<u8>,
    /// How many outputs it carries.
    pub(super) outputs: usize,
    pub(super) kind: Kind,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Reports,
    Shift,
    Action,
    Ride { trip: TripId, rider: RiderId },
    Cancel,
}

/// A ride that was asked for and will never be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefusedRide {
    pub(crate) trip: TripId,
    pub(crate) rider: RiderId,
}

/// What an answer means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Acknowledged.
    Accepted,
    /// There is nothing left to do: the ride has ended before.
    Ended,
    /// Not known (yet): a ride that was asked for a moment ago, perhaps.
    Unknown,
    /// Not now: try again, after this long if it was said.
    Later(Option<Duration>),
    /// Never.
    Refused,
}

impl Call {
    /// The next request of an owner: takes the first output, and reports behind a report with it.
    pub(super) fn next(outputs: &mut VecDeque<Output>) -> Option<Self> {
        loop {
            match outputs.pop_front()? {
                Output::Report(first) => return Some(Self::reports(first, outputs)),
                Output::Shift(shift) => return Some(Self::shift(&shift)),
                Output::Action(action) => return Some(Self::action(&action)),
                Output::Request(request) => return Some(Self::request(&request)),
                // Nobody sends these.
                Output::Unroutable { .. } => (),
            }
        }
    }

    fn reports(first: LocationReport, outputs: &mut VecDeque<Output>) -> Self {
        let path = format!("/v1/drivers/{}/reports", first.driver);
        let mut reports = vec![ReportBody::of(&first)];
        while reports.len() < MOST_REPORTS
            && let Some(Output::Report(report)) = outputs.front()
        {
            reports.push(ReportBody::of(report));
            outputs.pop_front();
        }
        Self { outputs: reports.len(), ..Self::one(path, Kind::Reports, &reports) }
    }

    fn shift(shift: &DriverShift) -> Self {
        let body = ShiftBody { change: shift.change, position: shift.position };
        Self::one(format!("/v1/drivers/{}/shift", shift.driver), Kind::Shift, &body)
    }

    fn action(action: &DriverAction) -> Self {
        let body = ActionBody { trip: action.trip, attempt: action.attempt, step: action.step };
        Self::one(format!("/v1/drivers/{}/actions", action.driver), Kind::Action, &body)
    }

    fn request(request: &RideRequest) -> Self {
        let (trip, rider) = (request.trip, request.rider);
        match request.wish {
            Wish::Ride { pickup, dropoff } => {
                let body = RideBody { rider, pickup, dropoff };
                let call = Self::one("/v1/rides".to_owned(), Kind::Ride { trip, rider }, &body);
                // The zone of the pickup and this key make the same trip id there as here.
                Self { key: Some(trip.uuid), ..call }
            }
            Wish::Cancel { reason } => {
                let body = CancelBody { reason: said_reason(reason) };
                Self::one(format!("/v1/rides/{trip}/cancel"), Kind::Cancel, &body)
            }
        }
    }

    fn one(path: String, kind: Kind, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a body is plain data");
        Self { path, key: None, body, outputs: 1, kind }
    }

    /// How many of the outputs are reports.
    pub(super) fn reports_carried(&self) -> usize {
        if self.kind == Kind::Reports { self.outputs } else { 0 }
    }

    /// What an answer means; `retry_after` is the header of that name, `body` the answer's.
    pub(super) fn meaning(&self, status: u16, retry_after: Option<&str>, body: &[u8]) -> Meaning {
        match (status, self.kind) {
            (200..=299, _) if self.is_answered_by(body) => Meaning::Accepted,
            (404, Kind::Cancel) => Meaning::Unknown,
            (409, Kind::Cancel) => Meaning::Ended,
            (408 | 429 | 500..=599, _) => {
                let seconds = retry_after.and_then(|text| text.trim().parse().ok());
                Meaning::Later(seconds.map(Duration::from_secs))
            }
            _ => Meaning::Refused,
        }
    }

    /// Whether a good answer speaks of what was asked: all reports, the same ride.
    fn is_answered_by(&self, body: &[u8]) -> bool {
        let field = |name: &str| serde_json::from_slice::<serde_json::Value>(body).ok()?.get(name).cloned();
        match self.kind {
            Kind::Reports => field("accepted").is_some_and(|accepted| accepted == self.outputs),
            Kind::Ride { trip, .. } => field("id").is_some_and(|id| id == trip.to_string()),
            Kind::Shift | Kind::Action | Kind::Cancel => true,
        }
    }
}

#[derive(Serialize)]
struct ReportBody {
    at_ms: CityMs,
    lat: f64,
    lon: f64,
    heading: u16,
    speed: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    trip: Option<TripId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    odometer_m: Option<u32>,
}

impl ReportBody {
    fn of(report: &LocationReport) -> Self {
        let LocationReport { driver: _, at, lat, lon, heading, speed, trip, odometer_m } = *report;
        Self { at_ms: at, lat, lon, heading, speed, trip, odometer_m }
    }
}

#[derive(Serialize)]
struct ShiftBody {
    change: ShiftChange,
    position: LatLng,
}

#[derive(Serialize)]
struct ActionBody {
    trip: TripId,
    attempt: u32,
    #[serde(flatten)]
    step: DriverStep,
}

#[derive(Serialize)]
struct RideBody {
    rider: RiderId,
    pickup: LatLng,
    dropoff: LatLng,
}

#[derive(Serialize)]
struct CancelBody {
    reason: CancelReason,
}

/// A rider at the API knows nothing of cities that close.
fn said_reason(reason: CancelReason) -> CancelReason {
    match reason {
        CancelReason::CityClosing => CancelReason::ChangedMind,
        CancelReason::WaitedTooLong | CancelReason::ChangedMind => reason,
    }
}

#[cfg(test)]
mod tests;
