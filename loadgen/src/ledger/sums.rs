//! What brokers have taken of the reports, as figures of the process.

use kafka::{Outbox, RecordSum};

/// Records and checksum of every partition, by the names under which a summary finds them.
pub(crate) fn sums(outbox: &Outbox) -> Vec<(String, i64)> {
    let mut pairs = Vec::new();
    for (partition, RecordSum { records, checksum }) in outbox.sums().into_iter().enumerate() {
        for (what, value) in [("records", records), ("checksum", checksum)] {
            pairs.push((format!("ledger.{partition}.{what}"), i64::try_from(value).unwrap_or(i64::MAX)));
        }
    }
    pairs
}
