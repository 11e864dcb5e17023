//! What the load generator can be told.

use std::path::PathBuf;
use std::time::Duration;

use domain::{CityClock, CityMs};

use crate::model::{CancelShares, Faults};

/// Options of the load generator.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// Where Kafka is
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// The clock of the city: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// Folder with nodes.csv[.gz] and edges.csv[.gz] [default: a generated city]
    #[arg(long, env = "HAILSTORM_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Seed of the generated city
    #[arg(long, env = "HAILSTORM_CITY_SEED", default_value_t = 1)]
    pub city_seed: u64,
    /// Seed of everything that drivers and riders do
    #[arg(long, env = "HAILSTORM_SEED", default_value_t = 1)]
    pub seed: u64,
    /// How many drivers there are
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub drivers: u32,
    /// Ride requests in a minute of real time
    #[arg(long, default_value_t = 240.0)]
    pub requests_per_minute: f64,
    /// City time between two location reports of a driver
    #[arg(long, default_value = "5s", value_parser = humantime::parse_duration)]
    pub report_every: Duration,
    /// Recorded trips to ask for, instead of riders who come by chance
    #[arg(long, value_name = "FILE")]
    pub trips: Option<PathBuf>,
    /// City time (ms since 1970) from which recorded trips are asked for
    #[arg(long, value_name = "MS")]
    pub trips_from_ms: Option<i64>,
    /// Hours from UTC to the city's own time of day
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub utc_offset_h: f64,
    /// Real time after which no new rides are asked for [default: until told to stop]
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub run_for: Option<Duration>,
    /// Real time left to trips under way when the city closes
    #[arg(long, default_value = "10s", value_parser = humantime::parse_duration)]
    pub grace: Duration,
    /// What goes wrong
    #[command(flatten)]
    pub faults: FaultOptions,
}

/// How often things go wrong, as shares from 0 to 1.
#[derive(clap::Args, Clone, Debug)]
pub struct FaultOptions {
    /// Drivers who never answer an offer
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub silent_drivers: f64,
    /// Matched trips whose driver is not heard of any more
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub vanishing_drivers: f64,
    /// Riders who cancel, by state: requested,offered,matched,arrived,started
    #[arg(long, default_value = "0,0,0.02,0,0", value_name = "SHARES", value_parser = parse_shares)]
    pub rider_cancels: CancelShares,
}

impl FaultOptions {
    pub(crate) fn faults(&self) -> Faults {
        Faults {
            silent_drivers: self.silent_drivers,
            vanishing_drivers: self.vanishing_drivers,
            rider_cancels: self.rider_cancels,
            ..Faults::default()
        }
    }
}

impl Config {
    /// The city time from which recorded trips are asked for.
    pub(crate) fn trips_from(&self) -> Option<CityMs> {
        self.trips_from_ms.map(CityMs)
    }
}

fn parse_shares(text: &str) -> Result<CancelShares, String> {
    let wrong = || "expected five shares from 0 to 1: requested,offered,matched,arrived,started".to_owned();
    let parts: Vec<f64> =
        text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map_err(|_| wrong())?;
    match parts.as_slice() {
        &[requested, offered, matched, arrived, started]
            if parts.iter().all(|share| (0.0..=1.0).contains(share)) =>
        {
            Ok(CancelShares { requested, offered, matched, arrived, started })
        }
        _ => Err(wrong()),
    }
}
