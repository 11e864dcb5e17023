//! A whole window with its search for candidates, in a real Redis.

use anyhow::ensure;
use domain::DriverId;
use domain::assignment::Method;
use live::{DriverUpdate, Reader, Report, Search};

use super::{CANDIDATES, Case, city};
use crate::cpu::Sample;
use crate::figure::{Figure, Figures};
use crate::ground::Ground;
use crate::lab::Lab;
use crate::outcome::{Part, Rounds, Series};
use crate::scenario::Scenario;
use crate::spread::number;

/// Drivers in Redis.
const IN_REDIS: u64 = 100_000;

/// Drivers written at once.
const CHUNK: usize = 5_000;

/// The steps of a window one after the other, which add up to all of it.
const STEPS: [Figure; 3] = [Figure::HandlerMs, Figure::SearchMs, Figure::PairingMs];

/// Measures windows of these sizes from snapshots to commands: taking in, the service's search in Redis among a hundred
/// thousand idle drivers, pairing.
pub(crate) async fn run(lab: &Lab, sizes: &[usize]) -> anyhow::Result<Part> {
    let ground = Ground::new(lab.new_space())?;
    let settings = live::Settings { redis_url: lab.backends.endpoints.redis_url.clone() };
    let namespace = &ground.settings.namespace;
    let now_ms = runtime::clock::now_ms();
    fill(&mut live::Writer::new(&settings, namespace)?, now_ms).await?;
    let mut reader = Reader::new(&settings, namespace)?;
    let name = |riders: &usize| format!("{} riders", number(*riders as f64, true));
    let mut series: Vec<Series> = sizes.iter().map(|riders| Series::new(name(riders))).collect();
    for round in 0..=lab.plan.repetitions {
        for (&riders, series) in sizes.iter().zip(&mut series) {
            let figures = window(lab, &mut reader, riders, now_ms).await?;
            if round > 0 {
                series.repetitions.push(figures);
            }
        }
    }
    ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
    let title = "a whole window, 100,000 idle drivers in Redis, all riders at once; the goal is at most 50 ms for 1,000";
    let rounds = Some(Rounds { warm_up: 1, counted: lab.plan.repetitions });
    Ok(Part { scenario: Scenario::Matching, title: title.to_owned(), reference: None, rounds, series })
}

/// One window, whose candidates are fetched first.
async fn window(lab: &Lab, reader: &mut Reader, riders: usize, now_ms: i64) -> anyhow::Result<Figures> {
    let search = |number| Search { position: city::rider(number), count: CANDIDATES };
    let searches: Vec<Search> = (0..riders as u64).map(search).collect();
    let servers = lab.servers();
    let before = Sample::of_self(&servers)?;
    let found = reader.candidates(&searches, now_ms).await?;
    let measured = Sample::of_self(&servers)?.since(&before, riders as u64);
    ensure!(found.iter().all(|near| !near.is_empty()), "a rider has nobody near");
    let mut found = found.into_iter();
    let case = Case::of(riders, |_| found.next().unwrap_or_default());
    let mut all = case.measure(Method::Optimal).await?;
    all.insert(Figure::SearchMs, measured.seconds * 1000.0);
    let redis = measured.servers_cpu_s.get("redis");
    all.extend(redis.map(|cpu_s| (Figure::RedisUs, cpu_s * 1e6 / riders as f64)));
    Ok(told(&all))
}

/// What is told of a window: its steps, their sum, and what Redis took a rider.
fn told(all: &Figures) -> Figures {
    let mut told: Figures = STEPS.iter().filter_map(|step| Some((*step, *all.get(step)?))).collect();
    told.insert(Figure::WindowMs, told.values().sum());
    told.extend(all.get(&Figure::RedisUs).map(|us| (Figure::RedisUs, *us)));
    told
}

async fn fill(writer: &mut live::Writer, now_ms: i64) -> anyhow::Result<()> {
    let updates: Vec<DriverUpdate> = (0..IN_REDIS).map(|number| idle(number, now_ms)).collect();
    for chunk in updates.chunks(CHUNK) {
        writer.apply(chunk, now_ms).await?;
    }
    Ok(())
}

fn idle(number: u64, seen_ms: i64) -> DriverUpdate {
    let offset = i64::try_from(number).expect("few drivers");
    let report = Report { position: city::driver(number), seen_ms, offset };
    DriverUpdate { driver: DriverId(number), partition: 0, epoch: 1, idle: true, report: Some(report) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_the_sum_of_its_steps() {
        let all = Figures::from([
            (Figure::HandlerMs, 2.0),
            (Figure::SearchMs, 40.0),
            (Figure::PairingMs, 4.0),
            // Within pairing.
            (Figure::SolveMs, 1.0),
            (Figure::RedisUs, 30.0),
        ]);
        let told = told(&all);
        assert_eq!(told[&Figure::WindowMs], 46.0);
        assert!(!told.contains_key(&Figure::SolveMs) && told[&Figure::RedisUs] == 30.0, "{told:?}");
    }
}
