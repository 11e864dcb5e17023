//! Reading reports from Kafka: our source and loop, a bare loop, and Kafka's own tool.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;
use backends::process::Command;

use crate::clients::Compression;
use crate::cpu::Sample;
use crate::figure::Figures;
use crate::ground::{Ground, TOPIC};
use crate::kafka_tool::{self, Rate};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::produce::SERVERS;
use crate::scenario::Scenario;
use crate::turns::{BARE, Contender, OURS, take_turns};

/// Records of the tool's first run: its start, without what the many cost.
const FEW: u64 = 1_000;

struct Reader<'a> {
    way: Way,
    ground: &'a Ground,
    /// Every turn reads from the beginning, so each has a group of its own.
    groups: &'a AtomicU32,
}

enum Way {
    Ours,
    Bare,
    Tool(Command),
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let ground = Ground::new(lab.new_space())?;
    ground.create_topic().await?;
    ground.fill(lab.plan.records(), runtime::clock::now_ms(), Compression::Lz4).await?;
    let groups = AtomicU32::new(0);
    let mut ways = vec![Way::Ours, Way::Bare];
    ways.extend(kafka_tool::find("org.apache.kafka.tools.ConsumerPerformance", lab).await.map(Way::Tool));
    let readers: Vec<Reader<'_>> =
        ways.into_iter().map(|way| Reader { way, ground: &ground, groups: &groups }).collect();
    let title = format!("{} location reports, read, decoded, committed", lab.plan.shown_records());
    let part = take_turns(lab, Scenario::Consume, title, &readers).await?;
    ground.delete_topic().await?;
    Ok(vec![part])
}

impl Contender for Reader<'_> {
    fn name(&self) -> String {
        match self.way {
            Way::Ours => OURS.to_owned(),
            Way::Bare => BARE.to_owned(),
            Way::Tool(_) => "Kafka's ConsumerPerformance (Java, decodes nothing)".to_owned(),
        }
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        match &self.way {
            Way::Ours => self.work(lab, "ours").await,
            Way::Bare => self.work(lab, "bare").await,
            Way::Tool(tool) => self.with_tool(lab, tool).await,
        }
    }
}

impl Reader<'_> {
    fn new_group(&self) -> String {
        format!("bench-{}", self.groups.fetch_add(1, Ordering::Relaxed))
    }

    async fn work(&self, lab: &Lab, way: &str) -> anyhow::Result<Figures> {
        let (group, records) = (self.new_group(), lab.plan.records().to_string());
        let arguments = ["read", way, "--records", &records, "--group", &group];
        Ok(lab.work(&self.ground.settings, &arguments).await?.figures(&SERVERS))
    }

    /// Runs the tool twice, as for writing.
    async fn with_tool(&self, lab: &Lab, tool: &Command) -> anyhow::Result<Figures> {
        let servers = lab.servers();
        let records = lab.plan.records();
        let start = Sample::of_self(&servers)?;
        let short = lab.finish(&self.arguments(tool, FEW)).await?;
        let middle = Sample::of_self(&servers)?;
        let long = lab.finish(&self.arguments(tool, records)).await?;
        let end = Sample::of_self(&servers)?;
        let rate =
            Rate::of_consumer(&long.stdout).context("ConsumerPerformance did not tell how fast it was")?;
        Ok(kafka_tool::figures(records - FEW, rate, long.cpu_s - short.cpu_s, [start, middle, end]))
    }

    fn arguments(&self, tool: &Command, records: u64) -> Command {
        let settings = &self.ground.settings;
        tool.clone()
            .args(["--bootstrap-server", &settings.kafka_bootstrap_servers])
            .args(["--topic", &settings.full_name(TOPIC)])
            .args(["--group", &settings.full_name(&self.new_group())])
            .args(["--num-records", &records.to_string()])
            .args(["--command-property", "group.protocol=consumer"])
            .args(["--command-property", "isolation.level=read_committed"])
    }
}
