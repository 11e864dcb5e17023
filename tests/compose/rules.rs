//! What holds of docker-compose.yml and the files beside it, without an engine.

use std::collections::{BTreeMap, BTreeSet};

use backends::{Recipe, Server};
use serde_json::Value;

use crate::file::{compose, compose_with, is_core, memory_mib, read, services, texts};

/// The most memory that a plain `docker compose up` may take, and with `observability` beside it.
const CORE_MIB: u64 = 1536;
const OBSERVED_MIB: u64 = 3072;

/// What ends by itself: it is waited for, not asked how it is.
const ERRANDS: [&str; 2] = ["topics", "audit"];

/// How every host port begins.
const HOST_PORT: &str = "${HAILSTORM_BIND:-127.0.0.1}:${HAILSTORM_PORT_PREFIX:-80}";

/// Where compose means to differ from the table of settings: less memory for Redis, to fit a smaller limit.
const ON_PURPOSE: [(&str, &str); 1] = [("256mb", "64mb")];

#[test]
fn every_container_is_limited_checked_and_keeps_its_log_short() {
    let compose = compose();
    for (name, service) in services(&compose) {
        assert!(memory_mib(service) >= 16, "{name}");
        assert_eq!(service["logging"]["options"]["max-size"], "5m", "{name}");
        assert!(texts(&service["security_opt"]).contains(&"no-new-privileges:true"), "{name}");
        assert!(service["container_name"].is_null(), "{name}: with a fixed name it can't be scaled");
        if ERRANDS.contains(&name) {
            assert_eq!(service["healthcheck"]["disable"], true, "{name}");
            assert!(service["restart"].is_null(), "{name}");
        } else {
            assert!(!texts(&service["healthcheck"]["test"]).is_empty(), "{name}");
            assert_eq!(service["restart"], "unless-stopped", "{name}");
        }
    }
}

#[test]
fn every_image_is_pinned_and_of_a_public_name() {
    let compose = compose();
    for (name, service) in services(&compose) {
        let image = service["image"].as_str().unwrap_or_default();
        let (_, tag) = image.rsplit_once(':').unwrap_or_else(|| panic!("{name}: {image} has no tag"));
        let digits = tag.split(['.', 'v']).filter(|part| part.parse::<u32>().is_ok()).count();
        assert!(digits >= 2, "{name}: {image} names no version");
    }
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(compose["services"]["trips"]["image"], format!("hailstorm:{version}"));
    assert!(read("Dockerfile").contains(&format!("ARG VERSION={version}\n")));
}

#[test]
fn the_core_fits_a_gibibyte_and_a_half_and_three_with_observability() {
    let compose = compose();
    let sum = |wanted: &dyn Fn(&Value) -> bool| -> u64 {
        services(&compose)
            .filter(|(_, service)| wanted(service))
            .map(|(_, service)| memory_mib(service))
            .sum()
    };
    let core = sum(&is_core);
    let observed = sum(&|service| is_core(service) || texts(&service["profiles"]) == ["observability"]);
    assert!(core <= CORE_MIB, "{core} MiB");
    assert!(observed <= OBSERVED_MIB, "{observed} MiB");
}

#[test]
fn every_host_port_goes_through_the_prefix_and_none_is_taken_twice() {
    let text = read("docker-compose.yml");
    let mut taken = BTreeSet::new();
    for line in text.lines().filter(|line| line.trim_start().starts_with("ports:")) {
        let port = line.split('"').nth(1).unwrap_or_else(|| panic!("{line}: one port, in this line"));
        let rest = port.strip_prefix(HOST_PORT).unwrap_or_else(|| panic!("{line}: not by the prefix"));
        let (digits, inside) = rest.split_once(':').expect("a port inside");
        assert!(
            digits.len() == 2 && digits.parse::<u32>().is_ok() && inside.parse::<u16>().is_ok(),
            "{line}"
        );
        assert!(taken.insert(digits.to_owned()), "{digits} is taken twice");
    }
    let published = services(&compose()).filter(|(_, service)| !service["ports"].is_null()).count();
    assert_eq!(published, taken.len());
}

