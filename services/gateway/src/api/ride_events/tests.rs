//! What is told of a ride, event by event.

use domain::trip::TripStatus;
use domain::{CityMs, DriverId};
use serde_json::json;

use super::*;
use crate::api::tests::gate::{Gate, KEY, NOW_MS, event, fare, place, report, trip, trip_of};
use crate::view::News;

const DRIVER: DriverId = DriverId(4711);

/// A teller that has begun, what it told first, and the view it looks at.
fn begin(status: TripStatus) -> (RideTeller, Vec<String>, Gate) {
    let gate = Gate::new();
    gate.view.apply(&[trip(trip_of(KEY), status)]);
    let ride = present(&gate.state, trip_of(KEY)).unwrap();
    let mut teller = RideTeller::new(Arc::clone(&gate.view), trip_of(KEY), &ride, None);
    let first = names(&teller.begin(&ride, Vec::new(), NOW_MS));
    (teller, first, gate)
}

fn names(told: &[Told]) -> Vec<String> {
    told.iter().map(|told| format!("{}{}", told.event, told.id.as_deref().unwrap_or_default())).collect()
}

fn hear(teller: &mut RideTeller, news: &TripNews) -> Vec<String> {
    let mut told = Vec::new();
    teller.hear(news, NOW_MS, &mut told);
    names(&told)
}

fn tick(teller: &mut RideTeller, now_ms: i64) -> Vec<String> {
    let mut told = Vec::new();
    teller.tick(now_ms, &mut told);
    names(&told)
}

fn fact(offset: i64, what: &serde_json::Value) -> TripNews {
    TripNews::Fact { event: event(trip_of(KEY), what), partition: 5, offset, timestamp_ms: NOW_MS }
}

fn money(is_final: bool) -> TripNews {
    let News::Fare(event) = fare(trip_of(KEY), is_final) else { unreachable!("it is a fare") };
    TripNews::Fare(*event)
}

fn completed() -> serde_json::Value {
    json!({"event": "trip_completed", "driver": 4711, "distance_m": 9, "duration_s": 9, "surge": 100})
}

#[test]
fn the_fare_comes_before_the_end_in_whichever_order_they_are_heard() {
    let (mut teller, first, _gate) = begin(TripStatus::Started { driver: DRIVER, started_at: CityMs(0) });
    assert_eq!(first, ["ride"]);
    assert_eq!(hear(&mut teller, &money(false)), ["meter"]);
    assert_eq!(hear(&mut teller, &fact(7, &completed())), ["state5-7"]);
    assert!(!teller.is_over());
    assert_eq!(hear(&mut teller, &money(true)), ["fare", "end"]);
    assert!(teller.is_over());

    let (mut teller, _, _gate) = begin(TripStatus::Started { driver: DRIVER, started_at: CityMs(0) });
    assert_eq!(hear(&mut teller, &money(true)), ["fare"]);
    assert_eq!(hear(&mut teller, &money(false)), [""; 0], "a meter after the fare is old");
    assert_eq!(hear(&mut teller, &fact(7, &completed())), ["state5-7", "end"]);
}

#[test]
fn a_fare_that_does_not_come_is_not_waited_for_for_ever() {
    let (mut teller, _, _gate) = begin(TripStatus::Started { driver: DRIVER, started_at: CityMs(0) });
    hear(&mut teller, &fact(7, &completed()));
    assert_eq!(tick(&mut teller, NOW_MS + FARE_PATIENCE_MS - 1), [""; 0]);
    assert_eq!(tick(&mut teller, NOW_MS + FARE_PATIENCE_MS), ["end"]);
    let (mut teller, _, gate) = begin(TripStatus::Completed { driver: DRIVER });
    gate.view.apply(&[fare(trip_of(KEY), true)]);
    assert_eq!(tick(&mut teller, NOW_MS), ["fare", "end"], "it came while nobody listened");
}

