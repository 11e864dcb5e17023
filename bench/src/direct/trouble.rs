//! Reports that come on schedule while MongoDB is frozen for some seconds, and ten times as many afterwards.

use std::time::Duration;

use anyhow::{Context, ensure};
use backends::{ManagedServer, Server};

use super::MANY_IN_FLIGHT;
use super::stage::{SERVICE_WARM_UP, Stage};
use crate::figure::{Figure, Figures};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::{Plan, Scenario};
use crate::spread::number;
use crate::turns::{Contender, OURS, Rounds, take_rounds};
use crate::worker::offer_reports::{Offered, Phase};

/// Time for the clients to be started before the schedule begins.
const LEAD_MS: i64 = 3_000;

/// Turns that count are long; as many as are needed to see whether one was an exception.
const MOST_TURNS: u32 = 3;

/// How many times as many reports come after the usual ones.
const RUSH: u64 = 10;

/// What happens when, counted from the first report.
#[derive(Clone, Copy, Debug)]
struct Course {
    usual: Phase,
    rush: Phase,
    frozen_from_s: u64,
    frozen_s: u64,
}

impl Course {
    fn of(plan: Plan) -> Self {
        let (per_s, seconds, frozen_from_s, frozen_s) =
            if plan.quick { (500, 20, 6, 4) } else { (1_000, 60, 20, 10) };
        let rush = Phase { per_s: per_s * RUSH, seconds: frozen_s };
        Self { usual: Phase { per_s, seconds }, rush, frozen_from_s, frozen_s }
    }

    fn reports(self) -> u64 {
        self.usual.reports() + self.rush.reports()
    }

    /// From the first report to the last.
    fn ms(self) -> i64 {
        i64::try_from((self.usual.seconds + self.rush.seconds) * 1_000).unwrap_or(i64::MAX)
    }

    fn title(self) -> String {
        format!(
            "{} reports on schedule: {} a second for {} s, MongoDB frozen for {} s of them, then {} a second for {} s",
            number(self.reports() as f64, true),
            number(self.usual.per_s as f64, true),
            self.usual.seconds,
            self.frozen_s,
            number(self.rush.per_s as f64, true),
            self.rush.seconds
        )
    }

    /// Freezes a server when it is time.
    async fn freeze(self, server: &ManagedServer, starts_at_ms: i64) -> anyhow::Result<()> {
        let until_start_ms = u64::try_from(starts_at_ms - runtime::clock::now_ms()).unwrap_or(0);
        let wait = Duration::from_millis(until_start_ms) + Duration::from_secs(self.frozen_from_s);
        tokio::time::sleep(wait).await;
        server.pause().await?;
        tokio::time::sleep(Duration::from_secs(self.frozen_s)).await;
        server.resume().await
    }
}

/// Who takes the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Straight,
    ThroughKafka,
}

struct Taker<'a> {
    way: Way,
    course: Course,
    mongodb: &'a ManagedServer,
}

pub(super) async fn run(lab: &Lab) -> anyhow::Result<Option<Part>> {
    let mongodb = match lab.backends.server(Server::Mongodb) {
        Ok(mongodb) => mongodb,
        Err(error) => {
            eprintln!("  {}: nothing is frozen: {error:#}", Scenario::Direct);
            return Ok(None);
        }
    };
    let course = Course::of(lab.plan);
    let takers = [Way::Straight, Way::ThroughKafka].map(|way| Taker { way, course, mongodb });
    let counted = if lab.plan.quick { 1 } else { lab.plan.repetitions.min(MOST_TURNS) };
    let rounds = Rounds { warm_up: 0, counted };
    take_rounds(lab, rounds, Scenario::Direct, course.title(), &takers).await.map(Some)
}

impl Contender for Taker<'_> {
    fn name(&self) -> String {
        match self.way {
            Way::Straight => format!("straight into MongoDB, up to {MANY_IN_FLIGHT} in flight"),
            Way::ThroughKafka => format!("{OURS}, up to {MANY_IN_FLIGHT} wait for Kafka"),
        }
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let stage = Stage::build(lab).await?;
        let crew = match self.way {
            Way::Straight => None,
            Way::ThroughKafka => Some(stage.services().await?),
        };
        let (offered, ends_at_ms) = self.offer(lab, &stage).await?;
        if let Some(crew) = &crew {
            crew.reach(SERVICE_WARM_UP + offered.accepted).await?;
        }
        let stored_after_ms = (runtime::clock::now_ms() - ends_at_ms).max(0);
        let stored = stage.stored().await?;
        ensure!(stored >= offered.accepted, "{stored} of {} accepted reports are stored", offered.accepted);
        if let Some(crew) = crew {
            stage.dismiss(crew).await?;
        }
        stage.clear().await?;
        let mut figures = offered.waits.all();
        figures.extend([
            (Figure::Records, offered.offered as f64),
            (Figure::Refused, offered.refused as f64),
            (Figure::GivenUp, offered.given_up as f64),
            (Figure::StoredAfterS, stored_after_ms as f64 / 1e3),
        ]);
        Ok(figures)
    }
}

impl Taker<'_> {
    /// Runs the schedule until every client has its answer; says when the last report was due.
    async fn offer(&self, lab: &Lab, stage: &Stage<'_>) -> anyhow::Result<(Offered, i64)> {
        let to = match self.way {
            Way::Straight => "database",
            Way::ThroughKafka => "kafka",
        };
        let starts_at_ms = runtime::clock::now_ms() + LEAD_MS;
        let (usual, rush) = (self.course.usual.to_text(), self.course.rush.to_text());
        let worker = lab
            .worker(&stage.ground.settings, &["offer", to])?
            .args(["--in-flight", &MANY_IN_FLIGHT.to_string(), "--starts-at-ms", &starts_at_ms.to_string()])
            .args(["--phase", &usual, "--phase", &rush]);
        // Both to their ends, so that the server goes on whatever happens to the clients.
        let (offered, frozen) =
            tokio::join!(lab.told::<Offered>(worker), self.course.freeze(self.mongodb, starts_at_ms));
        frozen.context("failed to freeze MongoDB and let it go on")?;
        Ok((offered?, starts_at_ms + self.course.ms()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_frozen_and_back_before_the_rush() {
        for quick in [false, true] {
            let course = Course::of(Plan::new(quick, None));
            assert!(course.frozen_from_s > 0);
            assert!(course.frozen_from_s + course.frozen_s < course.usual.seconds);
        }
        let course = Course::of(Plan::new(false, None));
        assert_eq!((course.reports(), course.ms()), (160_000, 70_000));
        assert!(course.title().starts_with("160,000 reports"), "{}", course.title());
    }
}
