//! Rides: quoted, asked for, looked at, cancelled.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use domain::tariff::{SurgeMultiplier, Tariff};
use domain::trip::TripStatus;
use domain::{CityMs, DriverId, Zone};
use events::zones::ZoneState;
use serde_json::{Value, json};

use super::gate::{Gate, KEY, NOW_MS, driver, fare, place, remembered, report, trip, trip_of, wish};
use crate::view::{News, View};

fn zone(surge: u16, age_ms: i64) -> News {
    let zone = Zone::of(place(1));
    let surge = SurgeMultiplier::try_from(surge).unwrap();
    let state =
        ZoneState { zone, at: CityMs(NOW_MS - age_ms), supply: 1.0, demand: 9, speed_mps: None, surge };
    News::Zone(zone, Some(Box::new(state)))
}

#[tokio::test]
async fn a_quote_is_the_fare_of_its_way_at_the_surge_of_now() {
    let gate = Gate::new();
    let body = json!({"pickup": place(1), "dropoff": place(2000)});
    let at_rest = gate.post("/v1/quotes", &body).await.json();
    assert_eq!(at_rest["surge"], 100);
    gate.view.apply(&[zone(140, 0)]);
    let quote = gate.post("/v1/quotes", &body).await.json();
    let (metres, seconds) = (quote["distance_m"].as_u64().unwrap(), quote["duration_s"].as_u64().unwrap());
    let surge = SurgeMultiplier::try_from(140).unwrap();
    let fare = Tariff::default().fare(metres.try_into().unwrap(), seconds.try_into().unwrap(), surge);
    assert_eq!(quote["price"], json!({"minor": fare.total.minor, "currency": "USD"}));
    assert_eq!(quote["breakdown"]["distance_minor"], fare.distance_minor);
    assert_eq!(quote["surge"], 140);
    assert_eq!(quote["valid_until_ms"], NOW_MS + 120_000);
    assert_eq!(quote["route"][0], json!([place(1).lon, place(1).lat]));
    assert_eq!(quote["pickup_eta_s"], 0, "redis has a driver at the pickup");
    gate.view.apply(&[zone(140, 11 * 60 * 1000)]);
    assert_eq!(gate.post("/v1/quotes", &body).await.json()["surge"], 100, "an old surge says nothing");
}

#[tokio::test]
async fn a_quote_goes_on_without_redis_and_without_drivers() {
    let gate = Gate::new();
    gate.redis_is_up.store(false, Ordering::Relaxed);
    let body = json!({"pickup": place(1), "dropoff": place(2000)});
    assert_eq!(gate.post("/v1/quotes", &body).await.json()["pickup_eta_s"], Value::Null);
    let idle = domain::driver::DriverStatus::Idle;
    gate.view.apply(&[driver(5, idle, None), report(5, place(40), 0)]);
    let quote = gate.post("/v1/quotes", &body).await.json();
    assert!(quote["pickup_eta_s"].as_u64().unwrap() > 0, "{quote}");
}

