//! Planted violations: trips and the drivers they hold.

use domain::tariff::SurgeMultiplier;
use domain::trip::{CancelledBy, TripFact, TripStatus};
use domain::{DriverId, RiderId};
use events::fares::FareEvent;
use events::ride_requests::TOPIC as REQUESTS;
use events::trip_events::{TOPIC as EVENTS, TripEvent};

use super::city::{City, PICKUP, surge, trip};
use super::{FindingKind, assert_finds, found};

const DRIVER: DriverId = DriverId(1);

fn cancelled(by: CancelledBy, driver: Option<DriverId>) -> TripFact {
    TripFact::TripCancelled { by, reason: "test".to_owned(), driver }
}

/// A city with a fourth trip that has come this far.
fn with_trip(facts: &[TripFact]) -> City {
    let mut city = City::clean();
    city.request(trip(4), 70_000);
    city.requested(trip(4), 70_001);
    for (after_ms, fact) in (71_000..).step_by(1_000).zip(facts) {
        city.event(trip(4), after_ms, fact.clone());
    }
    let row = match facts.last() {
        Some(TripFact::TripCompleted { driver, .. }) => TripStatus::Completed { driver: *driver },
        Some(TripFact::TripUnfulfilled { .. }) => TripStatus::Unfulfilled,
        _ => TripStatus::Cancelled,
    };
    city.trip_row(trip(4), row, 80_000);
    city
}

fn offer(driver: DriverId, attempt: u32) -> TripFact {
    TripFact::OfferMade { driver, attempt, pickup: PICKUP, dropoff: PICKUP, expires_at: domain::RealMs(0) }
}

#[test]
fn every_lawful_way_to_cancel_is_clean() {
    let (matched, arrived) =
        (TripFact::TripMatched { driver: DRIVER, attempt: 1 }, TripFact::DriverArrived { driver: DRIVER });
    let started = TripFact::TripStarted { driver: DRIVER };
    let way = [offer(DRIVER, 1), matched, arrived, started];
    for (length, by) in [
        (0, CancelledBy::Rider),
        (1, CancelledBy::Rider),
        (2, CancelledBy::Rider),
        (3, CancelledBy::Rider),
        (2, CancelledBy::Driver),
        (3, CancelledBy::Driver),
        (2, CancelledBy::System),
        (3, CancelledBy::System),
        (4, CancelledBy::System),
    ] {
        let end = cancelled(by, (length > 0).then_some(DRIVER));
        let city = with_trip(&[&way[..length], &[end]].concat());
        assert_eq!(found(&city.audit()), [], "{by:?} after {length} steps");
    }
}

#[test]
fn every_step_that_does_not_fit_is_illegal() {
    let matched = TripFact::TripMatched { driver: DRIVER, attempt: 1 };
    let arrived = TripFact::DriverArrived { driver: DRIVER };
    let started = TripFact::TripStarted { driver: DRIVER };
    let declined = TripFact::OfferDeclined { driver: DRIVER, attempt: 1 };
    let by_rider = || cancelled(CancelledBy::Rider, Some(DRIVER));
    let requested = TripFact::TripRequested { pickup: PICKUP, dropoff: PICKUP, surge: surge() };
    let expired = TripFact::OfferExpired { driver: DRIVER, attempt: 2 };
    let unfulfilled = || TripFact::TripUnfulfilled { reason: "no_driver".to_owned() };
    let other = DriverId(2);
    let wrong: Vec<Vec<TripFact>> = vec![
        vec![requested, cancelled(CancelledBy::Rider, None)],
        // Steps are left out.
        vec![matched.clone(), by_rider()],
        vec![offer(DRIVER, 1), arrived.clone(), by_rider()],
        vec![
            offer(DRIVER, 1),
            matched.clone(),
            started.clone(),
            cancelled(CancelledBy::System, Some(DRIVER)),
        ],
        vec![offer(DRIVER, 1), unfulfilled()],
        // Who may not cancel.
        vec![offer(DRIVER, 1), matched.clone(), arrived.clone(), started.clone(), by_rider()],
        vec![offer(DRIVER, 1), cancelled(CancelledBy::Driver, Some(DRIVER))],
        // Attempts and drivers that do not belong together.
        vec![offer(DRIVER, 1), declined.clone(), offer(other, 1), cancelled(CancelledBy::Rider, Some(other))],
        vec![offer(DRIVER, 1), declined, offer(DRIVER, 2), by_rider()],
        vec![offer(DRIVER, 1), expired, cancelled(CancelledBy::Rider, None)],
        vec![
            offer(DRIVER, 1),
            TripFact::TripMatched { driver: other, attempt: 1 },
            cancelled(CancelledBy::Rider, Some(other)),
        ],
        vec![offer(DRIVER, 1), cancelled(CancelledBy::Rider, None)],
        // Something after the end.
        vec![
            cancelled(CancelledBy::Rider, None),
            offer(DRIVER, 1),
            cancelled(CancelledBy::Rider, Some(DRIVER)),
        ],
    ];
    for facts in wrong {
        assert_finds(&with_trip(&facts), FindingKind::IllegalTripStep);
    }
}

