//! How often the hot path asks for memory: a record more in a second must cost few calls of the allocator.

#![expect(clippy::unwrap_used, reason = "a test")]

use allocation_counter::measure;
use archive::Document;
use archiver::ArchiverHandler;
use domain::CityClock;
use events::driver_locations;
use pipeline::fakes::{FakeSink, FakeSource, OwnedRecord, Step};
use pipeline::{AtLeastOnce, Counters, Handler, Rejected, Retry, Sink};

/// The document itself.
const A_REPORT: u64 = 1;

/// What a batch may ask for however many reports are in it: its vector of documents, which grows by doubling, its
/// progress, the names of its topics, a commit. 17 were measured.
const A_BATCH: u64 = 30;

const REPORTS_OF_A_BATCH: u64 = 1_000;

const NOW_MS: i64 = 1_211_587_200_500;

fn report(offset: i64) -> OwnedRecord {
    let record = OwnedRecord::new("driver-locations", 3, offset, "4711", driver_locations::EXAMPLE);
    OwnedRecord { timestamp_ms: NOW_MS, ..record }
}

#[test]
fn a_report_is_made_a_document_with_one_request_for_memory() {
    let record = report(17);
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

/// Takes documents as the archive does, which reads them where they are.
struct Counting(u64);

impl Sink for Counting {
    type Item = Document;

    async fn apply(&mut self, documents: &[Document]) -> anyhow::Result<()> {
        self.0 += documents.len() as u64;
        Ok(())
    }
}

/// Requests for memory while so many batches go through the loop of the service, from source to sink.
fn asked_by(batches: u64) -> u64 {
    let offsets = |batch: u64| (batch * REPORTS_OF_A_BATCH) as i64..((batch + 1) * REPORTS_OF_A_BATCH) as i64;
    let records = |batch| Step::Records(offsets(batch).map(report).collect());
    let source = FakeSource::new([Step::Assigned(vec![3])].into_iter().chain((0..batches).map(records)));
    let counters = Counters::default();
    let delivery = AtLeastOnce {
        sink: Counting(0),
        dead_letters: FakeSink::<Rejected>::default(),
        retry: Retry::default(),
        counters: counters.clone(),
    };
    let handler = ArchiverHandler::new(CityClock::REAL);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let shown = counters.clone();
    let run = pipeline::run(handler, source, delivery, counters, || NOW_MS);
    let mut outcome = None;
    let asked = measure(|| outcome = Some(runtime.block_on(run))).count_total;
    outcome.unwrap().unwrap();
    assert_eq!(shown.look().effects, batches * REPORTS_OF_A_BATCH);
    asked
}

#[test]
fn on_its_way_through_the_loop_a_report_asks_for_memory_once() {
    // What is asked for once, as the buffer of a batch, is in both.
    let (few, many) = (asked_by(3), asked_by(13));
    let (asked, most) = (many - few, 10 * (A_REPORT * REPORTS_OF_A_BATCH + A_BATCH));
    assert!(
        asked <= most,
        "{asked} requests for memory for 10 batches of {REPORTS_OF_A_BATCH} reports, {most} at most"
    );
}
