//! What the demo can be told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use super::gateways;
use super::members::Members;
use super::start_time::StartTime;
use crate::log_sender::LOG_TO_KAFKA;

/// Options of the demo.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// How long rides are asked for, real time; then trips under way are brought to an end [default: until Ctrl-C]
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) run_for: Option<Duration>,
    /// How many drivers there are
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub(crate) drivers: u32,
    /// Ride requests in a minute of real time
    #[arg(long, default_value_t = 240.0, value_parser = loadgen::parse_rate)]
    pub(crate) requests_per_minute: f64,
    /// City time between two location reports of a driver
    #[arg(long, default_value = "5s", value_parser = humantime::parse_duration)]
    pub(crate) report_every: Duration,
    /// Real time over which drivers come on shift at the start
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) ramp: Duration,
    /// Folder with nodes.csv[.gz] and edges.csv[.gz] [default: a generated city]
    #[arg(long, value_name = "DIR")]
    pub(crate) city: Option<PathBuf>,
    /// Recorded trips (CSV, may be gzipped) to ask for instead of riders who come by chance
    #[arg(long, value_name = "FILE")]
    pub(crate) trips: Option<PathBuf>,
    /// City time at the start, such as 2008-05-23T17:00:00-07:00 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<StartTime>,
    /// How many times as fast as real time the city lives
    #[arg(long, default_value_t = 1.0, value_parser = parse_speed)]
    pub(crate) speed: f64,
    /// Seed of the city and of everything in it
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Members of each group, such as matching=3,archiver=2 [default: one each]
    #[arg(long, default_value = "", value_name = "LIST")]
    pub(crate) members: Members,
    /// Partitions of each topic
    #[arg(long, default_value_t = events::topic::DEFAULT_PARTITIONS, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub(crate) partitions: i32,
    /// Writes the summary as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Every process tells metrics and health on a port of its own on 127.0.0.1, from this one on
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) metrics_port: Option<u16>,
    /// Every process sends spans to a collector there, by OTLP over HTTP, such as http://127.0.0.1:4318 [default: no traces]
    #[arg(long, env = runtime::OTLP_ENDPOINT, value_name = "URL", default_value = "", hide_default_value = true)]
    pub(crate) otlp_endpoint: runtime::Endpoint,
    /// Every process sends its log to the topic service-logs, too: see `hailstorm logs`
    #[arg(long, env = LOG_TO_KAFKA)]
    pub(crate) log_to_kafka: bool,
    /// Leaves servers and data as they are at the end, until Ctrl-C
    #[arg(long)]
    pub(crate) keep: bool,
    /// How many processes play the city's drivers and riders
    #[arg(skip = 1u32)]
    pub(crate) processes: u32,
    /// Whether the rate of reports is what the run is about: then its summary says whether it was held
    #[arg(skip)]
    pub(crate) holds_rate: bool,
    /// Whether the city opens when its clock shows `from`, to the millisecond, so that another run can report the same
    #[arg(skip)]
    pub(crate) punctual: bool,
    /// Folder for the ledgers of acknowledged reports
    #[arg(skip)]
    pub(crate) ledger: Option<PathBuf>,
    /// A replay that takes the place of the simulated city
    #[arg(skip)]
    pub(crate) replay: Option<Replay>,
    /// Prefix of topics, groups, keys and the database [default: demo-TIME on external servers]
    #[arg(long, env = "HAILSTORM_NAMESPACE")]
    pub(crate) namespace: Option<String>,
    /// The ways into the city
    #[command(flatten)]
    pub(crate) gateways: gateways::Options,
    /// Where the servers come from
    #[command(flatten)]
    pub(crate) backends: backends::Options,
    /// What goes wrong in the city
    #[command(flatten)]
    pub(crate) faults: Faults,
}

/// What runs in place of the simulated city, or beside a small one.
#[derive(Clone, Debug)]
pub(crate) struct Replay {
    /// Arguments of the replay.
    pub(crate) arguments: Vec<String>,
    /// Arguments of a simulated city that asks for recorded rides and drives them; there is none without.
    pub(crate) ride_arguments: Option<Vec<String>>,
}

impl Default for Options {
    /// What the command line says when it says nothing.
    fn default() -> Self {
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            options: Options,
        }
        Line::parse_from(["hailstorm"]).options
    }
}

/// Passed on to the load generator as they are.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Faults {
    /// Share of drivers who never answer an offer
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = parse_share)]
    pub(crate) silent_drivers: f64,
    /// Share of matched trips whose driver gives up on the way to the pickup
    #[arg(long, default_value_t = 0.01, value_name = "SHARE", value_parser = parse_share)]
    pub(crate) driver_cancels: f64,
    /// Share of matched trips whose driver is not heard of any more
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = parse_share)]
    pub(crate) vanishing_drivers: f64,
    /// Shares of riders who cancel, by state: requested,offered,matched,arrived,started
    #[arg(long, default_value = "0,0,0.02,0,0", value_name = "SHARES")]
    pub(crate) rider_cancels: String,
}

pub(crate) fn parse_speed(text: &str) -> Result<f64, String> {
    parse_number(text, 0.1..=1000.0, "a factor from 0.1 to 1000")
}

pub(super) fn parse_share(text: &str) -> Result<f64, String> {
    parse_number(text, 0.0..=1.0, "a share from 0 to 1")
}

fn parse_number(text: &str, range: std::ops::RangeInclusive<f64>, what: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("expected {what}"))
}
