//! What brokers have taken of the reports, as figures of the process.

use kafka::{Outbox, RecordSum};
use runtime::Sample;

use crate::metrics;

/// Records and checksum of every partition, by the names under which a summary finds them.
pub(crate) fn sums(outbox: &Outbox) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (partition, RecordSum { records, checksum }) in outbox.sums().into_iter().enumerate() {
        for (what, value) in [("records", records), ("checksum", checksum)] {
            samples.push(metrics::LEDGER.count_of(&[&partition.to_string(), what], value));
        }
    }
    samples
}