#[tokio::test]
async fn places_that_no_ride_can_lead_to_are_refused_by_name() {
    let gate = Gate::new();
    let (here, there) = (place(1), place(2000));
    let far = json!({"lat": 37.77, "lon": -122.41});
    let near = here.offset_m(1.0, 1.0);
    for (pickup, dropoff, slug, field) in [
        (far.clone(), json!(there), "outside-city", Some("pickup")),
        (json!(here), far, "outside-city", Some("dropoff")),
        (json!(here), json!(near), "same-place", None),
        (json!({"lat": 90, "lon": 180}), json!(there), "outside-city", Some("pickup")),
    ] {
        let body = json!({"pickup": pickup, "dropoff": dropoff});
        let mut asked = body.clone();
        asked["rider"] = json!(17);
        for answer in [gate.post("/v1/quotes", &body).await, gate.ask_for_ride(KEY, &asked).await] {
            assert_eq!((answer.status.as_u16(), answer.slug().as_str()), (422, slug), "{body}");
            assert_eq!(answer.json()["errors"][0]["field"].as_str(), field);
        }
    }
    let route = |from, to| format!("/v1/routes?from={from}&to={to}");
    let text = |at: domain::LatLng| format!("{},{}", at.lat, at.lon);
    let answer = gate.get(&route(text(here), text(there))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["points"].as_array().unwrap().len() > 2);
    let nowhere = gate.get(&route(text(here), text(near))).await.json();
    let junction = json!([here.lon, here.lat]);
    assert_eq!(nowhere, json!({"distance_m": 0, "duration_s": 0, "points": [junction, junction]}));
    assert_eq!(gate.get(&route(text(here), "1,2".to_owned())).await.slug(), "outside-city");
    for query in ["", "?from=1,2", "?from=1,2&to=x", "?from=NaN,1&to=1,1", "?from=1,2&from=1,2&to=1,1"] {
        assert_eq!(gate.get(&format!("/v1/routes{query}")).await.slug(), "invalid-parameter", "{query}");
    }
    assert_eq!(gate.written(), []);
}

#[tokio::test]
async fn a_ride_is_asked_for_once_however_often_it_is_sent() {
    let gate = Gate::new();
    for _ in 0..3 {
        let answer = gate.ask_for_ride(KEY, &wish()).await;
        assert_eq!(answer.status, 202);
        let ride = answer.json();
        assert_eq!(ride["id"], trip_of(KEY).to_string());
        assert_eq!(ride["state"], "requested");
        assert_eq!(answer.header("location"), Some(format!("/v1/rides/{}", trip_of(KEY)).as_str()));
    }
    let expected = json!({
        "trip": trip_of(KEY).to_string(), "rider": 17, "at": NOW_MS, "wish": "ride",
        "pickup": place(1), "dropoff": place(2000),
    });
    assert_eq!(gate.written(), [("ride-requests", expected)]);
    let upper = gate.ask_for_ride(&KEY.to_uppercase(), &wish()).await;
    assert_eq!((upper.status.as_u16(), gate.written().len()), (202, 1), "letters of a key have no case");
}

#[tokio::test]
async fn what_a_caller_asks_for_goes_back_to_its_own_span() {
    let span = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (header, expected) in [(span, Some(span)), ("00-nothing", None)] {
        let gate = Gate::new();
        let headers =
            [("content-type", "application/json"), ("idempotency-key", KEY), ("traceparent", header)];
        let answer = gate.ask("POST", "/v1/rides", &headers, wish().to_string()).await;
        assert_eq!(answer.status, 202);
        let written = gate.log.written.lock().unwrap();
        let told = written[0].traceparent.map(|span| span.to_string());
        assert_eq!(told.as_deref(), expected);
    }
}

#[tokio::test]
async fn a_key_is_for_one_ride() {
    let gate = Gate::new();
    gate.ask_for_ride(KEY, &wish()).await;
    for (field, value) in
        [("rider", json!(18)), ("pickup", json!(place(1500))), ("dropoff", json!(place(2001)))]
    {
        let mut other = wish();
        other[field] = value;
        let answer = gate.ask_for_ride(KEY, &other).await;
        assert_eq!(answer.slug(), "idempotency-key-reused", "{field}");
    }
    assert_eq!(gate.written().len(), 1);
}

#[tokio::test]
async fn of_requests_at_the_same_time_one_is_written() {
    let gate = Gate::new();
    let (wish, mut other) = (wish(), wish());
    other["rider"] = json!(18);
    let all_wait = gate.log.may.acquire_many(1000).await.unwrap();
    let one = async {
        tokio::task::yield_now().await;
        drop(all_wait);
    };
    let (a, b, c, ()) = futures::join!(
        gate.ask_for_ride(KEY, &wish),
        gate.ask_for_ride(KEY, &wish),
        gate.ask_for_ride(KEY, &other),
        one
    );
    assert_eq!((a.status.as_u16(), b.status.as_u16(), c.status.as_u16()), (202, 202, 409));
    assert_eq!(gate.written().len(), 1);
}

