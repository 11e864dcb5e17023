//! Cities in which all is well, and what retention and youth excuse.

use domain::DriverId;
use domain::trip::TripFact;

use super::city::{AUDIT_MS, BY_ZONE, City, trip};
use super::found;

#[test]
fn a_clean_city_has_no_finding() {
    let report = City::clean().audit();
    assert!(report.clean, "{report}");
    assert_eq!(report.counts["trips completed"], 1);
    assert_eq!(report.counts["trip-events records"], 12);
    assert_eq!(report.counts["trip-events documents"], 12);
    assert_eq!(report.counts["driver-locations records"], 38);
    let held = report.records["driver-locations"][&super::city::BY_DRIVER];
    assert_eq!((held.records, held.whole), (38, true));
    assert_eq!(report.notes, [""; 0]);
}

#[test]
fn an_empty_city_has_no_finding() {
    assert!(City::empty().audit().clean);
}

#[test]
fn the_text_tells_every_finding_and_the_verdict() {
    let mut city = City::clean();
    city.forget_last(&events::fares::TOPIC, 1);
    let text = city.audit().to_string();
    assert!(text.contains("fare_missing                                        1\n    trip "), "{text}");
    assert!(text.contains("missing_in_mongodb                                  0\n"), "{text}");
    assert!(text.ends_with("audit: NOT clean"), "{text}");
    assert!(City::clean().audit().to_string().ends_with("audit: clean"));
}

#[test]
fn what_retention_has_removed_is_said_and_not_guessed() {
    let mut city = City::clean();
    // Of the requests all but the last are gone, of the events those before the second offer.
    city.low.insert((events::ride_requests::TOPIC.name, BY_ZONE), 3);
    city.low.insert((events::trip_events::TOPIC.name, BY_ZONE), 3);
    let report = city.audit();
    assert!(report.clean, "{report}");
    assert_eq!(
        report.notes,
        [
            "ride-requests: retention has removed 3 offsets, which were not recounted",
            "trip-events: retention has removed 3 offsets, which were not recounted",
            "1 trips have lost their beginning to retention and were not judged",
        ]
    );
}

#[test]
fn in_a_running_city_young_records_are_not_judged() {
    let mut city = City::clean();
    city.closed = false;
    city.audit_ms = AUDIT_MS + 50_000;
    let young = 100_000 + 50_000 - 2_000;
    city.request(trip(4), young);
    city.requested(trip(5), young);
    city.event(trip(1), young, TripFact::TripStarted { driver: DriverId(2) });
    for topic in [&events::ride_requests::TOPIC, &events::trip_events::TOPIC] {
        city.of(topic).last_mut().unwrap().document = None;
    }
    city.write_raw(&events::fares::TOPIC, "x", Some(b"{".to_vec()), young);
    let report = city.audit();
    assert_eq!(found(&report), [], "{report}");
    assert!(report.notes[0].contains("not closed"), "{report}");
    city.closed = true;
    assert!(found(&city.audit()).len() >= 5);
}

#[test]
fn an_open_trip_of_a_running_city_is_told_with_its_age() {
    let mut city = City::clean();
    city.closed = false;
    city.forget_last(&events::trip_events::TOPIC, 1);
    city.trip_row(trip(3), domain::trip::TripStatus::Requested, 60_001);
    let report = city.audit();
    assert_eq!(found(&report), [], "{report}");
    assert_eq!(report.notes[0], "1 trips are open, the oldest for 98 s");
}

#[test]
fn an_audit_by_another_clock_says_so() {
    let mut city = City::clean();
    city.clock = "0,99000000,1".parse().unwrap();
    let report = city.audit();
    assert!(report.notes.iter().any(|note| note.contains("HAILSTORM_CITY_CLOCK")), "{report}");
}
