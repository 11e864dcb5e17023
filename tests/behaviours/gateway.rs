//! The gateway on real servers: rides and drivers through the API, instances side by side, servers that go away.

use std::collections::BTreeSet;

use backends::Server;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::api::{Answer, Api, Told};
use crate::city::{City, PATIENT, number, wait_until};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_ride_asked_for_at_the_gateway_is_driven_and_paid", ride_through_the_api),
    ("a_program_drives_through_the_gateway", drive_through_the_api),
    ("a_stream_goes_on_at_another_gateway_where_it_ended", stream_moves_on),
    ("what_can_not_be_is_refused_with_a_problem", bad_input),
    ("part_of_the_city_comes_through_the_gateway", via_gateway),
];

/// Servers are stopped.
pub(crate) const WITHOUT_SERVERS: &[Test] = &[
    ("the_gateway_goes_on_without_redis_and_mongodb", without_stores),
    ("without_kafka_nothing_is_half_done", without_kafka),
];

fn ready(city: &City, place: usize) -> Api {
    let api = Api::at(&city.gateway(place));
    wait_until("the gateway is ready", || api.is_ready());
    api
}

fn states(told: &[Told]) -> Vec<&str> {
    told.iter().filter(|told| told.event == "state").filter_map(|told| told.data["state"].as_str()).collect()
}

fn ride_through_the_api(servers: &Servers) {
    let city = City::open(servers, "apiride", &PATIENT);
    let api = ready(&city, 0);
    city.wait_for_completed(1);
    let (rider, key) = (7_000_000_001_u64, Uuid::now_v7().to_string());
    let wish = api.wish(rider);
    let quote = api.post("/v1/quotes", &json!({"pickup": wish["pickup"], "dropoff": wish["dropoff"]}));
    assert_eq!(quote.status, 200, "{quote:?}");
    assert!(
        quote.body["price"]["minor"].as_i64() > Some(0) && quote.body["pickup_eta_s"].is_u64(),
        "{quote:?}"
    );
    let ride = api.ride(&key, &wish);
    assert_eq!(ride.status, 202, "{ride:?}");
    let id = ride.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(ride.location.as_deref(), Some(format!("/v1/rides/{id}").as_str()));
    // The same again is the same ride; the same key for something else is refused.
    let again = api.ride(&key, &wish);
    assert_eq!((again.status, again.body["id"].as_str()), (202, Some(id.as_str())), "{again:?}");
    let mut other = wish.clone();
    other["dropoff"]["lat"] = json!(other["dropoff"]["lat"].as_f64().expect("degrees") - 0.002);
    let refused = api.ride(&key, &other);
    assert_problem(&refused, 409, "idempotency-key-reused");
    let told = api.listen(&format!("/v1/rides/{id}/events"), None, |_| false);
    assert_eq!(told[0].event, "ride");
    assert_eq!(states(&told).last(), Some(&"completed"), "{told:#?}");
    for event in ["position", "eta", "meter", "fare", "end"] {
        assert!(told.iter().any(|told| told.event == event), "no {event} in {told:#?}");
    }
    let fare = told.iter().find(|told| told.event == "fare").expect("a fare").data.clone();
    let now = api.get(&format!("/v1/rides/{id}"));
    assert_eq!(
        (now.body["state"].as_str(), &now.body["fare"]["total"]),
        (Some("completed"), &fare["total"]),
        "{now:?}"
    );
    assert_problem(&api.post(&format!("/v1/rides/{id}/cancel"), &json!({})), 409, "ride-ended");
    wait_until("the ride is in the history", || {
        let page = api.get(&format!("/v1/rides?rider={rider}"));
        let rides = page.body["rides"].as_array().cloned().unwrap_or_default();
        rides.len() == 1 && rides[0]["id"] == id.as_str() && rides[0]["fare"]["total"] == fare["total"]
    });
    wait_until("the story has all of it", || {
        let story = api.get(&format!("/v1/rides/{id}/story"));
        let lines = story.body["events"].as_array().cloned().unwrap_or_default();
        let topics: BTreeSet<&str> = lines.iter().filter_map(|line| line["topic"].as_str()).collect();
        let placed = lines.iter().all(|line| line["partition"].is_u64() && line["offset"].is_u64());
        placed
            && ["ride-requests", "driver-actions", "trip-events", "fares"]
                .iter()
                .all(|topic| topics.contains(topic))
    });
    city.close_well();
}

