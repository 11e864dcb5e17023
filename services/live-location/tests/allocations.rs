//! How often the hot path asks for memory: a record more in a second must not be a call of the allocator more.

use allocation_counter::measure;
use domain::CityClock;
use live_location::LiveLocationHandler;
use pipeline::Handler;
use pipeline::fakes::OwnedRecord;

const NOW_MS: i64 = 1_800_000_000_000;

/// Reports of so many drivers, one each.
fn reports(drivers: i64, at_ms: i64) -> Vec<OwnedRecord> {
    let report = |driver: i64| {
        let payload =
            format!(r#"{{"driver":{driver},"at":{at_ms},"lat":37.7,"lon":-122.4,"heading":90,"speed":8.3}}"#);
        let record =
            OwnedRecord::new("driver-locations", 3, at_ms - NOW_MS + driver, &driver.to_string(), &payload);
        OwnedRecord { timestamp_ms: at_ms, ..record }
    };
    (1..=drivers).map(report).collect()
}

#[test]
fn a_report_of_a_driver_who_is_known_asks_for_no_memory() {
    let (mut handler, mut changes) = (LiveLocationHandler::new(CityClock::REAL), Vec::new());
    handler.assigned(3);
    let mut take_in = |records: &[OwnedRecord]| {
        for record in records {
            handler.handle(&record.borrow(), &mut changes).unwrap();
        }
        handler.tick(NOW_MS + 10_000, &mut changes);
        let taken = changes.len();
        changes.clear();
        taken
    };
    // Who is known has an entry, and vectors have grown.
    assert_eq!(take_in(&reports(1_000, NOW_MS)), 1_000);
    let again = reports(1_000, NOW_MS + 5_000);
    let asked = measure(|| assert_eq!(take_in(&again), 1_000)).count_total;
    assert!(asked <= 10, "{asked} requests for memory for 1,000 reports");
}
