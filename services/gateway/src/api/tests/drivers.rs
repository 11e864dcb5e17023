//! Drivers: looked at, on and off shift, reports, actions, who is near.

use std::sync::atomic::Ordering;

use domain::driver::DriverStatus;
use serde_json::{Value, json};

use super::gate::{Gate, KEY, NOW_MS, driver, place, report, trip_of};

#[tokio::test]
async fn a_driver_is_told_as_the_view_has_them() {
    let gate = Gate::new();
    assert_eq!(gate.get("/v1/drivers/7").await.slug(), "unknown-driver");
    gate.view.apply(&[report(7, place(3), 0)]);
    let stranger = gate.get("/v1/drivers/7").await.json();
    assert_eq!((&stranger["status"], &stranger["since_ms"]), (&json!("offline"), &Value::Null));
    gate.view.apply(&[driver(7, DriverStatus::ToPickup, Some(trip_of(KEY)))]);
    let known = gate.get("/v1/drivers/7").await.json();
    assert_eq!((&known["status"], &known["trip"]), (&json!("to_pickup"), &json!(trip_of(KEY).to_string())));
    assert_eq!((&known["position"], &known["heading"]), (&json!(place(3)), &json!(90)));
    assert_eq!(known["at_ms"], NOW_MS);
    for path in [
        "/v1/drivers/x",
        "/v1/drivers/-1",
        "/v1/drivers/9007199254740992",
        "/v1/drivers/%00",
        "/v1/drivers/%FF",
    ] {
        assert_eq!(gate.get(path).await.slug(), "invalid-parameter", "{path}");
    }
}

#[tokio::test]
async fn a_shift_begins_where_drivers_can_be() {
    let gate = Gate::new();
    let shift = |at: domain::LatLng| json!({"change": "start", "position": at});
    assert_eq!(gate.post("/v1/drivers/7/shift", &shift(place(3))).await.status, 202);
    let expected = json!({"driver": 7, "at": NOW_MS, "change": "start", "position": place(3)});
    assert_eq!(gate.written(), [("driver-shifts", expected)]);
    let outskirts = shift(place(3).offset_m(19_000.0, 0.0));
    assert_eq!(gate.post("/v1/drivers/7/shift", &outskirts).await.status, 202);
    let elsewhere = shift(place(3).offset_m(30_000.0, 0.0));
    assert_eq!(gate.post("/v1/drivers/7/shift", &elsewhere).await.slug(), "outside-city");
    for body in [json!({"change": "start"}), json!({"change": "pause", "position": place(3)}), json!("start")]
    {
        assert_eq!(gate.post("/v1/drivers/7/shift", &body).await.slug(), "invalid-body", "{body}");
    }
    gate.log.is_up.store(false, Ordering::Relaxed);
    assert_eq!(gate.post("/v1/drivers/7/shift", &shift(place(3))).await.slug(), "kafka-unavailable");
}

#[tokio::test]
async fn reports_are_taken_all_or_none() {
    let gate = Gate::new();
    let domain::LatLng { lat, lon } = place(3);
    let trip = trip_of(KEY).to_string();
    let full = json!({"at_ms": NOW_MS - 5, "lat": lat, "lon": lon, "heading": 359, "speed": 8.5, "trip": trip,
        "odometer_m": 4_294_967_295_u64});
    let answer = gate.post("/v1/drivers/7/reports", &full).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (202, json!({"accepted": 1})));
    let mut expected = full.clone();
    expected.as_object_mut().unwrap().remove("at_ms");
    expected["at"] = json!(NOW_MS - 5);
    expected["driver"] = json!(7);
    assert_eq!(gate.written(), [("driver-locations", expected)]);

    let bare = json!({"lat": lat, "lon": lon});
    let answer = gate.post("/v1/drivers/7/reports", &json!([bare, bare])).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (202, json!({"accepted": 2})));
    assert_eq!((gate.written().len(), &gate.written()[2].1["at"]), (3, &json!(NOW_MS)));

    let mut wrong = bare.clone();
    wrong["heading"] = json!(360);
    let answer = gate.post("/v1/drivers/7/reports", &json!([bare, wrong])).await;
    assert_eq!(answer.slug(), "invalid-report");
    assert_eq!(answer.json()["errors"][0]["index"], 1);
    assert_eq!(answer.json()["errors"][0]["field"], "heading");
    for body in [json!([]), json!({}), json!(null), json!({"lat": "1", "lon": 2}), json!([bare, {"lat": 1}])]
    {
        assert_eq!(gate.post("/v1/drivers/7/reports", &body).await.slug(), "invalid-body", "{body}");
    }
    assert_eq!(gate.written().len(), 3);
}

