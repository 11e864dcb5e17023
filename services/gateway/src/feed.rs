//! What comes from Kafka into the view: everything of the tables, and the streams from now on.

mod handler;
mod sink;
mod tables;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use kafka::{Broadcast, Listening};
use pipeline::{AtLeastOnce, Counters, Retry};
use runtime::Service;

use crate::view::View;

pub use handler::FeedHandler;
pub use sink::{PassOver, ViewSink};

/// Read from the moment at which the instance starts.
pub const STREAMS: [&events::Topic; 5] = [
    &events::driver_locations::TOPIC,
    &events::trip_events::TOPIC,
    &events::eta_updates::TOPIC,
    &events::fares::TOPIC,
    &events::service_figures::TOPIC,
];

/// Read from the beginning.
pub const TABLES: [&events::Topic; 3] =
    [&events::drivers::TOPIC, &events::trips::TOPIC, &events::zones::TOPIC];

/// Records of one batch at most: a quarter of a second of a very busy city.
const MAX_RECORDS: usize = 5_000;

/// A batch is closed after this long; riders wait for their driver, so sooner than a tick of the map.
const LINGER: Duration = Duration::from_millis(100);

/// Feeds the view until the service is told to stop.
///
/// # Errors
/// If the settings can't be used at all. Kafka that is away is waited for.
pub fn start(
    settings: &kafka::Settings,
    view: Arc<View>,
    service: &Service,
) -> anyhow::Result<impl Future<Output = anyhow::Result<()>> + Send + use<>> {
    let listening = Listening {
        streams: STREAMS.to_vec(),
        tables: TABLES.to_vec(),
        eager: false,
        max_records: MAX_RECORDS,
        linger: LINGER,
    };
    let source = Broadcast::start(settings, listening, &service.member, service.stop.clone())?;
    let counters = Counters::shown_in(&service.stats);
    let tables = source.tables_read();
    let read = tables.clone();
    service.readiness.ask(move || (!read.is_done()).then(|| "the tables to be read to their end".to_owned()));
    let handler = FeedHandler::new(view.clock(), move || tables.is_done());
    let delivery = AtLeastOnce {
        sink: ViewSink::new(view),
        dead_letters: PassOver,
        retry: Retry::default(),
        counters: counters.clone(),
    };
    Ok(pipeline::run(handler, source, delivery, counters, runtime::clock::now_ms))
}
