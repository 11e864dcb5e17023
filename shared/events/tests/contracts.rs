//! Every topic's example is read, written back unchanged, and refused when anything of it is wrong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::driver::Driver;
use domain::trip::Trip;
use domain::{CityMs, DriverId};
use events::driver_actions::DriverAction;
use events::driver_commands::DriverCommandRecord;
use events::driver_locations::LocationReport;
use events::driver_shifts::DriverShift;
use events::eta_updates::EtaUpdate;
use events::fares::FareEvent;
use events::reservation_replies::ReservationReplyRecord;
use events::ride_requests::RideRequest;
use events::service_figures::ServiceFigures;
use events::service_logs::ServiceLog;
use events::trip_events::TripEvent;
use events::zone_observations::ZoneObservation;
use events::zones::ZoneState;
use events::{Contract, Invalid, Placement, decode};

/// Reads an example, checks that unknown fields are ignored and missing ones refused, and gives what is written.
fn round_trip<T: Contract>(example: &str) -> String {
    let payload: T = serde_json::from_str(example).expect("the example is of the topic's type");
    let record = payload.to_record();
    let text = String::from_utf8(record.payload.clone().unwrap()).unwrap();
    let decoded: T = decode(Some(&record.key), record.payload.as_deref(), None).unwrap();
    assert_eq!(decoded.to_record(), record);
    let more = text.replacen('{', "{\"new_field\":[1,2,3],", 1);
    decode::<T>(Some(&record.key), Some(more.as_bytes()), None).expect("unknown fields are ignored");
    // Every top-level field of the example but the optional ones is needed.
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let needed = fields.keys().filter(|field| {
        let mut less = fields.clone();
        less.remove(*field);
        decode::<T>(Some(&record.key), Some(&serde_json::to_vec(&less).unwrap()), None).is_err()
    });
    let needed: Vec<&str> = needed.map(String::as_str).collect();
    format!("{} {:?}\n{text}\nneeds {}", T::TOPIC.name, T::TOPIC.family, needed.join(" "))
}

#[test]
fn the_examples_of_all_topics_are_what_is_written() {
    let all = [
        round_trip::<LocationReport>(events::driver_locations::EXAMPLE),
        round_trip::<DriverShift>(events::driver_shifts::EXAMPLE),
        round_trip::<DriverCommandRecord>(events::driver_commands::EXAMPLE),
        round_trip::<Driver>(events::drivers::EXAMPLE),
        round_trip::<RideRequest>(events::ride_requests::EXAMPLE),
        round_trip::<DriverAction>(events::driver_actions::EXAMPLE),
        round_trip::<ReservationReplyRecord>(events::reservation_replies::EXAMPLE),
        round_trip::<TripEvent>(events::trip_events::EXAMPLE),
        round_trip::<Trip>(events::trips::EXAMPLE),
        round_trip::<EtaUpdate>(events::eta_updates::EXAMPLE),
        round_trip::<FareEvent>(events::fares::EXAMPLE),
        round_trip::<ZoneObservation>(events::zone_observations::EXAMPLE),
        round_trip::<ZoneState>(events::zones::EXAMPLE),
        round_trip::<ServiceFigures>(events::service_figures::EXAMPLE),
        round_trip::<ServiceLog>(events::service_logs::EXAMPLE),
    ];
    assert_eq!(all.len(), events::ALL.len());
    insta::assert_snapshot!(all.join("\n\n"));
}

const REPORT: &str =
    r#"{"driver":4711,"at":1000000000,"lat":37.774929,"lon":-122.419416,"heading":90,"speed":8.3}"#;

fn report(key: Option<&str>, payload: Option<&str>, moment_ms: i64) -> Result<LocationReport, Invalid> {
    decode(key.map(str::as_bytes), payload.map(str::as_bytes), Some(CityMs(moment_ms)))
}

