//! `hailstorm service NAME`: one service, one process.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use runtime::Service;

use crate::log_sender::{self, LogSender};
use crate::publisher::{self, Publisher};

/// Which service.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    service: Name,
}

#[derive(Debug, Subcommand)]
enum Name {
    /// The trips' authority: requests, offers and every step of a trip, exactly once
    Trips(With<trips::Config>),
    /// The drivers' authority: shifts and reservations, exactly once
    Drivers(With<drivers::Config>),
    /// Finds drivers for waiting trips
    Matching(With<matching::Config>),
    /// Keeps the newest position of every driver in Redis
    LiveLocation(With<live_location::Config>),
    /// Tells how long until pickup and drop-off
    Eta(With<eta::Config>),
    /// Runs the meter and calculates the fare
    Fare(With<fare::Config>),
    /// Supply, demand, speed and surge of every zone
    Zones(With<zones::Config>),
    /// Writes every topic to MongoDB, in bulk
    Archiver(With<archiver::Config>),
    /// The way in for people and programs: the API, the live map, the pages
    Gateway(With<gateway::Config>),
    /// Drives the simulated city: drivers' and riders' apps
    Loadgen(With<loadgen::Config>),
    /// Sends recorded positions of real cars as drivers' reports
    Replay(With<loadgen::replay::Config>),
}

/// A service's own options and those that all have.
#[derive(Args, Debug)]
struct With<C: Args> {
    #[command(flatten)]
    config: C,
    #[command(flatten)]
    runtime: runtime::Options,
    #[command(flatten)]
    figures: publisher::Options,
    #[command(flatten)]
    logs: log_sender::Options,
}

impl<C: Args> With<C> {
    /// Runs the service; `kafka` finds the way to Kafka in its options.
    async fn run<F>(
        mut self,
        name: &'static str,
        kafka: impl FnOnce(&mut C) -> &mut kafka::Settings,
        run: impl FnOnce(C, Service) -> F,
    ) -> anyhow::Result<ExitCode>
    where
        F: Future<Output = anyhow::Result<()>>,
    {
        let service = Service::start(name, &self.runtime)?;
        let settings = kafka(&mut self.config);
        settings.tracer = service.tracer.clone();
        let sender = LogSender::start(self.logs, settings, &service);
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
        let _publisher = Publisher::start(self.figures, settings, &service);
        let result = run(self.config, service.clone()).await;
        service.finish(&self.runtime).await;
        // Told here and not by whoever called, so that the last line is one of the log, wherever that is read.
        let code = match result {
            Ok(()) => {
                tracing::info!("stopped");
                ExitCode::SUCCESS
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "ended by an error");
                ExitCode::FAILURE
            }
        };
        if let Some(sender) = sender {
            sender.finish().await;
        }
        Ok(code)
    }
}

/// Runs the service until it is told to stop.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.service {
        Name::Trips(with) => with.run("trips", |config| &mut config.kafka, trips::run).await,
        Name::Drivers(with) => with.run("drivers", |config| &mut config.kafka, drivers::run).await,
        Name::Matching(with) => with.run("matching", |config| &mut config.kafka, matching::run).await,
        Name::LiveLocation(with) => {
            with.run("live-location", |config| &mut config.kafka, live_location::run).await
        }
        Name::Eta(with) => with.run("eta", |config| &mut config.kafka, eta::run).await,
        Name::Fare(with) => with.run("fare", |config| &mut config.kafka, fare::run).await,
        Name::Zones(with) => with.run("zones", |config| &mut config.kafka, zones::run).await,
        Name::Archiver(with) => with.run("archiver", |config| &mut config.kafka, archiver::run).await,
        Name::Gateway(with) => with.run("gateway", |config| &mut config.kafka, gateway::run).await,
        Name::Loadgen(with) => with.run("loadgen", |config| &mut config.kafka, loadgen::run).await,
        Name::Replay(with) => with.run("replay", |config| &mut config.kafka, loadgen::replay::run).await,
    }
}
