//! Given the records so far, when one more comes, then these are written.

use domain::driver::{Assignment, DriverCommand, Phase, ReleaseReason};
use domain::tariff::SurgeMultiplier;
use domain::{LatLng, TripId, Zone};
use pipeline::fakes::OwnedRecord;
use proptest::prelude::*;

use super::*;

const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };
const DRIVER: DriverId = DriverId(4711);
const NOW_MS: i64 = 1_779_000_000_000;

fn owned(record: &OutRecord, partition: i32, offset: i64) -> OwnedRecord {
    OwnedRecord {
        topic: record.topic.name.to_owned(),
        partition,
        offset,
        timestamp_ms: NOW_MS,
        key: Some(record.key.clone()),
        payload: record.payload.clone(),
    }
}

fn handler() -> DriversHandler {
    let mut handler = DriversHandler::new(CityClock::REAL, RealMs(NOW_MS));
    handler.assigned(0);
    handler
}

fn handle(handler: &mut DriversHandler, record: &OwnedRecord) -> (Result<Outcome, Reject>, Vec<OutRecord>) {
    let mut effects = Vec::new();
    let outcome = handler.handle(&record.borrow(), &mut effects);
    (outcome, effects)
}

fn trip(number: u32) -> TripId {
    format!("{}.0192f0c1-2345-7abc-8def-{number:012}", Zone::of(PICKUP)).parse().unwrap()
}

fn shift(driver: DriverId, change: ShiftChange) -> OutRecord {
    DriverShift { driver, at: CityMs(NOW_MS), change, position: PICKUP }.to_record()
}

fn command(driver: DriverId, command: DriverCommand) -> OutRecord {
    DriverCommandRecord { driver, at: CityMs(NOW_MS), command }.to_record()
}

fn reserve(driver: DriverId, number: u32, attempt: u32) -> OutRecord {
    let (trip, surge) = (trip(number), SurgeMultiplier::NONE);
    let assignment = Assignment { trip, attempt, pickup: PICKUP, dropoff: PICKUP, surge, started_at: None };
    command(driver, DriverCommand::Reserve(assignment))
}

fn progress(driver: DriverId, number: u32, phase: Phase) -> OutRecord {
    command(driver, DriverCommand::Progress { trip: trip(number), phase })
}

fn release(driver: DriverId, number: u32, attempt: u32, reason: ReleaseReason) -> OutRecord {
    command(driver, DriverCommand::Release { trip: trip(number), attempt, reason })
}

/// What came of a record, in short.
fn told(outcome: &Result<Outcome, Reject>, effects: &[OutRecord]) -> Vec<String> {
    let mut lines: Vec<String> = effects
        .iter()
        .map(|record| {
            let payload: serde_json::Value =
                serde_json::from_slice(record.payload.as_ref().unwrap()).unwrap();
            let words = ["status", "reply", "reason"].iter().filter_map(|name| payload[*name].as_str());
            format!("{} {}", record.topic.name, words.collect::<Vec<_>>().join(" "))
        })
        .collect();
    match outcome {
        Ok(Outcome::Done) => {}
        Ok(Outcome::Skipped(reason)) => lines.push(format!("skipped {reason}")),
        Err(reject) => lines.push(format!("rejected {}", reject.code)),
    }
    lines
}

#[test]
fn a_driver_goes_through_a_trip() {
    let mut handler = handler();
    for (record, expected) in [
        (reserve(DRIVER, 1, 1), vec!["reservation-replies refused offline"]),
        (shift(DRIVER, ShiftChange::Start), vec!["drivers idle"]),
        (shift(DRIVER, ShiftChange::Start), vec!["skipped already_on_shift"]),
        (reserve(DRIVER, 1, 2), vec!["reservation-replies reserved", "drivers reserved"]),
        (reserve(DRIVER, 1, 2), vec!["reservation-replies reserved"]),
        (reserve(DRIVER, 2, 1), vec!["reservation-replies refused busy"]),
        (release(DRIVER, 2, 1, ReleaseReason::TooLate), vec!["skipped other_trip"]),
        (progress(DRIVER, 1, Phase::Matched), vec!["drivers to_pickup"]),
        (progress(DRIVER, 1, Phase::Arrived), vec!["drivers waiting"]),
        (progress(DRIVER, 1, Phase::Started), vec!["drivers on_trip"]),
        (shift(DRIVER, ShiftChange::End), vec!["drivers on_trip"]),
        (progress(DRIVER, 1, Phase::Completed), vec!["drivers offline"]),
        (progress(DRIVER, 1, Phase::Completed), vec!["skipped other_trip"]),
        (shift(DRIVER, ShiftChange::End), vec!["skipped already_off_shift"]),
    ] {
        let (outcome, effects) = handle(&mut handler, &owned(&record, 0, 0));
        assert_eq!(told(&outcome, &effects), expected, "{record:?}");
    }
}

