//! `hailstorm bench-worker`: one contender, once, in a process of its own, so that its processor time is its own.
//!
//! A worker warms up, looks at the processor time of itself and of the servers, works, looks again, and writes the
//! difference as a line of JSON. The loops that stand beside a service only work: they are watched from outside,
//! as the service is.

mod bare_documents;
mod bare_positions;
mod bare_reader;
mod bare_transactions;
mod bare_writer;
mod decode;
mod insert;
pub(crate) mod offer_reports;
mod pace;
pub(crate) mod paced_insert;
mod read_reports;
mod recipient;
pub(crate) mod send_reports;
mod serve;
pub(crate) mod write_reports;
mod written;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

pub(crate) use bare_documents::GROUP as DOCUMENTS_GROUP;
pub(crate) use bare_positions::GROUP as POSITIONS_GROUP;
pub(crate) use decode::Like as Decoding;
pub(crate) use serve::Like as Serving;
pub(crate) use written::Like as Transacting;

use crate::cpu::Servers;

/// What a worker can be told.
#[derive(Args, Clone, Debug)]
pub struct WorkerOptions {
    #[command(subcommand)]
    work: Work,
}

#[derive(Clone, Debug, Subcommand)]
enum Work {
    /// Writes reports
    Write(Turn),
    /// Writes reports on schedule, uncompressed, for ever
    Pace(pace::Options),
    /// Reads reports
    Read(Turn),
    /// Does what the service live-location does, in one loop
    Positions(PositionsOptions),
    /// Does what the service archiver does, in one loop
    Documents(DocumentsOptions),
    /// Takes and decodes reports as a group, for ever
    Decode(decode::Options),
    /// Does what an exactly-once service does, in one loop
    Transact(bare_transactions::Options),
    /// Does what a service that serves rides does, in one loop
    Serve(serve::Options),
    /// Inserts documents
    Insert(insert::Options),
    /// Inserts documents that come at a rate
    PacedInsert(paced_insert::Options),
    /// Hands reports over, each by a client that waits for its answer before it sends the next
    Send(send_reports::Options),
    /// Hands reports over on schedule, whatever the answers
    Offer(offer_reports::Options),
}

/// Whose way of doing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    Ours,
    Bare,
}

/// A turn at Kafka alone.
#[derive(Args, Clone, Debug)]
pub(crate) struct Turn {
    #[arg(value_enum)]
    way: Way,
    #[arg(long)]
    records: u64,
    /// Records that are written before and do not count.
    #[arg(long, default_value_t = write_reports::WARM_UP)]
    warm_up: u64,
    /// The group that reads.
    #[arg(long, default_value = "bench")]
    group: String,
    #[command(flatten)]
    kafka: kafka::Settings,
    #[arg(long, default_value = "")]
    servers: Servers,
}

#[derive(Args, Clone, Debug)]
struct PositionsOptions {
    #[command(flatten)]
    kafka: kafka::Settings,
    #[command(flatten)]
    live: live::Settings,
    /// Every driver counts as idle, so that `matching` finds drivers
    #[arg(long)]
    idle: bool,
}

#[derive(Args, Clone, Debug)]
struct DocumentsOptions {
    #[command(flatten)]
    kafka: kafka::Settings,
    #[command(flatten)]
    archive: archive::Settings,
}

/// Works, and tells what it cost.
///
/// # Errors
/// Whatever keeps the worker from its work.
pub async fn work(options: WorkerOptions) -> anyhow::Result<ExitCode> {
    match options.work {
        Work::Write(turn) => tell(&write_reports::run(&turn).await?)?,
        Work::Pace(options) => pace::run(&options).await?,
        Work::Read(turn) => tell(&read_reports::run(turn).await?)?,
        Work::Insert(options) => tell(&insert::run(&options).await?)?,
        Work::PacedInsert(options) => tell(&paced_insert::run(&options).await?)?,
        Work::Send(options) => tell(&send_reports::run(&options).await?)?,
        Work::Offer(options) => tell(&offer_reports::run(&options).await?)?,
        Work::Positions(PositionsOptions { kafka, live, idle }) => {
            bare_positions::run(&kafka, &live.redis_url, idle).await?;
        }
        Work::Decode(options) => decode::run(&options).await?,
        Work::Transact(options) => bare_transactions::run(&options).await?,
        Work::Serve(options) => serve::run(options).await?,
        Work::Documents(options) => bare_documents::run(&options.kafka, &options.archive.mongodb_uri).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(told: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(told).context("failed to encode figures")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: WorkerOptions,
    }

    #[test]
    fn workers_understand_what_scenarios_tell_them() {
        for line in [
            "w write ours --records 5 --warm-up 0 --servers kafka=1,mongodb=2",
            "w write bare --records 5 --servers kafka=1",
            "w pace --rate 20000",
            "w read ours --records 5 --group g --servers kafka=1",
            "w decode eta",
            "w decode zones",
            "w positions",
            "w positions --idle",
            "w documents",
            "w serve trips",
            "w serve drivers",
            "w serve matching",
            "w transact fare",
            "w transact trips",
            "w transact drivers",
            "w insert --size 1 --documents 5 --layout clustered --servers mongodb=2",
            "w paced-insert --size 10 --rate 20000 --seconds 5 --servers mongodb=2",
            "w send database --in-flight 16 --records 5 --warm-up 3 --servers mongodb=2",
            "w send kafka --in-flight 100 --records 5 --warm-up 0 --servers kafka=1",
            "w offer kafka --in-flight 9 --starts-at-ms 8 --phase 5x2 --phase 50x1 --servers kafka=1",
        ] {
            let space = if line.contains("insert") { "--database" } else { "--namespace" };
            let parsed = Line::try_parse_from(line.split(' ').chain([space, "n"]));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
        assert!(
            Line::try_parse_from(["w", "offer", "kafka", "--in-flight", "9", "--starts-at-ms", "8"]).is_err()
        );
    }
}
