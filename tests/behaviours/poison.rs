//! Records that can never be used, among good ones: each becomes a dead letter or is skipped, nothing else is lost.

use domain::{LatLng, TripId, Zone};
use events::{
    OutRecord, Placement, Topic, driver_actions, driver_commands, driver_locations, driver_shifts,
    ride_requests, trip_events,
};
use kafka::{Outbox, Settings};

use crate::city::{City, number};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[("poison_becomes_dead_letters_and_nothing_else_is_lost", poison)];

fn poison(servers: &Servers) {
    let city = City::open(servers, "poison", &["--for", "25s"]);
    city.wait_for_completed(5);
    let records = [bad_reports(&city), bad_elsewhere(), impossible_steps(&city)].concat();
    let count = records.len() as u64;
    send(servers, "poison", &records);
    city.wait_for_completed(city.figure("completed") + 10);
    let report = city.finish_well();
    // Each group that reads the topic writes a letter of its own; the five impossible ones are skipped.
    let letters = number(&report, "dead_letters");
    assert!(letters >= count - IMPOSSIBLE as u64, "{letters} dead letters of {count} bad records");
}

/// Steps that can be read but not taken: skipped, no dead letters.
const IMPOSSIBLE: usize = 4;

pub(crate) fn send(servers: &Servers, namespace: &str, records: &[OutRecord]) {
    let address = servers.address(backends::Server::Kafka);
    let outbox = Outbox::new(&Settings::new(&address, namespace), "poison", 0).expect("a producer");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        outbox.send_all(records).await.expect("the client takes them");
        outbox.settled().await.expect("the broker takes them");
    });
}

pub(crate) fn record(topic: &'static Topic, key: &str, payload: Option<&str>) -> OutRecord {
    let payload = payload.map(|payload| payload.as_bytes().to_vec());
    OutRecord { topic, key: key.into(), placement: Placement::Key, payload }
}

/// City time now, by the clock of the run.
fn now(city: &City) -> i64 {
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

fn bad_elsewhere() -> Vec<OutRecord> {
    let topics =
        [&driver_shifts::TOPIC, &driver_commands::TOPIC, &driver_actions::TOPIC, &ride_requests::TOPIC];
    let bad = topics.map(|topic| record(topic, "nobody", Some("{\"no\":")));
    let null = topics.map(|topic| record(topic, "nobody", None));
    let foreign = record(&trip_events::TOPIC, "nobody", Some("{}"));
    [&bad[..], &null[..], &[foreign]].concat()
}

fn impossible_steps(city: &City) -> Vec<OutRecord> {
    let pickup = LatLng { lat: 46.0, lon: 0.5 };
    let trip = TripId { zone: Zone::of(pickup), uuid: uuid::Uuid::new_v4() };
    let at = now(city);
    let action = |step: &str| {
        let text =
            format!(r#"{{"trip":"{trip}","driver":7,"attempt":1,"at":{at},"step":"{step}","odometer_m":5}}"#);
        OutRecord {
            placement: Placement::Zone(trip.zone),
            ..record(&driver_actions::TOPIC, &trip.to_string(), Some(&text))
        }
    };
    let cancel =
        format!(r#"{{"trip":"{trip}","rider":1,"at":{at},"wish":"cancel","reason":"changed_mind"}}"#);
    let cancel = OutRecord {
        placement: Placement::Zone(trip.zone),
        ..record(&ride_requests::TOPIC, &trip.to_string(), Some(&cancel))
    };
    let records = vec![action("accept"), action("drop_off"), action("drop_off"), cancel];
    assert_eq!(records.len(), IMPOSSIBLE);
    records
}
