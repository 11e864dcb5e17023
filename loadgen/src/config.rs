//! What the load generator can be told.

use std::path::PathBuf;
use std::time::Duration;

use domain::{CityClock, CityMs};
use reqwest::Url;

use crate::model::{CancelShares, Faults, Share};
use crate::replay::TripsOptions;

/// Options of the load generator.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// Where Kafka is
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// The clock of the city: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// The roads.
    #[command(flatten)]
    pub roads: city::Roads,
    /// Seed of everything that drivers and riders do
    #[arg(long, env = "HAILSTORM_SEED", default_value_t = 1)]
    pub seed: u64,
    /// How many drivers there are
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub drivers: u32,
    /// Which share of the drivers and riders this process plays, such as 1/2 beside 2/2; all shares need the same seed,
    /// drivers, requests and opening [default: all]
    #[arg(long, value_name = "SHARE", requires = "opens_at_ms")]
    pub share: Option<Share>,
    /// Real time (ms since 1970) at which the city opens [default: as soon as this process is ready]
    #[arg(long, value_name = "MS")]
    pub opens_at_ms: Option<i64>,
    /// Ride requests in a minute of real time
    #[arg(long, default_value_t = 240.0, value_parser = parse_rate)]
    pub requests_per_minute: f64,
    /// City time between two location reports of a driver
    #[arg(long, default_value = "5s", value_parser = humantime::parse_duration)]
    pub report_every: Duration,
    /// Real time over which drivers come on shift at the start
    #[arg(long, default_value = "5s", value_parser = humantime::parse_duration)]
    pub ramp: Duration,
    /// Recorded trips to ask for, instead of riders who come by chance
    #[arg(long, value_name = "FILE")]
    pub trips: Option<PathBuf>,
    /// City time (ms since 1970) from which recorded trips are asked for
    #[arg(long, value_name = "MS")]
    pub trips_from_ms: Option<i64>,
    /// How recorded trips are understood.
    #[command(flatten)]
    pub trips_are: TripsOptions,
    /// Hours from UTC to the city's own time of day
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub utc_offset_h: f64,
    /// Real time after which no new rides are asked for [default: until told to stop]
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub run_for: Option<Duration>,
    /// Real time left to trips under way when the city closes
    #[arg(long, default_value = "10s", value_parser = humantime::parse_duration)]
    pub grace: Duration,
    /// Folder for a file with every acknowledged report that was written to Kafka: driver, time, partition, offset
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// What goes wrong
    #[command(flatten)]
    pub faults: FaultOptions,
    /// Who sends through the public API.
    #[command(flatten)]
    pub gateway: GatewayOptions,
}

/// Who sends through the public API instead of writing to Kafka.
#[derive(clap::Args, Clone, Debug)]
pub struct GatewayOptions {
    /// Addresses of gateways, such as http://127.0.0.1:8080, comma-separated
    #[arg(long = "gateway", value_name = "URL", value_delimiter = ',', value_parser = parse_address)]
    pub urls: Vec<Url>,
    /// Share of drivers and riders whose apps use the gateways
    #[arg(long, default_value_t = 0.1, value_name = "SHARE", requires = "urls", value_parser = parse_share)]
    pub via_gateway: f64,
}

/// How often things go wrong, as shares from 0 to 1.
#[derive(clap::Args, Clone, Debug)]
pub struct FaultOptions {
    /// Drivers who never answer an offer
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = parse_share)]
    pub silent_drivers: f64,
    /// Matched trips whose driver gives up on the way to the pickup
    #[arg(long, default_value_t = 0.01, value_name = "SHARE", value_parser = parse_share)]
    pub driver_cancels: f64,
    /// Matched trips whose driver is not heard of any more
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = parse_share)]
    pub vanishing_drivers: f64,
    /// Riders who cancel, by state: requested,offered,matched,arrived,started
    #[arg(long, default_value = "0,0,0.02,0,0", value_name = "SHARES", value_parser = parse_shares)]
    pub rider_cancels: CancelShares,
}

impl FaultOptions {
    pub(crate) fn faults(&self) -> Faults {
        Faults {
            silent_drivers: self.silent_drivers,
            driver_cancels: self.driver_cancels,
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

fn parse_address(text: &str) -> Result<Url, String> {
    let url: Option<Url> = text.trim().parse().ok();
    url.filter(|url| url.scheme() == "http" && url.has_host())
        .ok_or_else(|| "expected an address such as http://127.0.0.1:8080".to_owned())
}

/// Ride requests in a minute; beyond this range, time between two of them would stand still or run backwards.
///
/// # Errors
/// What was expected.
pub fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=1_000_000.0).contains(rate));
    rate.ok_or_else(|| "expected a number of requests from 0 to 1000000".to_owned())
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a share from 0 to 1".to_owned())
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        config: Config,
    }

    fn parse(arguments: &[&str]) -> Result<Config, String> {
        let command = Command::try_parse_from(std::iter::once(&"loadgen").chain(arguments));
        command.map(|command| command.config).map_err(|error| error.to_string())
    }

    #[test]
    fn shares_of_faults_are_those_of_an_ordinary_day_or_as_asked_for_or_refused() {
        assert_eq!(parse(&[]).unwrap().faults.faults(), Faults::default());
        let none = parse(&["--driver-cancels=0", "--rider-cancels=0,0,0,0,0"]).unwrap().faults.faults();
        assert_eq!((none.driver_cancels, none.rider_cancels), (0.0, CancelShares::default()));
        for option in ["silent-drivers", "driver-cancels", "vanishing-drivers"] {
            let error = parse(&[&format!("--{option}=1.5")]).unwrap_err();
            assert!(error.contains("a share from 0 to 1"), "{error}");
        }
    }

    #[test]
    fn a_rate_of_requests_is_in_a_range_or_refused() {
        for (text, rate) in [("0", 0.0), ("0.5", 0.5), ("1000000", 1e6)] {
            let config = parse(&[&format!("--requests-per-minute={text}")]).unwrap();
            assert_eq!(config.requests_per_minute, rate);
        }
        for text in ["-5", "inf", "NaN", "1000001", "many"] {
            let error = parse(&[&format!("--requests-per-minute={text}")]).unwrap_err();
            assert!(error.contains("requests from 0 to 1000000"), "{error}");
        }
    }

    #[test]
    fn gateways_are_read_or_refused_with_a_reason() {
        assert!(parse(&[]).unwrap().gateway.urls.is_empty());
        let two = parse(&["--gateway", "http://127.0.0.1:8080,http://[::1]:81/", "--via-gateway=0.5"])
            .unwrap()
            .gateway;
        let ports: Vec<_> = two.urls.iter().map(Url::port_or_known_default).collect();
        assert_eq!((ports, two.via_gateway), (vec![Some(8080), Some(81)], 0.5));
        for (arguments, reason) in [
            (vec!["--gateway=127.0.0.1:8080"], "such as http://127.0.0.1:8080"),
            (vec!["--gateway=https://127.0.0.1"], "such as http://127.0.0.1:8080"),
            (vec!["--gateway=http://localhost", "--via-gateway=1.1"], "a share from 0 to 1"),
            (vec!["--via-gateway=0.5"], "--gateway"),
        ] {
            let error = parse(&arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments:?}: {error}");
        }
    }
}
