//! A ride as its rider sees it, from whoever knows it: the table, the history, or the request just accepted.

use archive::RideRecord;
use domain::trip::{Trip, TripStatus};
use domain::{CityMs, DriverId};
use events::eta_updates::{EtaUpdate, Leg};
use serde::Serialize;
use utoipa::ToSchema;

use super::amount::{Fare, Meter};
use super::asked::Asked;
use super::position::Position;
use super::ride_state::RideState;
use crate::view::{LastReport, TripView};

/// A ride.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Ride {
    /// Names it in paths: the zone of the pickup and the idempotency key.
    #[schema(example = "8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab")]
    pub(crate) id: String,
    /// Whose.
    pub(crate) rider: u64,
    /// How far it is.
    pub(crate) state: RideState,
    /// From here.
    pub(crate) pickup: Position,
    /// To there.
    pub(crate) dropoff: Position,
    /// The multiplier of its price in hundredths, locked when it was asked for.
    #[schema(minimum = 100, maximum = 300)]
    pub(crate) surge: u16,
    /// When it was asked for, city time.
    pub(crate) requested_at_ms: i64,
    /// Who comes, drives or drove.
    #[schema(required = true)]
    pub(crate) driver_id: Option<u64>,
    /// Where the driver is, while coming, waiting or driving.
    #[schema(required = true)]
    pub(crate) driver: Option<DriverPlace>,
    /// How long until the end of the leg.
    #[schema(required = true)]
    pub(crate) eta: Option<Eta>,
    /// What the meter shows, while driving.
    #[schema(required = true)]
    pub(crate) meter: Option<Meter>,
    /// What the rider pays, after the end.
    #[schema(required = true)]
    pub(crate) fare: Option<Fare>,
}

/// Where the driver of a ride is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct DriverPlace {
    /// Who.
    pub(crate) id: u64,
    /// Degrees north.
    pub(crate) lat: f64,
    /// Degrees east.
    pub(crate) lon: f64,
    /// Degrees clockwise from north.
    #[schema(maximum = 359)]
    pub(crate) heading: u16,
    /// Metres per second.
    pub(crate) speed: f32,
    /// When it was measured, city time.
    pub(crate) at_ms: i64,
}

/// An estimated time of arrival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Eta {
    /// Of which leg.
    pub(crate) leg: RideLeg,
    /// Seconds of city time from `at_ms` to the end of the leg.
    pub(crate) eta_s: u32,
    /// Metres of road left.
    pub(crate) remaining_m: u32,
    /// When it was computed, city time.
    pub(crate) at_ms: i64,
}

/// A leg of a ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RideLeg {
    /// The driver comes.
    Pickup,
    /// The rider is on board.
    Dropoff,
}

impl From<&EtaUpdate> for Eta {
    fn from(update: &EtaUpdate) -> Self {
        let leg = match update.leg {
            Leg::Pickup => RideLeg::Pickup,
            Leg::Dropoff => RideLeg::Dropoff,
        };
        Self { leg, eta_s: update.eta_s, remaining_m: update.remaining_m, at_ms: update.at.0 }
    }
}

impl DriverPlace {
    pub(crate) fn of(driver: DriverId, report: &LastReport) -> Self {
        Self {
            id: driver.0,
            lat: report.position.lat,
            lon: report.position.lon,
            heading: report.heading,
            speed: report.speed_mps,
            at_ms: report.at.0,
        }
    }
}

impl Ride {
    /// As the table has it; `report` finds the newest report of a driver.
    pub(crate) fn seen(view: &TripView, report: impl FnOnce(DriverId) -> Option<LastReport>) -> Self {
        let TripView { trip, eta, meter, fare } = view;
        let state = RideState::from(trip.status);
        // Who is only asked is the rider's business when they have accepted.
        let driver = rider_knows(trip);
        let place = driver.filter(|_| state.shows_driver());
        let place = place.and_then(|driver| Some(DriverPlace::of(driver, &report(driver)?)));
        let fits = |update: &&EtaUpdate| match update.leg {
            Leg::Pickup => state == RideState::Matched,
            Leg::Dropoff => state == RideState::Started,
        };
        Self {
            state,
            surge: trip.surge.hundredths(),
            driver_id: driver.map(|driver| driver.0),
            driver: place,
            eta: eta.as_ref().filter(fits).map(Eta::from),
            meter: meter.as_ref().filter(|_| state == RideState::Started).map(Meter::from),
            fare: fare.as_ref().map(Fare::from),
            ..Self::bare(
                trip.id.to_string(),
                trip.rider.0,
                (trip.pickup.into(), trip.dropoff.into()),
                trip.requested_at,
            )
        }
    }

