//! Records that break their contract: each must lie in a dead-letter topic.

use std::collections::{BTreeMap, BTreeSet};

use events::{Cleanup, Invalid};

use super::{Cut, FindingKind, Findings, Place};

/// Undecodable records and the dead letters.
#[derive(Debug, Default)]
pub(super) struct Undecodable {
    records: Vec<(Place, Invalid, i64)>,
    letters: BTreeMap<Place, BTreeSet<String>>,
}

impl Undecodable {
    /// A record that broke its contract.
    pub(super) fn record(&mut self, place: Place, invalid: Invalid, timestamp_ms: i64) {
        self.records.push((place, invalid, timestamp_ms));
    }

    /// A dead letter of a service, about the record at this place.
    pub(super) fn dead_letter(&mut self, place: Place, service: &str) {
        self.letters.entry(place).or_default().insert(service.to_owned());
    }

    /// Whether a service could not use the record at this place, and said so.
    pub(super) fn was_rejected_by(&self, place: &Place, service: &str) -> bool {
        self.letters.get(place).is_some_and(|services| services.contains(service))
    }

    /// Whether any service could not use the record at this place.
    pub(super) fn has_letter(&self, place: &Place) -> bool {
        self.letters.contains_key(place)
    }

    /// How many records broke their contract.
    pub(super) fn count(&self) -> usize {
        self.records.len()
    }

    /// How many records bear a time that does not fit the time at which they were written.
    pub(super) fn untimely_count(&self) -> u64 {
        let untimely =
            |(_, invalid, _): &&(Place, Invalid, i64)| matches!(invalid.code, "too_old" | "in_the_future");
        self.records.iter().filter(untimely).count() as u64
    }

    /// How many records have a dead letter.
    pub(super) fn letter_count(&self) -> usize {
        self.letters.len()
    }

    /// Records that should have a dead letter and have none. Rows of tables are observed, not handled: none is due.
    pub(super) fn judge(&self, cut: Cut, findings: &mut Findings) {
        for (place, invalid, timestamp_ms) in &self.records {
            let handled = is_handled(place.topic);
            if handled && cut.is_archived(*timestamp_ms) && !self.has_letter(place) {
                findings.add(FindingKind::UndecodableWithoutDeadLetter, || format!("{place}: {invalid}"));
            }
        }
    }
}

fn is_handled(topic: &str) -> bool {
    let contract = events::ALL.iter().find(|contract| contract.name == topic);
    contract.is_some_and(|contract| matches!(contract.cleanup, Cleanup::Delete(_)))
}
