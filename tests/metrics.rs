//! The declarations of all metrics: well-formed, unique, complete, and listed in `docs/observe.md`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hailstorm::metrics::{DECLARED, Declared, tables};
use runtime::Metric;
use testkit::assert_checked_in;

/// Units in which numbers are told, at the end of a name (before `_total`).
const UNITS: [&str; 3] = ["_seconds", "_bytes", "_ratio"];

/// Units that Prometheus does not want: seconds, bytes and ratios are told instead.
const FOREIGN_UNITS: [&str; 6] = ["_ms", "_us", "_milliseconds", "_percent", "_kib", "_mb"];

/// Labels that every series gets, and those that Prometheus makes itself.
const RESERVED: [&str; 5] = ["service", "member", "le", "job", "instance"];

/// All labels that there are: each has few values, known in advance. Ids have none.
const LABELS: [&str; 12] = [
    "reason",
    "messaging_destination_name",
    "consumergroup",
    "topic",
    "partition",
    "event",
    "state",
    "table",
    "result",
    "level",
    "db_system_name",
    "db_operation_name",
];

fn declared() -> impl Iterator<Item = (&'static str, &'static Metric)> {
    DECLARED.iter().flat_map(|declared| declared.metrics.iter().map(|metric| (declared.name, *metric)))
}

/// What is wrong with a declaration.
fn faults(metric: &Metric) -> Vec<String> {
    let mut faults = Vec::new();
    let help = metric.help;
    if help.len() < 5 || help.ends_with('.') || help.contains(['\n', '\\', '|', '"']) {
        faults.push(format!(
            "its help text {help:?} is empty, ends with a dot or has characters that need escaping"
        ));
    }
    let Some(name) = metric.exposed else { return faults };
    let counts = metric.kind.word() == "counter";
    let stem = name.strip_suffix("_total").unwrap_or(name);
    if counts != name.ends_with("_total") {
        faults.push("a counter, and nothing else, ends with _total".to_owned());
    }
    if !is_name(name) || ["_count", "_sum", "_bucket", "_info"].iter().any(|suffix| stem.ends_with(suffix)) {
        faults.push("that is no name for a metric".to_owned());
    }
    if FOREIGN_UNITS.iter().any(|unit| stem.ends_with(unit)) {
        faults.push("Prometheus counts in seconds, bytes and ratios".to_owned());
    }
    let in_parts = metric.parts != 1;
    if in_parts && !UNITS.iter().any(|unit| stem.ends_with(unit)) {
        faults.push("its unit is missing in its name".to_owned());
    }
    for label in metric.labels {
        if RESERVED.contains(label) || !LABELS.contains(label) {
            faults.push(format!("label {label:?} is not among those that are known to have few values"));
        }
    }
    faults
}

fn is_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(fits)
        && !name.contains("__")
}

#[test]
fn declarations_are_well_formed() {
    let broken: Vec<String> = declared()
        .flat_map(|(name, metric)| {
            let called = metric.exposed.or(metric.line).unwrap_or("without a name");
            faults(metric).into_iter().map(move |fault| format!("{name}: {called}: {fault}"))
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_declaration_that_breaks_a_rule_is_told() {
    for (metric, fault) in [
        (Metric::counter("trips", "Trips so far"), "_total"),
        (Metric::gauge("trips_total", "Trips so far"), "_total"),
        (Metric::gauge("Trips", "Trips so far"), "no name"),
        (Metric::histogram("trip_count", &[1.0], "Trips so far"), "no name"),
        (Metric::gauge("age_ms", "Age of a trip"), "seconds"),
        (Metric::gauge("age", "Age of a trip").in_ms(), "unit"),
        (Metric::gauge("age", ""), "help"),
        (Metric::gauge("age", "Age of a trip.").by(&["trip"]), "few values"),
        (Metric::gauge("age", "Age of a trip").by(&["service"]), "few values"),
    ] {
        assert!(faults(&metric).iter().any(|told| told.contains(fault)), "{metric:?}");
    }
}

#[test]
fn no_two_metrics_have_one_name() {
    let mut exposed = BTreeSet::new();
    for (name, metric) in declared() {
        let Some(told) = metric.exposed else { continue };
        assert!(exposed.insert(told), "{name} declares {told} a second time");
    }
    // What a process tells of itself comes from its own crate and those that all have.
    for Declared { name, metrics, .. } in DECLARED {
        let everywhere = ["runtime", "pipeline", "kafka"];
        let with_it = DECLARED.iter().filter(|other| other.name != name && everywhere.contains(&other.name));
        let all = with_it.flat_map(|other| other.metrics).chain(metrics);
        let mut lines = BTreeSet::new();
        for line in all.filter_map(|metric| metric.line) {
            assert!(lines.insert(line), "{name}: {line} is written twice in one line");
        }
    }
}

#[test]
fn every_declaration_is_in_its_list() {
    let mut files = Vec::new();
    for folder in ["shared", "services"] {
        let crates = std::fs::read_dir(root().join(folder)).expect("a folder of crates");
        files.extend(crates.flatten().map(|entry| entry.path().join("src/metrics.rs")));
    }
    files.push(root().join("loadgen/src/metrics.rs"));
    let texts: Vec<String> = files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let written: usize = texts.iter().map(|text| text.matches(": Metric =").count()).sum();
    assert_eq!((written, texts.len()), (declared().count(), DECLARED.len()), "declarations, files with some");
}

#[test]
fn the_page_lists_all_metrics() {
    let page = root().join("docs/observe.md");
    let text = std::fs::read_to_string(&page).expect("the page is there");
    let (head, tail) = text.split_once(BEGIN).expect("the tables begin somewhere");
    let (_, tail) = tail.split_once(END).expect("and end somewhere");
    let made = format!("{head}{BEGIN}{}\n{END}{tail}", tables());
    assert_checked_in(&page, &made, "cargo test --release -p hailstorm --test metrics");
}

/// Between these the page is made by this test.
const BEGIN: &str = "<!-- metrics: made by tests/metrics.rs -->\n";
const END: &str = "<!-- end of the metrics -->\n";

fn root() -> PathBuf {
    let hailstorm = Path::new(env!("CARGO_MANIFEST_DIR"));
    hailstorm.parent().expect("the crate lies in the workspace").to_owned()
}