/// Whatever our driver is offered, by the rider at the same place or by chance, is driven.
fn drive_through_the_api(servers: &Servers) {
    let city = City::open(servers, "apidrive", &PATIENT);
    let api = ready(&city, 0);
    city.wait_for_completed(1);
    let (driver, wish) = (9_000_000_001_u64, api.wish(1));
    let path = |rest: &str| format!("/v1/drivers/{driver}/{rest}");
    let shift = api.post(&path("shift"), &json!({"change": "start", "position": wish["pickup"]}));
    assert_eq!(shift.status, 202, "{shift:?}");
    let report = |extra: Value| {
        let mut report =
            json!({"lat": wish["pickup"]["lat"], "lon": wish["pickup"]["lon"], "heading": 90, "speed": 5.0});
        report.as_object_mut().expect("an object").extend(extra.as_object().cloned().unwrap_or_default());
        report
    };
    let many: Vec<Value> = (0..3).map(|_| report(json!({}))).collect();
    let accepted = api.post(&path("reports"), &Value::Array(many));
    assert_eq!((accepted.status, &accepted.body["accepted"]), (202, &json!(3)), "{accepted:?}");
    wait_until("the driver is idle", || {
        api.post(&path("reports"), &report(json!({})));
        api.get(&format!("/v1/drivers/{driver}")).body["status"] == "idle"
    });
    // A rider at the very place, so that we are the nearest.
    let asked = api.ride(&Uuid::now_v7().to_string(), &api.wish(7_000_000_002));
    assert_eq!(asked.status, 202, "{asked:?}");
    let told = api.listen(&path("events"), None, |told| told.iter().any(|told| told.event == "offer"));
    let offer = told.iter().find(|told| told.event == "offer").expect("an offer").data.clone();
    assert!(offer["expires_in_ms"].as_i64() > Some(0), "{offer}");
    let act = |step: &str, odometer_m: Option<u32>| {
        let mut action = json!({"trip": offer["trip"], "attempt": offer["attempt"], "step": step});
        if let Some(odometer_m) = odometer_m {
            action["odometer_m"] = json!(odometer_m);
        }
        let acted = api.post(&path("actions"), &action);
        assert_eq!(acted.status, 202, "{step}: {acted:?}");
    };
    let trip = offer["trip"].as_str().expect("a trip").to_owned();
    let is = |state: &str| api.get(&format!("/v1/rides/{trip}")).body["state"] == state;
    for (step, odometer_m, state) in [
        ("accept", None, "matched"),
        ("arrive", None, "arrived"),
        ("pick_up", None, "started"),
        ("drop_off", Some(2_345), "completed"),
    ] {
        act(step, odometer_m);
        wait_until(&format!("the trip is {state}"), || is(state));
    }
    wait_until("the ride is paid for", || {
        api.get(&format!("/v1/rides/{trip}")).body["fare"]["distance_m"] == 2_345
    });
    let end = api.post(&path("shift"), &json!({"change": "end", "position": wish["pickup"]}));
    assert_eq!(end.status, 202, "{end:?}");
    wait_until("the driver is off shift", || {
        api.get(&format!("/v1/drivers/{driver}")).body["status"] == "offline"
    });
    city.close_well();
}

fn stream_moves_on(servers: &Servers) {
    let city = City::open(servers, "apimove", &[&["--gateways", "2"], &PATIENT[..]].concat());
    let (one, other) = (ready(&city, 0), ready(&city, 1));
    city.wait_for_completed(1);
    let ride = one.ride(&Uuid::now_v7().to_string(), &one.wish(7_000_000_003));
    let path = format!("/v1/rides/{}/events", ride.body["id"].as_str().expect("an id"));
    let first = one.listen(&path, None, |told| states(told).contains(&"matched"));
    let last = first.iter().rev().find_map(|told| told.id.clone()).expect("states have ids");
    city.signal("gateway-1", Signal::KILL);
    let rest = other.listen(&path, Some(&last), |_| false);
    let ids: Vec<&String> = first.iter().chain(&rest).filter_map(|told| told.id.as_ref()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "told twice: {ids:?}");
    let all: Vec<&str> = states(&first).into_iter().chain(states(&rest)).collect();
    assert_eq!(all.last(), Some(&"completed"), "{all:?}");
    for state in ["arrived", "started"] {
        assert_eq!(all.iter().filter(|told| **told == state).count(), 1, "{all:?}");
    }
    wait_until("the killed gateway is back", || one.is_ready());
    let report = city.close_well();
    assert_eq!(report["restarts"]["gateway-1"], 1, "{}", report["restarts"]);
}

