//! What the `zones` service can be told.

use domain::CityClock;

/// Options of the `zones` service.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// Milliseconds of real time between two evaluations of all zones; more if ten seconds of city time take longer
    #[arg(long, env = "ZONES_EVALUATE_EVERY_MS", default_value_t = 5_000,
          value_parser = clap::value_parser!(i64).range(100..=60_000))]
    pub evaluate_every_ms: i64,
}
