//! All metrics that are declared, crate by crate, and the page that lists them.

use runtime::Metric;

/// The metrics of one crate.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The crate.
    pub name: &'static str,
    /// Which processes tell them.
    pub told_by: &'static str,
    /// What it declares.
    pub metrics: &'static [&'static Metric],
}

/// What every crate declares.
pub static DECLARED: [Declared; 9] = [
    Declared { name: "runtime", told_by: "every process", metrics: &runtime::metrics::ALL },
    Declared { name: "pipeline", told_by: "every process but `replay`", metrics: &pipeline::metrics::ALL },
    Declared { name: "kafka", told_by: "every member of a group", metrics: &kafka::metrics::ALL },
    Declared { name: "live-location", told_by: "`live-location`", metrics: &live_location::metrics::ALL },
    Declared { name: "matching", told_by: "`matching`", metrics: &matching::metrics::ALL },
    Declared { name: "eta", told_by: "`eta`", metrics: &eta::metrics::ALL },
    Declared { name: "archiver", told_by: "`archiver`", metrics: &archiver::metrics::ALL },
    Declared { name: "gateway", told_by: "`gateway`", metrics: &gateway::metrics::ALL },
    Declared { name: "loadgen", told_by: "`loadgen` and `replay`", metrics: &loadgen::metrics::ALL },
];

/// The tables of `docs/observe.md`.
#[must_use]
pub fn tables() -> String {
    let mut text = String::new();
    for Declared { name, told_by, metrics } in DECLARED {
        text.push_str(&format!(
            "\n### {name}\n\nTold by {told_by}.\n\n| Metric | Kind | Labels | What it tells |\n"
        ));
        text.push_str("| --- | --- | --- | --- |\n");
        for metric in metrics {
            let Some(exposed) = metric.exposed else { continue };
            let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let (kind, labels) = (metric.kind.word(), labels.join(", "));
            text.push_str(&format!("| `{exposed}` | {kind} | {labels} | {} |\n", metric.help));
        }
    }
    text
}
