//! Records that can never be used, among good ones: each becomes a dead letter or is skipped, nothing else is lost.

use domain::{LatLng, TripId, Zone};
use events::{
    OutRecord, driver_actions, driver_commands, driver_locations, driver_shifts, ride_requests, trip_events,
};
use serde_json::{Value, json};

use crate::city::{City, number};
use crate::records::{read_all, record, send, trip_record};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[("poison_becomes_dead_letters_and_nothing_else_is_lost", poison)];

fn poison(servers: &Servers) {
    let city = City::open(servers, "poison", &[]);
    city.wait_for_completed(5);
    let broken = [bad_reports(&city), bad_requests(&city), bad_elsewhere()].concat();
    send(servers, "poison", &broken);
    // These can be read but not done: skipped, no dead letters.
    send(servers, "poison", &steps_of_an_unknown_trip(&city));
    send(servers, "poison", &steps_out_of_order(servers));
    city.wait_for_completed(city.figure("completed") + 10);
    let report = city.close_well();
    // However many groups reject it, a record counts once.
    assert_eq!(number(&report, "dead_letters"), broken.len() as u64);
}

/// City time now, by the clock of the run.
pub(crate) fn now(city: &City) -> i64 {
    let clock: domain::CityClock =
        city.variable_of("trips-1", "HAILSTORM_CITY_CLOCK").parse().expect("a clock");
    clock.city_at(domain::RealMs(runtime::clock::now_ms())).0
}

fn bad_reports(city: &City) -> Vec<OutRecord> {
    let at = now(city);
    let good = format!(r#"{{"driver":7,"at":{at},"lat":46.0,"lon":0.5,"heading":90,"speed":8.3}}"#);
    let with = |from: &str, to: &str| good.replace(from, to);
    let day_ms = 24 * 3600 * 1000;
    let bad = [
        r#"{"driver":7"#.to_owned(),
        "[1,2,3]".to_owned(),
        with("46.0", "NaN"),
        with("46.0", "\"north\""),
        with("46.0", "146.0"),
        with("0.5", "1e300"),
        with("\"heading\":90", "\"heading\":-1"),
        with("\"heading\":90,", ""),
        with(&at.to_string(), &(at + 2 * day_ms).to_string()),
        with(&at.to_string(), &(at - 3 * day_ms).to_string()),
        with("\"driver\":7", "\"driver\":8"),
        with("\"heading\"", &format!("\"pad\":\"{}\",\"heading\"", "x".repeat(900_000))),
    ];
    let mut records: Vec<OutRecord> =
        bad.iter().map(|text| record(&driver_locations::TOPIC, "7", Some(text))).collect();
    records.push(record(&driver_locations::TOPIC, "7", None));
    records
}

fn bad_requests(city: &City) -> Vec<OutRecord> {
    let at = now(city);
    let pickup = LatLng { lat: 46.0, lon: 0.5 };
    let trip = TripId { zone: Zone::of(pickup), uuid: uuid::Uuid::new_v4() };
    let elsewhere = TripId { zone: Zone::of(LatLng { lat: 47.0, lon: 0.5 }), ..trip };
    let good = format!(
        r#"{{"trip":"{trip}","rider":1,"at":{at},"wish":"ride","pickup":{{"lat":46.0,"lon":0.5}},"dropoff":{{"lat":46.01,"lon":0.51}}}}"#
    );
    let day_ms = 24 * 3600 * 1000;
    let request =
        |trip: TripId, payload: &str| record(&ride_requests::TOPIC, &trip.to_string(), Some(payload));
    vec![
        request(trip, &good.replace("46.0,", "\"here\",")),
        request(trip, &good.replace("46.01", "96.01")),
        request(trip, &good.replace(&at.to_string(), &(at + 2 * day_ms).to_string())),
        request(trip, &good.replace(&at.to_string(), &(at - 3 * day_ms).to_string())),
        request(trip, &good.replace("\"ride\"", "\"fly\"")),
        // The key of another trip, and a trip whose id names another zone than its pickup.
        request(TripId { uuid: uuid::Uuid::new_v4(), ..trip }, &good),
        request(elsewhere, &good.replace(&trip.to_string(), &elsewhere.to_string())),
    ]
}

fn bad_elsewhere() -> Vec<OutRecord> {
    let topics =
        [&driver_shifts::TOPIC, &driver_commands::TOPIC, &driver_actions::TOPIC, &ride_requests::TOPIC];
    let bad = topics.map(|topic| record(topic, "nobody", Some("{\"no\":")));
    let null = topics.map(|topic| record(topic, "nobody", None));
    let foreign = record(&trip_events::TOPIC, "nobody", Some("{}"));
    [&bad[..], &null[..], &[foreign]].concat()
}

fn steps_of_an_unknown_trip(city: &City) -> Vec<OutRecord> {
    let trip = TripId { zone: Zone::of(LatLng { lat: 46.0, lon: 0.5 }), uuid: uuid::Uuid::new_v4() };
    let at = now(city);
    let action = |step: &str| json!({ "trip": trip, "driver": 7, "attempt": 1, "at": at, "step": step, "odometer_m": 5 });
    let cancel = json!({ "trip": trip, "rider": 1, "at": at, "wish": "cancel", "reason": "changed_mind" });
    vec![
        trip_record(&driver_actions::TOPIC, &action("accept")),
        trip_record(&driver_actions::TOPIC, &action("drop_off")),
        trip_record(&driver_actions::TOPIC, &action("drop_off")),
        trip_record(&ride_requests::TOPIC, &cancel),
    ]
}

/// Of a trip that was matched just now: the drop-off and the pickup before the arrival, the acceptance once more, and
/// by another driver; and its request once more, twice.
fn steps_out_of_order(servers: &Servers) -> Vec<OutRecord> {
    let settings = servers.kafka("poison");
    let newest = |topic: &str, is_it: &dyn Fn(&Value) -> bool| {
        let found = read_all(&settings, topic).into_iter().filter(is_it);
        found.max_by_key(|payload| payload["at"].as_i64()).expect("rides are under way")
    };
    let matched = newest("trip-events", &|event| event["event"] == "trip_matched");
    let request =
        newest("ride-requests", &|request| request["trip"] == matched["trip"] && request["wish"] == "ride");
    let action = |driver: &Value, step: &str| {
        let action = json!({
            "trip": matched["trip"], "driver": driver, "attempt": matched["attempt"],
            "at": matched["at"], "step": step, "odometer_m": 5
        });
        trip_record(&driver_actions::TOPIC, &action)
    };
    let again = trip_record(&ride_requests::TOPIC, &request);
    let driver = &matched["driver"];
    let steps = ["drop_off", "pick_up", "accept", "decline"].map(|step| action(driver, step));
    [&steps[..], &[action(&json!(999_999), "cancel"), again.clone(), again]].concat()
}
