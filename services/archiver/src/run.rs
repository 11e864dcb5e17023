//! Wires the handler to Kafka and MongoDB.

use std::time::Duration;

use archive::Archive;
use kafka::{DeadLetterSink, KafkaSource, Reading, Subscription};
use pipeline::{AtLeastOnce, Counters, Retry};
use runtime::{Running, Service};

use crate::{ArchiveSink, ArchiverHandler, Config, Figures, TOPICS};

/// How long MongoDB may be away before the service gives up and is started anew: longer than a restart takes.
const GIVE_UP: Duration = Duration::from_secs(120);

/// Runs the service until it is told to stop.
///
/// # Errors
/// Trouble with Kafka or MongoDB that did not pass.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let archive = Archive::connect(&config.archive, &config.kafka.namespace).await?;
    let subscription = Subscription {
        group: "archiver",
        topics: TOPICS.to_vec(),
        tables: vec![],
        followed: vec![],
        reading: Reading::Bulk,
        max_records: usize::try_from(config.batch)?,
        linger: config.interval,
    };
    let source = KafkaSource::join(&config.kafka, subscription, &service.member, service.stop.clone())?;
    let counters = Counters::shown_in(&service.stats);
    source.show_lag(&service.stats, &counters, runtime::clock::now_ms);
    service.readiness.ask(counters.waiting_for());
    let delivery = AtLeastOnce {
        sink: ArchiveSink::new(archive, Figures::of(&service.stats), runtime::clock::now_ms),
        dead_letters: DeadLetterSink::new(&config.kafka, service.name)?,
        retry: Retry { give_up: GIVE_UP, ..Retry::default() },
        counters: counters.clone(),
    };
    pipeline::run(ArchiverHandler::new(config.city_clock), source, delivery, counters, runtime::clock::now_ms)
        .await
}
