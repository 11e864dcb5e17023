//! What the `fare` service can be told.

use domain::CityClock;

/// Options of the `fare` service.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// What a ride costs.
    #[command(flatten)]
    pub rates: city::Rates,
}
