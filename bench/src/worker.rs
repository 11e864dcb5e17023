//! `hailstorm bench-worker`: one contender, once, in a process of its own, so that its processor time is its own.
//!
//! A worker warms up, looks at the processor time of itself and of the servers, works, looks again, and writes the
//! difference as a line of JSON. The two loops that stand beside a service only work: they are watched from outside,
//! as the service is.

mod bare_documents;
mod bare_positions;
mod bare_reader;
mod insert;
mod read_reports;
pub(crate) mod write_reports;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};

pub(crate) use bare_documents::GROUP as DOCUMENTS_GROUP;
pub(crate) use bare_positions::GROUP as POSITIONS_GROUP;

use crate::cpu::{Measured, Servers};

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
    /// Reads reports
    Read(Turn),
    /// Does what the service live-location does, in one loop
    Positions(PositionsOptions),
    /// Does what the service archiver does, in one loop
    Documents(DocumentsOptions),
    /// Inserts documents
    Insert(insert::Options),
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
        Work::Read(turn) => tell(&read_reports::run(turn).await?)?,
        Work::Insert(options) => tell(&insert::run(&options).await?)?,
        Work::Positions(options) => bare_positions::run(&options.kafka, &options.live.redis_url).await?,
        Work::Documents(options) => bare_documents::run(&options.kafka, &options.archive.mongodb_uri).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(measured: &Measured) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(measured).context("failed to encode figures")?);
    Ok(())
}
