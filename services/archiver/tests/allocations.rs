//! How often the hot path asks for memory: a record more in a second must cost few calls of the allocator.

use allocation_counter::measure;
use archiver::ArchiverHandler;
use domain::CityClock;
use events::driver_locations;
use pipeline::Handler;
use pipeline::fakes::OwnedRecord;

/// The document itself.
const A_REPORT: u64 = 1;

#[test]
fn a_report_is_made_a_document_with_one_request_for_memory() {
    let mut record = OwnedRecord::new("driver-locations", 3, 17, "4711", driver_locations::EXAMPLE);
    record.timestamp_ms = 1_211_587_200_500;
    let (mut handler, mut documents) = (ArchiverHandler::new(CityClock::REAL), Vec::with_capacity(1_000));
    let asked = measure(|| {
        for _ in 0..1_000 {
            handler.handle(&record.borrow(), &mut documents).unwrap();
        }
    })
    .count_total;
    assert_eq!(documents.len(), 1_000);
    assert!(asked <= A_REPORT * 1_000, "{asked} requests for memory for 1,000 reports");
}
