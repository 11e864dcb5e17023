//! The sink on a real server that goes away and comes back.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use archive::{Archive, Collection, Document, Settings};
use archiver::{ArchiveSink, Figures};
use backends::{Choice, Options, Server};
use events::driver_locations::LocationReport;
use events::fares::FareEvent;
use pipeline::{Retry, Sink};
use runtime::Stats;

const NOW_MS: i64 = 1_700_000_010_000;

const REPORTS: i64 = 6_000;

fn documents() -> Vec<Document> {
    let report: LocationReport = serde_json::from_str(events::driver_locations::EXAMPLE).unwrap();
    let fare: FareEvent = serde_json::from_str(events::fares::EXAMPLE).unwrap();
    // More than one operation holds.
    let reports =
        (0..REPORTS).map(|offset| Document::of(&report, 2, offset, NOW_MS - REPORTS + offset).unwrap());
    let fares = (0..7).map(|offset| Document::of(&fare, 5, offset, NOW_MS - 20).unwrap());
    reports.chain(fares).collect()
}

async fn counts(archive: &Archive) -> Vec<u64> {
    let mut counts = Vec::new();
    for topic in [&events::driver_locations::TOPIC, &events::fares::TOPIC] {
        counts.push(archive.count(Collection::of_topic(topic.name).unwrap()).await.unwrap());
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_survives_a_server_that_goes_away_and_is_stored_once() {
    let options = Options { choice: Choice::Native, ..Options::default() };
    let servers = backends::start(&options, |_| ())
        .await
        .expect("this test needs servers, and they could not be started");
    let settings = Settings { mongodb_uri: servers.endpoints.mongodb_uri.clone() };
    let archive = Archive::connect(&settings, "archiver-test").await.unwrap();
    let stats = Stats::default();
    let mut sink = ArchiveSink::new(archive.clone(), Figures::of(&stats), || NOW_MS);
    let documents = documents();

    sink.apply(&documents).await.unwrap();
    assert_eq!(counts(&archive).await, [6_000, 7]);
    let values = stats.line("test").values;
    let figure = |name: &str| values[name];
    assert_eq!((figure("report_documents"), figure("report_operations")), (6_000, 2));
    assert_eq!((figure("mongodb_documents"), figure("mongodb_operations")), (6_007, 3));
    assert_eq!((figure("mongodb_duplicates"), figure("mongodb_age_ms")), (0, 6_000));

    let mongodb = servers.server(Server::Mongodb).unwrap();
    mongodb.kill().await.unwrap();
    let sink = tokio::sync::Mutex::new(sink);
    let retry = Retry {
        first: Duration::from_millis(50),
        longest: Duration::from_secs(1),
        give_up: Duration::from_secs(60),
    };
    let failures = std::sync::atomic::AtomicU32::new(0);
    let (failed, again) = (&tokio::sync::Notify::new(), &failures);
    let repeated = retry.run(
        |_| {
            again.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            failed.notify_one();
        },
        || async { sink.lock().await.apply(&documents).await },
    );
    let back = async {
        failed.notified().await;
        mongodb.start().await.unwrap();
    };
    let (repeated, ()) = tokio::join!(repeated, back);
    repeated.unwrap();
    assert!(failures.load(std::sync::atomic::Ordering::Relaxed) > 0);
    assert_eq!(counts(&archive).await, [6_000, 7]);
    servers.stop().await.unwrap();
}
