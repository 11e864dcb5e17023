//! What is told to a driver, event by event.

use domain::driver::DriverStatus;
use serde_json::{Value, json};

use super::*;
use crate::api::tests::gate::{Gate, KEY, NOW_MS, driver, event, fare, trip, trip_of};
use crate::view::News;

const ME: DriverId = DriverId(7);

fn teller(gate: &Gate) -> DriverTeller {
    DriverTeller { view: Arc::clone(&gate.view), driver: ME, offer: None, is_offer_open: false }
}

fn names(told: &[Told]) -> Vec<&'static str> {
    told.iter().map(|told| told.event).collect()
}

fn hear(teller: &mut DriverTeller, what: &Value) -> Vec<Told> {
    let fact =
        DriverNews::Fact { event: event(trip_of(KEY), what), partition: 5, offset: 1, timestamp_ms: NOW_MS };
    let mut told = Vec::new();
    teller.hear(&fact, NOW_MS, &mut told);
    told
}

fn offer(attempt: u32, expires_at: i64) -> Value {
    json!({"event": "offer_made", "driver": 7, "attempt": attempt, "expires_at": expires_at,
        "pickup": {"lat": 46.0, "lon": 0.5}, "dropoff": {"lat": 46.01, "lon": 0.5}})
}

#[test]
fn an_offer_is_told_once_with_what_is_left_of_its_time() {
    let gate = Gate::new();
    let mut teller = teller(&gate);
    let told = hear(&mut teller, &offer(1, NOW_MS + 9000));
    assert_eq!(names(&told), ["offer"]);
    let data: Value = serde_json::from_str(&told[0].data).unwrap();
    assert_eq!((&data["expires_in_ms"], &data["attempt"]), (&json!(9000), &json!(1)));
    assert_eq!(names(&hear(&mut teller, &offer(1, NOW_MS + 9000))), [""; 0], "the same once more");
    assert_eq!(names(&hear(&mut teller, &offer(2, NOW_MS))), [""; 0], "it is over already");
    assert_eq!(names(&hear(&mut teller, &offer(3, NOW_MS + 1))), ["offer"]);
}

#[test]
fn an_offer_ends_by_its_reason_and_an_accepted_one_becomes_a_trip() {
    let gate = Gate::new();
    for (what, names_told, reason) in [
        (json!({"event": "offer_declined", "driver": 7, "attempt": 1}), "offer_ended", Some("declined")),
        (json!({"event": "offer_expired", "driver": 7, "attempt": 1}), "offer_ended", Some("expired")),
        (
            json!({"event": "trip_cancelled", "by": "rider", "reason": "changed_mind", "driver": 7}),
            "offer_ended",
            Some("cancelled"),
        ),
        (json!({"event": "trip_matched", "driver": 7, "attempt": 1}), "trip", None),
    ] {
        let mut teller = teller(&gate);
        hear(&mut teller, &offer(1, NOW_MS + 9000));
        let told = hear(&mut teller, &what);
        assert_eq!(names(&told), [names_told], "{what}");
        let data: Value = serde_json::from_str(&told[0].data).unwrap();
        assert_eq!(data["reason"].as_str(), reason);
    }
    let mut teller = teller(&gate);
    hear(&mut teller, &offer(1, NOW_MS + 9000));
    hear(&mut teller, &json!({"event": "trip_matched", "driver": 7, "attempt": 1}));
    let told =
        hear(&mut teller, &json!({"event": "trip_cancelled", "by": "rider", "reason": "x", "driver": 7}));
    let data: Value = serde_json::from_str(&told[0].data).unwrap();
    assert_eq!((told[0].event, &data["state"], &data["by"]), ("trip", &json!("cancelled"), &json!("rider")));
    assert_eq!(data["trip"], trip_of(KEY).to_string());
}

#[test]
fn an_open_offer_is_found_in_the_tables_when_its_fact_came_too_early() {
    let gate = Gate::new();
    let mut teller = teller(&gate);
    assert_eq!(names(&teller.begin(NOW_MS)), ["driver"]);
    let reserved = driver(7, DriverStatus::Reserved, Some(trip_of(KEY)));
    gate.view.apply(&[reserved, trip(trip_of(KEY), TripStatus::Offered { driver: DriverId(8) })]);
    let mut told = Vec::new();
    teller.tick(NOW_MS, &mut told);
    assert_eq!(names(&told), [""; 0], "somebody else is asked");
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Offered { driver: ME })]);
    teller.tick(NOW_MS, &mut told);
    teller.tick(NOW_MS, &mut told);
    assert_eq!(names(&told), ["offer"]);
    hear(&mut teller, &json!({"event": "offer_declined", "driver": 7, "attempt": 1}));
    told.clear();
    teller.tick(NOW_MS, &mut told);
    assert_eq!(names(&told), [""; 0], "it was declined, whatever the tables say");
}

#[test]
fn snapshots_and_fares_are_told() {
    let gate = Gate::new();
    let mut teller = teller(&gate);
    let mut told = Vec::new();
    let News::Driver(_, Some(snapshot)) = driver(7, DriverStatus::Idle, None) else {
        unreachable!("it is a driver")
    };
    teller.hear(&DriverNews::Snapshot(*snapshot), NOW_MS, &mut told);
    let News::Fare(event) = fare(trip_of(KEY), true) else { unreachable!("it is a fare") };
    teller.hear(&DriverNews::Fare(*event), NOW_MS, &mut told);
    assert_eq!(names(&told), ["driver", "fare"]);
    let data: Value = serde_json::from_str(&told[1].data).unwrap();
    assert_eq!((&data["total"]["minor"], &data["trip"]), (&json!(1223), &json!(trip_of(KEY).to_string())));
}