#[tokio::test]
async fn an_action_has_the_shape_of_its_step() {
    let gate = Gate::new();
    let trip = trip_of(KEY).to_string();
    let action = |step: &str| json!({"trip": trip, "attempt": 2, "step": step});
    for step in ["accept", "decline", "arrive", "pick_up", "cancel"] {
        assert_eq!(gate.post("/v1/drivers/7/actions", &action(step)).await.status, 202, "{step}");
    }
    let mut drop_off = action("drop_off");
    assert_eq!(gate.post("/v1/drivers/7/actions", &drop_off).await.slug(), "invalid-action");
    drop_off["odometer_m"] = json!(4210);
    assert_eq!(gate.post("/v1/drivers/7/actions", &drop_off).await.status, 202);
    let (topic, record) = gate.written().pop().unwrap();
    let expected = json!({"trip": trip, "driver": 7, "attempt": 2, "at": NOW_MS, "step": "drop_off", "odometer_m": 4210});
    assert_eq!((topic, record), ("driver-actions", expected));
    for (field, value, slug) in [
        ("odometer_m", json!(1), "invalid-action"),
        ("attempt", json!(0), "invalid-action"),
        ("attempt", json!(4_294_967_296_u64), "invalid-body"),
        ("trip", json!("x"), "invalid-action"),
        ("trip", json!(7), "invalid-body"),
        ("step", json!("fly"), "invalid-body"),
        ("note", json!("ü"), "invalid-body"),
    ] {
        let mut wrong = action("accept");
        wrong[field] = value;
        assert_eq!(gate.post("/v1/drivers/7/actions", &wrong).await.slug(), slug, "{wrong}");
    }
    assert_eq!(gate.written().len(), 6);
}

#[tokio::test]
async fn who_is_near_is_told_by_redis_and_without_it_by_the_view() {
    let gate = Gate::new();
    let path = format!("/v1/drivers/nearby?lat={}&lon={}&count=3", place(3).lat, place(3).lon);
    gate.view.apply(&[driver(8, DriverStatus::Idle, None), report(8, place(4), 0)]);
    let near = gate.get(&path).await.json();
    assert_eq!((&near["source"], &near["drivers"][0]["id"]), (&json!("redis"), &json!(4711)));
    assert_eq!(near["drivers"][0].get("heading"), None, "this instance never heard of them");
    gate.redis_is_up.store(false, Ordering::Relaxed);
    let near = gate.get(&path).await.json();
    assert_eq!((&near["source"], &near["drivers"][0]["id"]), (&json!("view"), &json!(8)));
    assert_eq!((&near["drivers"][0]["heading"], near["drivers"].as_array().unwrap().len()), (&json!(90), 1));
    for query in [
        "",
        "?lat=1",
        "?lat=NaN&lon=1",
        "?lat=91&lon=1",
        "?lat=1&lon=1e999",
        "?lat=1&lon=2&count=0",
        "?lat=1&lon=2&count=51",
        "?lat=1&lon=2&count=-1",
        "?lat=1&lat=1&lon=2",
        "?lat=1&lon=",
    ] {
        assert_eq!(
            gate.get(&format!("/v1/drivers/nearby{query}")).await.slug(),
            "invalid-parameter",
            "{query}"
        );
    }
}
