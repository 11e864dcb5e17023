//! Planted violations: records, documents, dead letters, acknowledgements.

use std::collections::BTreeMap;

use events::driver_locations::TOPIC as REPORTS;
use events::fares::TOPIC as FARES;
use kafka::RecordSum;
use serde_json::json;

use super::city::{BY_DRIVER, BY_ZONE, City, Entry};
use super::{FindingKind, assert_finds, found};
use crate::audit::Acknowledged;

#[test]
fn a_record_without_document_is_missing() {
    let mut city = City::clean();
    city.of(&REPORTS)[7].document = None;
    assert_finds(&city, FindingKind::MissingInMongodb);
    let report = city.audit();
    assert_eq!(report.findings["missing_in_mongodb"].examples, [format!("driver-locations/{BY_DRIVER}@7")]);
}

#[test]
fn all_missing_documents_are_counted_and_neighbours_are_one_example() {
    let mut city = City::clean();
    city.of(&REPORTS)[5..25].iter_mut().for_each(|entry| entry.document = None);
    let report = city.audit();
    assert_eq!(found(&report), [("missing_in_mongodb", 20)]);
    assert_eq!(
        report.findings["missing_in_mongodb"].examples,
        [format!("driver-locations/{BY_DRIVER}@5 to 24")]
    );
}

#[test]
fn a_document_without_record_is_unknown() {
    for place in [(REPORTS.name, BY_DRIVER + 1, 4), (FARES.name, BY_ZONE + 40, 0)] {
        let mut city = City::clean();
        city.stray_documents.push(place);
        assert_finds(&city, FindingKind::UnknownInMongodb);
    }
}

#[test]
fn a_document_whose_record_retention_removed_is_not_unknown() {
    let mut city = City::clean();
    city.low.insert((REPORTS.name, BY_DRIVER), 20);
    assert_eq!(found(&city.audit()), []);
}

#[test]
fn a_document_behind_the_end_is_unknown_unless_the_city_still_runs() {
    let mut city = City::clean();
    city.stray_documents.push((REPORTS.name, BY_DRIVER, 38));
    assert_finds(&city, FindingKind::UnknownInMongodb);
    city.closed = false;
    assert_eq!(found(&city.audit()), []);
}

#[test]
fn a_document_of_a_record_that_breaks_its_contract_is_unknown() {
    let mut city = City::clean();
    city.write_raw(&FARES, "x", Some(b"{".to_vec()), 50_000);
    city.letters.push((FARES.name, BY_ZONE, 1, "archiver"));
    city.stray_documents.push((FARES.name, BY_ZONE, 1));
    assert_finds(&city, FindingKind::UnknownInMongodb);
}

#[test]
fn a_document_that_says_something_else_differs() {
    type Change = fn(&mut archive::StoredDocument);
    let changes: [(Change, &str); 4] = [
        (|document| document.timestamp_ms += 1, "ts is"),
        (
            |document| drop(document.fields.insert("surge".into(), json!(130))),
            "surge is 130, the record says 120",
        ),
        (|document| drop(document.fields.remove("rider")), "rider is missing, the record says 17"),
        (
            |document| drop(document.fields.insert("tip".into(), json!(5))),
            "tip is 5, the record has no such field",
        ),
    ];
    for (change, text) in changes {
        let mut city = City::clean();
        change(city.of(&FARES)[0].document.as_mut().unwrap());
        assert_finds(&city, FindingKind::ContentDiffers);
        let report = city.audit();
        assert!(report.findings["content_differs"].examples[0].contains(text), "{report}");
    }
}

#[test]
fn a_broken_record_without_dead_letter_is_found_whatever_is_broken() {
    for payload in [None, Some(b"{".to_vec()), Some(b"{}".to_vec()), Some(vec![b' '; 70_000])] {
        let mut city = City::clean();
        city.write_raw(&REPORTS, "1", payload, 50_000);
        assert_finds(&city, FindingKind::UndecodableWithoutDeadLetter);
        city.letters.push((REPORTS.name, BY_DRIVER, 38, "live-location"));
        assert!(city.audit().clean);
    }
}

#[test]
fn a_dead_letter_about_another_record_is_no_excuse() {
    let mut city = City::clean();
    city.write_raw(&REPORTS, "1", None, 50_000);
    city.letters.push((REPORTS.name, BY_DRIVER, 37, "live-location"));
    city.letters.push((FARES.name, BY_DRIVER, 38, "archiver"));
    assert_finds(&city, FindingKind::UndecodableWithoutDeadLetter);
}

#[test]
fn only_the_archivers_dead_letter_excuses_a_missing_document() {
    let mut city = City::clean();
    city.of(&REPORTS)[7].document = None;
    city.letters.push((REPORTS.name, BY_DRIVER, 7, "eta"));
    assert_finds(&city, FindingKind::MissingInMongodb);
    city.letters.push((REPORTS.name, BY_DRIVER, 7, "archiver"));
    assert!(city.audit().clean);
}

#[test]
fn an_acknowledged_record_that_is_not_in_its_topic_is_missing() {
    let mut city = City::clean();
    city.ledger.add(REPORTS.name, BY_DRIVER, count(38));
    assert!(city.audit().clean);
    city.ledger.add(REPORTS.name, BY_DRIVER, count(1));
    assert_finds(&city, FindingKind::AcknowledgedMissing);
    city.low.insert((REPORTS.name, BY_DRIVER), 1);
    assert_finds(&city, FindingKind::AcknowledgedMissing);
}

#[test]
fn acknowledgements_may_be_told_for_a_topic_as_a_whole() {
    for (acknowledged, missing) in [(12, 0), (14, 2)] {
        let mut city = City::clean();
        city.ledger.add("trip-events", crate::audit::ALL_PARTITIONS, count(acknowledged));
        assert_eq!(city.audit().findings["acknowledged_missing"].count, missing);
    }
}

#[test]
fn a_ledger_is_plain_json() {
    let ledger = serde_json::from_str::<crate::audit::Ledger>(r#"{"driver-locations":{"3":38}}"#).unwrap();
    assert_eq!(ledger.0["driver-locations"][&3], count(38));
}

fn count(records: u64) -> Acknowledged {
    Acknowledged { records, checksum: None }
}

#[test]
fn as_many_reports_as_were_acknowledged_but_other_ones_are_found() {
    let city = City::clean();
    let mut sums: BTreeMap<i32, RecordSum> = BTreeMap::new();
    for Entry { record, .. } in city.entries.iter().filter(|entry| entry.record.topic == REPORTS.name) {
        sums.entry(record.partition).or_default().add(record.payload.as_deref().unwrap());
    }
    assert!(!sums.is_empty());
    for (other, findings) in [(0, 0), (1, 1)] {
        let mut city = City::clean();
        for (partition, sum) in &sums {
            city.ledger.add(REPORTS.name, *partition, (*sum).into());
        }
        city.ledger.0.get_mut(REPORTS.name).unwrap().values_mut().next().unwrap().checksum =
            sums.values().next().map(|sum| sum.checksum + other);
        assert_eq!(city.audit().findings["acknowledged_missing"].count, findings);
    }
}
