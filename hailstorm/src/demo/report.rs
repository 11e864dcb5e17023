//! The summary of a run, for people and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::figures::Figures;
use super::groups::Group;
use super::meter::Spent;
use crate::audit::Acknowledged;

/// Everything a run is judged by.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) reports_acknowledged: i64,
    pub(crate) reports_in_redis: u64,
    pub(crate) reports_in_mongodb: u64,
    /// Acknowledged reports that the ledger files name, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reports_in_ledger: Option<u64>,
    pub(crate) requests: i64,
    pub(crate) unroutable: i64,
    pub(crate) offers: i64,
    pub(crate) matched: i64,
    pub(crate) completed: i64,
    pub(crate) cancelled: i64,
    pub(crate) cancelled_by: BTreeMap<&'static str, i64>,
    pub(crate) unfulfilled: i64,
    pub(crate) open: i64,
    pub(crate) fares: u64,
    pub(crate) request_to_offer_ms: Quantiles,
    pub(crate) report_to_redis_ms: Quantiles,
    pub(crate) report_to_map_ms: Quantiles,
    pub(crate) api: Api,
    pub(crate) mongodb_operations: i64,
    pub(crate) mongodb_documents: i64,
    pub(crate) documents_per_operation: f64,
    pub(crate) report_documents_per_operation: f64,
    pub(crate) dead_letters: i64,
    pub(crate) first_match_s: Option<f64>,
    pub(crate) longest_lag_ms: BTreeMap<&'static str, i64>,
    pub(crate) restarts: BTreeMap<String, u32>,
    pub(crate) rss_mib: BTreeMap<String, f64>,
    pub(crate) cpu: Spent,
    pub(crate) schedule: Schedule,
    pub(crate) audit_rss_mib: f64,
    pub(crate) groups: BTreeMap<&'static str, Group>,
    pub(crate) audit: Audit,
    pub(crate) problems: Vec<String>,
}

/// Quantiles of a latency, ms.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: Option<u64>,
    pub(crate) p99: Option<u64>,
    pub(crate) p999: Option<u64>,
}

/// The public API as the city's apps see it.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Api {
    /// Requests made, each attempt.
    pub(crate) requests: i64,
    /// Those without a good answer; most are made again.
    pub(crate) errors: i64,
    /// Those refused for good.
    pub(crate) refused: i64,
    /// Time until an answer, ms.
    pub(crate) ms: Quantiles,
}

/// How well reports left when they were due.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Schedule {
    /// From due to handed over to the client, real time, ms.
    pub(crate) lateness_ms: Quantiles,
    /// The latest of all, ms.
    pub(crate) latest_ms: u64,
    /// Handed over more than a second after they were due.
    pub(crate) late: i64,
    /// How often the client's queue was full and reports had to wait.
    pub(crate) full_queue_waits: i64,
    /// What was acknowledged, by partition: records, and the sum of their checksums.
    pub(crate) ledger: BTreeMap<i32, Acknowledged>,
}

/// What the audit found.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Audit {
    pub(crate) clean: bool,
    pub(crate) findings: BTreeMap<String, u64>,
}

impl Report {
    /// Takes in what the processes say of themselves.
    pub(crate) fn add_figures(&mut self, figures: &Figures) {
        let city = |name: &str| figures.sum("loadgen", &format!("city.{name}"));
        self.reports_acknowledged = figures.sum("loadgen", "reports_acknowledged");
        self.requests = city("requests");
        self.unroutable = city("unroutable");
        self.offers = city("offers");
        self.matched = city("matched");
        self.completed = city("completed");
        self.cancelled = city("cancelled");
        for by in ["rider", "driver", "system"] {
            self.cancelled_by.insert(by, city(&format!("cancelled_by_{by}")));
        }
        self.unfulfilled = city("unfulfilled");
        self.open = city("open");
        self.request_to_offer_ms = quantiles_of(figures, "loadgen", "request_to_offer_ms");
        self.report_to_redis_ms = quantiles_of(figures, "live-location", "report_to_redis_ms");
        self.report_to_map_ms = quantiles_of(figures, "gateway", "report_to_map_ms");
        let api = |name: &str| figures.sum("loadgen", &format!("api_{name}"));
        self.api = Api {
            requests: api("requests"),
            errors: api("errors"),
            refused: api("refused"),
            ms: quantiles_of(figures, "loadgen", "api_ms"),
        };
        let lateness = figures.histogram("loadgen", "report_lateness_ms");
        self.schedule = Schedule {
            lateness_ms: quantiles_of(figures, "loadgen", "report_lateness_ms"),
            latest_ms: lateness.max(),
            late: figures.sum("loadgen", "reports_late"),
            full_queue_waits: figures.sum("loadgen", "full_queue_waits"),
            ledger: figures.ledger("loadgen"),
        };
        self.mongodb_operations = figures.sum("archiver", "mongodb_operations");
        self.mongodb_documents = figures.sum("archiver", "mongodb_documents");
        self.documents_per_operation = ratio(self.mongodb_documents, self.mongodb_operations);
        self.report_documents_per_operation =
            ratio(figures.sum("archiver", "report_documents"), figures.sum("archiver", "report_operations"));
    }

