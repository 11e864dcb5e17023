//! Tables of records in, fares out.

use super::*;
use domain::tariff::SurgeMultiplier;
use domain::{DriverId, RiderId};
use pipeline::fakes::OwnedRecord;
use proptest::prelude::*;

const TRIP: &str = "88283082a3fffff.0192f0c1-2345-7abc-8def-0123456789ab";
const OTHER_TRIP: &str = "88283082a3fffff.0192f0c1-2345-7abc-8def-0123456789ac";

fn handler() -> FareHandler {
    let mut handler = FareHandler::new(CityClock::REAL, Tariff::default());
    handler.assigned(0);
    handler
}

/// Handles a record and decodes what comes out.
fn give(
    handler: &mut FareHandler,
    record: (&str, i64, &str, &str),
    now: i64,
) -> (Result<Outcome, &'static str>, Vec<FareEvent>) {
    let (topic, offset, key, payload) = record;
    let record = OwnedRecord { timestamp_ms: now, ..OwnedRecord::new(topic, 0, offset, key, payload) };
    let mut effects = Vec::new();
    let outcome = handler.handle(&record.borrow(), &mut effects).map_err(|reject| reject.code);
    let decode =
        |record: &OutRecord| events::decode(Some(&record.key), record.payload.as_deref(), None).unwrap();
    (outcome, effects.iter().map(decode).collect())
}

/// Handles a record that is only the ground for what is tested.
fn take(handler: &mut FareHandler, record: (&str, i64, &str, &str), now: i64) {
    assert_eq!(give(handler, record, now).0, Ok(Outcome::Done));
}

