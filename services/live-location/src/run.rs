//! Wires the handler to Kafka and Redis.

use std::time::Duration;

use kafka::{DeadLetterSink, KafkaSource, Reading, Subscription};
use live::{Sweeper, Writer};
use pipeline::{AtLeastOnce, Counters, Retry};
use runtime::{Running, Service};

use crate::sweeping::sweep_for_ever;
use crate::{Config, LiveLocationHandler, LiveSink, metrics};

/// The topics that the members of the group share.
pub const TOPICS: [&events::Topic; 2] = [&events::driver_locations::TOPIC, &events::drivers::TOPIC];

/// Records of one batch at most: some transactions of Redis. That many come together only behind a spike; and then what a
/// batch waits for, Redis twice a transaction and the commit, must not be waited for too often.
pub const MAX_RECORDS: usize = 20_000;

/// Runs the service until it is told to stop.
///
/// # Errors
/// Trouble with Kafka or Redis that did not pass.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let subscription = Subscription {
        group: "live-location",
        topics: TOPICS.to_vec(),
        tables: vec![&events::drivers::TOPIC],
        followed: Vec::new(),
        reading: Reading::Bulk,
        max_records: MAX_RECORDS,
        linger: Duration::from_millis(config.linger_ms),
    };
    let writer = Writer::new(&config.live, &config.kafka.namespace)?;
    let sweeper = Sweeper::new(&config.live, &config.kafka.namespace)?;
    let source = KafkaSource::join(&config.kafka, subscription, &service.member, service.stop.clone())?;
    let counters = Counters::shown_in(&service.stats);
    source.show_lag(&service.stats, &counters, runtime::clock::now_ms);
    service.readiness.ask(counters.waiting_for());
    let delivery = AtLeastOnce {
        sink: LiveSink::new(writer, &service.stats),
        dead_letters: DeadLetterSink::new(&config.kafka, service.name)?,
        retry: Retry::default(),
        counters: counters.clone(),
    };
    let sweeping = tokio::spawn(sweep_for_ever(sweeper, service.stats.counter(&metrics::SWEPT)));
    let handler = LiveLocationHandler::new(config.city_clock);
    let done = pipeline::run(handler, source, delivery, counters, runtime::clock::now_ms).await;
    sweeping.abort();
    done
}
