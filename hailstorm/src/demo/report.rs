//! The summary of a run, as JSON; `text` has it for people.

use std::collections::BTreeMap;

use kafka::RecordSum;
use serde::Serialize;

use super::figures::Figures;
use super::groups::Group;
use super::meter::Spent;
use super::rate::{Behind, Lag, Rate};
use super::waits::{Quantiles, Waits};
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
    #[serde(flatten)]
    pub(crate) waits: Waits,
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
    /// The rate of reports, of a load that lasted until all drivers were on shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<Rate>,
    pub(crate) schedule: Schedule,
    pub(crate) audit_rss_mib: f64,
    pub(crate) groups: BTreeMap<&'static str, Group>,
    pub(crate) audit: Audit,
    pub(crate) problems: Vec<String>,
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
    /// How many reports and others had to wait for room in the client's queue.
    pub(crate) full_queue_waits: i64,
    /// How many of them never left, since the run was told to end first.
    pub(crate) left_out: i64,
    /// The longest time in which records waited and none was acknowledged, ms.
    pub(crate) broker_silent_ms: i64,
    /// A hash of the ledger, of a run that opened to the millisecond: without rides, another one like it has the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hash: Option<String>,
    /// What was acknowledged, by partition: records, and the sum of their checksums.
    pub(crate) ledger: BTreeMap<i32, Acknowledged>,
}

/// What the audit found.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Audit {
    pub(crate) clean: bool,
    pub(crate) findings: BTreeMap<String, u64>,
}

impl Schedule {
    /// What the apps say of it.
    fn of(figures: &Figures) -> Self {
        let lateness = figures.histogram("loadgen", "report_lateness_ms");
        Self {
            lateness_ms: Quantiles::of(figures, "loadgen", "report_lateness_ms"),
            latest_ms: lateness.max(),
            late: figures.sum("loadgen", "reports_late"),
            full_queue_waits: figures.sum("loadgen", "full_queue_waits"),
            left_out: figures.sum("loadgen", "left_out"),
            broker_silent_ms: figures.greatest("loadgen", "broker_silent_ms"),
            hash: None,
            ledger: figures.ledger("loadgen"),
        }
    }
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
        let api = |name: &str| figures.sum("loadgen", &format!("api_{name}"));
        self.api = Api {
            requests: api("requests"),
            errors: api("errors"),
            refused: api("refused"),
            ms: Quantiles::of(figures, "loadgen", "api_ms"),
        };
        self.schedule = Schedule::of(figures);
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

    /// What it all comes to, in a few words.
    pub(crate) fn verdict(&self) -> &'static str {
        match (self.is_good(), &self.rate) {
            (false, _) => "something went wrong, see above",
            (true, Some(rate)) if !rate.is_held(self.behind()) => {
                "everything adds up, but the rate was not held"
            }
            (true, _) => "everything adds up",
        }
    }

    fn behind(&self) -> Behind {
        Behind {
            reports_ms: i64::try_from(self.schedule.latest_ms).unwrap_or(i64::MAX),
            lag: Lag::longest_of(self.longest_lag_ms.iter().map(|(group, ms)| (*group, *ms))),
            late: self.schedule.late,
        }
    }
}

/// One hash of what was acknowledged in each partition, whatever the order in which it was.
pub(super) fn schedule_hash(ledger: &BTreeMap<i32, Acknowledged>) -> String {
    let mut all = RecordSum::default();
    for (partition, Acknowledged { records, checksum }) in ledger {
        all.add(format!("{partition}={records},{checksum:?}").as_bytes());
    }
    format!("{:012x}", all.checksum)
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_was_not_held_is_part_of_the_verdict() {
        let rate = Rate {
            planned_per_s: 100.0,
            due_per_s: 100.0,
            held_per_s: 99.0,
            stored_per_s: 99.0,
            seconds: 60.0,
            lag: Lag::default(),
        };
        let clean = || Audit { clean: true, ..Audit::default() };
        let report = |rate, late| Report {
            rate,
            schedule: Schedule { late, ..Schedule::default() },
            audit: clean(),
            ..Report::default()
        };
        assert_eq!(report(None, 3).verdict(), "everything adds up");
        assert_eq!(report(Some(rate), 0).verdict(), "everything adds up");
        assert_eq!(report(Some(rate), 3).verdict(), "everything adds up, but the rate was not held");
        let slow = Rate { held_per_s: 60.0, ..rate };
        assert_eq!(report(Some(slow), 0).verdict(), "everything adds up, but the rate was not held");
        let wrong = Report { problems: vec!["a trip too many".to_owned()], ..report(Some(slow), 0) };
        assert_eq!(wrong.verdict(), "something went wrong, see above");
    }

    #[test]
    fn the_hash_is_that_of_each_partition() {
        let sum = |records, checksum| Acknowledged { records, checksum: Some(checksum) };
        let ledger = BTreeMap::from([(0, sum(2, 7)), (1, sum(3, 8))]);
        assert_eq!(schedule_hash(&ledger).len(), 12);
        assert_eq!(schedule_hash(&ledger), schedule_hash(&ledger.clone()));
        for other in [
            [(0, sum(3, 8)), (1, sum(2, 7))],
            [(0, sum(2, 7)), (1, sum(3, 9))],
            [(0, sum(2, 7)), (1, sum(4, 8))],
        ] {
            assert_ne!(schedule_hash(&ledger), schedule_hash(&BTreeMap::from(other)));
        }
    }
}
