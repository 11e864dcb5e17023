//! The service as a process runs it.

use std::time::Duration;

use domain::RealMs;
use events::{driver_actions, reservation_replies, ride_requests, trips, zones};
use kafka::{ExactlyOnce, KafkaSource, Reading, Subscription};
use pipeline::Counters;
use runtime::{Running, Service, clock};

use crate::{Config, TripsHandler};

/// The topics that the members of the group share.
pub const TOPICS: [&events::Topic; 3] =
    [&ride_requests::TOPIC, &driver_actions::TOPIC, &reservation_replies::TOPIC];

/// Most records in one transaction: enough to make its fixed cost small, few enough to keep it short.
pub const MAX_RECORDS: usize = 500;

/// Longest wait for a record, and so the precision of time-outs.
pub const LINGER: Duration = Duration::from_millis(10);

/// Shortest time from transaction to transaction: each costs the broker about a request a partition, and a ride passes
/// through some ten of them in as many minutes.
pub const PACE: Duration = Duration::from_millis(50);

/// Runs until the service is told to stop.
///
/// # Errors
/// Trouble with Kafka that did not pass; nothing is committed then.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let subscription = Subscription {
        group: "trips",
        topics: TOPICS.to_vec(),
        tables: vec![&trips::TOPIC],
        followed: vec![&zones::TOPIC],
        reading: Reading::Commands { pace: PACE },
        max_records: MAX_RECORDS,
        linger: LINGER,
    };
    let source = KafkaSource::join(&config.kafka, subscription, &service.member, service.stop.clone())?;
    let delivery =
        ExactlyOnce::new(&config.kafka, &source, service.name, &service.member)?.shown_in(&service.stats);
    let counters = Counters::shown_in(&service.stats);
    source.show_lag(&service.stats, &counters, clock::now_ms);
    service.readiness.ask(counters.waiting_for());
    let handler = TripsHandler::new(config.city_clock, config.patience(), RealMs(clock::now_ms()));
    pipeline::run(handler, source, delivery, counters, clock::now_ms).await
}
