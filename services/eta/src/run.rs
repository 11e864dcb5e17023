//! Wires the handler to Kafka.

use std::time::Duration;

use kafka::{DeadLetterSink, KafkaSource, Reading, RecordSink, Subscription};
use pipeline::{AtLeastOnce, Counters, Retry};
use runtime::{Running, Service};

use crate::{Config, EtaHandler, Figures, metrics};

/// The topics that the members of the group share.
pub const TOPICS: [&events::Topic; 2] = [&events::driver_locations::TOPIC, &events::drivers::TOPIC];

/// Records of one batch at most: even if each needed a route the batch would take few seconds.
pub const MAX_RECORDS: usize = 2_000;

/// A batch is closed after this long: an estimate that is a tenth of a second old is as good as new.
pub const LINGER: Duration = Duration::from_millis(100);

/// Runs the service until it is told to stop.
///
/// # Errors
/// A road network that can't be loaded, or trouble with Kafka that did not pass.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let network = tokio::task::block_in_place(|| config.roads.load())?;
    tracing::info!(junctions = network.node_count(), streets = network.edge_count(), "road network is ready");
    let subscription = Subscription {
        group: "eta",
        topics: TOPICS.to_vec(),
        tables: vec![&events::drivers::TOPIC],
        followed: vec![&events::zones::TOPIC],
        reading: Reading::Bulk,
        max_records: MAX_RECORDS,
        linger: LINGER,
    };
    let source = KafkaSource::join(&config.kafka, subscription, &service.member, service.stop.clone())?;
    let counters = Counters::shown_in(&service.stats);
    source.show_lag(&service.stats, &counters, runtime::clock::now_ms);
    service.readiness.ask(counters.waiting_for());
    let figures = Figures {
        legs: service.stats.counter(&metrics::LEGS),
        rerouted: service.stats.counter(&metrics::REROUTED),
        unroutable: service.stats.counter(&metrics::UNROUTABLE),
    };
    let delivery = AtLeastOnce {
        sink: RecordSink::new(&config.kafka, &service.member)?,
        dead_letters: DeadLetterSink::new(&config.kafka, service.name)?,
        retry: Retry::default(),
        counters: counters.clone(),
    };
    let handler = EtaHandler::new(config.city_clock, network, figures);
    pipeline::run(handler, source, delivery, counters, runtime::clock::now_ms).await
}
