//! People among the simulated ones: guests are told when the city closes, and a ride that nobody took is over.

mod town;

use domain::tariff::SurgeMultiplier;
use domain::trip::{CancelledBy, DriverStep, TripFact};
use domain::{CityMs, DriverId, LatLng, RiderId, TripId, Zone};
use events::driver_actions::DriverAction;
use events::ride_requests::{CancelReason, RideRequest, Wish};
use events::trip_events::TripEvent;
use loadgen::model::{City, Faults, Output};
use town::{START, STREETS, new_city, settings};
use uuid::Uuid;

fn a_junction() -> LatLng {
    STREETS.0.nodes().next().map(|node| STREETS.0.position(node)).expect("the streets have junctions")
}

fn event(trip: TripId, rider: u64, at: CityMs, fact: TripFact) -> TripEvent {
    TripEvent { trip, rider: RiderId(rider), at, fact }
}

/// Ends a city with one guest's trip that went as far as `facts`; gives what was said for it.
fn close_on_a_guest(rider: u64, facts: Vec<TripFact>) -> (City, Vec<Output>) {
    let mut city = new_city(4, 1.0, settings(3, 0.0, Faults::NONE));
    let mut outputs = Vec::new();
    let pickup = a_junction();
    let trip = TripId { zone: Zone::of(pickup), uuid: Uuid::from_u128(9) };
    let now = CityMs(START.0 + 10_000);
    city.step(now, &mut outputs);
    for fact in facts {
        city.on_trip_event(&event(trip, rider, now, fact), now, &mut outputs);
    }
    outputs.clear();
    city.close(now);
    city.step(now.plus_ms(60_000), &mut outputs);
    outputs.retain(|output| matches!(output, Output::Request(_) | Output::Action(_)));
    (city, outputs)
}

#[test]
fn a_guest_who_still_waits_when_the_city_closes_is_told_so() {
    let pickup = a_junction();
    let requested = TripFact::TripRequested { pickup, dropoff: pickup, surge: SurgeMultiplier::NONE };
    let (mut city, said) = close_on_a_guest(900_000, vec![requested.clone()]);
    let [Output::Request(RideRequest { trip, rider, wish: Wish::Cancel { reason }, .. })] = said[..] else {
        panic!("{said:?}")
    };
    assert_eq!((rider, reason, city.guests()), (RiderId(900_000), CancelReason::CityClosing, 1));
    assert!(!city.finished());
    let reason = "city_closing".to_owned();
    let cancelled = TripFact::TripCancelled { by: CancelledBy::Rider, reason, driver: None };
    let now = CityMs(START.0 + 71_000);
    let mut late = Vec::new();
    city.on_trip_event(&event(trip, 900_000, now, cancelled), now, &mut late);
    assert!(city.finished());
    city.on_trip_event(&event(trip, 900_001, now, requested), now, &mut late);
    assert!(matches!(late[..], [Output::Request(RideRequest { rider: RiderId(900_001), .. })]), "{late:?}");
}

#[test]
fn a_guest_who_drives_lets_the_rider_out_when_the_city_closes() {
    let pickup = a_junction();
    let driver = DriverId(4_000);
    let requested = TripFact::TripRequested { pickup, dropoff: pickup, surge: SurgeMultiplier::NONE };
    let matched = TripFact::TripMatched { driver, attempt: 2 };
    let started = TripFact::TripStarted { driver };
    let (_, said) = close_on_a_guest(900_000, vec![requested, matched, started]);
    let [Output::Action(DriverAction { driver: told, attempt: 2, step: DriverStep::DropOff { .. }, .. })] =
        said[..]
    else {
        panic!("{said:?}")
    };
    assert_eq!(told, driver);
}

#[test]
fn a_refused_ride_is_over_for_its_rider() {
    let mut city = new_city(5, 1.0, settings(3, 600.0, Faults::NONE));
    let mut outputs = Vec::new();
    city.step(CityMs(START.0 + 20_000), &mut outputs);
    let asked = outputs.iter().find_map(|output| match output {
        Output::Request(request) => Some((request.trip, request.rider)),
        Output::Report(_) | Output::Shift(_) | Output::Action(_) | Output::Unroutable { .. } => None,
    });
    let (trip, rider) = asked.expect("ten riders a second ask within twenty seconds");
    let open = city.open_trips();
    city.on_refusal(trip, RiderId(rider.0 + 1));
    assert_eq!((city.open_trips(), city.counters().refused), (open, 0));
    city.on_refusal(trip, rider);
    city.on_refusal(trip, rider);
    assert_eq!((city.open_trips(), city.counters().refused), (open - 1, 1));
}

#[test]
fn a_driver_on_the_way_home_takes_no_offer() {
    let mut city = new_city(3, 1.0, settings(2_000, 0.0, Faults::NONE));
    let (mut outputs, now) = (Vec::new(), CityMs(START.0 + 10_000));
    city.step(now, &mut outputs);
    city.close(now);
    city.step(now, &mut outputs);
    outputs.clear();
    assert!(city.census().idle > 1_000, "the last of them is still there");
    let trip = TripId { zone: Zone::of(a_junction()), uuid: Uuid::from_u128(9) };
    let offer = TripFact::OfferMade {
        driver: DriverId(2_000),
        attempt: 1,
        pickup: a_junction(),
        dropoff: a_junction(),
        expires_at: START.plus_ms(30_000),
    };
    city.on_trip_event(&event(trip, 900_000, now, offer), now, &mut outputs);
    let [Output::Action(DriverAction { driver: DriverId(2_000), step, .. })] = outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!(step, DriverStep::Decline);
}
