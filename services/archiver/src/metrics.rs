//! What the archiver counts beside what every runner does.

use runtime::{COUNTS, Metric};

/// All metrics of this crate.
pub static ALL: [&Metric; 7] = [
    &DOCUMENTS,
    &OPERATIONS,
    &DUPLICATES,
    &REPORT_DOCUMENTS,
    &REPORT_OPERATIONS,
    &AGE,
    &DOCUMENTS_PER_OPERATION,
];

/// Documents stored.
pub static DOCUMENTS: Metric = Metric::counter(
    "hailstorm_mongodb_documents_total",
    "Documents that MongoDB acknowledged, those that were there already left out",
)
.in_lines("mongodb_documents");

/// Bulk inserts.
pub static OPERATIONS: Metric = Metric::counter(
    "hailstorm_mongodb_operations_total",
    "Bulk inserts into MongoDB; documents by operations is what bulk writing is about",
)
.in_lines("mongodb_operations");

/// Documents that were there.
pub static DUPLICATES: Metric = Metric::counter(
    "hailstorm_mongodb_duplicates_total",
    "Documents that were there already, from a batch that came again",
)
.in_lines("mongodb_duplicates");

/// Reports stored.
pub static REPORT_DOCUMENTS: Metric =
    Metric::counter("hailstorm_mongodb_report_documents_total", "Documents of location reports")
        .in_lines("report_documents");

/// Bulk inserts of reports.
pub static REPORT_OPERATIONS: Metric =
    Metric::counter("hailstorm_mongodb_report_operations_total", "Bulk inserts of location reports")
        .in_lines("report_operations");

/// How old a batch was when it was stored.
pub static AGE: Metric = Metric::gauge(
    "hailstorm_mongodb_age_seconds",
    "Age of the oldest record of the last batch when it was stored",
)
.in_ms()
.in_lines("mongodb_age_ms");

/// Documents of one bulk insert.
pub static DOCUMENTS_PER_OPERATION: Metric = Metric::histogram(
    "hailstorm_mongodb_operation_documents",
    COUNTS,
    "Documents of the bulk inserts of one batch into one collection, those that were there already included",
);
