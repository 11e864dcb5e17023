//! `hailstorm service NAME`: one service, one process.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use runtime::Service;

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
    /// Drives the simulated city: drivers' and riders' apps
    Loadgen(With<loadgen::Config>),
}

/// A service's own options and those that all have.
#[derive(Args, Debug)]
struct With<C: Args> {
    #[command(flatten)]
    config: C,
    #[command(flatten)]
    runtime: runtime::Options,
}

impl<C: Args> With<C> {
    async fn run<F>(self, name: &'static str, run: impl FnOnce(C, Service) -> F) -> anyhow::Result<ExitCode>
    where
        F: Future<Output = anyhow::Result<()>>,
    {
        let service = Service::start(name, &self.runtime)?;
        tracing::info!(service = name, member = service.member, "started");
        let result = run(self.config, service.clone()).await;
        service.finish(&self.runtime);
        result?;
        tracing::info!(service = name, member = service.member, "stopped");
        Ok(ExitCode::SUCCESS)
    }
}

/// Runs the service until it is told to stop.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.service {
        Name::Trips(with) => with.run("trips", trips::run).await,
        Name::Drivers(with) => with.run("drivers", drivers::run).await,
        Name::Matching(with) => with.run("matching", matching::run).await,
        Name::LiveLocation(with) => with.run("live-location", live_location::run).await,
        Name::Eta(with) => with.run("eta", eta::run).await,
        Name::Fare(with) => with.run("fare", fare::run).await,
        Name::Zones(with) => with.run("zones", zones::run).await,
        Name::Archiver(with) => with.run("archiver", archiver::run).await,
        Name::Loadgen(with) => with.run("loadgen", loadgen::run).await,
    }
}