#[tokio::test]
async fn without_kafka_nothing_is_accepted_and_the_same_request_succeeds_later() {
    let gate = Gate::new();
    gate.log.is_up.store(false, Ordering::Relaxed);
    let answer = gate.ask_for_ride(KEY, &wish()).await;
    assert_eq!((answer.status.as_u16(), answer.slug().as_str()), (503, "kafka-unavailable"));
    assert_eq!(gate.get(&format!("/v1/rides/{}", trip_of(KEY))).await.slug(), "unknown-ride");
    gate.log.is_up.store(true, Ordering::Relaxed);
    assert_eq!(gate.ask_for_ride(KEY, &wish()).await.status, 202);
    assert_eq!(gate.written().len(), 1);
    assert_eq!(gate.get(&format!("/v1/rides/{}", trip_of(KEY))).await.json()["state"], "requested");
}

#[tokio::test]
async fn a_client_that_vanishes_in_the_middle_may_come_back_with_its_key() {
    let gate = Gate::new();
    let all_wait = gate.log.may.acquire_many(1000).await.unwrap();
    let wish = wish();
    tokio::select! {
        biased;
        _ = gate.ask_for_ride(KEY, &wish) => panic!("kafka has not answered"),
        () = tokio::task::yield_now() => (),
    }
    drop(all_wait);
    assert_eq!(gate.ask_for_ride(KEY, &wish).await.status, 202);
    assert_eq!(gate.written().len(), 1);
}

#[tokio::test]
async fn a_ride_that_another_instance_accepted_is_not_written_again() {
    let gate = Gate::new();
    let driver = DriverId(4711);
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Matched { driver })]);
    let answer = gate.ask_for_ride(KEY, &wish()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &json!("matched")));
    for (field, value) in [("rider", json!(18)), ("pickup", json!(place(1500)))] {
        let mut other = wish();
        other[field] = value;
        assert_eq!(gate.ask_for_ride(KEY, &other).await.slug(), "idempotency-key-reused", "{field}");
    }
    assert_eq!(gate.written(), []);
}

#[tokio::test]
async fn a_ride_that_only_the_history_remembers_is_not_begun_anew() {
    let gate = Gate::new();
    let completed =
        json!({"event": "trip_completed", "driver": 4711, "distance_m": 1, "duration_s": 1, "surge": 100});
    gate.history.rides.lock().unwrap().push(remembered(trip_of(KEY), &completed));
    let answer = gate.ask_for_ride(KEY, &wish()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &json!("completed")));
    assert_eq!(gate.written(), []);
}

#[tokio::test(start_paused = true)]
async fn a_history_that_does_not_answer_holds_few_requests_up() {
    let gate = Gate::new();
    gate.history.hangs.store(true, Ordering::Relaxed);
    let begun = tokio::time::Instant::now();
    for number in 0..5 {
        let key = KEY.replace("6f96", &format!("{number:04}"));
        assert_eq!(gate.ask_for_ride(&key, &wish()).await.status, 202);
    }
    assert_eq!(gate.written().len(), 5);
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_ride_needs_one_key() {
    let gate = Gate::new();
    let body = wish().to_string();
    for keys in [
        vec![],
        vec![""],
        vec!["7"],
        vec!["6f9619ff8b864011b42d00c04fc964ff"],
        vec!["{6f9619ff-8b86-4011-b42d-00c04fc964ff}"],
        vec!["6f9619ff-8b86-4011-b42d-00c04fc964fg"],
        vec![KEY, KEY],
    ] {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(keys.iter().map(|key| ("idempotency-key", *key)));
        let answer = gate.ask("POST", "/v1/rides", &headers, Body::from(body.clone())).await;
        assert_eq!(answer.slug(), "idempotency-key-required", "{keys:?}");
    }
}

#[tokio::test]
async fn a_ride_is_told_by_whoever_knows_it() {
    let gate = Gate::new();
    let path = format!("/v1/rides/{}", trip_of(KEY));
    assert_eq!(gate.get(&path).await.slug(), "unknown-ride");
    assert_eq!(gate.get("/v1/rides/nonsense").await.slug(), "unknown-ride");
    gate.history.is_away.store(true, Ordering::Relaxed);
    assert_eq!(gate.get(&path).await.slug(), "history-unavailable");

    let driver = DriverId(4711);
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Started { driver, started_at: CityMs(NOW_MS) })]);
    gate.view.apply(&[report(4711, place(7), 0), fare(trip_of(KEY), false)]);
    let ride = gate.get(&path).await.json();
    assert_eq!((&ride["state"], &ride["driver_id"]), (&json!("started"), &json!(4711)));
    assert_eq!((&ride["driver"]["lat"], &ride["driver"]["heading"]), (&json!(place(7).lat), &json!(90)));
    assert_eq!(ride["meter"]["total"], json!({"minor": 1223, "currency": "USD"}));
    assert_eq!((&ride["fare"], &ride["eta"]), (&Value::Null, &Value::Null));

    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Completed { driver }), fare(trip_of(KEY), true)]);
    let ride = gate.get(&path).await.json();
    assert_eq!((&ride["state"], &ride["driver"]), (&json!("completed"), &Value::Null));
    assert_eq!(ride["fare"]["distance_m"], 4210);
}