#[test]
fn a_good_report_is_read() {
    let report = report(Some("4711"), Some(REPORT), 1_000_000_500).unwrap();
    assert_eq!((report.driver, report.heading, report.trip), (DriverId(4711), 90, None));
}

#[test]
fn every_kind_of_bad_record_is_refused_with_its_reason() {
    let with = |from: &str, to: &str| REPORT.replace(from, to);
    let huge = with("\"heading\"", &format!("\"x\":\"{}\",\"heading\"", "y".repeat(2_000_000)));
    let day_ms = 24 * 3600 * 1000;
    for (what, key, payload, moment_ms, code) in [
        ("no payload", Some("4711"), None, 1_000_000_000, "null_payload"),
        ("no JSON", Some("4711"), Some("{\"driver\":".to_owned()), 1_000_000_000, "malformed_json"),
        ("not text", Some("4711"), Some("hello".to_owned()), 1_000_000_000, "malformed_json"),
        ("a list", Some("4711"), Some("[]".to_owned()), 1_000_000_000, "wrong_shape"),
        ("a text as number", Some("4711"), Some(with("90", "\"east\"")), 1_000_000_000, "wrong_shape"),
        ("a missing field", Some("4711"), Some(with("\"heading\":90,", "")), 1_000_000_000, "wrong_shape"),
        ("NaN", Some("4711"), Some(with("37.774929", "NaN")), 1_000_000_000, "malformed_json"),
        ("a null coordinate", Some("4711"), Some(with("37.774929", "null")), 1_000_000_000, "wrong_shape"),
        (
            "an endless number",
            Some("4711"),
            Some(with("37.774929", "1e999")),
            1_000_000_000,
            "malformed_json",
        ),
        ("off the globe", Some("4711"), Some(with("37.774929", "97.7")), 1_000_000_000, "out_of_range"),
        ("a heading of 400", Some("4711"), Some(with("90", "400")), 1_000_000_000, "out_of_range"),
        ("a negative speed", Some("4711"), Some(with("8.3", "-8.3")), 1_000_000_000, "out_of_range"),
        ("another driver's key", Some("4712"), Some(REPORT.to_owned()), 1_000_000_000, "key_mismatch"),
        ("no key", None, Some(REPORT.to_owned()), 1_000_000_000, "key_mismatch"),
        ("two days old", Some("4711"), Some(REPORT.to_owned()), 1_000_000_000 + 2 * day_ms, "too_old"),
        ("of tomorrow", Some("4711"), Some(REPORT.to_owned()), 1_000_000_000 - day_ms, "in_the_future"),
        ("of 2 MB", Some("4711"), Some(huge), 1_000_000_000, "payload_too_large"),
    ] {
        let invalid = report(key, payload.as_deref(), moment_ms).expect_err(what);
        assert_eq!(invalid.code, code, "{what}: {invalid}");
        assert!(invalid.detail.len() < 300, "{what}: the detail stays short");
    }
}

#[test]
fn a_request_outside_its_trips_zone_is_refused() {
    let request = events::ride_requests::EXAMPLE.replace("\"lat\":37.774929", "\"lat\":37.9");
    let value: serde_json::Value = serde_json::from_str(&request).unwrap();
    let key = value["trip"].as_str().unwrap();
    let invalid = decode::<RideRequest>(Some(key.as_bytes()), Some(request.as_bytes()), None).unwrap_err();
    assert_eq!(invalid.code, "wrong_zone");
}

#[test]
fn records_of_a_trip_are_placed_by_its_zone_and_records_of_a_driver_by_key() {
    let event: TripEvent = serde_json::from_str(events::trip_events::EXAMPLE).unwrap();
    assert_eq!(event.to_record().placement, Placement::Zone(event.trip.zone));
    let report: LocationReport = serde_json::from_str(events::driver_locations::EXAMPLE).unwrap();
    assert_eq!(report.to_record().placement, Placement::Key);
    assert_eq!(report.tombstone().payload, None);
}
