//! The logs of all services in one topic, searched by the command; and no secret in any of them.

use std::path::Path;
use std::process::{Command, Stdio};

use backends::process::Child;
use serde_json::Value;
use tempfile::TempDir;

use crate::city::{City, command, wait_until};
use crate::records::{read_all, record, send};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("logs_of_all_services_are_searched_in_kafka", searched),
    ("a_search_for_logs_that_can_not_be_done_is_said_in_one_line", refused),
    ("a_password_in_an_address_is_in_no_log", no_secret),
];

/// Steps of trips are told at level debug.
const FILTER: &str =
    "info,trips=debug,matching=debug,drivers=debug,fare=debug,rdkafka=error,librdkafka=error";

fn searched(servers: &Servers) {
    let city = City::open_with(servers, "logs", &["--log-to-kafka"], &[("RUST_LOG", FILTER)]);
    let follower = Follower::start(servers, &["--service", "fare", "--level", "info"]);
    city.wait_for_completed(2);
    // Something else than a line of ours.
    send(servers, "logs", &[record(&events::service_logs::TOPIC, "trips", Some("hello\nworld"))]);
    let trip = completed_trip(servers);
    city.close_well();

    let (code, all) = logs(servers, "logs", &[]);
    assert_eq!(code, Some(0), "{all}");
    let times: Vec<&str> = all.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let times: Vec<&&str> = times.iter().filter(|time| time.ends_with('Z')).collect();
    assert!(times.is_sorted() && times.len() > 100, "{} lines in order of time", times.len());
    for member in ["trips-1", "archiver-1", "gateway-1", "loadgen-1", "live-location-1"] {
        for message in ["hailstorm::service: started", "hailstorm::service: stopped"] {
            assert!(all.contains(&format!(" {member} {message}")), "{member}: {message}");
        }
    }
    let other = |line: &str| line.starts_with("service-logs/") && line.ends_with(": hello\\nworld");
    assert!(all.lines().any(other), "what is no line is shown as it is");

    let (_, of_trips) = logs(servers, "logs", &["--service", "trips", "--level", "info", "--since", "1h"]);
    assert!(of_trips.contains(" INFO trips-1 pipeline::run: partitions assigned"), "{of_trips}");
    assert!(!of_trips.contains(" DEBUG ") && !of_trips.contains(" fare-1 "), "{of_trips}");

    let (_, of_trip) = logs(servers, "logs", &["--trip", &trip, "--json"]);
    let lines: Vec<Value> = of_trip.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().all(|line| line["fields"]["trip"] == trip.as_str()), "{of_trip}");
    let uuid = trip.split_once('.').expect("a trip id").1;
    assert!(lines.iter().all(|line| line["trace_id"] == uuid.replace('-', "")), "{of_trip}");
    let services: Vec<&str> = lines.iter().filter_map(|line| line["service"].as_str()).collect();
    for service in ["trips", "matching", "drivers", "fare"] {
        assert!(services.contains(&service), "{service}: {of_trip}");
    }
    follower.has_seen("fare-1 hailstorm::service: stopped");
}

/// A trip that has a fare.
fn completed_trip(servers: &Servers) -> String {
    let mut found = None;
    wait_until("a trip has a fare", || {
        let fares = read_all(&servers.kafka("logs"), events::fares::TOPIC.name);
        let fare = fares.iter().find(|fare| fare["event"] == "fare_calculated");
        found = fare.and_then(|fare| fare["trip"].as_str().map(str::to_owned));
        found.is_some()
    });
    found.expect("waited for it")
}

/// `hailstorm logs --follow`, until it is dropped.
struct Follower {
    child: Child,
    dir: TempDir,
}

impl Follower {
    /// Begins to follow as soon as the topic is there.
    fn start(servers: &Servers, arguments: &[&str]) -> Self {
        let dir = TempDir::with_prefix("hailstorm-test-").expect("a folder");
        wait_until("the topic is there", || logs(servers, "logs", &[]).0 == Some(0));
        let mut command = command("logs", &dir.path().join("output"))
            .args(["logs", "--follow", "--namespace", "logs"])
            .args(arguments.iter().copied());
        for (key, value) in servers.environment() {
            command = command.env(&key, &value);
        }
        Self { child: command.spawn().expect("the command starts"), dir }
    }

    fn has_seen(&self, text: &str) {
        let output = || std::fs::read_to_string(self.dir.path().join("output")).unwrap_or_default();
        wait_until(&format!("it has seen {text}"), || output().contains(text));
        crate::city::interrupt(&self.child);
        assert_eq!(crate::city::end(&self.child), Some(0), "{}", output());
    }
}

/// Exit code and standard output of `hailstorm logs`.
fn logs(servers: &Servers, namespace: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hailstorm"))
        .args(["logs", "--namespace", namespace])
        .args(arguments)
        .envs(servers.environment())
        .stdin(Stdio::null())
        .output()
        .expect("the command runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn refused(servers: &Servers) {
    for (arguments, code, told) in [
        (&["--namespace", "nowhere"][..], 1, "topic nowhere.service-logs does not exist"),
        (&["--service", "pricing"], 2, "invalid value 'pricing'"),
        (&["--trip", "4711"], 2, "not of the form <zone>.<uuid>"),
        (&["--level", "loud"], 2, "invalid value 'loud'"),
        (&["--since", "yesterday"], 2, "invalid value 'yesterday'"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_hailstorm"))
            .arg("logs")
            .args(arguments)
            .envs(servers.environment())
            .output()
            .expect("the command runs");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(message.contains(told), "{message}");
    }
}

/// Stores that are away, at addresses with passwords, and everything is logged that there is to log.
fn no_secret(_: &Servers) {
    let dir = TempDir::with_prefix("hailstorm-test-").expect("a folder");
    for (service, key, address) in [
        ("live-location", "REDIS_URL", "redis://ann:hunter2@127.0.0.1:1"),
        ("gateway", "MONGODB_URI", "mongodb://ann:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=200"),
        ("archiver", "MONGODB_URI", "mongodb://ann:hunter2@[::1/?serverSelectionTimeoutMS=200"),
        ("live-location", "REDIS_URL", "redis//ann:hunter2@nowhere"),
    ] {
        let log = dir.path().join(format!("{service}-{key}"));
        let child = command(service, &log)
            .args(["service", service, "--namespace", "secret", "--log-to-kafka"])
            .env("RUST_LOG", "trace")
            .env("GATEWAY_LISTEN", "127.0.0.1:0")
            .env("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
            .env("REDIS_URL", "redis://127.0.0.1:1")
            .env("MONGODB_URI", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200")
            .env(key, address)
            .spawn()
            .expect("the service starts");
        wait_until("it has said something", || is_long(&log) || child.exit().is_some());
        child.kill();
        wait_until("it has ended", || child.exit().is_some());
        let text = std::fs::read_to_string(&log).expect("it has a log");
        assert!(text.contains(" started "), "{service}: {text}");
        assert!(!text.contains("hunter2"), "{service} tells the password of {key}");
    }
}

/// At level trace a second fills this.
fn is_long(log: &Path) -> bool {
    std::fs::metadata(log).is_ok_and(|log| log.len() > 5_000)
}