#[test]
fn other_ends_need_no_fare() {
    for (what, status) in [
        (
            json!({"event": "trip_cancelled", "by": "system", "reason": "driver_vanished"}),
            TripStatus::Cancelled,
        ),
        (json!({"event": "trip_unfulfilled", "reason": "no_driver"}), TripStatus::Unfulfilled),
    ] {
        let (mut teller, _, _gate) = begin(TripStatus::Requested);
        assert_eq!(hear(&mut teller, &fact(1, &what)), ["state5-1", "end"]);
        let (teller, first, _gate) = begin(status);
        assert_eq!((first, teller.is_over()), (vec!["ride".to_owned(), "end".to_owned()], true));
    }
}

#[test]
fn a_position_is_told_when_it_is_new_and_the_rider_may_know() {
    let (mut teller, _, gate) = begin(TripStatus::Offered { driver: DRIVER });
    gate.view.apply(&[report(4711, place(9), 0)]);
    assert_eq!(tick(&mut teller, NOW_MS), [""; 0], "the driver is only asked");
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Matched { driver: DRIVER })]);
    hear(&mut teller, &fact(3, &json!({"event": "trip_matched", "driver": 4711, "attempt": 1})));
    assert_eq!(tick(&mut teller, NOW_MS), ["position"]);
    assert_eq!(tick(&mut teller, NOW_MS), [""; 0], "nothing new");
    gate.view.apply(&[report(4711, place(10), 5000)]);
    assert_eq!(tick(&mut teller, NOW_MS), ["position"]);
    let update = serde_json::from_str(events::eta_updates::EXAMPLE).unwrap();
    assert_eq!(hear(&mut teller, &TripNews::Eta(update)), ["eta"]);
}

#[test]
fn a_state_that_was_missed_is_told_from_the_table_after_a_while() {
    let (mut teller, _, gate) = begin(TripStatus::Requested);
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Matched { driver: DRIVER })]);
    for _ in 1..PATIENT_TICKS {
        assert_eq!(tick(&mut teller, NOW_MS), [""; 0]);
    }
    assert_eq!(tick(&mut teller, NOW_MS), ["ride"]);
    assert_eq!(tick(&mut teller, NOW_MS), [""; 0]);
    gate.view.apply(&[News::Trip(trip_of(KEY), None)]);
    assert_eq!(tick(&mut teller, NOW_MS), ["end"], "it left the table, so it has ended");
}

#[test]
fn what_was_missed_comes_first_and_once() {
    let gate = Gate::new();
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Matched { driver: DRIVER })]);
    let ride = present(&gate.state, trip_of(KEY)).unwrap();
    let mut teller = RideTeller::new(Arc::clone(&gate.view), trip_of(KEY), &ride, None);
    let matched = json!({"event": "trip_matched", "driver": 4711, "attempt": 1});
    let missed = vec![(5, Missed { offset: 8, event: event(trip_of(KEY), &matched) })];
    assert_eq!(names(&teller.begin(&ride, missed, NOW_MS)), ["state5-8", "ride"]);
    assert_eq!(hear(&mut teller, &fact(8, &matched)), [""; 0]);
    assert_eq!(
        hear(&mut teller, &fact(9, &json!({"event": "driver_arrived", "driver": 4711}))),
        ["state5-9"]
    );
}

#[test]
fn what_another_gateway_has_told_is_not_told_again() {
    let gate = Gate::new();
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Offered { driver: DRIVER })]);
    let ride = present(&gate.state, trip_of(KEY)).unwrap();
    let mut teller = RideTeller::new(Arc::clone(&gate.view), trip_of(KEY), &ride, Some((5, 8)));
    assert_eq!(names(&teller.begin(&ride, Vec::new(), NOW_MS)), ["ride"]);
    let matched = json!({"event": "trip_matched", "driver": 4711, "attempt": 1});
    assert_eq!(hear(&mut teller, &fact(8, &matched)), [""; 0], "this gateway is behind the other");
    assert_eq!(teller.state, RideState::Matched);
    let arrived = json!({"event": "driver_arrived", "driver": 4711});
    assert_eq!(hear(&mut teller, &fact(9, &arrived)), ["state5-9"]);
    let mut elsewhere = RideTeller::new(Arc::clone(&gate.view), trip_of(KEY), &ride, Some((4, 800)));
    assert_eq!(hear(&mut elsewhere, &fact(8, &matched)), ["state5-8"], "an id of another partition is none");
}
