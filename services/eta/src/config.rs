//! What the `eta` service can be told.

use std::path::PathBuf;

use domain::CityClock;

/// Options of the `eta` service.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// Folder with nodes.csv[.gz] and edges.csv[.gz] [default: a generated city]
    #[arg(long, env = "HAILSTORM_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Seed of the generated city; the same as the drivers'
    #[arg(long, env = "HAILSTORM_CITY_SEED", default_value_t = 1)]
    pub city_seed: u64,
}
