//! The summary of a run, as JSON; `text` has it for people.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figures::Figures;
use super::groups::Group;
use super::meter::Spent;
use crate::audit::Acknowledged;

mod text;

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
