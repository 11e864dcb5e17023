//! The audit is told lies on real servers, and finds each of them.

use std::process::Command;

use archive::{Archive, Document};
use backends::Server;
use domain::CityMs;
use events::Contract;
use events::driver_locations::LocationReport;
use events::trip_events::TripEvent;
use serde_json::Value;

use crate::city::{City, wait_until};
use crate::records::{read_all, record, redis, send, trip_record};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[("the_audit_finds_what_was_planted", planted)];

const NAMESPACE: &str = "planted";

fn planted(servers: &Servers) {
    let city = City::open(servers, NAMESPACE, &["--for", "10s"]);
    let clock = city.variable_of("trips-1", "HAILSTORM_CITY_CLOCK");
    city.finish_well();
    let mut found = Vec::new();
    let mut expect = |new: &[&'static str]| {
        found.extend(new);
        let (clean, report) = audit(servers, &clock);
        assert_eq!(clean, found.is_empty(), "{report:#}");
        for (name, finding) in report["findings"].as_object().expect("findings") {
            let planted = found.contains(&name.as_str());
            assert_eq!(finding["count"].as_u64() > Some(0), planted, "{name}: {report:#}");
        }
    };
    expect(&[]);
    send(servers, NAMESPACE, &[record(&events::driver_shifts::TOPIC, "1", Some("{"))]);
    expect(&["undecodable_without_dead_letter"]);
    move_driver(servers);
    expect(&["stale_position_in_redis"]);
    add_document(servers);
    expect(&["unknown_in_mongodb"]);

    // From here on nobody archives what is written.
    let settings = servers.kafka(NAMESPACE);
    let one_of = |topic: &str, event: &str| {
        let payloads = read_all(&settings, topic);
        payloads.into_iter().find(|payload| payload["event"] == event).expect("a ride was completed")
    };
    let fare = one_of("fares", "fare_calculated");
    send(servers, NAMESPACE, &[trip_record(&events::fares::TOPIC, &fare)]);
    expect(&["fare_twice", "missing_in_mongodb"]);
    let mut arrived = one_of("trip-events", "trip_completed");
    arrived["event"] = "driver_arrived".into();
    send(servers, NAMESPACE, &[trip_record(&events::trip_events::TOPIC, &arrived)]);
    expect(&["illegal_trip_step", "snapshot_differs", "trip_open"]);
    let unknown: TripEvent = serde_json::from_str(events::trip_events::EXAMPLE).expect("the example");
    send(servers, NAMESPACE, &[TripEvent { at: at(&arrived), ..unknown }.to_record()]);
    expect(&["event_without_request", "fare_missing"]);
}

fn at(payload: &Value) -> CityMs {
    CityMs(payload["at"].as_i64().expect("a time"))
}

/// Puts one driver to where nobody reported him.
fn move_driver(servers: &Servers) {
    // The city has closed, and whoever is shown is off shift.
    let key = format!("{NAMESPACE}:busy");
    let driver = redis(servers, &format!("ZRANGE {key} 0 0")).lines().nth(2).expect("a driver").to_owned();
    assert_eq!(
        redis(servers, &format!("GEOADD {key} 12.5 41.9 {driver}")),
        ":0\r\n",
        "driver {driver} was there"
    );
}

/// Archives a record that is not in its topic.
fn add_document(servers: &Servers) {
    let report: LocationReport =
        serde_json::from_str(events::driver_locations::EXAMPLE).expect("the example");
    let document = Document::of(&report, 0, 1 << 40, 1_700_000_000_000).expect("it can be archived");
    let settings = archive::Settings { mongodb_uri: servers.address(Server::Mongodb) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let inserted = runtime.block_on(async {
        let archive = Archive::connect(&settings, NAMESPACE).await?;
        archive.insert(document.collection(), &[&document]).await
    });
    assert_eq!(inserted.expect("the server answers").documents, 1);
}

/// Runs the audit as a user would; whether it was clean, and its report.
fn audit(servers: &Servers, clock: &str) -> (bool, Value) {
    wait_until("the broker answers", || std::net::TcpStream::connect(servers.address(Server::Kafka)).is_ok());
    let output = Command::new(env!("CARGO_BIN_EXE_hailstorm"))
        .args(["audit", "--json", "--closed"])
        .envs(servers.environment())
        .env("HAILSTORM_NAMESPACE", NAMESPACE)
        .env("HAILSTORM_CITY_CLOCK", clock)
        .output()
        .expect("the command runs");
    let report = serde_json::from_slice(&output.stdout);
    let report =
        report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.success(), report)
}
