//! What a report costs, and what a driver takes of memory, in cities of more and more drivers.

mod look;
mod tables;

use std::time::Duration;

use anyhow::{Context, ensure};
use backends::process::{Child, Output};
use kafka::GroupWatch;

use self::look::{ARCHIVER, Look, READERS};
use crate::crew::Crew;
use crate::figure::Figures;
use crate::ground::Ground;
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Plan;
use crate::spread::number;

/// A city that does not come so far within this time never will.
const LONGEST: Duration = Duration::from_secs(180);

/// How much is reported: the same number of reports at the same rate, however many drivers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    /// Reports a second.
    per_s: u64,
    /// Before it counts, at least so long: caches and compilers warm up.
    warm_up_s: u64,
    counted_s: u64,
}

/// A million drivers report every 28.6 s then: after 30 s they would be taken for silent.
const PACE: Pace = Pace { per_s: 35_000, warm_up_s: 12, counted_s: 30 };

const QUICK_PACE: Pace = Pace { per_s: 10_000, warm_up_s: 4, counted_s: 6 };

impl Pace {
    fn of(plan: Plan) -> Self {
        if plan.quick { QUICK_PACE } else { PACE }
    }

    /// Between two reports of a driver, ms.
    fn every_ms(self, drivers: u64) -> u64 {
        (drivers * 1_000 / self.per_s).max(1)
    }

    /// Reports before it counts; every driver has sent one by then.
    fn warm_up(self, drivers: u64) -> u64 {
        drivers.max(self.per_s * self.warm_up_s)
    }

    /// What a group may be behind that keeps up: two seconds of reports.
    fn moment(self) -> u64 {
        2 * self.per_s
    }

    fn counted(self) -> u64 {
        self.per_s * self.counted_s
    }
}

/// One table after the other: processor time, how flat it is, memory.
pub(super) async fn run(lab: &Lab, drivers: &[u64]) -> anyhow::Result<Vec<Part>> {
    let pace = Pace::of(lab.plan);
    let mut measured = Vec::new();
    for drivers in drivers {
        eprintln!("  growth: {} drivers", number(*drivers as f64, true));
        // A quick run has no time for servers of its own for each city.
        let figures = if lab.plan.quick {
            lab.while_servers_live(city(lab, *drivers, pace)).await?
        } else {
            let own = lab.with_servers_of_its_own().await?;
            let figures = own.while_servers_live(city(&own, *drivers, pace)).await;
            own.backends.stop().await.context("failed to stop the servers")?;
            figures?
        };
        measured.push((*drivers, figures));
    }
    Ok(tables::parts(pace.per_s, &measured))
}

/// A city of drivers who are all on shift and free, the services that read reports, and the load generator.
async fn city(lab: &Lab, drivers: u64, pace: Pace) -> anyhow::Result<Figures> {
    let ground = Ground::new(lab.new_space())?;
    let topics = ground.topics_of(events::topic::partitions_for_this_machine())?;
    topics.create().await?;
    let archive = ground.archive(&lab.backends.endpoints.mongodb_uri).await?;
    archive.create_collections().await?;
    ground.fill_drivers(drivers).await?;
    let commands: Vec<_> = READERS
        .iter()
        .map(|(name, ..)| Ok((*name, lab.ourselves(&ground.settings, &["service", name])?)))
        .collect::<anyhow::Result<_>>()?;
    let crew = Crew::start(lab, &ground, commands)?;
    wait_for_tables(&crew, &ground).await?;
    let loadgen = start_loadgen(lab, &ground, drivers, pace)?;
    reach(&crew, &loadgen, pace.warm_up(drivers)).await?;
    let begun = catch_up(&crew, &ground, pace).await?;
    let first = Look::now(lab, &crew, &loadgen)?;
    reach(&crew, &loadgen, begun + pace.counted()).await?;
    let last = Look::now(lab, &crew, &loadgen)?;
    loadgen.kill();
    loadgen.wait().await;
    crew.dismiss().await?;
    ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
    archive.remove_all().await?;
    topics.delete().await?;
    Ok(last.since(&first))
}

