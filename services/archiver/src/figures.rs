//! What the archiver counts beside what every runner does.

use archive::Inserted;
use runtime::metrics::STORE_TIME;
use runtime::{Counter, Gauge, Operation, Spread, Stats};

use crate::metrics;

/// Figures of the archive's sink; documents by operations is what bulk writing is about.
#[derive(Clone, Debug)]
pub struct Figures {
    documents: Counter,
    operations: Counter,
    duplicates: Counter,
    report_documents: Counter,
    report_operations: Counter,
    age_ms: Gauge,
    operation_documents: Spread,
    /// The time of bulk inserts.
    pub(crate) insert: Operation,
}

impl Figures {
    /// The figures of a process, under their names.
    #[must_use]
    pub fn of(stats: &Stats) -> Self {
        Self {
            documents: stats.counter(&metrics::DOCUMENTS),
            operations: stats.counter(&metrics::OPERATIONS),
            duplicates: stats.counter(&metrics::DUPLICATES),
            report_documents: stats.counter(&metrics::REPORT_DOCUMENTS),
            report_operations: stats.counter(&metrics::REPORT_OPERATIONS),
            age_ms: stats.gauge(&metrics::AGE),
            operation_documents: stats.spread(&metrics::DOCUMENTS_PER_OPERATION),
            insert: Operation::of(stats, &STORE_TIME, "mongodb", "insert"),
        }
    }

    /// Counts an insert into the collection of a topic.
    pub fn inserted(&self, topic: &str, inserted: Inserted) {
        self.documents.add(inserted.documents);
        self.operations.add(inserted.operations);
        self.duplicates.add(inserted.duplicates);
        let documents = inserted.documents + inserted.duplicates;
        self.operation_documents.record_count(usize::try_from(documents).unwrap_or(usize::MAX));
        if topic == events::driver_locations::TOPIC.name {
            self.report_documents.add(inserted.documents);
            self.report_operations.add(inserted.operations);
        }
    }

    /// Says how old the oldest record of a batch was when the batch was stored.
    pub fn stored(&self, age_ms: i64) {
        self.age_ms.set(age_ms);
    }
}
