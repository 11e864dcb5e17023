//! The same reports straight into MongoDB, one by one, beside the way through Kafka.
//!
//! Straight: a document of each report, and the newest position of its driver, two commands for which the client waits.
//! Through Kafka: the services `archiver` and `live-location` keep both while the reports come.

mod stage;
mod trouble;

use anyhow::ensure;

use self::stage::{SERVICE_WARM_UP, Stage};
use crate::crew;
use crate::figure::{Figure, Figures};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Scenario;
use crate::spread::number;
use crate::turns::{Contender, OURS, take_turns};
use crate::worker::send_reports::Sent;

/// Reports under way at the same time where many clients are served.
const MANY_IN_FLIGHT: u32 = 100;

/// Written straight before it counts: all connections are there then.
const WARM_UP: u64 = 1_000;

/// A quick run sends a part of it.
const QUICK_SHARE: u64 = 4;

/// How reports are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// To the database, so many under way.
    Straight(u32),
    /// To Kafka, so many under way, each client waiting for the acknowledgement of its own.
    Acknowledged(u32),
    /// To Kafka as the load generator does, where nobody waits for a single report.
    Flood,
}

struct Sender {
    way: Way,
    records: u64,
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let share = if lab.plan.quick { QUICK_SHARE } else { 1 };
    // Some seconds of work for each.
    let senders = [
        (Way::Straight(1), 6_000 / share),
        (Way::Straight(16), 20_000 / share),
        (Way::Straight(MANY_IN_FLIGHT), 20_000 / share),
        (Way::Acknowledged(MANY_IN_FLIGHT), 100_000 / share),
        (Way::Flood, lab.plan.records()),
    ]
    .map(|(way, records)| Sender { way, records });
    let title = "reports stored, with the newest position of each driver".to_owned();
    let mut parts = vec![take_turns(lab, Scenario::Direct, title, &senders).await?];
    parts.extend(trouble::run(lab).await?);
    Ok(parts)
}

impl Contender for Sender {
    fn name(&self) -> String {
        let reports = format!("{} reports", number(self.records as f64, true));
        match self.way {
            Way::Straight(in_flight) => format!("straight into MongoDB, {in_flight} in flight, {reports}"),
            Way::Acknowledged(in_flight) => format!("{OURS}, {in_flight} clients wait for Kafka, {reports}"),
            Way::Flood => format!("{OURS}, nobody waits, {reports}"),
        }
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let stage = Stage::build(lab).await?;
        let figures = match self.way {
            Way::Straight(in_flight) => self.straight(lab, &stage, in_flight).await?,
            Way::Acknowledged(_) | Way::Flood => self.through_kafka(lab, &stage).await?,
        };
        let stored = stage.stored().await?;
        ensure!(stored >= self.records, "{stored} of {} reports are stored", self.records);
        stage.clear().await?;
        Ok(figures)
    }
}

impl Sender {
    async fn straight(&self, lab: &Lab, stage: &Stage<'_>, in_flight: u32) -> anyhow::Result<Figures> {
        let before = stage.write_commands().await?;
        let sent = self.send(lab, stage, "database", in_flight, WARM_UP).await?;
        let commands = stage.write_commands().await? - before;
        let mut figures = sent.measured.figures(&[("mongodb", Figure::MongodbUs)]);
        add_operations(&mut figures, commands, WARM_UP + self.records);
        figures.extend(sent.waits.usual());
        Ok(figures)
    }

    /// From the start of the sender until both services have committed all.
    async fn through_kafka(&self, lab: &Lab, stage: &Stage<'_>) -> anyhow::Result<Figures> {
        let crew = stage.services().await?;
        let servers = lab.servers();
        let (before, commands) = (crew.sample(&servers)?, stage.write_commands().await?);
        let (sender, waits) = match self.way {
            Way::Straight(in_flight) | Way::Acknowledged(in_flight) => {
                let sent = self.send(lab, stage, "kafka", in_flight, 0).await?;
                (sent.measured, Some(sent.waits))
            }
            Way::Flood => {
                let records = self.records.to_string();
                let arguments = ["write", "ours", "--records", &records, "--warm-up", "0"];
                (lab.work(&stage.ground.settings, &arguments).await?, None)
            }
        };
        crew.reach(SERVICE_WARM_UP + self.records).await?;
        let mut measured = crew.sample(&servers)?.since(&before, self.records);
        measured.client_cpu_s += sender.client_cpu_s;
        let commands = stage.write_commands().await? - commands;
        stage.dismiss(crew).await?;
        let mut figures = measured.figures(&crew::SERVERS);
        add_operations(&mut figures, commands, self.records);
        figures.extend(waits.map(|waits| waits.usual()).unwrap_or_default());
        Ok(figures)
    }

    async fn send(
        &self,
        lab: &Lab,
        stage: &Stage<'_>,
        to: &str,
        in_flight: u32,
        warm_up: u64,
    ) -> anyhow::Result<Sent> {
        let worker = lab.worker(&stage.ground.settings, &["send", to])?;
        let options =
            [("--in-flight", u64::from(in_flight)), ("--records", self.records), ("--warm-up", warm_up)];
        let options = options.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_string()]);
        lab.told(worker.args(options)).await
    }
}

/// Commands in a second, while reports were stored as fast as the figures say.
fn add_operations(figures: &mut Figures, commands: u64, reports: u64) {
    let a_report = commands as f64 / reports.max(1) as f64;
    if let Some(reports_per_s) = figures.get(&Figure::RecordsPerS).copied() {
        figures.insert(Figure::OperationsPerS, a_report * reports_per_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_keep_pace_with_reports() {
        let mut figures = Figures::from([(Figure::RecordsPerS, 500.0)]);
        add_operations(&mut figures, 2_000, 1_000);
        assert_eq!(figures[&Figure::OperationsPerS], 1_000.0);
    }
}
