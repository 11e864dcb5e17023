//! Planted violations: the tables of trips and drivers.

use domain::DriverId;
use domain::driver::DriverStatus;
use domain::trip::TripStatus;
use events::trips::TOPIC as TRIPS;

use super::city::{City, trip};
use super::{FindingKind, assert_finds};

#[test]
fn a_row_that_says_something_else_than_the_events_is_found() {
    for status in [
        TripStatus::Requested,
        TripStatus::Offered { driver: DriverId(1) },
        TripStatus::Completed { driver: DriverId(2) },
        TripStatus::Cancelled,
    ] {
        let mut city = City::clean();
        city.trip_row(trip(1), status, 50_000);
        assert_finds(&city, FindingKind::SnapshotDiffers);
    }
}

#[test]
fn ended_trips_may_leave_the_table_and_open_ones_may_not() {
    let mut city = City::clean();
    city.write_raw(&TRIPS, &trip(1).to_string(), None, 50_000);
    assert!(city.audit().clean, "{}", city.audit());
    city.closed = false;
    city.request(trip(4), 30_000);
    city.requested(trip(4), 30_001);
    assert_finds(&city, FindingKind::SnapshotDiffers);
    city.trip_row(trip(4), TripStatus::Requested, 30_001);
    assert!(city.audit().clean, "{}", city.audit());
}

#[test]
fn a_row_without_events_is_found() {
    let mut city = City::clean();
    city.trip_row(trip(4), TripStatus::Requested, 50_000);
    assert_finds(&city, FindingKind::SnapshotDiffers);
}

#[test]
fn a_driver_who_is_held_for_an_ended_or_unknown_trip_is_found() {
    for held_for in [trip(1), trip(9)] {
        let mut city = City::clean();
        city.live[0].idle = None;
        city.driver_row(1, DriverStatus::OnTrip, Some(held_for), 50_000);
        assert_finds(&city, FindingKind::SnapshotDiffers);
        city.closed = false;
        assert!(city.audit().clean, "{}", city.audit());
    }
}
