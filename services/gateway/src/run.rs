//! Wires view, feed, map and API, and listens.

use std::num::NonZeroU32;
use std::sync::Arc;

use anyhow::Context;
use archive::Archive;
use kafka::Courier;
use runtime::{Running, Service};
use tokio::net::TcpListener;

use crate::api::{self, AppState, CityMap, KafkaLog, Limits, Parts, TimedHistory, TimedNear};
use crate::live::{LiveHub, LiveOptions};
use crate::view::View;
use crate::{Config, feed, live, metrics};

/// Runs the service until it is told to stop.
///
/// # Errors
/// An address that is taken, a road network that can't be loaded, or trouble with Kafka that did not pass.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    // First of all: who starts it waits to hear the address, and a taken one shall be told at once.
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("failed to listen on {}", config.listen))?;
    let address = listener.local_addr().context("a socket has no address")?;
    let network = tokio::task::block_in_place(|| config.roads.load())?;
    tracing::info!(junctions = network.node_count(), streets = network.edge_count(), "road network is ready");
    let view = Arc::new(View::new(config.city_clock));
    let options = LiveOptions {
        bounds: network.bounding_box(),
        max_points: config.max_points,
        currency: config.rates.currency,
    };
    let hub = Arc::new(LiveHub::new(Arc::clone(&view), options, &service.stats));
    let city = Arc::new(tokio::task::block_in_place(|| CityMap::new(network)));
    let feed = feed::start(&config.kafka, Arc::clone(&view), &service)?;
    let state = AppState::new(parts(&config, &service, view, Arc::clone(&hub), city).await?);

    tracing::info!(url = format!("http://{address}"), "listening");
    service.stats.gauge(&metrics::PORT).set(address.port().into());
    let painting = tokio::spawn(live::paint(hub, service.stop.clone()));
    let serving = tokio::spawn(api::serve(listener, state));
    let fed = feed.await;
    // Without news the view only grows old: the process ends, and whoever supervises it starts it again.
    service.stop.cancel();
    serving.await.context("the server did not end well")?;
    painting.await.context("the map did not end well")?;
    fed
}

async fn parts(
    config: &Config,
    service: &Service,
    view: Arc<View>,
    hub: Arc<LiveHub>,
    city: Arc<CityMap>,
) -> anyhow::Result<Parts> {
    let log =
        KafkaLog { courier: Courier::new(&config.kafka, &service.member)?, settings: config.kafka.clone() };
    let history = Archive::connect_for_reading(&config.archive, &config.kafka.namespace).await?;
    let near = ::live::Reader::new(&config.live, &config.kafka.namespace)?;
    Ok(Parts {
        view,
        hub,
        log: Arc::new(log),
        history: Arc::new(TimedHistory::new(history, &service.stats)),
        near: Box::new(TimedNear::new(near, &service.stats)),
        city,
        tariff: config.rates.tariff(),
        limits: limits(config),
        trace_url: config.trace_url.clone(),
        stats: service.stats.clone(),
        stop: service.stop.clone(),
        now_ms: runtime::clock::now_ms,
    })
}

fn limits(config: &Config) -> Limits {
    let kibibytes = usize::try_from(config.max_body_kib).unwrap_or(usize::MAX);
    Limits {
        max_body_bytes: kibibytes.saturating_mul(1024),
        requests_per_second: NonZeroU32::new(config.requests_per_second).unwrap_or(NonZeroU32::MIN),
        max_sockets: usize::try_from(config.max_sockets).unwrap_or(usize::MAX),
    }
}
