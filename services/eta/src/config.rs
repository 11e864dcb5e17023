//! What the `eta` service can be told.

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
    /// The roads; the same as the drivers'.
    #[command(flatten)]
    pub roads: city::Roads,
}
