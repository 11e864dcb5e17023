//! Wires the handler to Kafka.

use std::time::Duration;

use kafka::{ExactlyOnce, KafkaSource, Reading, Subscription};
use pipeline::Counters;
use runtime::{Running, Service};

use crate::{Config, FareHandler};

/// The topics that the members of the group share.
pub const TOPICS: [&events::Topic; 3] =
    [&events::driver_locations::TOPIC, &events::trip_events::TOPIC, &events::drivers::TOPIC];

/// Records of one transaction at most: half a second of a busy city.
pub const MAX_RECORDS: usize = 5_000;

/// A transaction is closed after this long: it costs the same for one record or thousands, and a rider can wait a
/// quarter of a second for the fare.
pub const LINGER: Duration = Duration::from_millis(250);

/// Runs the service until it is told to stop.
///
/// # Errors
/// Trouble with Kafka that did not pass.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let subscription = Subscription {
        group: "fare",
        topics: TOPICS.to_vec(),
        tables: vec![&events::drivers::TOPIC],
        followed: vec![],
        reading: Reading::Bulk,
        max_records: MAX_RECORDS,
        linger: LINGER,
    };
    let source = KafkaSource::join(&config.kafka, subscription, &service.member, service.stop.clone())?;
    let delivery =
        ExactlyOnce::new(&config.kafka, &source, service.name, &service.member)?.shown_in(&service.stats);
    let counters = Counters::shown_in(&service.stats);
    source.show_lag(&service.stats, &counters, runtime::clock::now_ms);
    service.readiness.ask(counters.waiting_for());
    let handler = FareHandler::new(config.city_clock, config.rates.tariff());
    pipeline::run(handler, source, delivery, counters, runtime::clock::now_ms).await
}
