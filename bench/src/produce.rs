//! Writing reports to Kafka: the load generator's way, a bare loop, and Kafka's own tool.

use anyhow::Context;
use backends::process::Command;

use crate::clients::{LINGER_MS, told_to_producer};
use crate::cpu::Sample;
use crate::figure::{Figure, Figures};
use crate::ground::{Ground, TOPIC};
use crate::kafka_tool::{self, Rate};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::reports::write_lines;
use crate::scenario::Scenario;
use crate::turns::{BARE, Contender, OURS, take_turns};
use crate::worker::write_reports::WARM_UP;

/// The servers that matter here.
pub(crate) const SERVERS: [(&str, Figure); 1] = [("kafka", Figure::KafkaUs)];

enum Writer {
    Ours,
    Bare,
    Tool(Command),
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let mut writers = vec![Writer::Ours, Writer::Bare];
    if let Some(tool) = kafka_tool::find("org.apache.kafka.tools.ProducerPerformance", lab).await {
        write_lines(&lab.folder().join("payloads"))?;
        writers.push(Writer::Tool(tool));
    }
    let records = lab.plan.shown_records();
    let title = format!("{records} location reports, idempotent, acks=all, lz4, linger {LINGER_MS} ms");
    Ok(vec![take_turns(lab, Scenario::Produce, title, &writers).await?])
}

impl Contender for Writer {
    fn name(&self) -> String {
        match self {
            Self::Ours => OURS.to_owned(),
            Self::Bare => BARE.to_owned(),
            Self::Tool(_) => "Kafka's ProducerPerformance (Java)".to_owned(),
        }
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let ground = Ground::new(lab.new_space())?;
        ground.create_topic().await?;
        let figures = match self {
            Self::Ours => work(lab, &ground, "ours").await?,
            Self::Bare => work(lab, &ground, "bare").await?,
            Self::Tool(tool) => with_tool(lab, &ground, tool).await?,
        };
        ground.delete_topic().await?;
        Ok(figures)
    }
}

async fn work(lab: &Lab, ground: &Ground, way: &str) -> anyhow::Result<Figures> {
    let records = lab.plan.records().to_string();
    let measured = lab.work(&ground.settings, &["write", way, "--records", &records]).await?;
    Ok(measured.figures(&SERVERS))
}

/// The tool is run twice, for a few records and for those and all others; the difference is what the others cost.
async fn with_tool(lab: &Lab, ground: &Ground, tool: &Command) -> anyhow::Result<Figures> {
    let servers = lab.servers();
    let records = lab.plan.records();
    let start = Sample::of_self(&servers)?;
    let short = lab.finish(&arguments(tool, lab, ground, WARM_UP)).await?;
    let middle = Sample::of_self(&servers)?;
    let long = lab.finish(&arguments(tool, lab, ground, WARM_UP + records)).await?;
    let end = Sample::of_self(&servers)?;
    let rate = Rate::of_producer(&long.stdout).context("ProducerPerformance did not tell how fast it was")?;
    Ok(kafka_tool::figures(records, rate, long.cpu_s - short.cpu_s, [start, middle, end]))
}

fn arguments(tool: &Command, lab: &Lab, ground: &Ground, records: u64) -> Command {
    let batch_size = told_to_producer(&ground.settings, "batch.size").unwrap_or_default();
    let settings = [
        "acks=all".to_owned(),
        "enable.idempotence=true".to_owned(),
        "compression.type=lz4".to_owned(),
        format!("linger.ms={LINGER_MS}"),
        // As ours; Java's own is 16 kB, which makes it slower.
        format!("batch.size={batch_size}"),
    ];
    tool.clone()
        .args(["--bootstrap-server", &ground.settings.kafka_bootstrap_servers])
        .args(["--topic", &ground.settings.full_name(TOPIC)])
        .args(["--num-records", &records.to_string(), "--throughput", "-1"])
        .arg("--payload-file")
        .arg(lab.folder().join("payloads"))
        .arg("--command-property")
        .args(settings)
}
