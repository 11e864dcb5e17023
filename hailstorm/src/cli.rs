//! The commands, one variant each.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::{audit, bench, demo, doctor, health, load, logs, replay, service, topics};

/// A ride-hailing city on Apache Kafka, Redis and MongoDB
#[derive(Debug, Parser)]
#[command(name = "hailstorm", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Brings up servers, services and a city, and shows them at work
    Demo(demo::Options),
    /// Puts 100,000 drivers on the road, or as many as you like, and tells how the system bears it
    Load(load::Options),
    /// Replays recorded positions of real cars as drivers' reports
    Replay(replay::Options),
    /// Runs one service as a process
    Service(service::Options),
    /// Asks a process whether it is ready, or whether it lives
    Health(health::Options),
    /// Creates, describes or checks the topics
    Topics(topics::Options),
    /// Recounts topics, Redis and MongoDB, and tells what does not agree
    Audit(audit::Options),
    /// Searches the logs that services send to Kafka, with --log-to-kafka
    Logs(logs::Options),
    /// Tells what this machine has and lacks, with remedies
    Doctor(backends::Options),
    /// Measures what our way costs, beside bare loops around the same clients
    Bench(::bench::Options),
    /// One contender of the benchmark
    #[command(hide = true)]
    BenchWorker(::bench::WorkerOptions),
}

impl Cli {
    /// Runs the command to its end.
    ///
    /// # Errors
    /// Whatever keeps the command from going on.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("failed to start the async runtime")?;
        runtime.block_on(async {
            match self.command {
                Command::Demo(options) => demo::run(options).await,
                Command::Load(options) => load::run(options).await,
                Command::Replay(options) => replay::run(options).await,
                Command::Service(options) => service::run(options).await,
                Command::Health(options) => health::run(options).await,
                Command::Topics(options) => topics::run(options).await,
                Command::Audit(options) => audit::command(options).await,
                Command::Logs(options) => logs::run(options).await,
                Command::Doctor(options) => doctor::run(options).await,
                Command::Bench(options) => bench::run(options).await,
                Command::BenchWorker(options) => bench::work(options).await,
            }
        })
    }
}
