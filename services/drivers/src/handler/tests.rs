//! Given the records so far, when one more comes, then these are written.

use domain::driver::{Assignment, DriverCommand, Phase, ReleaseReason};
use domain::tariff::SurgeMultiplier;
use pipeline::fakes::OwnedRecord;
use proptest::prelude::*;
use testkit::Bench;
use testkit::town::{DRIVER, PICKUP, START_MS, trip};

use super::*;

fn bench() -> Bench<DriversHandler> {
    Bench::new(DriversHandler::new(CityClock::REAL, RealMs(START_MS)), START_MS)
}

fn shift(driver: DriverId, change: ShiftChange) -> OutRecord {
    DriverShift { driver, at: CityMs(START_MS), change, position: PICKUP }.to_record()
}

fn command(driver: DriverId, command: DriverCommand) -> OutRecord {
    DriverCommandRecord { driver, at: CityMs(START_MS), command }.to_record()
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

#[test]
fn a_driver_goes_through_a_trip() {
    let mut bench = bench();
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
        assert_eq!(bench.when(&record), expected, "{record:?}");
    }
}

#[test]
fn a_hundred_thousand_drivers_are_light() {
    let bytes = size_of::<DriverId>() + size_of::<Driver>();
    assert!(bytes <= 152, "{bytes} bytes a driver");
}

#[test]
fn bad_records_are_rejected_and_change_nothing() {
    let mut bench = bench();
    let start = shift(DRIVER, ShiftChange::Start);
    let good = bench.as_read(&start);
    let text = String::from_utf8(good.payload.clone().unwrap()).unwrap();
    let with = |payload: &str| OwnedRecord { payload: Some(payload.into()), ..good.clone() };
    for (record, code) in [
        (with("{"), "malformed_json"),
        (with(&text.replace("\"start\"", "\"pause\"")), "wrong_shape"),
        (with(&text.replace("37.774929", "95.0")), "wrong_shape"),
        (with(&text.replace(&START_MS.to_string(), "12")), "too_old"),
        (OwnedRecord { payload: None, ..good.clone() }, "null_payload"),
        (OwnedRecord { key: Some(b"4712".to_vec()), ..good.clone() }, "key_mismatch"),
    ] {
        assert_eq!(bench.when_read(&record), [format!("rejected {code}")]);
    }
    assert!(bench.handler.partitions[&0].is_empty());
    bench.given([&start]);
}

#[test]
fn commands_count_however_late_they_come() {
    let mut bench = bench();
    bench.given([&shift(DRIVER, ShiftChange::Start), &reserve(DRIVER, 1, 1)]);
    let mut late = bench.as_read(&release(DRIVER, 1, 1, ReleaseReason::Expired));
    late.timestamp_ms += 7 * 24 * 3600 * 1000;
    assert_eq!(bench.when_read(&late), ["drivers idle"]);
}

#[test]
fn a_tombstone_forgets_a_driver_and_a_revoked_partition_all_of_them() {
    let mut bench = bench();
    let start = bench.as_read(&shift(DRIVER, ShiftChange::Start));
    let (_, effects) = bench.handle(&start);
    let snapshot = bench.as_read(&effects[0]);
    let handler = &mut bench.handler;
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
        let (mut live, mut restored) = (bench(), bench().handler);
        live.handler.assigned(1);
        restored.assigned(1);
        for (partition, record) in &records {
            live.partition = *partition;
            let (_, effects) = live.handle(&live.as_read(record));
            for snapshot in effects.iter().filter(|effect| effect.topic.name == DRIVERS) {
                restored.observe(&live.as_read(snapshot).borrow()).unwrap();
            }
        }
        prop_assert_eq!(&live.handler.partitions, &restored.partitions);
    }
}