    /// As it was asked for, when nothing has come of it yet.
    pub(crate) fn asked(asked: &Asked, surge: u16) -> Self {
        let wish = asked.wish;
        let ends = (wish.pickup.into(), wish.dropoff.into());
        Self { surge, ..Self::bare(asked.trip.to_string(), wish.rider.0, ends, asked.at) }
    }

    /// As the history has it.
    pub(crate) fn remembered(record: &RideRecord) -> Self {
        let state = RideState::after(&record.last.fact);
        let driver = record.driver.filter(|_| state != RideState::Offered);
        Self {
            state,
            surge: record.surge.hundredths(),
            driver_id: driver.map(|driver| driver.0),
            fare: record.fare.as_ref().map(Fare::from),
            ..Self::bare(
                record.trip.to_string(),
                record.rider.0,
                (record.pickup.into(), record.dropoff.into()),
                record.requested_at,
            )
        }
    }

    fn bare(id: String, rider: u64, (pickup, dropoff): (Position, Position), requested_at: CityMs) -> Self {
        Self {
            id,
            rider,
            state: RideState::Requested,
            pickup,
            dropoff,
            surge: 100,
            requested_at_ms: requested_at.0,
            driver_id: None,
            driver: None,
            eta: None,
            meter: None,
            fare: None,
        }
    }
}

fn rider_knows(trip: &Trip) -> Option<DriverId> {
    match trip.status {
        TripStatus::Matched { driver }
        | TripStatus::Arrived { driver }
        | TripStatus::Started { driver, .. }
        | TripStatus::Completed { driver } => Some(driver),
        TripStatus::Requested
        | TripStatus::Offered { .. }
        | TripStatus::Cancelled
        | TripStatus::Unfulfilled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(status: TripStatus) -> TripView {
        let trip: Trip = serde_json::from_str(events::trips::EXAMPLE).unwrap();
        let eta = serde_json::from_str(events::eta_updates::EXAMPLE).unwrap();
        let fare = serde_json::from_str(events::fares::EXAMPLE).unwrap();
        TripView { trip: Trip { status, ..trip }, eta: Some(eta), meter: Some(fare), fare: None }
    }

    fn report(driver: DriverId) -> Option<LastReport> {
        assert_eq!(driver, DriverId(4711));
        let position = testkit::town::PICKUP;
        let (heading, speed_mps, at, seen_ms) = (90, 8.0, CityMs(5), 6);
        Some(LastReport { position, heading, speed_mps, at, seen_ms, trip: None })
    }

    #[test]
    fn a_rider_sees_what_belongs_to_the_state_of_the_ride() {
        let driver = DriverId(4711);
        // State, whether the driver's name, their place, the estimate (of the pickup) and the meter show.
        for (status, expected) in [
            (TripStatus::Requested, [false, false, false, false]),
            (TripStatus::Offered { driver }, [false, false, false, false]),
            (TripStatus::Matched { driver }, [true, true, true, false]),
            (TripStatus::Arrived { driver }, [true, true, false, false]),
            (TripStatus::Started { driver, started_at: CityMs(0) }, [true, true, false, true]),
            (TripStatus::Completed { driver }, [true, false, false, false]),
            (TripStatus::Cancelled, [false, false, false, false]),
            (TripStatus::Unfulfilled, [false, false, false, false]),
        ] {
            let ride = Ride::seen(&view(status), report);
            let shown =
                [ride.driver_id.is_some(), ride.driver.is_some(), ride.eta.is_some(), ride.meter.is_some()];
            assert_eq!(shown, expected, "{status:?}");
        }
    }
}