/// Waits until every group that knows drivers has restored their table and read it to its end; the archiver keeps no
/// tables.
async fn wait_for_tables(crew: &Crew<'_>, ground: &Ground) -> anyhow::Result<()> {
    let table = [events::drivers::TOPIC.name];
    let groups = READERS.iter().map(|(name, ..)| *name).filter(|name| *name != ARCHIVER);
    let watches: Vec<GroupWatch> = groups
        .map(|group| GroupWatch::new(&ground.settings, group, &table))
        .collect::<anyhow::Result<_>>()?;
    let deadline = tokio::time::Instant::now() + LONGEST;
    crew.until(|| {
        ensure!(tokio::time::Instant::now() < deadline, crew.stories("its table was not read in time"));
        let lags: Vec<i64> = tokio::task::block_in_place(|| {
            watches.iter().map(|watch| Ok(watch.lag()?.offsets)).collect::<anyhow::Result<_>>()
        })?;
        Ok(lags.iter().all(|lag| *lag == 0).then_some(()))
    })
    .await
}

/// Rides are none of this: it takes a rate of them, so it gets one that brings none.
fn start_loadgen(lab: &Lab, ground: &Ground, drivers: u64, pace: Pace) -> anyhow::Result<Child> {
    let (drivers, every) = (drivers.to_string(), format!("{}ms", pace.every_ms(drivers)));
    let arguments = ["--drivers", &drivers, "--report-every", &every, "--requests-per-minute", "0.000001"];
    let command = lab.ourselves(&ground.settings, &["service", "loadgen"])?.args(arguments);
    Ok(command.stderr(Output::Log(lab.folder().join("loadgen.log"))).spawn()?)
}

/// Waits until so many reports lie in the topic, and says how many there are.
async fn reach(crew: &Crew<'_>, loadgen: &Child, wanted: u64) -> anyhow::Result<u64> {
    let deadline = tokio::time::Instant::now() + LONGEST;
    crew.until(|| {
        ensure!(loadgen.exit().is_none(), "the load generator has ended by itself");
        ensure!(tokio::time::Instant::now() < deadline, "reports do not come as fast as they should");
        let sent = crew.written()?;
        Ok((sent >= wanted).then_some(sent))
    })
    .await
}

/// Waits until the beginnings of all shifts are stored and no group is more than a moment behind: what comes with the
/// opening of a city is no part of a report's cost. Says how many reports there are.
async fn catch_up(crew: &Crew<'_>, ground: &Ground, pace: Pace) -> anyhow::Result<u64> {
    let shifts = GroupWatch::new(&ground.settings, ARCHIVER, &[events::driver_shifts::TOPIC.name])?;
    let deadline = tokio::time::Instant::now() + LONGEST;
    crew.until(|| {
        ensure!(tokio::time::Instant::now() < deadline, crew.stories("it was behind for too long"));
        let left = tokio::task::block_in_place(|| shifts.lag())?.offsets;
        let (written, committed) = (crew.written()?, crew.committed()?);
        let is_behind = committed.0.iter().any(|reports| reports + pace.moment() < written);
        Ok((left == 0 && !is_behind).then_some(written))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_city_reports_as_much() {
        for (drivers, every_ms) in [(1_000, 28), (100_000, 2_857), (1_000_000, 28_571)] {
            assert_eq!(PACE.every_ms(drivers), every_ms);
            assert!(every_ms < 30_000, "else drivers are taken for silent");
            assert!(PACE.warm_up(drivers) >= drivers, "every driver has reported");
        }
        assert_eq!(PACE.warm_up(1_000), 420_000);
        assert!(QUICK_PACE.counted() < PACE.counted());
    }
}
