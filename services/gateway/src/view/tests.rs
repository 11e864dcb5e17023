//! News in, answers and news for listeners out.

use domain::driver::{Driver, DriverStatus};
use domain::trip::{Trip, TripStatus};
use domain::{CityMs, RealMs};
use events::driver_locations::LocationReport;
use events::fares::FareKind;
use events::trip_events::TripEvent;
use testkit::town::{self, DRIVER, PICKUP, START_MS};

use super::*;

fn trip(number: u32, status: TripStatus) -> News {
    let example: Trip = serde_json::from_str(events::trips::EXAMPLE).unwrap();
    let trip = Trip { id: town::trip(number), status, deadline: RealMs(0), ..example };
    News::Trip(trip.id, Some(Box::new(trip)))
}

fn driver(id: DriverId, status: DriverStatus) -> News {
    let driver = Driver { id, status, since: CityMs(START_MS), assignment: None, leaving: false };
    News::Driver(id, Some(Box::new(driver)))
}

fn fact(number: u32, offset: i64, json: &str) -> News {
    let (trip, at) = (town::trip(number), START_MS);
    let text = format!(r#"{{"trip":"{trip}","rider":17,"at":{at},{json}}}"#);
    let event: TripEvent = serde_json::from_str(&text).unwrap();
    News::Fact { event: Box::new(event), partition: 5, offset, timestamp_ms: START_MS }
}

fn fare(number: u32, kind: Option<FareKind>) -> News {
    let mut event: events::fares::FareEvent = serde_json::from_str(events::fares::EXAMPLE).unwrap();
    event.trip = town::trip(number);
    event.kind = kind.unwrap_or(event.kind);
    News::Fare(Box::new(event))
}

fn report(at_ms: i64) -> News {
    let (lat, lon, at) = (PICKUP.lat, PICKUP.lon, CityMs(START_MS + at_ms));
    let report =
        LocationReport { driver: DRIVER, at, lat, lon, heading: 7, speed: 1.0, trip: None, odometer_m: None };
    News::Report { report, timestamp_ms: START_MS + at_ms }
}

/// All that a listener has unread, as text.
fn unread<T: About>(listener: &mut Listener<T>, text: impl Fn(&T) -> String) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(news) = futures::FutureExt::now_or_never(listener.recv()).flatten() {
        told.push(text(&news));
    }
    told
}

fn trip_text(news: &TripNews) -> String {
    match news {
        TripNews::Fact { partition, offset, .. } => format!("fact {partition}-{offset}"),
        TripNews::Eta(update) => format!("eta {}", update.eta_s),
        TripNews::Fare(event) => format!("fare {}", event.breakdown.total.minor),
    }
}

fn driver_text(news: &DriverNews) -> String {
    match news {
        DriverNews::Fact { offset, .. } => format!("fact {offset}"),
        DriverNews::Snapshot(driver) => format!("snapshot {:?}", driver.status),
        DriverNews::Fare(event) => format!("fare {}", event.breakdown.total.minor),
    }
}

#[test]
fn the_view_answers_by_key() {
    let view = View::new(CityClock::REAL);
    assert!(!view.tables_are_read());
    let zone: ZoneState = serde_json::from_str(events::zones::EXAMPLE).unwrap();
    view.apply(&[
        trip(1, TripStatus::Requested),
        driver(DRIVER, DriverStatus::Idle),
        report(0),
        News::Zone(zone.zone, Some(Box::new(zone.clone()))),
        News::TablesAreRead,
    ]);
    assert!(view.tables_are_read());
    assert_eq!(view.trip(town::trip(1)), view.trip_by_uuid(town::trip(1).uuid));
    assert_eq!(view.trip(town::trip(1)).unwrap().trip.status, TripStatus::Requested);
    let seen = view.driver(DRIVER).unwrap();
    assert_eq!(seen.driver.unwrap().status, DriverStatus::Idle);
    assert_eq!(seen.report.unwrap().heading, 7);
    assert_eq!(view.nearest_idle(PICKUP, 3, START_MS)[0].driver, DRIVER);
    assert_eq!(view.zone(zone.zone), Some(zone.clone()));
    view.apply(&[News::Zone(zone.zone, None), News::Driver(DRIVER, None), News::Trip(town::trip(1), None)]);
    assert_eq!((view.zone(zone.zone), view.trip(town::trip(1))), (None, None));
    assert_eq!(view.driver(DRIVER).unwrap().driver, None, "the report is still known");
    assert!(view.nearest_idle(PICKUP, 3, START_MS).is_empty());
}

