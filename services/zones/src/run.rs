//! Wires the handler to Kafka.

use std::time::Duration;

use kafka::{DeadLetterSink, KafkaSource, Reading, RecordSink, Subscription};
use pipeline::{AtLeastOnce, Counters, Retry};
use runtime::{Running, Service};

use crate::{Config, ZonesHandler};

/// The topics that the members of the group share.
pub const TOPICS: [&events::Topic; 4] = [
    &events::driver_locations::TOPIC,
    &events::ride_requests::TOPIC,
    &events::zone_observations::TOPIC,
    &events::drivers::TOPIC,
];

/// Records of one batch at most: a few tenths of a second of a busy city.
pub const MAX_RECORDS: usize = 5_000;

/// A batch is closed after this long: figures are about minutes, so there is time.
pub const LINGER: Duration = Duration::from_millis(100);

/// Runs the service until it is told to stop.
///
/// # Errors
/// Trouble with Kafka that did not pass.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let subscription = Subscription {
        group: "zones",
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
    let delivery = AtLeastOnce {
        sink: RecordSink::new(&config.kafka, &service.member)?,
        dead_letters: DeadLetterSink::new(&config.kafka, service.name)?,
        retry: Retry::default(),
        counters: counters.clone(),
    };
    let handler = ZonesHandler::new(config.city_clock, config.evaluate_every_ms);
    pipeline::run(handler, source, delivery, counters, runtime::clock::now_ms).await
}
