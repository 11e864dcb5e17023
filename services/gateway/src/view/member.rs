//! What one process told of itself, as far as it is shown.

use events::service_figures::ServiceFigures;

use super::times::Times;

/// The figures of one process at one moment: counts since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFigures {
    pub(super) service: String,
    pub(super) member: String,
    pub(super) heard_ms: i64,
    /// Timestamp of the oldest record under way, 0 if there is none; of processes that have records.
    pub(super) pending_since_ms: Option<i64>,
    /// Greatest age of a record when it was dealt with, lately.
    pub(super) max_age_ms: i64,
    pub(super) counts: Counts,
}

/// What grows while a process lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) records: u64,
    pub(super) documents: u64,
    pub(super) operations: u64,
    pub(super) report_documents: u64,
    pub(super) report_operations: u64,
    pub(super) request_to_offer: Times,
    pub(super) report_to_redis: Times,
}

impl MemberFigures {
    /// Picks what is shown from figures that were written at `heard_ms` (real time).
    #[must_use]
    pub fn of(figures: &ServiceFigures, heard_ms: i64) -> Self {
        let value = |name: &str| figures.values.get(name).copied();
        let count = |name: &str| value(name).and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        let times = |name: &str| figures.histograms.get(name).map(|text| Times::decode(text));
        Self {
            service: figures.service.clone(),
            member: figures.member.clone(),
            heard_ms,
            pending_since_ms: value("pending_since_ms"),
            max_age_ms: value("max_age_ms").unwrap_or(0),
            counts: Counts {
                records: count("records"),
                documents: count("mongodb_documents"),
                operations: count("mongodb_operations"),
                report_documents: count("report_documents"),
                report_operations: count("report_operations"),
                request_to_offer: times("request_to_offer_ms").unwrap_or_default(),
                report_to_redis: times("report_to_redis_ms").unwrap_or_default(),
            },
        }
    }
}

impl Counts {
    /// What was counted since earlier; all of it if the process began anew in between.
    pub(super) fn since(&self, before: &Self) -> Self {
        self.grown(before).unwrap_or_else(|| self.clone())
    }

    fn grown(&self, before: &Self) -> Option<Self> {
        Some(Self {
            records: self.records.checked_sub(before.records)?,
            documents: self.documents.checked_sub(before.documents)?,
            operations: self.operations.checked_sub(before.operations)?,
            report_documents: self.report_documents.checked_sub(before.report_documents)?,
            report_operations: self.report_operations.checked_sub(before.report_operations)?,
            request_to_offer: self.request_to_offer.since(&before.request_to_offer)?,
            report_to_redis: self.report_to_redis.since(&before.report_to_redis)?,
        })
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.documents += other.documents;
        self.operations += other.operations;
        self.report_documents += other.report_documents;
        self.report_operations += other.report_operations;
        self.request_to_offer.add(&other.request_to_offer);
        self.report_to_redis.add(&other.report_to_redis);
    }
}
