//! Metrics and health of every process of a city, as Prometheus and a container's health check see them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use hailstorm::metrics::DECLARED;
use testkit::{Query, queries};

use crate::city::{City, number, wait_until};
use crate::records::{record, send};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[("every_process_tells_its_metrics_and_health", processes_tell)];

/// Eight services, a gateway, the apps.
const PROCESSES: u16 = 10;

/// Partitions of each topic.
const PARTITIONS: usize = 12;

fn processes_tell(servers: &Servers) {
    let first = free_ports();
    let city = City::open(servers, "observed", &["--metrics-port", &first.to_string()]);
    city.wait_for_completed(3);
    // A dead letter: alerts and dashboards ask for those, too.
    send(servers, "observed", &[record(&events::driver_locations::TOPIC, "7", Some("[]"))]);
    let ports = ports(&city.output());
    assert_eq!(ports.len(), usize::from(PROCESSES), "{ports:?}");
    for (member, port) in &ports {
        let text = get(*port, "/metrics");
        check_exposition(member, &text);
        wait_until(&format!("{member} is ready"), || health(*port, &[]).0 == Some(0));
        assert_eq!(health(*port, &[]), (Some(0), "ready\n".to_owned()), "{member}");
        assert_eq!(health(*port, &["--live"]), (Some(0), "alive\n".to_owned()), "{member}");
    }
    let port = |member: &str| ports[member];
    check_lag(&get(port("trips-1"), "/metrics"));
    wait_until("documents and positions are stored", || {
        let inserts =
            value(&get(port("archiver-1"), "/metrics"), "db_client_operation_duration_seconds_count");
        let writes =
            value(&get(port("live-location-1"), "/metrics"), "db_client_operation_duration_seconds_count");
        inserts > 0.0 && writes > 0.0
    });
    let gateway = get(port("gateway-1"), "/metrics");
    assert!(value(&gateway, "hailstorm_drivers") > 0.0, "{gateway}");
    assert!(value(&get(port("trips-1"), "/metrics"), "hailstorm_transactions_begun_total") > 0.0);
    check_queries(&ports);
    let nobody = free_ports();
    assert_eq!(health(nobody, &[]).0, Some(1), "nobody listens there");
    let report = city.close_well();
    assert_eq!(number(&report, "dead_letters"), 1);
}

/// Whatever a dashboard or an alert asks for is told by some process of a city that lives.
fn check_queries(ports: &BTreeMap<String, u16>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let queries = queries(&root);
    let asked: BTreeSet<&str> = queries.iter().flat_map(Query::metrics).collect();
    assert!(asked.len() > 40, "{asked:?}");
    let missing = || {
        let texts: Vec<String> = ports.values().map(|port| get(*port, "/metrics")).collect();
        let told: BTreeSet<&str> = texts.iter().flat_map(|text| text.lines()).filter_map(series).collect();
        asked.iter().filter(|name| !told.contains(*name)).copied().collect::<Vec<&str>>()
    };
    wait_until(&format!("all is told that is asked for; at first {:?} are not", missing()), || {
        missing().is_empty()
    });
}

/// The name of the series that a line of text tells.
fn series(line: &str) -> Option<&str> {
    line.split_once('{').map(|(name, _)| name).filter(|name| !name.starts_with('#'))
}

/// What is told is declared, and what the crate of the service declares without labels is told.
fn check_exposition(member: &str, text: &str) {
    assert!(text.ends_with("# EOF\n"), "{member}: {text}");
    let declared = |name: &str| DECLARED.iter().find(|declared| declared.name == name);
    let all = DECLARED.iter().flat_map(|declared| declared.metrics.iter());
    let kinds: BTreeMap<&str, &str> = all
        .filter_map(|metric| {
            Some((metric.exposed?.strip_suffix("_total").or(metric.exposed)?, metric.kind.word()))
        })
        .collect();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').expect("a name and a kind");
        assert_eq!(kinds.get(name), Some(&kind), "{member} tells {name}, which nobody declares so");
    }
    let service = member.rsplit_once('-').expect("a number").0;
    let crates = ["runtime", "pipeline", service].into_iter().filter_map(declared);
    // A replay tells some of what the crate of the simulated city declares, and the city the rest.
    let told = crates.flat_map(|declared| declared.metrics).filter(|_| service != "loadgen");
    for name in told.filter(|metric| metric.labels.is_empty()).filter_map(|metric| metric.exposed) {
        let series = format!("{{service=\"{service}\",member=\"{member}\"");
        let is_there = |line: &str| line.starts_with(name) && line.contains(&series);
        assert!(text.lines().any(is_there), "{member} does not tell {name}:\n{text}");
    }
    assert!(value(text, "process_cpu_seconds_total") > 0.0, "{text}");
    assert!(value(text, "process_resident_memory_bytes") > 1e6, "{text}");
}

/// Lag in records and seconds of each partition of each topic of the group `trips`.
fn check_lag(text: &str) {
    for topic in trips::TOPICS {
        let labels = format!("consumergroup=\"trips\",topic=\"{}\",partition=", topic.name);
        let of = |metric: &str| {
            let series = |line: &&str| line.starts_with(&format!("{metric}{{")) && line.contains(&labels);
            text.lines().filter(series).map(last_number).collect::<Vec<f64>>()
        };
        let (records, seconds) = (of("kafka_consumergroup_lag"), of("kafka_consumergroup_lag_seconds"));
        assert_eq!(records.len(), PARTITIONS, "{}: {text}", topic.name);
        assert!(!seconds.is_empty() && seconds.iter().all(|age| (0.0..60.0).contains(age)), "{seconds:?}");
    }
}

/// The sum of all series of a metric.
fn value(text: &str, metric: &str) -> f64 {
    text.lines().filter(|line| line.starts_with(&format!("{metric}{{"))).map(last_number).sum()
}

pub(crate) fn last_number(line: &str) -> f64 {
    line.rsplit_once(' ').and_then(|(_, number)| number.parse().ok()).expect("a number at the end")
}

/// The port of each member, as the demo tells.
pub(crate) fn ports(output: &str) -> BTreeMap<String, u16> {
    let told = output.lines().find_map(|line| line.split_once("/metrics: ")).expect("the demo tells").1;
    let pairs = told.split(", ").filter_map(|pair| pair.split_once(' '));
    pairs.map(|(member, port)| (member.to_owned(), port.parse().expect("a port"))).collect()
}

/// The first of as many free ports in a row as there are processes; below those that clients are given.
pub(crate) fn free_ports() -> u16 {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let mut candidates = (20_000..30_000).step_by(usize::from(PROCESSES));
    candidates.find(|first| (*first..first + PROCESSES).all(|port| is_free(&port))).expect("some are free")
}

pub(crate) fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the process listens");
    let request = format!("GET {path} HTTP/1.0\r\nhost: test\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it takes the request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer of HTTP");
    assert!(head.starts_with("HTTP/1.0 200"), "{head}");
    body.to_owned()
}

/// Exit code and output of `hailstorm health`.
fn health(port: u16, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hailstorm"))
        .args(["health", "--address", &format!("127.0.0.1:{port}")])
        .args(arguments)
        .output()
        .expect("the command starts");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}
