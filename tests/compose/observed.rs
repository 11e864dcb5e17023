//! What Prometheus and Grafana are told: they ask who is there, and for what is told.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::file::{compose, read, root, services, texts};

/// How names of our metrics begin.
const PREFIXES: [&str; 6] = ["hailstorm_", "kafka_", "messaging_", "http_", "db_", "process_"];

/// What a histogram's name is followed by, in queries.
const OF_A_HISTOGRAM: [&str; 3] = ["_bucket", "_sum", "_count"];

/// Names of labels that begin like a metric.
const LABELS: [&str; 3] = ["messaging_destination_name", "db_system_name", "db_operation_name"];

#[test]
fn every_metric_that_is_asked_for_is_declared() {
    let declared = declared();
    assert!(declared.len() > 50, "{declared:?}");
    let mut missing = BTreeSet::new();
    for (place, query) in queries() {
        for name in words(&query).filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix))) {
            let base = OF_A_HISTOGRAM.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
            if !declared.contains(name) && !declared.contains(base) && !LABELS.contains(&name) {
                missing.insert(format!("{place}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn prometheus_asks_every_service_and_misses_every_service_that_is_gone() {
    let compose = compose();
    let ours: BTreeSet<&str> = services(&compose)
        .filter(|(_, service)| texts(&service["command"]).first() == Some(&"service"))
        .map(|(name, _)| name)
        .collect();
    let prometheus: Value = yaml("deploy/prometheus/prometheus.yml");
    let asked = texts(&prometheus["scrape_configs"][0]["dns_sd_configs"][0]["names"]);
    assert_eq!(asked.into_iter().collect::<BTreeSet<_>>(), ours);
    let alerts: Value = yaml("deploy/prometheus/alerts.yml");
    let rules = alerts["groups"][0]["rules"].as_array().expect("rules");
    let mut expected: BTreeSet<&str> =
        rules.iter().map(|rule| rule["labels"]["service"].as_str().expect("a service")).collect();
    // The city may be closed.
    assert!(expected.insert("loadgen"));
    assert_eq!(expected, ours);
}

#[test]
fn dashboards_are_found_and_ask_the_source_that_is_there() {
    let source: Value = yaml("deploy/grafana/provisioning/datasources/prometheus.yml");
    let uid = source["datasources"][0]["uid"].as_str().expect("a uid");
    let mut uids = BTreeSet::new();
    for (place, dashboard) in dashboards() {
        assert!(uids.insert(dashboard["uid"].to_string()), "{place}: its uid is taken");
        let panels = dashboard["panels"].as_array().expect("panels");
        for panel in panels {
            assert_eq!(panel["datasource"]["uid"], uid, "{place}: {}", panel["title"]);
        }
    }
    let compose = compose();
    let grafana = &compose["services"]["grafana"];
    let home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].as_str().expect("a home");
    assert!(
        root().join("deploy/grafana/dashboards").join(Path::new(home).file_name().expect("a file")).is_file()
    );
}

/// A hunt says **panel** (*dashboard*), or **panel** against **panel** (*dashboard*).
#[test]
fn every_panel_that_a_hunt_names_is_there() {
    let panels: BTreeSet<(String, String)> = dashboards()
        .iter()
        .flat_map(|(_, dashboard)| {
            let name = dashboard["title"].as_str().expect("a title").trim_start_matches("Hailstorm: ");
            let panels = dashboard["panels"].as_array().expect("panels").iter();
            let title = |panel: &Value| panel["title"].as_str().expect("a title").to_owned();
            panels.map(move |panel| (name.to_owned(), title(panel))).collect::<Vec<_>>()
        })
        .collect();
    let page = read("docs/observe.md");
    let (_, hunts) = page.split_once("## Three guided hunts").expect("hunts");
    let (hunts, _) = hunts.split_once("\n## ").expect("something behind them");
    let mut named = 0;
    for line in hunts.lines() {
        let mut names: Vec<&str> = Vec::new();
        for (place, part) in line.split("**").enumerate() {
            if place % 2 == 1 {
                names.push(part);
            } else if let Some((dashboard, _)) =
                part.strip_prefix(" (*").and_then(|rest| rest.split_once("*)"))
            {
                for name in names.drain(..).filter(|name| !["Seen.", "Cause."].contains(name)) {
                    assert!(panels.contains(&(dashboard.to_owned(), name.to_owned())), "{dashboard}: {name}");
                    named += 1;
                }
            }
        }
    }
    assert!(named >= 8, "{named}");
}

/// Every query of a dashboard or a rule, and where it is.
fn queries() -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for (place, dashboard) in dashboards() {
        let panels = dashboard["panels"].as_array().expect("panels");
        for target in panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets")) {
            queries.push((place.clone(), target["expr"].as_str().expect("a query").to_owned()));
        }
    }
    let alerts: Value = yaml("deploy/prometheus/alerts.yml");
    let groups = alerts["groups"].as_array().expect("groups");
    for rule in groups.iter().flat_map(|group| group["rules"].as_array().expect("rules")) {
        queries.push(("alerts.yml".to_owned(), rule["expr"].as_str().expect("a query").to_owned()));
    }
    queries
}

fn dashboards() -> Vec<(String, Value)> {
    let folder = root().join("deploy/grafana/dashboards");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let dashboard = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a file");
        (path.display().to_string(), serde_json::from_str(&text).expect("JSON"))
    };
    files.map(dashboard).collect()
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Words of a query.
fn words(query: &str) -> impl Iterator<Item = &str> {
    query.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != ':')
}

/// The metrics that docs/observe.md lists; the command's own tests hold that list to the declarations.
fn declared() -> BTreeSet<String> {
    let page = read("docs/observe.md");
    let names = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    names.map(str::to_owned).collect()
}
