//! What the `matching` service can be told.

use clap::ValueEnum;
use domain::CityClock;
use domain::assignment::Method;

/// Milliseconds between two windows, unless told otherwise.
pub const WINDOW_MS: i64 = 100;

/// Options of the `matching` service.
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
    /// Milliseconds of real time between two windows: what waits then is matched together
    #[arg(long, env = "MATCHING_WINDOW_MS", default_value_t = WINDOW_MS,
          value_parser = clap::value_parser!(i64).range(1..=60_000))]
    pub window_ms: i64,
    /// How drivers are chosen: `optimal` has the least total pickup time, `greedy` takes the nearest pair first
    #[arg(long, env = "MATCHING_ASSIGNMENT", value_enum, default_value_t = Assignment::Optimal)]
    pub assignment: Assignment,
    /// Drivers considered for each trip
    #[arg(long, env = "MATCHING_CANDIDATES", default_value_t = 10,
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100))]
    pub candidates: usize,
}

/// How drivers are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Assignment {
    /// Least total pickup time.
    Optimal,
    /// The nearest pair first.
    Greedy,
}

impl From<Assignment> for Method {
    fn from(assignment: Assignment) -> Self {
        match assignment {
            Assignment::Optimal => Self::Optimal,
            Assignment::Greedy => Self::Greedy,
        }
    }
}