fn on_trip(status: &str, started_at: Option<i64>) -> String {
    let started_at = started_at.map_or(String::new(), |at| format!(r#","started_at":{at}"#));
    let stop = r#"{"lat":46.0,"lon":0.5}"#;
    format!(
        r#"{{"id":7,"status":"{status}","since":0,"assignment":{{"trip":"{TRIP}","attempt":1,"pickup":{stop},"dropoff":{stop},"surge":150{started_at}}}}}"#
    )
}

fn report(at: i64, trip: &str, odometer_m: Option<u32>) -> String {
    let odometer = odometer_m.map_or(String::new(), |metres| format!(r#","odometer_m":{metres}"#));
    format!(
        r#"{{"driver":7,"at":{at},"lat":46.0,"lon":0.5,"heading":0,"speed":9,"trip":"{trip}"{odometer}}}"#
    )
}

fn completed(distance_m: u32, duration_s: u32, surge: u16) -> String {
    format!(
        r#"{{"trip":"{TRIP}","rider":17,"at":900000,"event":"trip_completed","driver":7,"distance_m":{distance_m},"duration_s":{duration_s},"surge":{surge}}}"#
    )
}

#[test]
fn a_completed_trip_has_one_fare_with_its_amounts() {
    let (outcome, fares) =
        give(&mut handler(), ("trip-events", 0, TRIP, &completed(4210, 612, 120)), 900_000);
    assert_eq!((outcome, fares.len()), (Ok(Outcome::Done), 1));
    let fare = &fares[0];
    assert_eq!(
        (fare.breakdown.distance_minor, fare.breakdown.time_minor, fare.breakdown.total.minor),
        (463, 306, 1223)
    );
    assert_eq!((fare.driver, fare.at, fare.surge.hundredths()), (DriverId(7), CityMs(900_000), 120));
    assert_eq!(fare.kind, FareKind::FareCalculated { rider: RiderId(17), tariff: Tariff::default() });
}

#[test]
fn other_facts_are_not_final() {
    for fact in [
        r#""event":"trip_started","driver":7"#,
        r#""event":"trip_cancelled","by":"rider","reason":"changed_mind""#,
        r#""event":"trip_unfulfilled","reason":"nobody""#,
    ] {
        let payload = format!(r#"{{"trip":"{TRIP}","rider":17,"at":900000,{fact}}}"#);
        let (outcome, fares) = give(&mut handler(), ("trip-events", 0, TRIP, &payload), 900_000);
        assert_eq!((outcome, fares.len()), (Ok(Outcome::Skipped("not_final")), 0), "{fact}");
    }
}

#[test]
fn the_meter_is_read_every_fifteen_seconds() {
    let mut handler = handler();
    take(&mut handler, ("drivers", 0, "7", &on_trip("on_trip", Some(100_000))), 0);
    let mut readings = Vec::new();
    for n in 0..9u32 {
        let at = 100_000 + 5_000 * i64::from(n);
        let (_, fares) =
            give(&mut handler, ("driver-locations", at, "7", &report(at, TRIP, Some(n * 40))), at);
        readings.extend(fares);
    }
    let shown = |fare: &FareEvent| (fare.at.0, fare.distance_m, fare.duration_s, fare.surge.hundredths());
    let expected = [(100_000, 0, 0, 150), (115_000, 120, 15, 150), (130_000, 240, 30, 150)];
    assert_eq!(readings.iter().map(shown).collect::<Vec<_>>(), expected);
    assert!(
        readings.iter().all(|fare| fare.kind == FareKind::MeterRead && fare.breakdown.total.minor >= 750)
    );
}

#[test]
fn in_a_fast_city_the_meter_is_read_once_a_real_second() {
    let mut handler = handler();
    take(&mut handler, ("drivers", 0, "7", &on_trip("on_trip", Some(0))), 0);
    let readings: usize = (0..40)
        .map(|n| {
            let payload = report(n * 20_000, TRIP, Some(1));
            give(&mut handler, ("driver-locations", n, "7", &payload), n * 100).1.len()
        })
        .sum();
    assert_eq!(readings, 4);
}

#[test]
fn a_meter_runs_only_for_the_trip_with_a_rider_on_board() {
    for (status, started_at, trip, expected) in [
        ("on_trip", Some(0), TRIP, Ok(Outcome::Done)),
        ("on_trip", Some(0), OTHER_TRIP, Ok(Outcome::Skipped("meter_not_running"))),
        ("on_trip", None, TRIP, Ok(Outcome::Skipped("meter_not_running"))),
        ("waiting", None, TRIP, Ok(Outcome::Skipped("meter_not_running"))),
    ] {
        let mut handler = handler();
        take(&mut handler, ("drivers", 0, "7", &on_trip(status, started_at)), 0);
        let (outcome, fares) =
            give(&mut handler, ("driver-locations", 0, "7", &report(1000, trip, Some(5))), 1000);
        assert_eq!(
            (outcome, fares.len()),
            (expected, usize::from(expected == Ok(Outcome::Done))),
            "{status}"
        );
        let (outcome, fares) =
            give(&mut handler, ("driver-locations", 1, "7", &report(2000, trip, None)), 2000);
        assert_eq!((outcome, fares.len()), (Ok(Outcome::Done), 0), "without odometer");
    }
}

#[test]
fn the_table_knows_its_offsets_and_restarts_no_meter() {
    let mut handler = handler();
    let reading = |handler: &mut FareHandler, at: i64| {
        give(handler, ("driver-locations", at, "7", &report(at, TRIP, Some(5))), at).1.len()
    };
    take(&mut handler, ("drivers", 9, "7", &on_trip("on_trip", Some(0))), 0);
    assert_eq!(reading(&mut handler, 1_000), 1);
    take(&mut handler, ("drivers", 8, "7", r#"{"id":7,"status":"idle","since":0}"#), 0);
    take(&mut handler, ("drivers", 10, "7", &on_trip("on_trip", Some(0))), 0);
    assert_eq!(reading(&mut handler, 6_000), 0, "the same trip: not yet due");
    assert_eq!(reading(&mut handler, 16_000), 1, "the older record did not stop it");
    take(&mut handler, ("drivers", 11, "7", r#"{"id":7,"status":"idle","since":0}"#), 0);
    assert_eq!(reading(&mut handler, 40_000), 0);
    handler.revoked(0);
    handler.assigned(0);
    assert_eq!(reading(&mut handler, 60_000), 0);
}

#[test]
fn what_can_not_be_used_is_rejected() {
    for (topic, key, payload, code) in [
        ("trip-events", TRIP, "{", "malformed_json"),
        ("trip-events", OTHER_TRIP, completed(1, 1, 100).as_str(), "key_mismatch"),
        ("trip-events", TRIP, completed(1, 1, 99).as_str(), "wrong_shape"),
        ("driver-locations", "8", report(1, TRIP, None).as_str(), "key_mismatch"),
        ("drivers", "7", "[]", "wrong_shape"),
        ("zones", "7", "{}", "unknown_topic"),
    ] {
        let (outcome, fares) = give(&mut handler(), (topic, 0, key, payload), 900_000);
        assert_eq!((outcome, fares.len()), (Err(code), 0), "{topic} {payload}");
    }
}

proptest! {
    #[test]
    fn a_final_fare_depends_on_nothing_but_its_event(
        distance_m in any::<u32>(), duration_s in any::<u32>(), surge in 100u16..=300, metered in any::<bool>(),
    ) {
        let mut handler = handler();
        if metered {
            take(&mut handler, ("drivers", 0, "7", &on_trip("on_trip", Some(0))), 0);
            take(&mut handler, ("driver-locations", 0, "7", &report(1000, TRIP, Some(5))), 1000);
        }
        let payload = completed(distance_m, duration_s, surge);
        let (_, fares) = give(&mut handler, ("trip-events", 0, TRIP, &payload), 900_000);
        let surge = SurgeMultiplier::try_from(surge).unwrap();
        prop_assert_eq!(fares[0].breakdown, Tariff::default().fare(distance_m, duration_s, surge));
    }
}
