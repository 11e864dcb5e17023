//! The search for candidates, in a real Redis.

use anyhow::ensure;
use domain::DriverId;
use live::{DriverUpdate, Report, Search};

use super::{CANDIDATES, city};
use crate::cpu::Sample;
use crate::figure::{Figure, Figures};
use crate::ground::Ground;
use crate::lab::Lab;
use crate::outcome::{Part, Series};
use crate::scenario::Scenario;

/// Drivers in Redis, and riders who look for one at the same time.
const IN_REDIS: u64 = 100_000;
const SEARCHES: u64 = 1_000;

/// Drivers written at once.
const CHUNK: usize = 5_000;

/// Measures the service's search in Redis: the candidates of a thousand riders among a hundred thousand drivers.
pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Part> {
    let ground = Ground::new(lab.new_space())?;
    let settings = live::Settings { redis_url: lab.backends.endpoints.redis_url.clone() };
    let namespace = &ground.settings.namespace;
    let now_ms = runtime::clock::now_ms();
    let mut writer = live::Writer::new(&settings, namespace)?;
    let updates: Vec<DriverUpdate> = (0..IN_REDIS).map(|number| idle(number, now_ms)).collect();
    for chunk in updates.chunks(CHUNK) {
        writer.apply(chunk, now_ms).await?;
    }
    let mut reader = live::Reader::new(&settings, namespace)?;
    let searches: Vec<Search> =
        (0..SEARCHES).map(|number| Search { position: city::rider(number), count: CANDIDATES }).collect();
    let mut series = Series::new(format!("{SEARCHES} riders, search in Redis"));
    let servers = lab.servers();
    for round in 0..=lab.plan.repetitions {
        let before = Sample::of_self(&servers)?;
        let found = reader.candidates(&searches, now_ms).await?;
        let measured = Sample::of_self(&servers)?.since(&before, SEARCHES);
        ensure!(found.iter().all(|near| !near.is_empty()), "a rider has nobody near");
        if round > 0 {
            let mut figures = Figures::from([(Figure::SearchMs, measured.seconds * 1000.0)]);
            let redis = measured.servers_cpu_s.get("redis");
            figures.extend(redis.map(|cpu_s| (Figure::RedisUs, cpu_s * 1e6 / SEARCHES as f64)));
            series.repetitions.push(figures);
        }
    }
    ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
    let title = "fetching candidates, 100,000 idle drivers in Redis, all riders at once".to_owned();
    Ok(Part { scenario: Scenario::Matching, title, reference: None, rounds: None, series: vec![series] })
}

fn idle(number: u64, seen_ms: i64) -> DriverUpdate {
    let offset = i64::try_from(number).expect("few drivers");
    let report = Report { position: city::driver(number), seen_ms, offset };
    DriverUpdate { driver: DriverId(number), partition: 0, epoch: 1, idle: true, report: Some(report) }
}