#[test]
fn a_hundred_thousand_drivers_are_light() {
    let bytes = size_of::<DriverId>() + size_of::<Driver>();
    assert!(bytes <= 152, "{bytes} bytes a driver");
}

#[test]
fn bad_records_are_rejected_and_change_nothing() {
    let mut handler = handler();
    let good = owned(&shift(DRIVER, ShiftChange::Start), 0, 0);
    let text = String::from_utf8(good.payload.clone().unwrap()).unwrap();
    let with = |payload: &str| OwnedRecord { payload: Some(payload.into()), ..good.clone() };
    for (record, code) in [
        (with("{"), "malformed_json"),
        (with(&text.replace("\"start\"", "\"pause\"")), "wrong_shape"),
        (with(&text.replace("37.774929", "95.0")), "wrong_shape"),
        (with(&text.replace(&NOW_MS.to_string(), "12")), "too_old"),
        (OwnedRecord { payload: None, ..good.clone() }, "null_payload"),
        (OwnedRecord { key: Some(b"4712".to_vec()), ..good.clone() }, "key_mismatch"),
    ] {
        let (outcome, effects) = handle(&mut handler, &record);
        assert_eq!(told(&outcome, &effects), [format!("rejected {code}")]);
    }
    assert!(handler.partitions[&0].is_empty());
    assert_eq!(handle(&mut handler, &good).0, Ok(Outcome::Done));
}

#[test]
fn commands_count_however_late_they_come() {
    let mut handler = handler();
    for record in [shift(DRIVER, ShiftChange::Start), reserve(DRIVER, 1, 1)] {
        assert_eq!(handle(&mut handler, &owned(&record, 0, 0)).0, Ok(Outcome::Done));
    }
    let mut late = owned(&release(DRIVER, 1, 1, ReleaseReason::Expired), 0, 0);
    late.timestamp_ms += 7 * 24 * 3600 * 1000;
    let (outcome, effects) = handle(&mut handler, &late);
    assert_eq!(told(&outcome, &effects), ["drivers idle"]);
}

#[test]
fn a_tombstone_forgets_a_driver_and_a_revoked_partition_all_of_them() {
    let mut handler = handler();
    let (_, effects) = handle(&mut handler, &owned(&shift(DRIVER, ShiftChange::Start), 0, 0));
    let snapshot = owned(&effects[0], 0, 0);
    handler.observe(&OwnedRecord { payload: None, ..snapshot.clone() }.borrow()).unwrap();
    assert!(handler.partitions[&0].is_empty());
    let nonsense = OwnedRecord { payload: None, key: Some(b"x".to_vec()), ..snapshot.clone() };
    assert_eq!(handler.observe(&nonsense.borrow()).unwrap_err().code, "key_mismatch");
    handler.observe(&snapshot.borrow()).unwrap();
    handler.revoked(0);
    handler.observe(&snapshot.borrow()).unwrap();
    assert!(handler.partitions.is_empty());
}

fn any_record() -> impl Strategy<Value = (i32, OutRecord)> {
    let phases = prop::sample::select(vec![Phase::Matched, Phase::Arrived, Phase::Started, Phase::Completed]);
    let reasons = prop::sample::select(vec![ReleaseReason::Declined, ReleaseReason::Vanished]);
    let changes = prop_oneof![4 => Just(ShiftChange::Start), 1 => Just(ShiftChange::End)];
    // Even ids lie in partition 0, odd ones in partition 1.
    let record = prop_oneof![
        (0u64..4, changes).prop_map(|(id, change)| (id, shift(DriverId(id), change))),
        (0u64..4, 0u32..2, 1u32..3)
            .prop_map(|(id, trip, attempt)| (id, reserve(DriverId(id), trip, attempt))),
        (0u64..4, 0u32..2, phases).prop_map(|(id, trip, phase)| (id, progress(DriverId(id), trip, phase))),
        (0u64..4, 0u32..2, 1u32..3, reasons)
            .prop_map(|(id, trip, attempt, reason)| (id, release(DriverId(id), trip, attempt, reason))),
    ];
    record.prop_map(|(id, record)| (i32::from(id % 2 == 1), record))
}

proptest! {
    #[test]
    fn a_restored_table_is_the_live_one(records in prop::collection::vec(any_record(), 0..100)) {
        let (mut live, mut restored) = (handler(), handler());
        live.assigned(1);
        restored.assigned(1);
        for (offset, (partition, record)) in (0i64..).zip(&records) {
            let (_, effects) = handle(&mut live, &owned(record, *partition, offset));
            for snapshot in effects.iter().filter(|effect| effect.topic.name == DRIVERS) {
                restored.observe(&owned(snapshot, *partition, offset).borrow()).unwrap();
            }
        }
        prop_assert_eq!(&live.partitions, &restored.partitions);
    }
}
