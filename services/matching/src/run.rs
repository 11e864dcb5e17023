//! Wires the handler to Kafka and Redis.

use std::time::Duration;

use kafka::{DeadLetterSink, KafkaSource, Reading, RecordSink, Subscription};
use live::Reader;
use pipeline::{AtLeastOnce, Counters, Retry};
use runtime::{Running, Service};

use crate::{Config, MatchingHandler, MatchingSink};

/// The topics that the members of the group share.
pub const TOPICS: [&events::Topic; 1] = [&events::trips::TOPIC];

/// Records of one batch at most.
pub const MAX_RECORDS: usize = 5_000;

/// A quiet source is left this often within a window, so that windows open in time ...
const POLLS_PER_WINDOW: u64 = 4;

/// ... but not more often than this, which would only burn processor time.
const SHORTEST_POLL_MS: u64 = 5;

/// Shortest time from batch to batch, well within a window.
pub const PACE: Duration = Duration::from_millis(20);

/// Longest wait for a record, with windows so many milliseconds apart.
#[must_use]
pub const fn linger(window_ms: i64) -> Duration {
    let poll_ms = window_ms.unsigned_abs() / POLLS_PER_WINDOW;
    Duration::from_millis(if poll_ms < SHORTEST_POLL_MS { SHORTEST_POLL_MS } else { poll_ms })
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// Trouble with Kafka or Redis that did not pass.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let subscription = Subscription {
        group: "matching",
        topics: TOPICS.to_vec(),
        tables: vec![&events::trips::TOPIC],
        followed: Vec::new(),
        reading: Reading::Commands { pace: PACE },
        max_records: MAX_RECORDS,
        linger: linger(config.window_ms),
    };
    let reader = Reader::new(&config.live, &config.kafka.namespace)?;
    let source = KafkaSource::join(&config.kafka, subscription, &service.member, service.stop.clone())?;
    let counters = Counters::shown_in(&service.stats);
    source.show_lag(&service.stats, &counters, runtime::clock::now_ms);
    service.readiness.ask(counters.waiting_for());
    let commands = RecordSink::new(&config.kafka, &service.member)?;
    let method = config.assignment.into();
    let delivery = AtLeastOnce {
        sink: MatchingSink::new(
            reader,
            commands,
            config.city_clock,
            method,
            config.candidates,
            &service.stats,
        )
        .traced_by(config.kafka.tracer.clone()),
        dead_letters: DeadLetterSink::new(&config.kafka, service.name)?,
        retry: Retry::default(),
        counters: counters.clone(),
    };
    let handler = MatchingHandler::new(config.window_ms);
    pipeline::run(handler, source, delivery, counters, runtime::clock::now_ms).await
}
