//! Services and servers die, freeze and come back under load; nothing is lost and nothing happens twice.

use std::time::{Duration, Instant};

use backends::Server;
use events::Topic;
use rustix::process::Signal;

use crate::city::{City, number, wait_until};
use crate::records::redis;
use crate::servers::{Servers, Test};

/// Services are killed.
pub(crate) const OF_SERVICES: &[Test] = &[
    ("each_service_is_killed_in_turn_and_goes_on", each_service_killed),
    ("of_two_members_of_each_group_one_is_killed", one_of_two_killed),
];

/// Servers are killed, or members freeze for a time that is measured.
pub(crate) const OF_SERVERS: &[Test] = &[
    ("members_that_freeze_and_wake_up_late_change_nothing", frozen_members),
    ("the_broker_restarts", broker_restarts),
    ("redis_is_emptied_and_restarted", redis_emptied),
    ("mongodb_is_away_for_twenty_seconds", mongodb_away),
    ("mongodb_is_killed_and_loses_nothing", mongodb_killed),
];

/// Each group with the topics it reads.
pub(crate) const GROUPS: [(&str, &[&Topic]); 8] = [
    ("trips", &trips::TOPICS),
    ("drivers", &drivers::TOPICS),
    ("matching", &matching::TOPICS),
    ("live-location", &live_location::TOPICS),
    ("eta", &eta::TOPICS),
    ("fare", &fare::TOPICS),
    ("zones", &zones::TOPICS),
    ("archiver", archiver::TOPICS),
];

fn each_service_killed(servers: &Servers) {
    let city = City::open(servers, "killed", &[]);
    city.wait_for_completed(5);
    for (service, topics) in GROUPS {
        city.kill_and_wait(&format!("{service}-1"));
        city.wait_until_group_goes_on(service, topics);
    }
    city.wait_for_completed(city.figure("completed") + 5);
    let report = city.close_well();
    for (service, _) in GROUPS {
        assert_eq!(report["restarts"][format!("{service}-1")], 1, "{service}: {}", report["restarts"]);
    }
}

fn one_of_two_killed(servers: &Servers) {
    let members = GROUPS.map(|(service, _)| format!("{service}=2")).join(",");
    let city = City::open(servers, "two", &["--members", &members]);
    city.wait_for_completed(5);
    for (service, _) in GROUPS {
        city.signal(&format!("{service}-2"), Signal::KILL);
    }
    city.wait_for_completed(city.figure("completed") + 20);
    let report = city.close_well();
    for (service, _) in GROUPS {
        let restarts = &report["restarts"];
        assert_eq!(restarts[format!("{service}-2")], 1, "{service}: {restarts}");
        assert!(restarts[format!("{service}-1")].is_null(), "{service}: {restarts}");
    }
}

fn frozen_members(servers: &Servers) {
    let arguments = ["--members", "trips=2,drivers=2,live-location=2,archiver=2"];
    let city = City::open(servers, "frozen", &arguments);
    city.wait_for_completed(5);
    let frozen = ["trips-1", "drivers-1", "live-location-1", "archiver-1"];
    frozen.iter().for_each(|member| city.signal(member, Signal::STOP));
    // Longer than the group's session: the others take over, and rides complete again.
    let since = Instant::now();
    let before = city.figure("completed");
    wait_until("the others have taken over", || {
        since.elapsed() > Duration::from_secs(8) && city.figure("completed") > before + 5
    });
    frozen.iter().for_each(|member| city.signal(member, Signal::CONT));
    city.wait_for_completed(city.figure("completed") + 10);
    city.close_well();
}

fn broker_restarts(servers: &Servers) {
    let city = City::open(servers, "broker", &[]);
    city.wait_for_completed(5);
    servers.restart(Server::Kafka);
    city.wait_for_completed(city.figure("completed") + 10);
    servers.kill_and_start(Server::Kafka);
    city.wait_for_completed(city.figure("completed") + 10);
    city.close_well();
}

fn redis_emptied(servers: &Servers) {
    let city = City::open(servers, "redis", &[]);
    city.wait_for_completed(5);
    assert_eq!(redis(servers, "FLUSHALL"), "+OK\r\n");
    city.wait_for_completed(city.figure("completed") + 10);
    servers.restart(Server::Redis);
    city.wait_for_completed(city.figure("completed") + 10);
    city.close_well();
}

fn mongodb_away(servers: &Servers) {
    let city = City::open(servers, "mongo", &[]);
    city.wait_for_completed(5);
    let before = city.figure("completed");
    let since = Instant::now();
    servers.stop_one(Server::Mongodb);
    wait_until("MongoDB was away for 20 s", || since.elapsed() > Duration::from_secs(20));
    let meanwhile = city.figure("completed");
    servers.start_one(Server::Mongodb);
    let report = city.close_well();
    assert!(meanwhile > before + 5, "the city went on without MongoDB: {before} to {meanwhile}");
    assert_eq!(number(&report, "reports_acknowledged"), number(&report, "reports_in_mongodb"));
}

/// Small batches, one right behind the other: whenever the server dies, some were acknowledged just before.
fn mongodb_killed(servers: &Servers) {
    let city = City::open_with(servers, "mongo-killed", &[], &[("ARCHIVER_INTERVAL", "10ms")]);
    for _ in 0..3 {
        city.wait_for_completed(city.figure("completed") + 5);
        servers.kill_and_start(Server::Mongodb);
    }
    let report = city.close_well();
    assert_eq!(number(&report, "reports_acknowledged"), number(&report, "reports_in_mongodb"));
}