#[test]
fn a_completion_with_another_surge_or_duration_is_illegal() {
    for (surge, duration_s, total, is_legal) in
        [(surge(), 1, 600, true), (SurgeMultiplier::NONE, 1, 500, false), (surge(), 4, 600, false)]
    {
        let mut city = with_trip(&[
            offer(DRIVER, 1),
            TripFact::TripMatched { driver: DRIVER, attempt: 1 },
            TripFact::DriverArrived { driver: DRIVER },
            TripFact::TripStarted { driver: DRIVER },
            TripFact::TripCompleted { driver: DRIVER, distance_m: 0, duration_s, surge },
        ]);
        let mut fare = FareEvent { distance_m: 0, duration_s, surge, ..city.fare(trip(4)) };
        (fare.breakdown.distance_minor, fare.breakdown.time_minor) = (0, if duration_s == 1 { 1 } else { 2 });
        fare.breakdown.total.minor = total;
        city.write(&fare, 76_000);
        if is_legal {
            assert_eq!(found(&city.audit()), []);
        } else {
            assert_finds(&city, FindingKind::IllegalTripStep);
        }
    }
}

#[test]
fn an_event_of_another_rider_is_illegal() {
    let mut city = with_trip(&[]);
    let fact = cancelled(CancelledBy::Rider, None);
    let at = domain::CityMs(super::city::T0 + 75_000);
    city.write(&TripEvent { trip: trip(4), rider: RiderId(99), at, fact }, 75_000);
    assert_finds(&city, FindingKind::IllegalTripStep);
}

#[test]
fn a_trip_that_ends_again_is_found_as_such() {
    for again in
        [cancelled(CancelledBy::Rider, None), TripFact::TripUnfulfilled { reason: "no_driver".to_owned() }]
    {
        assert_finds(&with_trip(&[cancelled(CancelledBy::Rider, None), again]), FindingKind::TripEndedTwice);
    }
}

#[test]
fn a_trip_that_nobody_asked_for_is_found() {
    let mut city = City::clean();
    city.requested(trip(4), 70_000);
    city.event(trip(4), 71_000, cancelled(CancelledBy::Rider, None));
    assert_finds(&city, FindingKind::EventWithoutRequest);
}

#[test]
fn a_trip_that_does_not_begin_with_its_request_is_found() {
    let mut city = City::clean();
    city.request(trip(4), 70_000);
    city.event(trip(4), 71_000, cancelled(CancelledBy::Rider, None));
    assert_finds(&city, FindingKind::EventWithoutRequest);
}

#[test]
fn a_request_that_nothing_followed_is_found_unless_it_was_rejected() {
    let mut city = City::clean();
    city.request(trip(1), 68_000);
    assert_eq!(found(&city.audit()), [], "a repeated request is none");
    city.request(trip(4), 70_000);
    assert_finds(&city, FindingKind::RequestWithoutTripEvent);
    let record = &city.of(&REQUESTS).pop().unwrap().record;
    let place = (REQUESTS.name, record.partition, record.offset);
    city.letters.push((place.0, place.1, place.2, "trips"));
    assert!(city.audit().clean);
}

#[test]
fn an_open_trip_in_a_closed_city_is_found() {
    let mut city = City::clean();
    city.forget_last(&EVENTS, 1);
    city.trip_row(trip(3), TripStatus::Requested, 60_001);
    assert_finds(&city, FindingKind::TripOpen);
}

#[test]
fn a_driver_who_is_held_by_two_trips_is_found() {
    let mut city = City::clean();
    city.request(trip(4), 8_000);
    city.requested(trip(4), 8_001);
    city.offer(trip(4), 1, 1, 39_999);
    city.event(trip(4), 45_000, TripFact::OfferExpired { driver: DRIVER, attempt: 1 });
    city.event(trip(4), 46_000, cancelled(CancelledBy::Rider, None));
    city.trip_row(trip(4), TripStatus::Cancelled, 46_000);
    assert_finds(&city, FindingKind::DriverOnTwoTrips);
}

#[test]
fn a_driver_may_go_from_one_trip_to_the_next_within_a_millisecond() {
    let mut city = City::clean();
    city.request(trip(4), 8_000);
    city.requested(trip(4), 8_001);
    city.offer(trip(4), 1, 1, 40_000);
    city.event(trip(4), 46_000, cancelled(CancelledBy::Rider, Some(DRIVER)));
    city.trip_row(trip(4), TripStatus::Cancelled, 46_000);
    assert!(city.audit().clean, "{}", city.audit());
}
