//! What dashboards and alerts ask Prometheus for.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// How names of our metrics begin.
const PREFIXES: [&str; 6] = ["hailstorm_", "kafka_", "messaging_", "http_", "db_", "process_"];

/// Names of labels that begin like a metric.
const LABELS: [&str; 3] = ["messaging_destination_name", "db_system_name", "db_operation_name"];

/// A query, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The file and what in it.
    pub place: String,
    /// What is asked.
    pub text: String,
}

impl Query {
    /// The names of our metrics in it, as series have them: with `_total`, `_bucket`, `_sum` or `_count`.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
        let words = self.text.split(move |letter| !is_part(letter));
        words.filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix)) && !LABELS.contains(word))
    }
}

/// The dashboards of the repository at `root`: file and content.
///
/// # Panics
/// If one can't be read or is no JSON.
#[must_use]
pub fn dashboards(root: &Path) -> Vec<(String, Value)> {
    let folder = root.join("deploy/grafana/dashboards");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let dashboard = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).expect("a file");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, serde_json::from_str(&text).expect("JSON"))
    };
    let mut dashboards: Vec<(String, Value)> = files.map(dashboard).collect();
    dashboards.sort_by(|one, other| one.0.cmp(&other.0));
    dashboards
}

/// Every query of the dashboards, and the rules of the alerts as one text, without their comments.
///
/// # Panics
/// If a file is not as such files are.
#[must_use]
pub fn queries(root: &Path) -> Vec<Query> {
    let mut queries = Vec::new();
    for (file, dashboard) in dashboards(root) {
        for panel in dashboard["panels"].as_array().expect("panels") {
            let place = format!("{file}: {}", panel["title"]);
            for target in panel["targets"].as_array().expect("targets") {
                let text = target["expr"].as_str().expect("a query").to_owned();
                queries.push(Query { place: place.clone(), text });
            }
        }
    }
    let alerts = fs::read_to_string(root.join("deploy/prometheus/alerts.yml")).expect("a file");
    let rules: Vec<&str> = alerts.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    queries.push(Query { place: "alerts.yml".to_owned(), text: rules.join("\n") });
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_told_from_functions_and_labels() {
        let text = "histogram_quantile(0.9, sum by (le, db_system_name) (rate(db_x_seconds_bucket{a=\"b\"}[1m]))) \
                    / up and hailstorm:service_expected unless hailstorm_ready";
        let query = Query { place: String::new(), text: text.to_owned() };
        assert_eq!(query.metrics().collect::<Vec<_>>(), ["db_x_seconds_bucket", "hailstorm_ready"]);
    }
}