fn without_stores(servers: &Servers) {
    let city = City::open(servers, "apistores", &PATIENT);
    let api = ready(&city, 0);
    city.wait_for_completed(1);
    let wish = api.wish(7_000_000_004);
    let nearby = format!("/v1/drivers/nearby?lat={}&lon={}", wish["pickup"]["lat"], wish["pickup"]["lon"]);
    assert_eq!(api.get(&nearby).body["source"], "redis");
    servers.stop_one(Server::Redis);
    let found = api.get(&nearby);
    let (mut frames, mut tables) = (0, 0);
    api.watch(|message| {
        frames += usize::from(matches!(message, Message::Binary(bytes) if bytes[0] == 2));
        tables += usize::from(matches!(message, Message::Text(text) if text.contains("\"figures\"")));
        frames >= 5 && tables >= 3
    });
    let quote = api.post("/v1/quotes", &json!({"pickup": wish["pickup"], "dropoff": wish["dropoff"]}));
    let ready = api.get("/readyz");
    servers.start_one(Server::Redis);
    assert_eq!(found.body["source"], "view", "{found:?}");
    assert!(found.body["drivers"].as_array().is_some_and(|drivers| !drivers.is_empty()), "{found:?}");
    assert_eq!(quote.status, 200, "{quote:?}");
    assert_eq!((ready.status, &ready.body["dependencies"]["redis"]["up"]), (200, &json!(false)), "{ready:?}");
    servers.stop_one(Server::Mongodb);
    let history = api.get("/v1/rides?rider=1");
    let ride = api.ride(&Uuid::now_v7().to_string(), &wish);
    let told =
        api.listen(&format!("/v1/rides/{}/events", ride.body["id"].as_str().expect("an id")), None, |told| {
            states(told).contains(&"requested") || states(told).contains(&"offered")
        });
    servers.start_one(Server::Mongodb);
    assert_problem(&history, 503, "history-unavailable");
    assert!(history.retry_after.is_some(), "{history:?}");
    assert!(!told.is_empty());
    wait_until("the history is back", || api.get("/v1/rides?rider=1").status == 200);
    city.close_well();
}

fn without_kafka(servers: &Servers) {
    let city = City::open(servers, "apikafka", &PATIENT);
    let api = ready(&city, 0);
    city.wait_for_completed(1);
    let (key, wish) = (Uuid::now_v7().to_string(), api.wish(7_000_000_005));
    servers.stop_one(Server::Kafka);
    let refused = api.ride(&key, &wish);
    let report = json!({"lat": wish["pickup"]["lat"], "lon": wish["pickup"]["lon"]});
    let reports = api.post("/v1/drivers/9000000002/reports", &report);
    wait_until("readiness tells", || !api.is_ready());
    let alive = api.get("/livez");
    servers.start_one(Server::Kafka);
    for answer in [refused, reports] {
        assert_problem(&answer, 503, "kafka-unavailable");
        assert!(answer.retry_after.is_some(), "{answer:?}");
    }
    assert_eq!(alive.status, 200);
    wait_until("the gateway is ready again", || api.is_ready());
    let mut ride = None;
    wait_until("the ride is taken", || {
        let answer = api.ride(&key, &wish);
        ride = (answer.status == 202).then_some(answer);
        ride.is_some()
    });
    let id = ride.expect("waited for it").body["id"].as_str().expect("an id").to_owned();
    let told = api.listen(&format!("/v1/rides/{id}/events"), None, |_| false);
    assert!(matches!(states(&told).last(), Some(&("completed" | "cancelled" | "unfulfilled"))), "{told:#?}");
    city.close_well();
}

fn bad_input(servers: &Servers) {
    let city = City::open(servers, "apibad", &[]);
    let api = ready(&city, 0);
    city.wait_for_completed(1);
    let wish = api.wish(1);
    let key = || Uuid::now_v7().to_string();
    let with = |field: &str, value: Value| {
        let mut changed = wish.clone();
        changed[field] = value;
        changed
    };
    let cases = [
        (api.ride("no-uuid", &wish), 400),
        (api.post("/v1/rides", &wish), 400),
        (api.ride(&key(), &with("pickup", json!({"lat": 95, "lon": 0}))), 400),
        (api.ride(&key(), &with("pickup", json!({"lat": 0, "lon": 0}))), 422),
        (api.ride(&key(), &with("dropoff", wish["pickup"].clone())), 422),
        (api.get("/v1/rides/nonsense"), 404),
        (api.get("/v1/rides/8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab"), 404),
        (api.get("/v1/nothing"), 404),
        (api.get("/v1/quotes"), 405),
        (api.post("/v1/drivers/5/reports", &json!([])), 400),
        (api.post("/v1/drivers/5/reports", &json!({"lat": "x", "lon": 1})), 400),
        (api.post("/v1/drivers/5/reports", &json!({"padding": "x".repeat(2_000_000)})), 413),
    ];
    for (place, (answer, status)) in cases.iter().enumerate() {
        assert_eq!(answer.status, *status, "case {place}: {answer:?}");
        assert_eq!(answer.kind, "application/problem+json", "case {place}: {answer:?}");
        assert!(
            answer.body["detail"].is_string() && answer.body["type"].is_string(),
            "case {place}: {answer:?}"
        );
    }
    city.close_well();
}

fn via_gateway(servers: &Servers) {
    let arguments = ["--for", "20s", "--via", "gateway", "--via-share", "0.3"];
    let report = City::open(servers, "apivia", &arguments).finish_well();
    assert_eq!(number(&report, "reports_acknowledged"), number(&report, "reports_in_mongodb"));
    assert!(number(&report["api"], "requests") > 50, "{report:#}");
    assert_eq!(number(&report["api"], "refused"), 0, "{report:#}");
}

fn assert_problem(answer: &Answer, status: u16, slug: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.kind, "application/problem+json", "{answer:?}");
    assert_eq!(answer.body["type"], format!("/problems/{slug}"), "{answer:?}");
}