#[tokio::test]
async fn an_instance_that_has_not_read_the_tables_does_not_deny_a_ride() {
    let gate = Gate::of(std::sync::Arc::new(View::new(domain::CityClock::REAL)), 1000, 10);
    assert_eq!(gate.get(&format!("/v1/rides/{}", trip_of(KEY))).await.slug(), "not-ready");
    assert_eq!(gate.get("/v1/drivers/1").await.slug(), "not-ready");
}

#[tokio::test]
async fn a_ride_is_cancelled_until_the_rider_is_on_board() {
    let gate = Gate::new();
    let path = format!("/v1/rides/{}/cancel", trip_of(KEY));
    assert_eq!(gate.post(&path, &json!({})).await.slug(), "unknown-ride");
    let driver = DriverId(4711);
    for (status, slug) in [
        (TripStatus::Started { driver, started_at: CityMs(0) }, "ride-under-way"),
        (TripStatus::Completed { driver }, "ride-ended"),
        (TripStatus::Cancelled, "ride-ended"),
        (TripStatus::Unfulfilled, "ride-ended"),
    ] {
        gate.view.apply(&[trip(trip_of(KEY), status)]);
        assert_eq!(gate.post(&path, &json!({})).await.slug(), slug, "{status:?}");
    }
    assert_eq!(gate.written(), []);
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Arrived { driver })]);
    assert_eq!(gate.post(&path, &json!({"reason": "waited_too_long"})).await.status, 202);
    assert_eq!(gate.ask("POST", &path, &[], Body::empty()).await.status, 202, "the body may be left out");
    let reasons: Vec<Value> = gate.written().iter().map(|(_, record)| record["reason"].clone()).collect();
    assert_eq!(reasons, ["waited_too_long", "changed_mind"]);
    let (topic, record) = &gate.written()[0];
    assert_eq!((*topic, &record["wish"], &record["rider"]), ("ride-requests", &json!("cancel"), &json!(17)));
    for body in [json!({"reason": "city_closing"}), json!({"reason": 1}), json!([]), json!({"why": ""})] {
        assert_eq!(gate.post(&path, &body).await.slug(), "invalid-body", "{body}");
    }
    gate.log.is_up.store(false, Ordering::Relaxed);
    assert_eq!(gate.post(&path, &json!({})).await.slug(), "kafka-unavailable");
}

#[tokio::test]
async fn a_ride_just_asked_for_can_be_cancelled_before_the_table_knows_it() {
    let gate = Gate::new();
    gate.ask_for_ride(KEY, &wish()).await;
    assert_eq!(gate.post(&format!("/v1/rides/{}/cancel", trip_of(KEY)), &json!(null)).await.status, 202);
    assert_eq!(gate.written().len(), 2);
}
