//! How long a service takes from its start until its tables are restored.

use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::Timestamp;

use super::repetitions;
use crate::cpu;
use crate::crew::Crew;
use crate::figure::{Figure, Figures};
use crate::ground::Ground;
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Scenario;
use crate::spread::number;
use crate::turns::{Contender, Rounds, take_rounds};

/// Entries of the table of drivers.
const ENTRIES: [u64; 2] = [100_000, 1_000_000];

/// Services that restore it: one that only reads it, and the one that writes it, exactly once.
const SERVICES: [&str; 2] = ["live-location", "drivers"];

/// A service that has not restored its tables by then never will.
const LONGEST: Duration = Duration::from_secs(120);

/// Makes a service say when it has its partitions, and when it has restored them.
const LOGS: &str = "info,kafka=debug,librdkafka=error,rdkafka=error";
const ASSIGNED: &str = "partitions assigned";
const RESTORED: &str = "tables are restored";

struct Restore<'a> {
    service: &'static str,
    entries: u64,
    ground: &'a Ground,
}

pub(super) async fn run(lab: &Lab) -> anyhow::Result<Part> {
    let sizes = if lab.plan.quick { &ENTRIES[..1] } else { &ENTRIES[..] };
    let mut grounds = Vec::new();
    for entries in sizes {
        let ground = Ground::new(lab.new_space())?;
        ground.topics()?.create().await?;
        ground.fill_drivers(*entries).await?;
        grounds.push((*entries, ground));
    }
    let contenders: Vec<Restore<'_>> = grounds
        .iter()
        .flat_map(|(entries, ground)| SERVICES.map(|service| Restore { service, entries: *entries, ground }))
        .collect();
    let rounds = Rounds { warm_up: 0, counted: repetitions(lab.plan) };
    let title = "start of a service that restores the table of drivers, one member, 12 partitions".to_owned();
    let part = take_rounds(lab, rounds, Scenario::Growth, title, &contenders).await?;
    for (_, ground) in grounds {
        ground.topics()?.delete().await?;
    }
    Ok(part)
}

impl Contender for Restore<'_> {
    fn name(&self) -> String {
        format!("{} entries, {}", number(self.entries as f64, true), self.service)
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let command = lab.ourselves(&self.ground.settings, &["service", self.service, "--stats"])?;
        let started = Timestamp::from_millisecond(runtime::clock::now_ms()).context("the clock is wrong")?;
        let crew = Crew::start(lab, self.ground, [(self.service, command.env("RUST_LOG", LOGS))])?;
        let [member] = crew.members() else { anyhow::bail!("one member was started") };
        let deadline = tokio::time::Instant::now() + LONGEST;
        let mut client_cpu_s = None;
        let client_cpu_s = crew
            .until(|| {
                ensure!(
                    tokio::time::Instant::now() < deadline,
                    crew.stories(&format!("it has not restored {} entries", self.entries))
                );
                if client_cpu_s.is_none() && member.log()?.contains(RESTORED) {
                    client_cpu_s = Some(cpu::seconds(member.pid()).context("the service has ended")?);
                }
                // Figures are written twice a second: those of the end come a little after it.
                let restored = member.figures().and_then(|line| line.values.get("restored").copied());
                let all = restored.is_some_and(|restored| u64::try_from(restored) == Ok(self.entries));
                Ok(client_cpu_s.filter(|_| all))
            })
            .await?;
        let times = Times::from_log(&member.log()?, started)?;
        crew.dismiss().await?;
        self.ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
        Ok(times.figures(self.entries, client_cpu_s))
    }
}

/// Seconds between three moments of a start.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Times {
    to_partitions_s: f64,
    to_restored_s: f64,
}

impl Times {
    /// From what the service has logged.
    fn from_log(log: &str, started: Timestamp) -> anyhow::Result<Self> {
        let assigned = moment(log, ASSIGNED)?;
        let restored = moment(log, RESTORED)?;
        Ok(Self { to_partitions_s: seconds(started, assigned), to_restored_s: seconds(assigned, restored) })
    }

    /// Processor time is that of the whole start, an entry's share of it.
    fn figures(self, entries: u64, client_cpu_s: f64) -> Figures {
        let entries = entries as f64;
        Figures::from([
            (Figure::ClientUs, client_cpu_s * 1e6 / entries),
            (Figure::StartS, self.to_partitions_s),
            (Figure::RestoreS, self.to_restored_s),
            (Figure::EntriesPerS, entries / self.to_restored_s.max(0.001)),
        ])
    }
}

/// When this was logged first.
fn moment(log: &str, what: &str) -> anyhow::Result<Timestamp> {
    let line = log.lines().find(|line| line.contains(what));
    let line = line.with_context(|| format!("a service did not log \"{what}\""))?;
    let first = line.split_whitespace().next().unwrap_or_default();
    first.parse().with_context(|| format!("no time at the beginning of {line:?}"))
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
2026-11-21T20:52:34.000000Z  INFO hailstorm::service: started service=\"drivers\"
2026-11-21T20:52:37.250000Z  INFO pipeline::run: partitions assigned partitions=[0, 1]
2026-11-21T20:52:37.400000Z DEBUG kafka::restore: table restored topic=\"x.drivers\" partition=0
2026-11-21T20:52:39.250000Z DEBUG kafka::source: tables are restored
2026-11-21T20:52:49.250000Z  INFO pipeline::run: partitions assigned partitions=[0]
";

    #[test]
    fn a_start_is_read_from_what_the_service_has_logged() {
        let started = "2026-11-21T20:52:34.25Z".parse().unwrap();
        let times = Times::from_log(LOG, started).unwrap();
        assert_eq!(times, Times { to_partitions_s: 3.0, to_restored_s: 2.0 });
        let figures = times.figures(400_000, 1.0);
        assert_eq!(figures[&Figure::EntriesPerS], 200_000.0);
        assert_eq!((figures[&Figure::StartS], figures[&Figure::ClientUs]), (3.0, 2.5));
    }

    #[test]
    fn a_log_without_the_moments_is_an_error_that_says_which() {
        let error = Times::from_log("2026-11-21T20:52:34Z  INFO started", Timestamp::UNIX_EPOCH);
        assert!(error.unwrap_err().to_string().contains("partitions assigned"));
        assert!(moment("sometime tables are restored", RESTORED).is_err());
    }
}