    /// Whether nothing went wrong.
    pub(crate) fn is_good(&self) -> bool {
        self.audit.clean && self.problems.is_empty()
    }

    /// The summary as people read it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |label: &str, value: String| {
            writeln!(text, "  {label:<22} {value}").expect("writing to memory succeeds")
        };
        line(
            "reports",
            format!(
                "{} acknowledged, {} through Redis, {} in MongoDB",
                self.reports_acknowledged, self.reports_in_redis, self.reports_in_mongodb
            ),
        );
        if let Some(named) = self.reports_in_ledger {
            line(
                "ledger",
                format!("{named} acknowledged reports named, each looked for in Kafka and MongoDB"),
            );
        }
        line(
            "rides",
            format!("{} asked for, {} offers, {} matched", self.requests, self.offers, self.matched),
        );
        line(
            "ended",
            format!(
                "{} completed, {} cancelled, {} unfulfilled, {} open",
                self.completed, self.cancelled, self.unfulfilled, self.open
            ),
        );
        line("fares", self.fares.to_string());
        line("schedule", self.schedule.text());
        line("request→offer", self.request_to_offer_ms.text());
        line("report→Redis", self.report_to_redis_ms.text());
        if self.report_to_map_ms.p99.is_some() {
            line("report→map", self.report_to_map_ms.text());
        }
        if self.api.requests > 0 {
            let Api { requests, errors, refused, ms } = self.api;
            let counts = format!("{requests} requests, {errors} without a good answer, {refused} refused");
            line("API", format!("{counts}; {}", ms.text()));
        }
        line(
            "MongoDB",
            format!(
                "{} documents in {} operations: {:.0} a time, reports {:.0}",
                self.mongodb_documents,
                self.mongodb_operations,
                self.documents_per_operation,
                self.report_documents_per_operation
            ),
        );
        line("dead letters", self.dead_letters.to_string());
        if let Some(first_match_s) = self.first_match_s {
            line("first match", format!("{first_match_s:.1} s after the command"));
        }
        line("memory", format!("{:.0} MiB at most, all processes", self.rss_mib.values().sum::<f64>()));
        line("processors", self.cpu.text());
        self.add_groups(&mut text);
        text
    }

    fn add_groups(&self, text: &mut String) {
        writeln!(text, "\n  Every group reads every record of its topics; its members share them:")
            .expect("memory");
        writeln!(
            text,
            "  {:<15} {:>10} {:>10}  members (partitions: records)",
            "group", "produced", "consumed"
        )
        .expect("memory");
        for (name, group) in &self.groups {
            let members = group
                .members
                .iter()
                .map(|(id, member)| format!("{id} ({}: {})", member.partitions, member.consumed));
            let members = members.collect::<Vec<_>>().join(", ");
            writeln!(text, "  {name:<15} {:>10} {:>10}  {members}", group.produced, group.consumed)
                .expect("memory");
        }
    }
}

impl Schedule {
    fn text(&self) -> String {
        format!(
            "reports left {} after they were due, at most {} ms; {} more than a second late, {} waits for room",
            self.lateness_ms.text(),
            self.latest_ms,
            self.late,
            self.full_queue_waits
        )
    }
}

impl Quantiles {
    fn text(self) -> String {
        match (self.p50, self.p99) {
            (Some(p50), Some(p99)) => format!("p50 {p50} ms, p99 {p99} ms"),
            _ => "-".to_owned(),
        }
    }
}

/// The quantiles of what a service measures; none if it has measured nothing.
pub(super) fn quantiles_of(figures: &Figures, service: &str, name: &str) -> Quantiles {
    let histogram = figures.histogram(service, name);
    let at = |quantile| (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile));
    Quantiles { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
