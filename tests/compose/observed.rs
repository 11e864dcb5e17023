//! What Prometheus and Grafana are told: they ask who is there, and for what is told.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use testkit::{dashboards, queries};

use crate::file::{compose, read, root, services, texts};

/// With more panels than these a dashboard is a wall.
const MOST_PANELS: usize = 20;

/// Columns of Grafana's grid.
const COLUMNS: u64 = 24;

/// What a histogram's name is followed by, in queries.
const OF_A_HISTOGRAM: [&str; 3] = ["_bucket", "_sum", "_count"];

#[test]
fn every_metric_that_is_asked_for_is_declared() {
    let declared = declared();
    assert!(declared.len() > 50, "{declared:?}");
    let mut missing = BTreeSet::new();
    for query in queries(&root()) {
        for name in query.metrics() {
            let base = OF_A_HISTOGRAM.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
            if !declared.contains(name) && !declared.contains(base) {
                missing.insert(format!("{}: {name}", query.place));
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
    for (place, dashboard) in dashboards(&root()) {
        assert!(uids.insert(dashboard["uid"].to_string()), "{place}: its uid is taken");
        for panel in panels(&dashboard) {
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

#[test]
fn a_dashboard_says_what_good_looks_like_and_leads_to_all_others() {
    let dashboards = dashboards(&root());
    for name in ["overview", "groups", "services", "stores", "load"] {
        assert!(dashboards.iter().any(|(file, _)| *file == format!("{name}.json")), "{name}");
    }
    let places: BTreeSet<String> = dashboards.iter().map(|(_, dashboard)| place(dashboard)).collect();
    for (file, dashboard) in &dashboards {
        let links = dashboard["links"].as_array().expect("links").iter();
        let mut reached: BTreeSet<String> =
            links.filter_map(|link| link["url"].as_str().map(str::to_owned)).collect();
        assert!(reached.insert(place(dashboard)), "{file}: it leads to itself");
        assert_eq!(reached, places, "{file}");
        let mut numbers = BTreeSet::new();
        for panel in panels(dashboard) {
            let title = &panel["title"];
            assert!(numbers.insert(panel["id"].as_u64()), "{file}: {title}: its id is taken");
            let description = panel["description"].as_str().unwrap_or_default();
            assert!(description.contains("Good: "), "{file}: {title}: {description:?}");
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{file}: {title} has no unit");
        }
        assert!(numbers.len() <= MOST_PANELS, "{file}: nobody looks at {} panels", numbers.len());
        assert_eq!(overlap(dashboard), None, "{file}");
    }
}

/// A hunt says **panel** (*dashboard*), or **panel** against **panel** (*dashboard*).
#[test]
fn every_panel_that_a_hunt_names_is_there() {
    let panels: BTreeSet<(String, String)> = dashboards(&root())
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

/// Where a dashboard is found.
fn place(dashboard: &Value) -> String {
    format!("/d/{}", dashboard["uid"].as_str().expect("a uid"))
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    dashboard["panels"].as_array().expect("panels").iter()
}

/// A panel that lies where another does, or beyond the edge.
fn overlap(dashboard: &Value) -> Option<String> {
    let mut taken = BTreeSet::new();
    for panel in panels(dashboard) {
        let at = |name: &str| panel["gridPos"][name].as_u64().expect("a place");
        let cells =
            (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)));
        for cell in cells {
            if !taken.insert(cell) || cell.0 >= COLUMNS {
                return Some(panel["title"].to_string());
            }
        }
    }
    None
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The metrics that docs/observe.md lists; the command's own tests hold that list to the declarations.
fn declared() -> BTreeSet<String> {
    let page = read("docs/observe.md");
    let names = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    names.map(str::to_owned).collect()
}
