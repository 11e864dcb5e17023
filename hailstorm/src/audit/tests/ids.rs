//! Planted violations: single reports that were acknowledged.

use domain::{CityMs, DriverId};
use events::driver_locations::{LocationReport, TOPIC as REPORTS};
use loadgen::ledger::Entry;

use super::city::{BY_DRIVER, City};
use super::found;
use crate::audit::AuditReport;

/// The clean city, with every report of it acknowledged.
fn city() -> City {
    let mut city = City::clean();
    let reports: Vec<Entry> = city
        .of(&REPORTS)
        .iter()
        .map(|entry| {
            let report: LocationReport =
                serde_json::from_slice(entry.record.payload.as_ref().unwrap()).unwrap();
            let offset = Some(entry.record.offset);
            Entry { driver: report.driver, at: report.at, partition: entry.record.partition, offset }
        })
        .collect();
    city.ids = reports;
    city
}

fn stranger(offset: Option<i64>) -> Entry {
    Entry { driver: DriverId(99), at: CityMs(5), partition: BY_DRIVER, offset }
}

fn told(report: &AuditReport) -> &[String] {
    &report.findings["acknowledged_missing"].examples
}

#[test]
fn acknowledged_reports_that_are_all_there_are_counted() {
    let report = city().audit();
    assert!(report.clean, "{report}");
    assert_eq!(report.counts["acknowledged reports by id"], 38);
    assert!(!City::clean().audit().counts.contains_key("acknowledged reports by id"));
}

#[test]
fn acknowledged_reports_that_the_topic_lacks_are_named() {
    let mut city = city();
    city.ids.extend((0..12).map(|number| stranger(Some(100 + 2 * number))));
    city.ids.push(Entry { partition: 40, ..stranger(Some(3)) });
    let report = city.audit();
    assert_eq!(found(&report), [("acknowledged_missing", 13)]);
    let names: Vec<String> = (0..10)
        .map(|number| {
            format!("driver-locations/{BY_DRIVER}@{}: acknowledged, and not in the topic", 100 + 2 * number)
        })
        .collect();
    assert_eq!(told(&report), names);
}

#[test]
fn another_report_in_the_place_of_an_acknowledged_one_is_found() {
    type Change = fn(&mut Entry);
    let changes: [Change; 2] = [|entry| entry.driver = DriverId(99), |entry| entry.at = CityMs(5)];
    for change in changes {
        let mut city = city();
        change(&mut city.ids[7]);
        let report = city.audit();
        let place = format!("driver-locations/{BY_DRIVER}@0 to 99");
        assert_eq!(told(&report), [format!("{place}: holds other reports than were acknowledged there")]);
    }
}

#[test]
fn an_acknowledged_report_without_document_is_named_unless_its_time_is_still_to_come() {
    let mut city = city();
    city.of(&REPORTS)[7].document = None;
    let report = city.audit();
    assert_eq!(found(&report), [("acknowledged_missing", 1), ("missing_in_mongodb", 1)]);
    assert_eq!(told(&report), [format!("driver-locations/{BY_DRIVER}@7: acknowledged, and not in MongoDB")]);
    city.letters.push((REPORTS.name, BY_DRIVER, 7, "archiver"));
    assert!(city.audit().clean);
    city.letters.clear();
    city.closed = false;
    city.audit_ms -= 70_000;
    assert_eq!(
        city.audit().findings["acknowledged_missing"].count,
        0,
        "reported 35 s ago, less than 45 s before"
    );
}

#[test]
fn what_retention_has_removed_must_still_be_in_mongodb() {
    let mut city = city();
    city.low.insert((REPORTS.name, BY_DRIVER), 20);
    assert!(city.audit().clean);
    city.of(&REPORTS)[7].document = None;
    let report = city.audit();
    assert_eq!(found(&report), [("acknowledged_missing", 1)]);
    assert_eq!(told(&report), [format!("driver-locations/{BY_DRIVER}@7: acknowledged, and not in MongoDB")]);
}

#[test]
fn a_report_whose_place_the_broker_did_not_tell_is_looked_for_by_driver_and_time() {
    let mut city = city();
    city.ids[7].offset = None;
    assert!(city.audit().clean);
    city.of(&REPORTS)[7].document = None;
    assert_eq!(found(&city.audit()), [("acknowledged_missing", 1), ("missing_in_mongodb", 1)]);
    let mut city = self::city();
    city.ids.push(stranger(None));
    let report = city.audit();
    let expected =
        format!("driver-locations/{BY_DRIVER}: driver 99 at 5: acknowledged, and not in the topic");
    assert_eq!(told(&report), [expected]);
}

#[test]
fn two_reports_acknowledged_for_one_place_are_found() {
    let mut city = city();
    let again = city.ids[7];
    city.ids.push(again);
    let report = city.audit();
    let place = format!("driver-locations/{BY_DRIVER}@7");
    assert_eq!(told(&report), [format!("{place}: acknowledged more than once, and holds one report")]);
}
