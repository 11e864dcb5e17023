//! The audit is told lies on real servers, and finds each of them.

use std::process::Command;

use backends::Server;
use domain::{CityClock, RealMs};
use events::Contract;
use events::fares::FareEvent;
use events::trip_events::TripEvent;
use serde_json::Value;

use crate::city::{City, wait_until};
use crate::poison::{record, send};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[("the_audit_finds_what_was_planted", planted)];

const NAMESPACE: &str = "planted";

fn planted(servers: &Servers) {
    let city = City::open(servers, NAMESPACE, &["--for", "10s"]);
    let clock = city.variable_of("trips-1", "HAILSTORM_CITY_CLOCK");
    city.finish_well();
    let (clean, report) = audit(servers, &clock);
    assert!(clean, "{report:#}");

    // A record that nobody archived, and that nobody could have read.
    send(servers, NAMESPACE, &[record(&events::driver_shifts::TOPIC, "1", Some("{"))]);
    // A second fare of a trip that nobody asked for, and an impossible step of it.
    let at = clock.parse::<CityClock>().expect("a clock").city_at(RealMs(runtime::clock::now_ms()));
    let mut fare: FareEvent = serde_json::from_str(events::fares::EXAMPLE).expect("the example");
    fare.at = at;
    send(servers, NAMESPACE, &[fare.to_record(), fare.to_record()]);
    let mut event: TripEvent = serde_json::from_str(events::trip_events::EXAMPLE).expect("the example");
    event.at = at;
    send(servers, NAMESPACE, &[event.to_record()]);
    let (clean, report) = audit(servers, &clock);
    assert!(!clean);
    for finding in [
        "missing_in_mongodb",
        "undecodable_without_dead_letter",
        "fare_twice",
        "fare_without_completion",
        "event_without_request",
    ] {
        assert!(report["findings"][finding]["count"].as_u64() > Some(0), "{finding} was planted: {report:#}");
    }
    assert_eq!(
        report["findings"]["driver_on_two_trips"]["count"], 0,
        "nothing of this was planted: {report:#}"
    );
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