#[test]
fn a_listener_hears_of_its_own_trip_in_order() {
    let view = View::new(CityClock::REAL);
    let mut listener = view.listen_to_trip(town::trip(1));
    let eta: events::eta_updates::EtaUpdate = serde_json::from_str(events::eta_updates::EXAMPLE).unwrap();
    let eta = events::eta_updates::EtaUpdate { trip: town::trip(1), ..eta };
    view.apply(&[
        fact(1, 10, r#""event":"trip_matched","driver":4711,"attempt":1"#),
        fact(2, 11, r#""event":"trip_matched","driver":4712,"attempt":1"#),
        News::Eta(Box::new(eta)),
        trip(1, TripStatus::Matched { driver: DRIVER }),
        fare(1, None),
    ]);
    assert_eq!(unread(&mut listener, trip_text), ["fact 5-10", "eta 184", "fare 1223"]);
    assert_eq!(unread(&mut listener, trip_text), Vec::<String>::new());
}

#[test]
fn a_driver_hears_of_facts_that_name_them() {
    let view = View::new(CityClock::REAL);
    let mut listener = view.listen_to_driver(DRIVER);
    view.apply(&[
        fact(1, 1, r#""event":"offer_expired","driver":4711,"attempt":1"#),
        fact(1, 2, r#""event":"offer_expired","driver":1,"attempt":2"#),
        fact(1, 3, r#""event":"trip_unfulfilled","reason":"nobody""#),
        fact(1, 4, r#""event":"trip_cancelled","by":"rider","reason":"x","driver":4711"#),
        driver(DRIVER, DriverStatus::Idle),
        News::Driver(DRIVER, None),
        report(0),
        fare(1, Some(FareKind::MeterRead)),
        fare(1, None),
    ]);
    let told = unread(&mut listener, driver_text);
    assert_eq!(told, ["fact 1", "fact 4", "snapshot Idle", "fare 1223"]);
}

#[test]
fn who_falls_behind_is_told_so_and_others_are_not_held_up() {
    let view = View::new(CityClock::REAL);
    let mut slow = view.listen_to_trip(town::trip(1));
    let mut quick = view.listen_to_trip(town::trip(1));
    for offset in 0..100 {
        view.apply(&[fact(1, offset, r#""event":"driver_arrived","driver":4711"#)]);
        assert_eq!(unread(&mut quick, trip_text), [format!("fact 5-{offset}")]);
    }
    assert_eq!(unread(&mut slow, trip_text).len(), 64, "and then the end:");
    assert!(matches!(futures::FutureExt::now_or_never(slow.recv()), Some(None)));
}

#[test]
fn listeners_that_left_leave_nothing_behind() {
    let view = View::new(CityClock::REAL);
    let (first, second) = (view.listen_to_trip(town::trip(1)), view.listen_to_trip(town::trip(1)));
    let other = view.listen_to_driver(DRIVER);
    drop(first);
    assert!(!view.trip_listeners.is_empty());
    drop(second);
    drop(other);
    assert!(view.trip_listeners.is_empty() && view.driver_listeners.is_empty());
}

#[test]
fn what_happened_is_counted_from_the_start_on() {
    let view = View::new(CityClock::REAL);
    let (lat, lon) = (PICKUP.lat, PICKUP.lon);
    let requested = format!(
        r#""event":"trip_requested","pickup":{{"lat":{lat},"lon":{lon}}},"dropoff":{{"lat":{lat},"lon":{lon}}},"surge":100"#
    );
    view.apply(&[
        report(0),
        report(-5000),
        fact(1, 1, &requested),
        fact(1, 2, r#""event":"trip_completed","driver":4711,"distance_m":1,"duration_s":1,"surge":100"#),
        fact(2, 3, r#""event":"trip_cancelled","by":"rider","reason":"x""#),
        fact(3, 4, r#""event":"trip_unfulfilled","reason":"x""#),
        fare(1, None),
        fare(1, Some(FareKind::MeterRead)),
    ]);
    let expected = Totals {
        reports: 2,
        requests: 1,
        matched: 0,
        completed: 1,
        cancelled: 1,
        unfulfilled: 1,
        fares_minor: 1223,
    };
    assert_eq!(view.totals(), expected);
}

#[test]
fn the_map_is_told_of_changes_once() {
    let view = View::new(CityClock::REAL);
    let zone: ZoneState = serde_json::from_str(events::zones::EXAMPLE).unwrap();
    view.apply(&[report(0), trip(1, TripStatus::Requested), News::Zone(zone.zone, Some(Box::new(zone)))]);
    let Changes { drivers, trips, zones } = view.take_changes();
    assert_eq!((drivers.len(), trips.len(), zones.len()), (1, 1, 1));
    assert_eq!(view.take_changes(), Changes::default());
    view.forget_strangers(START_MS + 1);
    assert_eq!(view.driver(DRIVER), None);
}
