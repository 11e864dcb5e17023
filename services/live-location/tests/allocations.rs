//! How often the hot path asks for memory: a record more in a second must not be a call of the allocator more.

#![expect(clippy::unwrap_used, reason = "a test")]

use allocation_counter::measure;
use domain::CityClock;
use live_location::{Change, LiveLocationHandler};
use pipeline::fakes::{FakeSink, FakeSource, OwnedRecord, Step};
use pipeline::{AtLeastOnce, Counters, Handler, Rejected, Retry, Sink};

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

/// What a batch may ask for however many reports are in it: its vector of changes, which grows by doubling, its
/// progress, the names of its topics, a commit. 18 were measured.
const A_BATCH: u64 = 30;

const DRIVERS: i64 = 1_000;

/// Takes changes as the writer to Redis does, which reads them where they are.
struct Counting;

impl Sink for Counting {
    type Item = Change;

    async fn apply(&mut self, _changes: &[Change]) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Requests for memory while so many batches, each with a report of each driver, go through the loop of the service,
/// from source to sink.
fn asked_by(batches: i64) -> u64 {
    let records = |batch| Step::Records(reports(DRIVERS, NOW_MS + batch * 5_000));
    let source = FakeSource::new([Step::Assigned(vec![3])].into_iter().chain((0..batches).map(records)));
    let counters = Counters::default();
    let delivery = AtLeastOnce {
        sink: Counting,
        dead_letters: FakeSink::<Rejected>::default(),
        retry: Retry::default(),
        counters: counters.clone(),
    };
    let handler = LiveLocationHandler::new(CityClock::REAL);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let shown = counters.clone();
    let run = pipeline::run(handler, source, delivery, counters, || NOW_MS + 100_000);
    let mut outcome = None;
    let asked = measure(|| outcome = Some(runtime.block_on(run))).count_total;
    outcome.unwrap().unwrap();
    assert_eq!(shown.look().effects, (batches * DRIVERS) as u64);
    asked
}

#[test]
fn on_its_way_through_the_loop_a_report_asks_for_no_memory_of_its_own() {
    // What is asked for once, as the entry of a driver or the buffer of a batch, is in both.
    let asked = asked_by(13) - asked_by(3);
    assert!(asked <= 10 * A_BATCH, "{asked} requests for memory for 10 batches of {DRIVERS} reports");
}