#[test]
fn a_service_starts_after_the_topics_and_the_city_after_its_services() {
    let compose = compose();
    let mut ours: Vec<&str> = services(&compose)
        .filter(|(_, service)| texts(&service["command"]).first() == Some(&"service"))
        .map(|(name, _)| name)
        .collect();
    ours.sort_unstable();
    assert_eq!(ours.len(), 10, "{ours:?}");
    for name in ours.iter().filter(|name| **name != "loadgen") {
        let service = &compose["services"][*name];
        assert_eq!(texts(&service["command"]), ["service", name], "it runs what it is called");
        let after = &service["depends_on"];
        assert_eq!(after["topics"]["condition"], "service_completed_successfully", "{name}");
        for server in Server::ALL {
            assert_eq!(after[server.name()]["condition"], "service_healthy", "{name} after {server}");
        }
    }
    for name in ours.iter().filter(|name| !["loadgen", "gateway"].contains(name)) {
        assert_eq!(compose["services"]["loadgen"]["depends_on"][*name]["condition"], "service_healthy");
    }
}

#[test]
fn our_containers_may_write_nowhere_and_are_given_no_name() {
    let compose = compose();
    for (name, service) in services(&compose) {
        if !service["image"].as_str().unwrap_or_default().starts_with("hailstorm:") {
            continue;
        }
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        let environment = service["environment"].as_object().expect("an environment");
        assert!(
            !environment.contains_key("HAILSTORM_MEMBER"),
            "{name}: two of one name would fence each other"
        );
    }
}

#[test]
fn the_servers_are_told_what_native_and_docker_mode_tell_them() {
    let compose = compose();
    for server in Server::ALL {
        let recipe = Recipe::of(server);
        let service = &compose["services"][server.name()];
        assert_eq!(service["image"], recipe.image, "{server}");
        let on_purpose = |argument: String| {
            ON_PURPOSE
                .iter()
                .find(|(table, _)| *table == argument)
                .map_or(argument, |(_, here)| (*here).to_owned())
        };
        let expected: Vec<String> = recipe.arguments.into_iter().map(on_purpose).collect();
        assert_eq!(texts(&service["command"]), expected, "{server}");
    }
    let told: BTreeMap<String, String> = Recipe::of(Server::Kafka).environment.into_iter().collect();
    assert_eq!(settings_of(&compose["services"]["kafka"]), told);
}

#[test]
fn a_cluster_has_three_brokers_that_differ_in_name_only() {
    let compose = compose_with("deploy/cluster.env");
    let first = settings_of(&compose["services"]["kafka"]);
    for (setting, value) in [
        ("KAFKA_DEFAULT_REPLICATION_FACTOR", "3"),
        ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "3"),
        ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "3"),
        ("KAFKA_MIN_INSYNC_REPLICAS", "2"),
        ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "2"),
    ] {
        assert_eq!(first[setting], value, "{setting}");
    }
    assert_eq!(compose["services"]["topics"]["environment"]["HAILSTORM_REPLICATION"], 3);
    for (number, name) in (1..).zip(["kafka", "kafka-2", "kafka-3"]) {
        let broker = &compose["services"][name];
        assert_eq!(settings_of(broker), first, "{name}");
        assert_eq!(broker["hostname"], name);
        let environment = &broker["environment"];
        assert_eq!(environment["KAFKA_NODE_ID"], number.to_string(), "{name}");
        let voters = environment["KAFKA_CONTROLLER_QUORUM_VOTERS"].as_str().unwrap_or_default();
        assert!(voters.contains(&format!("{number}@{name}:9093")), "{name}: {voters}");
        let advertised = environment["KAFKA_ADVERTISED_LISTENERS"].as_str().unwrap_or_default();
        assert!(
            advertised.starts_with(&format!("INSIDE://{name}:9092,HOST://localhost:80")),
            "{name}: {advertised}"
        );
    }
}

#[test]
fn the_compiler_of_the_image_is_the_one_of_the_toolchain_file() {
    let toolchain = read("rust-toolchain.toml");
    let version = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).expect("a channel");
    let version = version.trim_matches('"');
    assert!(read("Dockerfile").contains(&format!("FROM rust:{version}-bookworm AS build")), "{version}");
}

/// What a broker is told, but for where it is.
fn settings_of(broker: &Value) -> BTreeMap<String, String> {
    const WHEREABOUTS: [&str; 9] = [
        "KAFKA_PROCESS_ROLES",
        "KAFKA_NODE_ID",
        "KAFKA_CONTROLLER_QUORUM_VOTERS",
        "KAFKA_CONTROLLER_LISTENER_NAMES",
        "KAFKA_LISTENERS",
        "KAFKA_ADVERTISED_LISTENERS",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
        "KAFKA_INTER_BROKER_LISTENER_NAME",
        "KAFKA_LOG_DIRS",
    ];
    let environment = broker["environment"].as_object().expect("an environment");
    let settings = environment.iter().filter(|(name, _)| !WHEREABOUTS.contains(&name.as_str()));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    settings.map(|(name, value)| (name.clone(), text(value))).collect()
}
