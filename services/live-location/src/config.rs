//! What the `live-location` service can be told.

use domain::CityClock;

/// How long a batch is collected unless an option says otherwise: little of the quarter of a second
/// within which a report shall be in Redis.
pub const LINGER_MS: u64 = 40;

/// Options of the `live-location` service.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// How Redis is reached.
    #[command(flatten)]
    pub live: live::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// Milliseconds a batch of reports is collected: more coalesces more, and is later in Redis
    #[arg(long, env = "LIVE_LOCATION_LINGER_MS", default_value_t = LINGER_MS,
          value_parser = clap::value_parser!(u64).range(1..=5_000))]
    pub linger_ms: u64,
}
