//! Drives the city until it is told to close.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::{CityMs, RealMs};
use kafka::{Broadcast, DeadLetterSink, Listening};
use pipeline::{AtLeastOnce, Counters, Retry};
use roads::{CityOptions, Districts, RoadNetwork};
use runtime::{Running, Service, clock};
use tokio_util::sync::CancellationToken;

use crate::apps::Apps;
use crate::config::Config;
use crate::figures::Figures;
use crate::first_offers::FirstOffers;
use crate::model::{City, Demand, Settings, Share};
use crate::phones::Phones;
use crate::replay::{TripsOptions, recorded_trips};
use crate::schedule::STEP;

/// Beyond the grace, time for the last steps of the saga to come through.
const CLOSING_SLACK: Duration = Duration::from_secs(45);

/// Drives the city; returns when it has closed and its books are closed.
///
/// # Errors
/// If a file can't be read, or Kafka or a gateway that is used goes away for good.
pub fn run(config: Config, service: Service) -> Running {
    Box::pin(serve(config, service))
}

async fn serve(config: Config, service: Service) -> anyhow::Result<()> {
    let network = config.roads.load()?;
    let districts = districts(&config.roads, &network);
    let mut settings = settings(&config)?;
    let now_ms = clock::now_ms();
    let opens_at_ms = config.opens_at_ms.unwrap_or(now_ms);
    if config.trips_are.trips_begin_now {
        begin_trips(&mut settings.demand, &config, config.city_clock.city_at(RealMs(opens_at_ms)));
    }
    let closed = CancellationToken::new();
    let stats = &service.stats;
    let (phones, refusals) = Phones::new(&config, &service.member, stats, &service.stop, &closed)?;
    let (direct, api) = phones.ways();
    let city = City::new(
        config.seed,
        settings,
        Arc::new(network),
        Arc::new(districts),
        config.city_clock,
        config.city_clock.city_at(RealMs(opens_at_ms)),
    );
    let apps = Apps {
        city,
        clock: config.city_clock,
        figures: Figures::new(stats),
        first_offers: FirstOffers::new(config.city_clock, stats),
        closes_at_ms: config.run_for.map(|span| opens_at_ms + millis(span)),
        ends_at_ms: None,
        closing_limit_ms: millis(config.grace + CLOSING_SLACK),
        close: service.stop.clone(),
        closed: closed.clone(),
        refusals,
        now_ms,
    };
    // Every phone hears of every trip and none keeps a place to go on from: no group, and no commit to wait for.
    let listening = Listening {
        streams: vec![&events::trip_events::TOPIC],
        tables: vec![],
        eager: true,
        max_records: 1000,
        linger: STEP,
    };
    let source = Broadcast::start(&config.kafka, listening, &service.member, closed)?;
    let counters = Counters::shown_in(stats);
    service.readiness.ask(counters.waiting_for());
    let delivery = AtLeastOnce {
        sink: phones,
        dead_letters: DeadLetterSink::new(&config.kafka, "loadgen")?,
        retry: Retry::default(),
        counters: counters.clone(),
    };
    pipeline::run(apps, source, delivery, counters, clock::now_ms).await?;
    direct.finish().await?;
    match api {
        Some(api) => api.finish().await,
        None => Ok(()),
    }
}

/// Reads the files of a run once, so that what is wrong with them is said before anything is started; gives what
/// was wrong but could be passed over.
///
/// # Errors
/// What is wrong, with file and line.
pub fn check_files(city: Option<&Path>, trips: Option<&Path>) -> anyhow::Result<Vec<String>> {
    let mut remarks = Vec::new();
    if let Some(dir) = city {
        let (_, report) = RoadNetwork::load(dir)?;
        remarks.extend(report.to_string().lines().map(str::to_owned));
    }
    if let Some(path) = trips {
        remarks.extend(recorded_trips(path, &TripsOptions::default(), None)?.remarks());
    }
    Ok(remarks)
}

/// Where people want to go: of a city that was read nothing is known but its roads.
fn districts(roads: &city::Roads, network: &RoadNetwork) -> Districts {
    match &roads.city {
        Some(_) => Districts::uniform(network),
        None => Districts::generated(roads.city_seed, &CityOptions::default(), network),
    }
}

fn settings(config: &Config) -> anyhow::Result<Settings> {
    let demand = match &config.trips {
        Some(path) => {
            let from: Option<CityMs> = config.trips_from();
            let trips = recorded_trips(path, &config.trips_are, from)
                .with_context(|| format!("failed to read the recorded trips {}", path.display()))?;
            Demand::Recorded(trips.file)
        }
        None => Demand::Generated { requests_per_minute: config.requests_per_minute },
    };
    Ok(Settings {
        drivers: config.drivers,
        report_every_ms: millis(config.report_every),
        demand,
        start_over_real_ms: millis(config.ramp),
        utc_offset_h: config.utc_offset_h,
        closing_grace_real_ms: millis(config.grace),
        faults: config.faults.faults(),
        share: config.share.unwrap_or(Share::WHOLE),
    })
}

/// Moves recorded trips to where a replay that begins now has them.
fn begin_trips(demand: &mut Demand, config: &Config, now: CityMs) {
    if let (Demand::Recorded(file), Some(from)) = (demand, config.trips_from()) {
        let later_ms = now.since(from);
        file.trips.iter_mut().for_each(|trip| trip.pickup_at = trip.pickup_at.plus_ms(later_ms));
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
